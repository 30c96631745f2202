"""The evidence base: its files, what corrections changed, and that nothing unread becomes a dose."""

from __future__ import annotations

import re

import pytest
from pydantic import ValidationError

from photodose import evidence
from photodose.data import load_document
from photodose.data.loader import document_names
from photodose.data.schema_evidence import (
    JENKINS_CARROLL,
    Band,
    Indication,
    RiskOfBias,
    Study,
    StudyFile,
    Value,
)
from photodose.quantities import UnknownNameError

GOALS = [
    "acne",
    "after_professional",
    "chronic_pain",
    "circulation",
    "collagen_elasticity",
    "eczema",
    "fine_lines_wrinkles",
    "hair_aga",
    "joint_health",
    "muscle_recovery",
    "photosensitising_meds",
    "psoriasis",
    "rosacea",
    "safe_all_skin_types",
    "scars",
    "smoother_appearance",
    "stress_mood_sleep",
    "stretch_marks",
    "ten_minutes_a_day",
    "texture_tone",
    "wound_healing",
]


def _study(**changes: object) -> Study:
    fields: dict[str, object] = {
        "id": "trial",
        "title": "A trial",
        "authors": "Doe J",
        "year": 2020,
        "design": "rct_sham",
        "controlled": True,
        "sham": True,
        "outcome": "Better.",
        "direction": "positive",
        "risk_of_bias": {"overall": "low"},
        "sources": [{"citation": "Doe 2020"}],
    }
    return Study.model_validate(fields | changes)


def test_every_claim_is_there() -> None:
    assert [goal.id for goal in evidence.goals()] == GOALS


@pytest.mark.parametrize("name", document_names("evidence/indications"))
def test_indication_file_keeps_its_schema_and_its_name(name: str) -> None:
    record = load_document(name, Indication)
    assert record.id == name.rpartition("/")[2]
    assert record.studies
    for finding in evidence.studies_for(record.id):
        assert finding.outcome


@pytest.mark.parametrize("name", document_names("evidence/studies"))
def test_study_file_keeps_its_schema(name: str) -> None:
    for study in load_document(name, StudyFile).studies:
        assert study.sources
        if all(source.confidence == "unverified" for source in study.sources):
            assert not study.read
            numbers = [study.n, study.minutes, study.weeks, study.per_week, study.sessions]
            assert all(number is None or not number.usable for number in numbers), study.id


def test_every_study_is_used_by_a_claim() -> None:
    used = {finding.study.id for goal in GOALS for finding in evidence.studies_for(goal)}
    assert used == set(evidence.studies())


def test_no_unread_number_becomes_a_dose() -> None:
    for goal in GOALS:
        for trial in evidence.dose_candidates(goal):
            study = evidence.studies()[trial.study]
            assert study.read
            assert trial.direction == "positive"
            assert trial.confidence in {"read", "read_secondary"}
            for band in study.light:
                assert band.usable
                for value in (band.irradiance_mw_cm2, band.radiant_exposure_j_cm2):
                    if value is not None and not value.usable:
                        stated = {b.irradiance_mw_cm2 for b in trial.bands}
                        stated |= {b.radiant_exposure_j_cm2 for b in trial.bands}
                        assert value.value not in stated, (trial.study, value.value)


def test_numbers_from_memory_stay_out_although_they_agree_with_each_other() -> None:
    lee = evidence.studies()["lee_2007"]
    by_peak = {band.peak_nm: band for band in lee.light}
    assert by_peak[633].irradiance_mw_cm2 is not None
    assert not by_peak[633].irradiance_mw_cm2.usable
    assert "lee_2007" not in {trial.study for trial in evidence.dose_candidates("fine_lines_wrinkles")}


