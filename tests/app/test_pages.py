"""The pages that show what photodose computes: they render for whatever is asked, and answer nonsense in a sentence."""

from __future__ import annotations

import html
import json
import re
from types import SimpleNamespace

import pytest

from photodose import devices, evidence
from photodose.app.answers import Answers, read_device
from photodose.app.models import OwnedDevice, Person, Plan
from photodose.app.wording import CAUSES, FINDINGS, HAZARDS, LAYERS, SITES, TARGETS, VERDICTS
from photodose.data.schema_evidence import VerdictKind
from photodose.dosimetry.uncertainty import CAUSES as ENGINE_CAUSES
from photodose.quantities import InputError
from photodose.safety import Verdict
from photodose.tissue import sites

pytestmark = pytest.mark.django_db

SETUP = {
    "goal": "fine_lines_wrinkles",
    "device": "omnilux-contour-face",
    "site": "cheek",
    "skin_type": "III",
}


def answer(client, **changes):
    """Post the set-up; returns the response."""
    return client.post("/setup/", SETUP | changes)


def text_of(response) -> str:
    """What a reader sees of a page."""
    body = re.sub(r"<script.*?</script>", " ", response.content.decode(), flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


@pytest.fixture(autouse=True)
def _owner(person):
    """The implicit owner of a computer at home."""


def test_every_word_table_covers_what_the_engine_can_say():
    assert set(VERDICTS) == {str(v) for v in Verdict}
    assert set(FINDINGS) == set(VerdictKind.__args__)
    assert set(CAUSES) == set(ENGINE_CAUSES)
    assert set(SITES) == {item.id for item in sites()}
    assert set(TARGETS) >= {name for item in sites() for name in item.targets}
    assert len(LAYERS) >= 10
    assert set(HAZARDS) >= {"actinic_uv", "blue_light", "ir_eye", "skin_thermal"}


def test_first_page_has_three_doors_that_each_say_something_true(client):
    page = client.get("/")
    words = text_of(page)
    for door in ("I have a device", "I am thinking of buying one", "Check this advert"):
        assert door in words
    known = devices.catalogue()
    told = sum(1 for item in known if all(item.has_usable_number(band) for band in item.bands))
    assert f"{told} of {len(known)} devices say how strong their light is." in words
    assert re.search(r"Ten minutes of a known mask: \d+ J/cm² in the upper dermis", words)


def test_pages_without_answers_show_the_example_and_say_so(client):
    for path in ("/dose/", "/plan/"):
        page = client.get(path)
        assert page.status_code == 200
        assert "This is an example" in text_of(page), path
    assert client.get("/verdict/").headers["Location"] == "/setup/"


def test_answers_lead_to_verdict_dose_and_plan(client):
    assert answer(client).headers["Location"] == "/verdict/"
    assert "Clear" in text_of(client.get("/verdict/"))
    dose = client.get("/dose/")
    assert "This is an example" not in text_of(dose)
    data = json.loads(re.search(r'<script id="dose-data"[^>]*>(.*?)</script>', dose.content.decode(), re.S)[1])
    import photodose

    own = photodose.dose(
        photodose.device("omnilux-contour-face"), photodose.skin("cheek", skin_type="III"), minutes=data["minutes"]
    )
    wanted = {target.name: target.fluence_j_cm2.value for target in own.targets}
    shown = {target["name"]: target["fluence_j_cm2"]["value"] for target in data["targets"]}
    assert shown == pytest.approx(wanted, rel=1e-3), "the page shows what photodose.dose answers"
    plan = text_of(client.get("/plan/"))
    engine = photodose.plan("fine_lines_wrinkles", "omnilux-contour-face", photodose.skin("cheek", skin_type="III"))
    assert engine.protocol is not None
    assert f"{engine.protocol.minutes:g} minutes" in plan
    assert engine.why in plan
    for step in engine.routine:
        assert step.title in plan


def test_a_medicine_changes_the_verdict_at_once(client):
    clear = client.post("/setup/", SETUP, headers={"HX-Request": "true"})
    assert 'class="verdict clear"' in clear.content.decode()
    for medicine, verdict in (("doxycycline", "caution"), ("verteporfin", "stop"), ("unheardofine", "ask")):
        part = client.post("/setup/", SETUP | {"medicines": medicine}, headers={"HX-Request": "true"})
        assert f'class="verdict {verdict}"' in part.content.decode(), medicine
        assert "<html" not in part.content.decode()


def test_a_stop_hides_no_door(client):
    answer(client, medicines="verteporfin")
    verdict = client.get("/verdict/")
    assert "Do not use" in text_of(verdict)
    assert "/verdict/clinician.pdf" in verdict.content.decode()
    pdf = client.get("/verdict/clinician.pdf")
    assert pdf.content.startswith(b"%PDF")
    plan = client.get("/plan/")
    assert plan.status_code == 200
    assert "No plan, and why" in text_of(plan)
    refused = client.post("/plan/start/")
    assert refused.status_code == 400
    assert not Plan.objects.exists()


def test_ask_first_needs_a_clinicians_yes(client):
    answer(client, medicines="unheardofine")
    assert "Only if your clinician agrees" in text_of(client.get("/plan/"))
    assert client.post("/plan/start/").status_code == 400
    assert client.post("/plan/start/", {"agreed": "1"}).headers["Location"] == "/session/"
    assert Plan.objects.get().result["verdict"] == "ask"


def test_starting_a_plan_keeps_all_that_it_came_from(client, person):
    answer(client, measured_633="12", measured_830="18")
    assert client.post("/plan/start/", {"time": "07:30"}).headers["Location"] == "/session/"
    plan = Plan.objects.get(active=True)
    assert plan.person == person
    assert plan.origin == "computed"
    assert plan.inputs["goal"] == "fine_lines_wrinkles"
    assert plan.inputs["irradiance_mw_cm2"] == {"633": 12.0, "830": 18.0}
    assert plan.engine_version
    assert plan.data_hash
    assert plan.routine["time"] == "07:30"
    assert plan.routine["zones"][0]["site"] == "cheek"
    assert plan.routine["zones"][0]["seconds"] == pytest.approx(60 * plan.result["protocol"]["minutes"])
    assert plan.routine["eyes"] == plan.result["protocol"]["eyes"]
    assert OwnedDevice.objects.get().catalogue_id == "omnilux-contour-face"
    client.post("/plan/start/")
    assert OwnedDevice.objects.count() == 1
    assert Plan.objects.filter(active=True).count() == 1


def test_the_demonstration_is_never_changed(client, owner):
    from photodose.app.demo import ensure_demonstration, example_plan

    Person.objects.all().delete()
    demonstration = ensure_demonstration(owner, example_plan())
    kept = Plan.objects.get(person=demonstration)
    assert "Demonstration" in text_of(client.get("/"))
    answer(client, medicines="doxycycline")
    demonstration.refresh_from_db()
    assert demonstration.profile == {}
    assert Person.objects.filter(demonstration=False).count() == 1
    assert ensure_demonstration(owner, example_plan()) == demonstration
    assert Plan.objects.get(person=demonstration).pk == kept.pk, "the same example is not kept twice"


def test_own_device_by_the_numbers_on_its_box(client):
    own = {
        "device": "own", "own_name": "Box <b>", "own_kind": "panel", "own_peak_0": "660", "own_irradiance_0": "40",
        "own_peak_1": "850", "own_irradiance_1": "40,5", "own_distance": "20", "own_width": "20", "own_height": "30",
    }  # fmt: skip
    assert answer(client, **own).headers["Location"] == "/verdict/"
    page = client.get("/dose/")
    assert "Box <b>" in text_of(page)
    assert b"Box <b>" not in page.content
    assert 'id="distance"' in page.content.decode()
    near = client.get("/dose/picture.json?distance_cm=10&minutes=10").json()
    far = client.get("/dose/picture.json?distance_cm=40&minutes=10").json()
    assert near["targets"][0]["fluence_j_cm2"]["value"] > far["targets"][0]["fluence_j_cm2"]["value"] > 0
    assert client.get("/safety/own/").status_code == 200
    assert client.post("/plan/start/").status_code in {302, 400}


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"device": "own", "own_peak_0": "6600"}, "outside its range 400 to 1100"),
        ({"device": "own"}, "Give at least one colour in nm"),
        ({"device": "own", "own_peak_0": "red"}, "red is not a number"),
        ({"age": "-4"}, "Give a number from 0 to 130"),
        ({"age": "eleven"}, "eleven is not a number"),
        ({"ita_deg": "400"}, "Give a number from -70 to 70"),
        ({"measured_633": "-1"}, "Give a number from"),
    ],
)
def test_nonsense_gets_one_sentence_on_the_page(client, changes, place):
    page = answer(client, **changes)
    assert page.status_code == 400
    assert place in text_of(page)


