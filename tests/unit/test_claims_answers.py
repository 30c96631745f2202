"""Answers to claims: keys of the contract, evidence, physics of depth, one device's dose, the page, bad input."""

import json
import math
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import photodose
from photodose.data.schema_evidence import usable
from photodose.devices import true_ratio
from photodose.dosimetry import relative_fluence
from photodose.evidence import indication, studies
from photodose.evidence.claims import amounts
from photodose.evidence.claims.tokens import normalise
from photodose.optics import Incidence, Spectrum
from photodose.planning.claims import MAX_CHARACTERS, claims
from photodose.planning.claims_depth import depth_question, depth_shares, share_words
from photodose.quantities import InputError

KEYS = {"sentence", "start", "end", "kind", "goal", "polarity", "certainty", "verdict", "numbers", "reached"}
MASK = "omnilux-contour-face"


@pytest.fixture(scope="module")
def person():
    return photodose.skin("periorbital", skin_type="III")


def _one(text, **options):
    (claim,) = claims(text, **options).to_dict()["claims"]
    return claim


def test_the_keys_are_those_of_the_contract():
    answer = claims(
        "Our FDA cleared LED mask softens wrinkles, works 5 cm deep with 40 mW/cm² and has no side effects."
    )
    content = json.loads(json.dumps(answer.to_dict(), allow_nan=False))
    assert set(content) == {"claims", "sources", "warnings"}
    kinds = {claim["kind"] for claim in content["claims"]}
    assert kinds == {"benefit", "depth", "irradiance", "side_effects", "regulatory"}
    for claim in content["claims"]:
        assert set(claim) == KEYS
        assert answer.text[claim["start"] : claim["end"]] == claim["sentence"]
        assert claim["verdict"]
        assert claim["reached"] is None


def test_a_benefit_is_answered_from_its_indication():
    claim = _one("Red light softens wrinkles.")
    record = indication("fine_lines_wrinkles")
    assert claim["certainty"] == record.certainty
    assert claim["verdict"] == record.verdict
    rows = {row["study"]: row for row in claim["numbers"]["studies"]}
    assert set(rows) <= {entry.study for entry in record.studies}
    read = {effect.measure: effect.value for effect in studies()["park_2025"].effects if effect.usable}
    assert read
    assert {effect["measure"]: effect["value"] for effect in rows["park_2025"]["effects"]}.items() <= read.items()


def test_only_effects_that_were_read_and_belong_to_the_claim_are_shown():
    wrinkles = _one("Red light softens wrinkles.")["numbers"]["studies"]
    firmness = _one("Red light boosts collagen.")["numbers"]["studies"]
    measures = {effect["measure"] for row in wrinkles for effect in row["effects"]}
    assert "wrinkle reduction, best arm" in measures
    assert "elasticity gain, best arm" not in measures
    assert "elasticity gain, best arm" in {effect["measure"] for row in firmness for effect in row["effects"]}
    for row in (*wrinkles, *firmness):
        study = studies()[row["study"]]
        assert study.read
        assert row["n"] == usable(study.n)
        shown = {effect["measure"] for effect in row["effects"]}
        assert shown <= {effect.measure for effect in study.effects if effect.usable}


def test_a_denied_claim_says_that_the_text_denies_it():
    assert _one("Red light does not clear psoriasis.")["verdict"].startswith("The text itself denies or limits this.")
    assert _one("Wear goggles with this LED mask.")["verdict"].startswith("A warning in the text.")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Our LED mask is FDA approved.", "cleared at best, not approved"),
        ("Our LED mask is FDA cleared.", "substantially equivalent"),
        ("Our LED mask is FDA registered.", "filled in a form"),
        ("Our LED mask is CE marked.", "declares conformity"),
        ("Our LED mask is made of medical-grade parts.", "word of marketing"),
        ("Our LED mask uses NASA technology.", "no test of this device"),
        ("Our LED mask is NASA-grade.", "no test of this device"),
    ],
)
def test_words_of_authorities_are_explained_each_in_its_way(text, part):
    claim = _one(text)
    assert claim["kind"] == "regulatory"
    assert part in claim["verdict"]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Red light detoxifies cells.", "no trial in which light removed a toxin"),
        ("Red light kills viruses.", "no trial of light like this against viruses"),
        ("Red light kills COVID-19.", "no trial of light like this against viruses"),
        ("Red light burns fat.", "no record for this benefit"),
    ],
)
def test_a_benefit_without_a_trial_says_so(text, part):
    claim = _one(text)
    assert (claim["kind"], claim["goal"], claim["certainty"]) == ("benefit", None, None)
    assert part in claim["verdict"]


def test_a_space_agency_is_no_clearance(person):
    (claim,) = claims("It uses NASA technology.", device=MASK, skin=person).claims
    assert "catalogue" not in claim.verdict