def test_corrections_were_applied() -> None:
    park = evidence.studies()["park_2025"]
    assert park.authors == "Park SH, Park SO, Jung JA"
    assert park.minutes is not None
    assert (park.minutes.value, park.minutes.confidence) == (9.0, "read_secondary")
    assert park.per_week is not None
    assert park.per_week.value == 5
    assert park.weeks is not None
    assert (park.weeks.low, park.weeks.high) == (12, 16)
    assert evidence.studies()["jagdeo_2020"].population.sites == ("forearm",)
    becker = evidence.studies()["becker_2011"]
    assert becker.light[0].radiant_exposure_j_cm2 is not None
    assert becker.light[0].radiant_exposure_j_cm2.value == 28.9
    assert "patient global" in evidence.studies()["brosseau_2005"].outcome
    assert evidence.studies()["couturaud_2023"].sources[0].confidence == "read_secondary"
    assert evidence.studies()["wang_2017"].authors is not None


def test_null_and_negative_trials_stand_beside_positive_ones() -> None:
    directions = {goal: {f.direction for f in evidence.studies_for(goal)} for goal in GOALS}
    for goal in ("fine_lines_wrinkles", "acne", "hair_aga", "muscle_recovery", "chronic_pain", "stress_mood_sleep"):
        assert {"positive", "negative"} <= directions[goal], goal
    assert directions["scars"] >= {"negative"}


def test_stretch_marks_say_that_no_controlled_trial_exists() -> None:
    assert "no controlled trial exists" in evidence.indication("stretch_marks").verdict
    why = evidence.why_no_protocol("stretch_marks")
    assert why is not None
    assert "No controlled trial" in why
    assert evidence.dose_candidates("stretch_marks") == ()


def test_the_sham_controlled_mask_trial_leads_the_wrinkle_doses() -> None:
    first, *rest = evidence.dose_candidates("fine_lines_wrinkles")
    assert first.study == "park_2025"
    assert first.sham
    assert first.upper_bound
    assert [band.peak_nm for band in first.bands] == [630, 850]
    # "max 10 mW/cm2" for 9 minutes: at most 10 mW/cm2 x 540 s = 5.4 J/cm2 in each band
    assert [band.radiant_exposure_j_cm2 for band in first.bands] == pytest.approx([5.4, 5.4])
    assert [band.derived for band in first.bands] == ["radiant_exposure_j_cm2"] * 2
    assert first.skin_types == ("II", "V")
    assert not any(trial.sham for trial in rest)


def test_irradiance_follows_from_radiant_exposure_and_minutes() -> None:
    trial = next(t for t in evidence.dose_candidates("acne") if t.study == "goldberg_russell_2006")
    # 48 and 96 J/cm2 in 20 minutes (abstract): 40 and 80 mW/cm2
    assert [round(b.irradiance_mw_cm2, 6) for b in trial.bands] == [40.0, 80.0]
    assert trial.delivery == "alternating"
    assert trial.co_interventions


def test_a_beam_spot_dose_is_no_dose_of_the_scalp() -> None:
    for name in ("lanzafame_2013", "lanzafame_2014"):
        why = evidence.why_not_usable(evidence.studies()[name])
        assert why is not None
        assert "beam spot" in why


def test_a_report_that_contradicts_itself_sets_no_dose() -> None:
    # 5.1 mW/cm2 for 30 minutes would be 9.2 J/cm2; the abstract says 4.6
    why = evidence.why_not_usable(evidence.studies()["nir890_2023"], needs_site=False)
    assert why is not None
    assert "contradict" in why


@pytest.mark.parametrize("goal", GOALS)
def test_either_a_dose_or_the_reason_why_there_is_none(goal: str) -> None:
    assert (evidence.why_no_protocol(goal) is None) == bool(evidence.dose_candidates(goal))
    window, why = evidence.dose_window(goal)
    assert why.endswith(".")
    if window is not None:
        assert len({trial.study for trial in window.exposures}) >= 2
        assert all(trial.controlled and not trial.upper_bound for trial in window.exposures)
        assert all(high <= 5 * low for _, low, high in window.bands)