@pytest.mark.parametrize(
    "path",
    [
        "/dose/?minutes=abc", "/dose/?minutes=0", "/dose/?minutes=900", "/dose/?device=nothing", "/dose/?distance_cm=x",
        "/plan/?minutes=-3", "/plan/?minutes=x", "/plan/?minutes=10&per_week=99",
        "/safety/omnilux-contour-face/?minutes=x", "/safety/omnilux-contour-face/?eyes=squinting",
        "/safety/omnilux-contour-face/?minutes=999999", "/dose/picture.json?minutes=nan",
        "/dose/picture.json?mode=none",
    ],
)  # fmt: skip
def test_a_wrong_address_is_answered_in_a_sentence(client, path):
    page = client.get(path)
    assert page.status_code == 400, path
    assert len(page.content) > 20


@pytest.mark.parametrize("path", ["/evidence/nothing/", "/safety/nothing/", "/safety/own/", "/safety/..%2fetc/"])
def test_what_is_not_there_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_a_device_without_published_light_asks_for_a_number_or_a_prior(client):
    answer(client, device="omnilux-clear")
    page = text_of(client.get("/dose/"))
    assert "has no published irradiance" in page
    assert client.get("/dose/").status_code == 200
    assumed = client.get("/dose/?device=omnilux-clear&assume=1")
    assert "assumed from devices of its kind" in text_of(assumed)


