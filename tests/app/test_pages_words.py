"""The pages' words: badges, bases, places, names and refusals as a person reads them."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from photodose import evidence
from photodose.app.answers import split_names
from photodose.app.config import default_data_dir, read_config
from photodose.app.forms import SITE_CHOICES
from photodose.app.pages.evidence.views import all_claims
from photodose.app.physics import on_the_page
from photodose.app.serve import configure
from photodose.app.wording import BADGES, BASES, CLAIM_KINDS, ESTIMATE_BASES, SITES, badges
from photodose.data.schema_claims import ClaimKind

GERMAN = (
    "Unsere Maske lindert Falten und strafft die Haut. Rotes Licht hilft bei Haarausfall und bei Knieschmerzen. "
    "Klinisch erwiesen."
)


def test_the_data_folder_of_the_environment_is_obeyed_and_a_flag_wins(tmp_path, monkeypatch):
    monkeypatch.setenv("PHOTODOSE_DATA_DIR", str(tmp_path / "named"))
    plain = {"lan": False, "behind_proxy": False, "hosts": (), "address": None}
    assert default_data_dir() == read_config().data_dir == tmp_path / "named"
    assert configure(8000, data_dir=None, **plain).data_dir == tmp_path / "named"
    assert configure(8000, data_dir=tmp_path / "flag", **plain).data_dir == tmp_path / "flag"
    monkeypatch.delenv("PHOTODOSE_DATA_DIR")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_data_dir() == tmp_path / "photodose"


def test_a_badge_says_what_the_verdict_opens_with_and_harm_comes_second():
    known = {goal.id: badges(goal) for goal in evidence.goals()}
    assert known["rosacea"] == known["wound_healing"] == known["texture_tone"] == ("unproven", "harm_possible")
    assert known["photosensitising_meds"] == ("advice",)
    assert known["hair_aga"] == ("supported",)
    assert {kind for kinds in known.values() for kind in kinds} <= set(BADGES)


@pytest.mark.django_db
def test_a_precaution_is_no_benefit_and_trials_without_sham_are_named(client):
    rows = {row["goal"].id: row for row in all_claims()}
    assert rows["psoriasis"]["without_sham"] is True
    assert rows["hair_aga"]["without_sham"] is False
    supported = client.get("/evidence/?finding=supported").content.decode()
    assert "/evidence/hair_aga/" in supported
    assert "/evidence/photosensitising_meds/" not in supported
    assert "none of those in favour used a sham" in client.get("/evidence/").content.decode()
    assert "/evidence/rosacea/" in client.get("/evidence/?finding=harm_possible").content.decode()


@override("en")
def test_a_likely_value_is_not_called_a_claim():
    assert str(ESTIMATE_BASES["claimed"]) == "from the claim, corrected"
    assert {name: ESTIMATE_BASES[name] for name in BASES if name != "claimed"} == {
        name: BASES[name] for name in BASES if name != "claimed"
    }


@pytest.mark.parametrize("text", ["none", "No medicines", "  no   medication. ", "Keine", "keine Medikamente", "-"])
def test_nothing_to_name_is_no_name(text):
    assert split_names(text) == []
    assert split_names(f"{text}, ibuprofen") == ["ibuprofen"]


def test_a_name_that_only_begins_like_nothing_is_kept():
    assert split_names("no idea, nonoxynol, none of the statins") == ["no idea", "nonoxynol", "none of the statins"]


@pytest.mark.django_db
def test_a_guessed_spelling_asks_whether_it_is_right(client):
    page = client.post("/setup/", {"medicines": "ibuprofem"}, headers={"HX-Request": "true"}).content.decode()
    assert "read as ibuprofen; is that right?" in page


@override("en")
def test_a_refusal_names_the_field_of_the_page():
    flags = "A mask (a) has no published irradiance at 650 nm; measure it and give --irradiance-mw-cm2 650=12 (peak=m"
    told = on_the_page(flags)
    assert "--" not in told
    assert told.startswith("A mask (a) has no published irradiance at 650 nm. ")
    told = on_the_page("device: bands[1].irradiance_mw_cm2 99999 is outside its range 0 to 1000.")
    assert told == "Row 2, mW/cm²: 99999 is outside its range 0 to 1000."
    assert on_the_page("minutes is too long.") == "minutes is too long."


def test_the_log_offers_every_place_of_the_set_up_once():
    offered = [site for site, _label in SITE_CHOICES]
    assert set(SITES) <= set(offered)
    labels = [str(label) for _site, label in SITE_CHOICES]
    assert len(labels) == len(set(labels))


@pytest.mark.django_db
def test_a_german_advert_is_told_that_english_is_read(client):
    page = client.post("/claims/", {"text": GERMAN}).content.decode()
    assert "Only English is read here." in page
    assert "does not speak of treatment" not in page
    english = client.post("/claims/", {"text": "We sell fine cheese from the hills, and it is good."}).content.decode()
    assert "Only English is read here." not in english


@pytest.mark.django_db
def test_each_answer_names_what_it_is_about_and_explained_ones_are_counted(client):
    assert set(CLAIM_KINDS) == set(ClaimKind.__args__)
    text = "Our red light mask smooths wrinkles. It is FDA cleared."
    page = client.post("/claims/", {"text": text}).content.decode()
    assert "<h3>1. " in page
    assert "Explained" in page


@pytest.mark.django_db
def test_the_permissions_name_no_feature_that_browsers_do_not_know(client):
    assert "bluetooth" not in client.get("/").headers["Permissions-Policy"]


@pytest.mark.django_db
def test_a_forest_writes_intervals_with_to_and_a_true_minus(client):
    page = client.get("/evidence/chronic_pain/").content.decode()
    forest = page.split('class="wide forest"')[1].split("</table>")[0]
    assert "−" in forest
    assert "–" not in forest


@pytest.mark.django_db
def test_the_german_evidence_page_says_its_forest_and_comparisons_in_german(client):
    page = client.get("/evidence/joint_health/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert "mit seinem 95-%-Intervall:" in page
    assert "What the light gave" not in page
    assert ", gegenüber " in page
    assert ", dagegen " not in page
    assert ", against " not in page
