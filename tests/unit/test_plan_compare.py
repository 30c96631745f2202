"""Devices side by side, and numbers that others published."""

import json

import pytest

import photodose
from photodose import evidence
from photodose.cli.run import run
from photodose.evidence.catalogue import studies
from photodose.planning.comparison import WEEKS_A_YEAR, clearance_of, evidence_for_kind
from photodose.planning.walt import joules_per_point, walt_row, walt_table
from photodose.quantities import InputError, RangeError, UnknownNameError

MASK, OTHER = "omnilux-contour-face", "theraface-mask"


@pytest.fixture(scope="module")
def answer():
    skin = photodose.skin("cheek", skin_type="III")
    return photodose.compare([MASK, OTHER, "capillus-82"], "fine_lines_wrinkles", skin, prices={MASK: 395})


def test_each_row_has_what_a_buyer_asks(answer):
    content = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    assert [row["device"] for row in content["devices"]] == [MASK, OTHER, "capillus-82"]
    for row in content["devices"]:
        assert set(row) >= {
            "dose_at_target", "minutes_needed", "hazards", "recalls", "clearance", "evidence_for_kind", "cost",
            "protocol", "why", "irradiance_mw_cm2",
        }  # fmt: skip
        assert row["why"]
        assert [entry["authority"] for entry in row["clearance"]] == ["FDA 510(k)", "UKCA", "CE", "ARTG"]
        assert {entry["known"] for entry in row["clearance"]} <= {"yes", "no", "unknown"}
    assert content["sources"]


def test_the_rows_are_the_plans(answer):
    skin = photodose.skin("cheek", skin_type="III")
    plan = photodose.plan("fine_lines_wrinkles", MASK, skin)
    row = answer.to_dict()["devices"][0]
    assert row["protocol"]["minutes"] == plan.protocol.minutes
    assert row["minutes_needed"]["value"] == pytest.approx(plan.equivalent.minutes.value)
    assert row["dose_at_target"]["target"] == "papillary dermis"
    dose = plan.session.at("papillary dermis").fluence_j_cm2
    assert row["dose_at_target"]["fluence_j_cm2"]["value"] == pytest.approx(dose.value)


def test_a_device_without_a_number_is_marked_as_assumed(answer):
    laser = answer.to_dict()["devices"][2]
    assert {band["basis"] for band in laser["irradiance_mw_cm2"].values()} == {"assumed"}
    assert laser["hazards"]["laser"]["standard"] == "IEC 60825-1"
    assert laser["hazards"]["risk_group"] == "not assessed"


def test_the_price_is_spread_over_a_stated_lifetime(answer):
    cost = answer.to_dict()["devices"][0]["cost"]
    assert cost["lifetime_years"] == 2.0
    assert "2 years" in cost["assumed"]
    assert cost["sessions"] == pytest.approx(5 * WEEKS_A_YEAR * 2)
    assert cost["per_session"] == pytest.approx(395 / cost["sessions"])
    assert answer.to_dict()["devices"][1]["cost"] is None


def test_a_recall_is_shown():
    skin = photodose.skin("cheek", skin_type="II")
    row = photodose.compare("neutrogena-light-therapy-acne-mask", "acne", skin).to_dict()["devices"][0]
    assert row["recalls"]
    assert row["verdict"] == "ask"
    assert row["protocol"] is None


def test_clearance_is_never_guessed():
    unit = photodose.device(
        {"id": "own", "name": "Own", "kind": "mask", "bands": [{"peak_nm": 633, "irradiance_mw_cm2": 10}]}
    )
    assert {entry["known"] for entry in clearance_of(unit)} == {"unknown"}


def test_evidence_is_that_of_the_kind():
    found = evidence_for_kind("fine_lines_wrinkles", photodose.device(MASK))
    assert "park_2025" in {item["study"] for item in found["studies"]}
    assert found["positive"] == sum(item["direction"] == "positive" for item in found["studies"])
    assert evidence_for_kind("stretch_marks", photodose.device(MASK))["words"].startswith("No trial")