def test_goal_is_found_by_id_and_title_and_an_unknown_one_names_the_nearest() -> None:
    assert evidence.indication("Fine lines-wrinkles").id == "fine_lines_wrinkles"
    assert evidence.indication("Less acne").id == "acne"
    with pytest.raises(UnknownNameError) as caught:
        evidence.indication("wrinkels")
    assert "fine_lines_wrinkles" in caught.value.nearest


def test_completeness_counts_only_what_was_read() -> None:
    park = evidence.studies()["park_2025"].completeness
    assert tuple(park) == JENKINS_CARROLL
    assert [name for name, stated in park.items() if not stated] == ["beam area at the skin", "pulse parameters"]
    assert not any(evidence.studies()["kim_h_2013"].completeness.values())


def test_completeness_of_a_made_up_full_report() -> None:
    number = {"value": 10.0, "confidence": "read"}
    full = _study(
        light=[{"peak_nm": 660, "confidence": "read", "irradiance_mw_cm2": number}],
        minutes=number,
        beam_area_cm2=number,
        pulse="continuous",
        population={"sites": ["cheek"], "confidence": "read"},
        sessions=number,
        per_week=number,
    )
    assert all(full.completeness.values())
    unread = full.model_copy(update={"minutes": Value(value=10.0, confidence="unverified")})
    assert [name for name, stated in unread.completeness.items() if not stated] == ["irradiation time"]


def test_certainty_must_follow_from_its_steps() -> None:
    record = evidence.indication("hair_aga").model_dump()
    with pytest.raises(ValidationError, match="its steps lead to moderate"):
        Indication.model_validate(record | {"certainty": "high"})


def test_quotations_are_short_and_values_lie_in_their_range() -> None:
    with pytest.raises(ValidationError, match="longer than 25 words"):
        _study(sources=[{"citation": "Doe 2020", "quotation": " ".join(["word"] * 26)}])
    with pytest.raises(ValidationError, match="outside"):
        Value(value=3.0, low=4.0, high=5.0, confidence="read")
    with pytest.raises(ValidationError, match="sham"):
        _study(sham=False)
    with pytest.raises(ValidationError):
        Band(peak_nm=66.0, confidence="read")
    assert RiskOfBias(overall="low").domains == {}


def test_no_atc_codes_and_no_machine_paths_in_the_evidence() -> None:
    text = repr(evidence.studies()) + repr([evidence.indication(goal) for goal in GOALS])
    assert not re.search(r"\b[A-Z]\d{2}[A-Z]{2}\d{2}\b", text)
    assert not re.search(r"(?<![\w.:/])/(home|root|tmp|usr|var|opt|work)/", text)


def test_bands_of_the_fibromyalgia_bed_are_half_of_the_whole() -> None:
    (trial,) = evidence.dose_candidates("chronic_pain")
    # protocol: 25.2 J/cm2 in 1200 s, red and near-infrared 50 to 50: 12.6 J/cm2 and 10.5 mW/cm2 in each band
    assert trial.sham
    assert [band.radiant_exposure_j_cm2 for band in trial.bands] == pytest.approx([12.6, 12.6])
    assert [band.irradiance_mw_cm2 for band in trial.bands] == pytest.approx([10.5, 10.5])


def test_a_case_series_under_a_negative_trial_sets_no_dose() -> None:
    assert evidence.why_not_usable(evidence.studies()["barolet_boucher_2010"]) is None  # its numbers are complete
    assert evidence.dose_candidates("scars") == ()
    why = evidence.why_no_protocol("scars")
    assert why is not None
    assert "negative" in why


def test_blinded_raters_against_pleased_patients() -> None:
    boulos = evidence.studies()["boulos_2009"]
    assert (boulos.direction, boulos.read, boulos.controlled) == ("negative", True, False)
    assert boulos.n is not None
    assert boulos.n.value == 36


def test_every_source_that_was_opened_can_be_found_again() -> None:
    for study in evidence.studies().values():
        for source in study.sources:
            if source.confidence in {"read", "read_secondary"}:
                assert source.url or source.doi or source.pmid, (study.id, source.citation)
            if source.quotation:
                assert source.confidence != "unverified", study.id