@pytest.mark.parametrize("goal", sorted(goal.id for goal in evidence.goals()))
def test_every_goal_has_its_evidence_and_a_plan_page(client, goal):
    record = evidence.indication(goal)
    page = client.get(f"/evidence/{goal}/")
    assert page.status_code == 200
    words = text_of(page)
    assert " ".join(record.verdict.split()) in words
    for finding in evidence.studies_for(goal):
        assert " ".join(finding.outcome.split()) in words
    if record.target is not None:
        answer(client, goal=goal)
        assert client.get("/plan/").status_code == 200


@pytest.mark.parametrize(
    ("site", "device", "goal", "skin_type"),
    [
        ("scalp", "hooga-hg500", "hair_aga", "I"), ("knee", "joovv-solo-3", "joint_health", "VI"),
        ("periorbital", "korean-rct-mask-2025", "fine_lines_wrinkles", "II"), ("chin", "theraface-mask", "acne", "IV"),
        ("sole", "kala-red-light-elite", "wound_healing", "V"), ("thigh", "novothor", "muscle_recovery", "III"),
    ],
)  # fmt: skip
def test_places_devices_and_skins(client, site, device, goal, skin_type):
    answer(client, site=site, device=device, goal=goal, skin_type=skin_type)
    for path in ("/setup/", "/verdict/", "/dose/", "/plan/", "/plan/plan.pdf", f"/safety/{device}/"):
        page = client.get(path)
        assert page.status_code == 200, (path, text_of(page)[:300])
        if path == "/plan/plan.pdf":
            assert page.content.startswith(b"%PDF")


def test_evidence_is_searched_and_filtered(client):
    whole = client.get("/evidence/").content.decode()
    assert whole.count('href="/evidence/') - whole.count('href="/evidence/"') == len(evidence.goals())
    found = text_of(client.get("/evidence/?q=crow's feet"))
    assert "Softer fine lines and wrinkles" in found
    assert "pattern hair loss" not in found
    supported = client.get("/evidence/?finding=supported", headers={"HX-Request": "true", "HX-Target": "claims"})
    assert "<html" not in supported.content.decode()
    assert "pattern hair loss" in text_of(supported)
    assert "No claim fits" in text_of(client.get("/evidence/?q=zzzz"))
    against = client.get(
        "/evidence/fine_lines_wrinkles/?show=negative", headers={"HX-Request": "true", "HX-Target": "studies"}
    )
    assert "No significant change in photograph score." in text_of(against)
    assert "Crow's feet better than with a sham mask" not in text_of(against)


def test_an_advert_is_checked_and_escaped(client):
    advert = "Our mask erases wrinkles in ten days <script>alert(1)</script>. It cures scars and stretch marks."
    page = client.post("/claims/", {"text": advert})
    assert page.status_code == 200
    assert b"<script>alert" not in page.content
    words = text_of(page)
    assert "claims for light found" in words
    assert "Unproven" in words  # scars: two trials with sham disagree
    assert "Not shown to work" in words  # stretch marks: none
    part = client.post("/claims/", {"text": advert}, headers={"HX-Request": "true"})
    assert part.content.decode().strip().startswith('<div id="claims-answers">')
    assert client.post("/claims/", {"text": "  "}).status_code == 400
    assert client.post("/claims/", {"text": "a" * 200_001}).status_code == 400
    answer(client)
    mine = client.post("/claims/", {"text": advert, "device": "1"})
    assert "Your device:" in text_of(mine)