def test_a_device_adds_what_its_catalogue_entry_says_about_clearance(person):
    cleared = claims("It is FDA cleared.", device="currentbody-skin-series-2", skin=person)
    unit = photodose.device("currentbody-skin-series-2")
    numbers = [item.number for item in unit.clearance if item.known == "yes" and item.number]
    verdict = cleared.claims[0].verdict
    assert all(number in verdict for number in numbers)
    assert unit.name in verdict


def test_a_printed_irradiance_is_brought_down_by_the_published_ratio():
    (row,) = _one("The LED mask delivers 100 mW/cm².")["numbers"]["physics"]
    ratio = true_ratio("claimed").estimate
    assert row["claimed"] == 100.0
    assert row["likely"]["value"] == pytest.approx(100.0 * ratio.value)
    assert row["likely"]["low"] < row["likely"]["value"] < row["likely"]["high"] < 300.0


def _shares(sentence, skin=None, others=()):
    text = normalise(sentence)
    return depth_shares(depth_question(text, amounts(text), others), skin)


def test_light_left_at_a_depth_falls_as_diffusion_says():
    """Why: far from the surface the fluence falls as exp(-mu_eff z), mu_eff of the deepest layer (diffusion theory).

    Set-up: calf of type III at 850 nm, 40 and 60 mm deep, both in muscle. Expected: the ratio within 10 %.
    """
    skin = photodose.skin("calf", skin_type="III")
    muscle = skin.layer_stack(850.0).layers[-1]
    reduced = muscle.scattering_per_mm * (1.0 - muscle.anisotropy)
    mu_eff = math.sqrt(3.0 * muscle.absorption_per_mm * (muscle.absorption_per_mm + reduced))
    (near,), (far,) = (
        _shares("Infrared reaches 40 mm at 850 nm", skin),
        _shares("Infrared reaches 60 mm at 850 nm", skin),
    )
    assert far.share.value / near.share.value == pytest.approx(math.exp(-20.0 * mu_eff), rel=0.10)
    assert near.share.low < near.share.value < near.share.high


def test_light_left_at_a_shallow_depth_is_that_of_dosimetry():
    """The claim's own solve differs from dosimetry only in the width of the band and in what lies 40 mm deep."""
    skin = photodose.skin("calf", skin_type="III")
    (share,) = _shares("Red light reaches 2 mm at 660 nm", skin)
    light = relative_fluence(skin, [Spectrum.gaussian(660.0, 2.0)], Incidence(kind="diffuse"), np.array([2.0]))
    assert share.share.value == pytest.approx(float(light.profile[0, 0]), rel=0.01)


def test_five_centimetres_leave_almost_nothing():
    (share,) = _shares("Infrared light penetrates 5 cm")
    assert share.depth_mm == (50.0, 50.0)
    assert share.peak_nm == 850.0
    assert 0.0 < share.share.value < 1e-3


@pytest.mark.parametrize(
    ("sentence", "place", "site"),
    [
        ("It reaches the muscle", "the muscle", "calf"),
        ("It goes deep into the joint", "the joint capsule", "knee"),
        ("It reaches the hair follicle", "the hair bulb", "scalp"),
        ("It penetrates deep into the dermis", "the reticular dermis", "cheek"),
    ],
)
def test_a_named_depth_is_that_target(sentence, place, site):
    shares = _shares(sentence)
    assert {share.site for share in shares} == {site}
    assert all(share.place.startswith(place) for share in shares)
    assert [share.peak_nm for share in shares] == [660.0, 850.0]


def test_bands_come_from_the_sentence_then_the_device_then_the_usual():
    def peaks(text, others):
        return depth_question(normalise(text), amounts(normalise(text)), others).peaks_nm

    assert peaks("810 nm light goes 3 cm deep", (633.0, 830.0)) == (810.0,)
    assert peaks("light goes 3 cm deep", (633.0, 830.0)) == (633.0, 830.0)
    assert peaks("infrared goes 3 cm deep", (633.0, 830.0)) == (830.0,)
    assert peaks("infrared goes 3 cm deep", (633.0,)) == (850.0,)
    assert peaks("red light goes 3 cm deep", ()) == (660.0,)


def test_a_depth_through_the_body_gets_no_number():
    claim = _one("Our red light penetrates 1 m, that is 100 cm, into the body.")
    assert claim["numbers"]["physics"] == []
    assert "beyond 15 cm" in claim["verdict"]


@pytest.mark.parametrize(
    ("share", "words"),
    [(3.5, "350 %"), (0.123, "12 %"), (0.004, "0.4 %"), (2e-5, "1 part in 50,000"), (1e-20, "nothing"),
     (3e-8, "1 part in 33 million"), (1e-12, "less than 1 part in a billion")],
)  # fmt: skip
def test_a_share_in_words(share, words):
    assert share_words(share) == words


def test_a_device_is_held_against_the_trial(person):
    answer = claims("Softens wrinkles. Use it for ten minutes a day.", device=MASK, skin=person)
    reached = answer.to_dict()["claims"][0]["reached"]
    plan = photodose.plan("fine_lines_wrinkles", MASK, person)
    assert plan.equivalent is not None
    assert reached["trial"] == plan.equivalent.trial.study
    assert reached["minutes_from"] == "text"
    assert reached["share_of_trial_dose"]["value"] == pytest.approx(10.0 / plan.equivalent.minutes.value)
    assert reached["reached"] is (reached["share_of_trial_dose"]["value"] >= 0.67)


