"""The shares of a dose's variance: they add up, and brute force over sampled skins finds the same."""

import numpy as np
import pytest

import photodose
from photodose.dosimetry import dose, relative_fluence, sampled_fluence
from photodose.dosimetry.shares import CASES, ITA_GROUPS, KNOWN, shares_of, skin_alone
from photodose.dosimetry.uncertainty import CAUSES
from photodose.optics import Incidence, Spectrum
from photodose.tissue.parameters import PARAMETERS

SKIN_CAUSES = CAUSES[1:]


def pick_and_freeze(skin, spectrum, people, seed):
    """First-order and total share of each cause at each target, from skins that are all solved (Saltelli 2010).

    Two independent sets of people A and B; in a third, the parameters of one cause come from B and the rest from A.
    """
    random = np.random.default_rng(seed)
    first, second = random.standard_normal((2, people, len(PARAMETERS)))
    groups = np.array(list(PARAMETERS.values()))
    sets = [first, second, *(np.where(groups == cause, second, first) for cause in SKIN_CAUSES)]
    means, _ = sampled_fluence(skin, [spectrum], Incidence(kind="diffuse"), np.concatenate(sets), nodes=1)
    logs = np.log(means[:, 0]).reshape(len(sets), people, -1)
    logs = logs - logs[:2].mean(axis=(0, 1))  # the estimator of the first order is only quiet about zero
    a, b = logs[0], logs[1]
    variance = np.var(np.concatenate([a, b]), axis=0)
    alone = np.stack([(b * (mixed - a)).mean(axis=0) for mixed in logs[2:]]) / variance
    total = np.stack([((a - mixed) ** 2).mean(axis=0) / 2.0 for mixed in logs[2:]]) / variance
    return alone, total, variance


@pytest.mark.parametrize(("site", "kind"), [("cheek", {"skin_type": "V"}), ("thigh", {"ita_deg": 48.0})])
def test_shares_of_the_skin_are_those_of_solved_skins(site, kind):
    """Each share lies between what a cause does alone and all that it has a part in, within the error of sampling.

    A mixed term counts half for either of its two causes, so the stated share is the mean of the two where terms mix in
    pairs (Shapley's shares of a quadratic). The variance as a whole agrees within 15 %: below thick fat the logarithm
    has a longer tail than a quadratic (muscle of the thigh: 13 % short), which moves the shares by less than 0.05.
    """
    skin, spectrum = photodose.skin(site, **kind), Spectrum.gaussian(830.0, 30.0)
    alone, total, variance = pick_and_freeze(skin, spectrum, 3000, 11)
    response = relative_fluence(skin, [spectrum], Incidence(kind="diffuse")).target_response[0]
    for number, target in enumerate(skin.targets):
        by_cause = response[number].by_cause(0.0)
        whole = sum(by_cause.values())
        assert whole == pytest.approx(variance[number], rel=0.15), target.name
        for i, cause in enumerate(SKIN_CAUSES):
            middle = 0.5 * (alone[i, number] + total[i, number])
            assert by_cause[cause] / whole == pytest.approx(middle, abs=0.05), (target.name, cause)


@pytest.mark.parametrize("basis", [None, {633.0: 20.0, 830.0: 20.0}])
def test_shares_add_up_at_every_target(basis):
    answer = dose("omnilux-contour-face", photodose.skin("cheek", skin_type="IV"), 10, irradiance_mw_cm2=basis)
    content = answer.to_dict()  # what `photodose dose --json` prints
    main = next(item for item in content["targets"] if item["name"] == content["variance_share_target"])
    assert content["variance_share"] == main["variance_share"]
    for target in answer.targets:
        assert sum(target.variance_share.values()) == pytest.approx(1.0)
        assert set(target.variance_share) == set(CAUSES)
        alone = skin_alone(answer, target.name)
        assert alone["device"] == 0.0
        assert sum(alone.values()) == pytest.approx(1.0)
        # leaving the device out scales the rest alike: the causes of the skin keep their proportions
        rest = 1.0 - target.variance_share["device"]
        for cause in SKIN_CAUSES:
            assert target.variance_share[cause] == pytest.approx(alone[cause] * rest, abs=0.02)


def test_what_to_measure_first_depends_on_depth_and_colour():
    """Near the surface the light counts most; once it is known, the colour of dark skin; deep down, thickness."""
    found = {(item.target, item.known): item.by_cause for item in shares_of("cheek", ("papillary dermis",), "dark")}
    claimed, _measured, exact, angle = (found["papillary dermis", known] for known in KNOWN)
    assert max(claimed, key=claimed.get) == "device"
    assert max(exact, key=exact.get) == "melanin"
    assert angle["melanin"] < 0.5 * exact["melanin"]
    deep = {item.known: item.by_cause for item in shares_of("thigh", ("muscle",), "light")}
    assert max(deep[KNOWN[0]], key=deep[KNOWN[0]].get) == "thickness"


def test_the_figure_asks_for_targets_that_exist():
    for site, target in CASES:
        assert target in [item.name for item in photodose.skin(site, ita_deg=ITA_GROUPS["light"]).targets]
