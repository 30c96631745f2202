"""Properties of screening: more to judge is never milder, and nothing that is typed breaks it."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from photodose.safety import BANDS, Screening, Verdict, screen
from photodose.safety.catalogue import condition_rules, drug_rules, index, words

DRUG_NAMES = sorted({name for rule in drug_rules().values() for name in rule.names()})
CONDITION_NAMES = sorted({name for rule in condition_rules().values() for name in rule.names()})
SITES = [None, "cheek", "abdomen", "neck", "knee", "chest", "sole", "body"]

drug_lists = st.lists(st.sampled_from(DRUG_NAMES), max_size=4)
condition_lists = st.lists(st.sampled_from(CONDITION_NAMES), max_size=4)
band_sets = st.sets(st.sampled_from(BANDS), min_size=1)
sites = st.sampled_from(SITES)


def check(answer: Screening) -> None:
    """What holds of every answer."""
    verdicts = [reason.verdict for reason in answer.reasons]
    assert answer.verdict == max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.CLEAR)
    for reason in answer.reasons:
        assert reason.verdict == max((reason.by_band[band] for band in answer.bands), key=lambda v: v.rank)
        assert reason.why
        assert reason.still_possible
        assert reason.source
    if answer.unknown:
        assert answer.verdict >= "ask"


@given(drug_lists, st.sampled_from(DRUG_NAMES), condition_lists, band_sets, sites)
@settings(max_examples=150, deadline=None)
def test_one_more_drug_is_never_milder(
    drugs: list[str], more: str, conditions: list[str], bands: set[str], site: str | None
) -> None:
    before = screen(drugs, conditions, bands, site)
    after = screen([*drugs, more], conditions, bands, site)
    check(before)
    assert after.verdict >= before.verdict


@given(drug_lists, condition_lists, st.sampled_from(CONDITION_NAMES), band_sets, sites, st.booleans())
@settings(max_examples=150, deadline=None)
def test_one_more_condition_is_never_milder(
    drugs: list[str], conditions: list[str], more: str, bands: set[str], site: str | None, pulsed: bool
) -> None:
    before = screen(drugs, conditions, bands, site, pulsed=pulsed)
    after = screen(drugs, [*conditions, more], bands, site, pulsed=pulsed)
    check(after)
    assert after.verdict >= before.verdict


@given(drug_lists, condition_lists, band_sets, st.sampled_from(BANDS), sites)
@settings(max_examples=150, deadline=None)
def test_one_more_band_pulsed_light_or_a_recall_is_never_milder(
    drugs: list[str], conditions: list[str], bands: set[str], more: str, site: str | None
) -> None:
    before = screen(drugs, conditions, bands, site).verdict
    assert screen(drugs, conditions, bands | {more}, site).verdict >= before
    assert screen(drugs, conditions, bands, site, pulsed=True).verdict >= before
    recalled = screen(drugs, conditions, bands, site, recalls=["blue light concern"]).verdict
    assert recalled >= before
    assert recalled >= "ask"


@given(condition_lists, band_sets, st.sampled_from(SITES[1:]))
@settings(max_examples=100, deadline=None)
def test_not_knowing_the_site_is_never_milder_than_knowing_it(
    conditions: list[str], bands: set[str], site: str
) -> None:
    assert screen((), conditions, bands, None).verdict >= screen((), conditions, bands, site).verdict


@given(st.text(max_size=60))
@settings(max_examples=400, deadline=None)
def test_random_text_never_crashes_and_is_clear_only_by_name(text: str) -> None:
    for answer in (screen(drugs=[text]), screen(conditions=[text])):
        check(answer)
        assert answer.reasons
        if answer.verdict < "caution":
            assert any(reason.match == "name" for reason in answer.reasons)


@given(st.sampled_from(DRUG_NAMES), st.randoms(use_true_random=False))
@settings(max_examples=300, deadline=None)
def test_a_slip_of_the_pen_is_never_clear_unless_it_is_another_name(name: str, chance: object) -> None:
    letters = list(name)
    place = chance.randrange(len(letters))  # type: ignore[attr-defined]
    letters[place] = chance.choice("abcdefghijklmnopqrstuvwxyz")  # type: ignore[attr-defined]
    typed = "".join(letters)
    answer = screen(drugs=[typed])
    check(answer)
    if " ".join(words(typed)) not in index().entries:
        assert answer.verdict >= "caution" or all(reason.match == "name" for reason in answer.reasons)


def test_no_name_without_a_rule_has_a_rule() -> None:
    """A medicine in the list of names without a rule must not also have one."""
    from photodose.data import load_document
    from photodose.data.schema_safety import OtherNames

    for name in load_document("safety/other_medicines", OtherNames).names:
        assert all(kind == "other" for kind, _ in index().entries[" ".join(words(name))]), name
        assert screen(drugs=[name]).verdict >= "ask"