def test_calendar_file_says_nothing_about_health(client):
    answer(client)
    page = client.get("/plan/routine.ics?time=07:30")
    assert page.headers["Content-Type"].startswith("text/calendar")
    body = page.content.decode()
    assert "T073000" in body
    assert not re.search("wrinkle|omnilux|light|skin", body, re.I)
    assert client.get("/plan/routine.ics?time=morning").status_code == 400


def test_forgetting_forgets(client, person):
    answer(client, medicines="doxycycline")
    person.refresh_from_db()
    assert person.profile["answers"]["medicines"] == ["doxycycline"]
    client.post("/setup/forget/")
    person.refresh_from_db()
    assert person.profile["answers"] == {}


def test_pages_stay_light(client):
    """Compressed, without styles and scripts (those are cached): under 100 kB with room for them."""
    import gzip
    from pathlib import Path

    from django.conf import settings

    static = Path(settings.APP_DIR) / "static"
    answer(client)
    frame = sum(len(gzip.compress((static / n).read_bytes())) for n in (
        "photodose/app.css", "photodose/pages.css", "photodose/app.js", "photodose/icons.svg", "vendor/htmx.min.js",
    ))  # fmt: skip
    for path in ("/", "/setup/", "/verdict/", "/plan/", "/evidence/", "/evidence/hair_aga/", "/compare/", "/claims/"):
        assert frame + len(gzip.compress(client.get(path).content)) < 100_000, path
    islands = sum(len(gzip.compress((static / "photodose" / n).read_bytes())) for n in ("dose.js", "chunk-chart.js"))
    assert frame + islands + len(gzip.compress(client.get("/dose/").content)) < 250_000


def test_no_path_of_the_server_is_ever_read():
    for wanted in ("/etc/passwd", "../x.yaml", "pyproject.toml", "README.md"):
        with pytest.raises(InputError, match="Unknown device"):
            read_device(wanted)
    with pytest.raises(InputError, match="no array"):
        read_device({"id": "x", "name": "x", "kind": "mask", "bands": [], "array": {}})


def test_answers_before_an_account_stay_in_the_browsers_session(client, owner):
    owner.set_password("a long pass phrase")
    owner.save()
    assert answer(client).headers["Location"] == "/verdict/"
    assert "Clear" in text_of(client.get("/verdict/"))
    assert client.get("/dose/").status_code == 200
    assert client.get("/plan/").status_code == 200
    assert "/accounts/" in client.post("/plan/start/").headers["Location"]
    assert Answers.model_validate(client.session["answers"]).site == "cheek"


def test_strangers_may_not_compute_for_ever(client, owner, monkeypatch):
    from photodose.app import limits

    owner.set_password("a long pass phrase")
    owner.save()
    monkeypatch.setattr(limits, "PER_MINUTE", 3)
    monkeypatch.setattr(limits, "time", SimpleNamespace(time=lambda: 1_790_000_000.0))
    body = {"drugs": ["doxycycline"]}
    codes = [client.post("/api/v1/screen", body, content_type="application/json").status_code for _ in range(5)]
    assert codes == [200, 200, 200, 429, 429]


def test_devices_side_by_side(client):
    from photodose.planning.comparison import compare
    from photodose.tissue import skin

    answer(client, goal="")
    page = client.get("/compare/side/?d=omnilux-contour-face&d=theraface-mask&price-theraface-mask=520")
    assert page.status_code == 200
    words = text_of(page)
    engine = compare(["omnilux-contour-face"], "fine_lines_wrinkles", skin("cheek", skin_type="III")).rows[0].to_dict()
    assert f"{engine['protocol']['minutes']:g} min" in words
    assert "K230293" in words
    assert "used for 2 years" in words
    for wrong in ("", "?d=nothing", "?d=omnilux-contour-face&price-omnilux-contour-face=cheap", "?d=a&d=b&d=c&d=e"):
        assert client.get(f"/compare/side/{wrong}").status_code == 400, wrong
    listed = client.get(
        "/compare/?kind=cap&d=omnilux-contour-face", headers={"HX-Request": "true", "HX-Target": "devices"}
    )
    assert 'value="omnilux-contour-face" checked' in listed.content.decode()


def test_after_an_update_the_plan_page_says_what_changed(client):
    answer(client)
    client.post("/plan/start/")
    assert "changed since you kept your plan" not in text_of(client.get("/plan/"))
    kept = Plan.objects.get(active=True)
    kept.data_hash, kept.result["protocol"]["minutes"] = "0" * 16, 99.5
    kept.save()
    words = text_of(client.get("/plan/"))
    assert "changed since you kept your plan" in words
    assert "Then: 99.5 minutes; now:" in words
    assert "Why this plan" in text_of(client.get("/"))