def test_the_minutes_of_the_text_decide(person):
    short = _one_benefit("Softens wrinkles. Use it for one minute.", person)
    long = _one_benefit("Softens wrinkles. Use it for 60 minutes.", person)
    assert short["reached"] is False
    assert long["reached"] is True
    silent = _one_benefit("Softens wrinkles.", person)
    assert silent["minutes_from"] == "device"


def _one_benefit(text, person):
    return claims(text, device=MASK, skin=person).to_dict()["claims"][0]["reached"]


def test_what_cannot_be_held_against_a_trial_says_why(person):
    regrows = _one_benefit("Regrows hair.", person)
    assert regrows["reached"] is None
    assert regrows["words"]
    acne = _one_benefit("Clears acne.", person)
    assert acne["reached"] is None
    assert acne["words"]


def test_a_depth_claim_with_a_device_gives_the_fluence_there(person):
    deep = _one_benefit("The light reaches deep into the dermis.", person)
    assert {row["peak_nm"] for row in deep["bands"]} == {633.0, 830.0}
    assert all(row["fluence_j_cm2"] > 0.0 for row in deep["bands"])


def test_warnings_say_why_nothing_was_found_or_what_it_is_worth():
    assert "does not speak of treatment with light" in claims("The soup is ready.").warnings[0]
    assert "No claim for light" in claims("This LED mask weighs 300 g.").warnings[0]
    hardly = claims("This mask reduces fine lines in 4 weeks.")
    assert hardly.claims
    assert "hardly speaks of light" in hardly.warnings[0]
    assert claims("This LED mask reduces fine lines in 4 weeks.").warnings == ()
    german = "Die Maske mit rotem Licht glättet Falten und macht die Haut jünger, sagt der Hersteller. " * 5
    assert any("another language" in text for text in claims(german).warnings)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "empty"),
        (" \n\t ", "empty"),
        ("a\x00b", "binary"),
        ("\x01\x02\x03\x04" * 50, "binary"),
        ("\ud800", "binary"),
        ("a" * (MAX_CHARACTERS + 1), "longer than 2 million"),
    ],
)
def test_bad_input_is_one_sentence(text, message):
    with pytest.raises(InputError, match=message):
        claims(text)


def test_a_device_needs_a_skin():
    with pytest.raises(InputError, match="skin"):
        claims("Softens wrinkles.", device=MASK)
    with pytest.raises(InputError, match="text"):
        claims(b"Softens wrinkles.")  # type: ignore[arg-type]


class _Page(HTMLParser):
    """What a browser would see: text inside the marked text, marks, links, anything that would make a request."""

    def __init__(self):
        super().__init__()
        self.inside = 0
        self.text = ""
        self.marks = []
        self.in_mark = self.in_sup = False
        self.fetches = []
        self.tags = set()

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        values = dict(attributes)
        if "src" in values or (tag == "link"):
            self.fetches.append((tag, values))
        if tag == "div":
            self.inside += values.get("class") == "text"
        if tag == "mark":
            self.in_mark = True
            self.marks.append("")
        if tag == "sup":
            self.in_sup = True

    def handle_endtag(self, tag):
        if tag == "div":
            self.inside = 0
        self.in_mark = self.in_mark and tag != "mark"
        self.in_sup = self.in_sup and tag != "sup"

    def handle_data(self, data):
        if self.inside and not self.in_sup:
            self.text += data
        if self.in_mark:
            self.marks[-1] += data


def _page(answer):
    page = _Page()
    page.feed(answer.to_html())
    return page


def test_the_page_shows_the_text_with_its_sentences_marked():
    text = 'Red light <b>softens</b> wrinkles & "fine lines". It does not clear psoriasis.\n<script>alert(1)</script>'
    answer = claims(text)
    page = _page(answer)
    assert page.text == text
    assert page.marks == list(dict.fromkeys(claim.found.sentence for claim in answer.claims))
    assert len(page.marks) == 2
    assert "script" not in page.tags
    assert page.fetches == []
    assert not re.search(r"url\(|@import", answer.to_html())


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=200))
@settings(max_examples=100, deadline=None)
def test_the_page_escapes_any_text(noise):
    answer = claims(f"Red light softens wrinkles. {noise} LED masks clear acne.")
    page = _page(answer)
    assert page.text == answer.text
    assert "script" not in page.tags
    json.dumps(answer.to_dict(), allow_nan=False)


def test_a_text_of_a_megabyte_is_answered():
    """Long texts end: no rule backtracks without bound, and what claims share is worked out once."""
    sentence = "Our LED mask softens wrinkles and reaches the dermis. " + "Soup is ready. " * 40
    text = sentence * (1_000_000 // len(sentence))
    answer = claims(text)
    assert len(answer.claims) == 2 * text.count("LED")