def test_command(capsys):
    arguments = ["compare", MASK, OTHER, "--goal", "fine_lines_wrinkles", "--site", "cheek", "--skin-type", "III"]
    assert run([*arguments, "--price", f"{MASK}=395", "--json"]) == 0
    out, _ = capsys.readouterr()
    assert out.count("\n") == 1
    assert [row["name"] for row in json.loads(out)["devices"]] == ["Omnilux Contour Face", "TheraFace Mask"]
    assert run(arguments) == 0
    assert "clearance" in capsys.readouterr().out
    for bad, words in (
        (["--price", "395"], "ID=PRICE"),
        (["--price", "omnilux=x"], "must be a number"),
        (["--price", f"{MASK}=-1"], "price -1"),
        (["--years", "0"], "lifetime_years"),
    ):
        assert run([*arguments, *bad]) == 2
        assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("devices", "options", "error"),
    [
        ([], {}, InputError),
        ([MASK, MASK], {}, InputError),
        (["no-such-device"], {}, UnknownNameError),
        ([MASK], {"prices": {"theraface": 3}}, UnknownNameError),
        ([MASK], {"prices": {MASK: float("nan")}}, RangeError),
    ],
)
def test_bad_input(devices, options, error):
    with pytest.raises(error):
        photodose.compare(devices, "acne", photodose.skin("cheek", skin_type="II"), **options)


PUBLISHED = {
    # study: (peak, irradiance mW/cm2, minutes, J/cm2), each from the source named in its file
    "couturaud_2023": [(630, 21.7, 12.0, 15.6)],
    "park_2025": [(630, 10.0, 9.0, 5.4), (850, 10.0, 9.0, 5.4)],
    "goldberg_russell_2006": [(415, 40.0, 20.0, 48.0), (633, 80.0, 20.0, 96.0)],
    "navarro_ledesma_2024": [(660, 10.5, 20.0, 12.6), (850, 10.5, 20.0, 12.6)],
}


@pytest.mark.parametrize("study", PUBLISHED)
def test_a_trials_own_radiant_exposure_follows_from_its_irradiance_and_time(study):
    """H = E t on what the trials printed; a trial may be out by rounding, never by more than the agreement asked."""
    trial = next(t for goal in evidence.goals() for t in evidence.dose_candidates(goal.id) if t.study == study)
    for band, (peak, irradiance, minutes, dose) in zip(trial.bands, PUBLISHED[study], strict=True):
        assert band.peak_nm == peak
        assert trial.minutes == pytest.approx(minutes)
        assert band.radiant_exposure_j_cm2 == pytest.approx(dose, rel=0.01)
        assert irradiance * minutes * 60 / 1000 == pytest.approx(dose, rel=0.01)
        assert band.irradiance_mw_cm2 == pytest.approx(irradiance, rel=0.01)


def test_a_report_that_contradicts_itself_sets_no_dose():
    """5.1 mW/cm2 for 30 minutes make 9.2 J/cm2; the preprint prints 4.6."""
    assert photodose.quantities.radiant_exposure_j_cm2(5.1, 1800.0) == pytest.approx(9.18)
    names = {trial.study for goal in evidence.goals() for trial in evidence.dose_candidates(goal.id)}
    contradicting = {name for name in studies() if "contradict" in (evidence.why_not_usable(studies()[name]) or "")}
    assert contradicting
    assert not contradicting & names


WALT_2010 = {
    # site: (fewest points, most points, joules in all, least joules a point), as printed
    "carpal tunnel": (2, 3, 8, 4), "lateral epicondylitis": (1, 2, 4, None), "supraspinatus": (2, 3, 8, 4),
    "achilles tendon": (2, 3, 8, None), "cervical spine": (4, 12, 16, 4), "lumbar spine": (4, 8, 16, 4),
    "hip": (2, 4, 12, 6),
}  # fmt: skip


@pytest.mark.parametrize("site", WALT_2010)
def test_walt_rows_as_printed(site):
    fewest, most, total, least = WALT_2010[site]
    row = walt_row(site)
    assert (row.points, row.total_j, row.least_j_per_point) == ((fewest, most), total, least)
    assert joules_per_point(row) >= (least or 0)


def test_walt_is_the_table_of_780_to_860_nm_alone():
    """20 rows were read; knee, ankle and the whole 904 nm table were not, and stay out."""
    table = walt_table()
    assert table.wavelength_nm == (780, 860)
    assert len(table.rows) == 20
    assert not {"knee anteromedial", "ankle"} & {row.site for row in table.rows}
    with pytest.raises(UnknownNameError):
        walt_row("knee anteromedial")


def test_walt_joules_fit_its_own_times_and_powers():
    """Every row's joules a point can be given within 20 to 300 s by a laser of 5 to 500 mW."""
    table = walt_table()
    for row in table.rows:
        energy = joules_per_point(row)
        lowest, highest = (1000 * energy / seconds for seconds in table.irradiation_time_s[::-1])
        assert lowest <= table.mean_output_mw[1]
        assert highest >= table.mean_output_mw[0]
    with pytest.raises(ValueError, match="4 to 12"):
        joules_per_point(walt_row("cervical spine"), 2)
