"""Whoever chose German reads German: what the engine composes is found again by its template and translated."""

from __future__ import annotations

import gettext
import html
import importlib.util
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.utils import translation

import photodose.app
from photodose import evidence, planning, safety
from photodose.app import sentences
from photodose.app.sentences import HOLDER, Book, Piece, in_words, untranslated
from photodose.planning.claims import claims
from photodose.planning.comparison import compare
from photodose.planning.documents.page import in_language
from photodose.quantities import InputError, RangeError, UnknownNameError, plain
from photodose.tissue import skin

FOLDER = Path(photodose.app.__file__).parent / "locale" / "de" / "LC_MESSAGES"
SCRIPT = Path(__file__).parents[2] / "scripts" / "engine_words.py"
NEVER_READ = {
    "claims wants a text, not a {text}.",
    "| parameter | value | unit or remark |",
    "{kind}s must be given as texts, not as {texts}.",
    "a {kind} must be given as text, not as {text}.",
    "skin-type-4-to-6",
    "a recall must be given as text or as a record, not as {recall}.",
    "a recall needs its words: give text, or a record with a 'reason'.",
    "skin must come from photodose.skin(...), not be {skin}.",
    "an emitter has no position",
}
"""Told to who calls the functions from a program, and an id: no page can show them."""
ENGLISH = re.compile(r"\b(the|of|and|with|that|are|its|your|for|from|than|by|or|on|to|it|this|which|is|has|light)\b")
SPOKEN_BY_FUNCTIONS = {
    "name",
    "title",
    "claim",
    "citation",
    "sentence",
    "study",
    "source",
    "sources",
    "quotation",
    "note",
    "what",
}
"""Names, titles and quotations: they stay as they are."""


def collector():
    spec = importlib.util.spec_from_file_location("engine_words", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def messages():
    with (FOLDER / "engine.po").open("rb") as stream:
        return {m.id: m.string for m in read_po(stream, locale="de") if m.id}


@pytest.fixture
def german():
    with translation.override("de"):
        yield


def test_the_messages_are_those_that_the_engine_says():
    said, known = collector().collected(), messages()
    assert not sorted(set(said) - set(known)), "run `make messages`"
    silent = {text for text, places in said.items() if not known[text] and not only_of_studies(places)}
    assert silent <= NEVER_READ, "translate these in locale/de/LC_MESSAGES/engine.po"
    assert len(said) > 1500


def only_of_studies(places: str) -> bool:
    """What single studies found may stay English for a while, marked as such; goals and verdicts may not."""
    return all(place.startswith("data/tables/evidence/") for place in places.split())


def test_what_is_compiled_is_what_is_written():
    with (FOLDER / "engine.mo").open("rb") as stream:
        compiled = gettext.GNUTranslations(stream)
    for message, said in messages().items():
        assert not said or compiled.gettext(message) == said


def test_a_translation_has_the_values_of_its_message():
    for message, said in messages().items():
        names = {match.group(1) for match in HOLDER.finditer(message)}
        assert {match.group(1) for match in HOLDER.finditer(said)} <= names, message


def test_numbers_are_written_as_the_reader_writes_them_and_names_stay():
    book = Book(
        {"{who} gave {dose:n} J/cm2 in {time}.": "{who}: {dose} J/cm² in {time}.", "{n:n} minutes": "{n} Minuten"},
        ["Lee et al. 2007"],
        ",",
        ".",
    )
    pieces, unknown = book.say("Lee et al. 2007 gave 1,234.5 J/cm2 in 2.5 minutes. Nobody knows this.")
    assert pieces == (
        Piece("Lee et al. 2007: 1.234,5 J/cm² in 2,5 Minuten.", True),
        Piece("Nobody knows this.", False),
    )
    assert unknown == ("Nobody knows this",)


def test_a_message_of_several_sentences_wins_over_shorter_ones():
    book = Book({"Wait.": "Warte.", "Wait. Ask a doctor.": "Warte und frag.", "Ask first: {why}": "Frag: {why}"})
    assert [piece.text for piece in book.say("Ask first: Wait. Ask a doctor.")[0]] == ["Frag: Warte und frag."]


def test_refusals_are_translated(german):
    assert in_words(RangeError("minutes", 99.5, 1, 60)) == "Minuten 99,5 liegt außerhalb des Bereichs 1 bis 60."
    near = in_words(UnknownNameError("device", "omnilx", ["omnilux-contour-face"]))
    assert near == "Unbekannt (Gerät): 'omnilx'; meintest du omnilux-contour-face?"


def texts_of(content, key="") -> list[str]:
    """The texts of an answer that are sentences of the engine."""
    if isinstance(content, dict):
        return [text for name, value in content.items() for text in texts_of(value, name)]
    if isinstance(content, list | tuple):
        return [text for value in content for text in texts_of(value, key)]
    spoken = isinstance(content, str) and " " in content.strip() and key not in SPOKEN_BY_FUNCTIONS
    return [content] if spoken else []


def said_by(function, *arguments, parts=(), **options) -> list[str]:
    """What a function says, in the named parts of its answer, or the sentence with which it refuses."""
    try:
        content = plain(function(*arguments, **options).to_dict())
    except InputError as problem:
        return [str(problem)]
    return [text for part in parts for text in texts_of(content.get(part), part)]


PLAN = ("why", "advice", "limits", "routine", "warnings", "own_schedule", "evidence_verdict", "protocol", "after")
SCREENING = ("reasons", "warnings")


def without_sources(texts: list[str]) -> list[str]:
    """Sources of reasons stay as they are."""
    return [text for text in texts if not re.search(r"\((?:read|unverified|derived|judgement|read secondary)\)", text)]


def composed_plans() -> list[str]:
    sites = ("cheek", "scalp", "knee", "calf", "lower-back", "forehead")
    lamps = ("omnilux-contour-face", "kala-red-light-elite", "mitopro-1500", "capillus-82", "currentbody-skin-series-2")
    texts = []
    for i, goal in enumerate(evidence.goals()):
        person = skin(sites[i % 6], skin_type=("I", "III", "VI")[i % 3])
        asked = {"drugs": [["lithium"], ["doxycycline"], []][i % 3], "conditions": [["pregnancy"], []][i % 2]}
        own = {"minutes": (1.0, 12.5, 60.0)[i % 3], "per_week": (None, 2, 7)[i % 3]} if i % 2 else {}
        texts += said_by(planning.plan, goal.id, lamps[i % 5], person, assume=True, parts=PLAN, **asked, **own)
    for after in ("laser:3d", "peel:2w", "surgery:4m"):
        person = skin("cheek", skin_type="II")
        texts += said_by(
            planning.plan,
            "fine_lines_wrinkles",
            "omnilux-contour-face",
            person,
            after=after,
            parts=(*PLAN, "screening"),
        )
    goals = ["fine_lines_wrinkles", "acne", "joint_health"]
    texts += said_by(
        planning.plan_together,
        goals,
        "currentbody-skin-series-2",
        skin("cheek", skin_type="III"),
        parts=("why", "left_out"),
    )
    return texts


def composed_screenings() -> list[str]:
    texts = []
    for kind, names in (("drugs", safety.drugs()), ("conditions", safety.conditions())):
        for record in names:
            texts += said_by(safety.screen, **{kind: [record.name]}, parts=SCREENING)
    return without_sources(texts) + without_sources(
        said_by(safety.screen, conditions=["epilepsy"], age=12, skin_type="V", pulsed=True, parts=SCREENING)
    )


def composed_hazards() -> list[str]:
    texts = []
    for lamp in ("omnilux-contour-face", "neutrogena-light-therapy-acne-mask", "capillus-82", "platinumled-biomax-900"):
        for minutes, eyes in ((None, "open"), (10.0, "closed"), (60.0, "shielded")):
            person = None if minutes is None else skin("cheek", skin_type="VI")
            parts = ("warnings", "heat_words", "provisional_because")
            texts += said_by(planning.safety, lamp, person, minutes=minutes, eyes=eyes, parts=parts)
    return texts


ADVERT = (
    "Red light therapy boosts collagen and reduces wrinkles. The light penetrates 5 cm deep into muscle. FDA approved. "
    "NASA technology. 150 mW/cm2 of power. Clinically proven. Results in 2 weeks. The light kills viruses and removes "
    "toxins. Safe for the eyes. It relieves knee pain and helps sleep. 10 minutes a day. Reaches hair follicles. "
    "Medical grade. It boosts ATP in mitochondria. CE certified."
)


def composed_claims() -> list[str]:
    texts = []
    for options in ({}, {"device": "omnilux-contour-face", "skin": skin("cheek", skin_type="II"), "assume": True}):
        answer = claims(ADVERT, **options)
        assert len(answer.claims) > 10
        texts += [item.verdict for item in answer.claims] + list(answer.warnings)
        texts += [item.reached["words"] for item in answer.claims if item.reached]
    return texts


def composed_comparison() -> list[str]:
    answer = compare(
        ["omnilux-contour-face", "kala-red-light-elite"], "fine_lines_wrinkles", skin("cheek", skin_type="II"),
        {"omnilux-contour-face": 300.0},
    )  # fmt: skip
    rows = [plain(row.to_dict()) for row in answer.rows]
    found = [row["cost"]["assumed"] for row in rows if row["cost"]]
    return found + [row["why"] for row in rows] + [row["session"]["from"] for row in rows] + list(answer.warnings)


def composed_evidence() -> list[str]:
    texts = []
    for goal in evidence.goals():
        record = evidence.indication(goal.id)
        texts += [record.goal, record.verdict, record.no_plan or "", evidence.dose_window(goal.id)[1]]
        texts += [evidence.why_no_protocol(goal.id) or ""]
        for item in evidence.studies_for(goal.id):
            texts.append(evidence.why_not_usable(item.study, record.target is not None) or "")
    return [text for text in texts if text]


COMPOSED = {
    "plan": (composed_plans, 100),
    "verdict": (composed_screenings, 300),
    "safety": (composed_hazards, 40),
    "claims": (composed_claims, 25),
    "compare": (composed_comparison, 5),
    "evidence": (composed_evidence, 150),
}


@pytest.mark.parametrize("page", COMPOSED)
def test_nothing_that_a_page_says_stays_english(page):
    compose, least = COMPOSED[page]
    texts = compose()
    assert len(texts) >= least
    assert untranslated(texts, "de") == []


def test_most_of_what_studies_found_is_german():
    texts = [item.outcome for goal in evidence.goals() for item in evidence.studies_for(goal.id)]
    left = [text for text in texts if untranslated([text], "de")]
    assert len(left) < 0.2 * len(texts)


class Reader(HTMLParser):
    """What a reader sees, without what is marked as English, written by the reader, or a script."""

    VOID = frozenset({"meta", "link", "input", "br", "img", "hr", "use", "line", "rect", "path", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag not in self.VOID:
            given = dict(attrs)
            hidden = tag in {"script", "style", "textarea"} or (tag != "html" and given.get("lang") == "en")
            self.open.append((tag, hidden))

    def handle_endtag(self, tag):
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data):
        if data.strip() and not any(hidden for _, hidden in self.open):
            self.texts.append(" ".join(html.unescape(data).split()))


def english_of(response) -> list[str]:
    reader = Reader()
    reader.feed(response.content.decode())
    names = sentences.proper_names()
    found = []
    for text in reader.texts:
        for name in names:
            text = text.replace(name, "")
        if len(ENGLISH.findall(text)) >= 1:
            found.append(text)
    return found


ANSWERS = {
    "a mask and a medicine": {"medicines": "doxycycline, lithium", "conditions": ["pregnancy"]},
    "a stop": {"medicines": "methylene blue", "conditions": ["epilepsy", "retinal-disease"]},
    "a recalled mask": {"device": "neutrogena-light-therapy-acne-mask", "goal": "acne", "assume": "1"},
    "a panel on the knee": {"device": "mitopro-1500", "goal": "joint_health", "site": "knee", "skin_type": "VI"},
    "a laser cap": {"device": "capillus-82", "goal": "hair_aga", "site": "scalp", "assume": "1"},
    "several goals": {"also": ["smoother_appearance", "acne"], "device": "currentbody-skin-series-2"},
}
SETUP = {"goal": "fine_lines_wrinkles", "device": "omnilux-contour-face", "site": "cheek", "skin_type": "III"}
PAGES = ("/setup/", "/verdict/", "/dose/", "/plan/", "/plan/?minutes=30&per_week=7", "/safety/own/", "/")


@pytest.mark.django_db
@pytest.mark.parametrize("case", ANSWERS)
def test_german_pages_hold_no_english(client, person, case):
    changes = SETUP | ANSWERS[case]
    client.post("/setup/", changes)
    german = {"accept-language": "de"}
    for page in PAGES:
        path = page.replace("own", changes["device"])
        response = client.get(path, headers=german, follow=True)
        assert response.status_code == 200, path
        assert english_of(response) == [], path


@pytest.mark.django_db
def test_german_pages_of_adverts_evidence_and_comparison_hold_no_english(client, person):
    german = {"accept-language": "de"}
    client.post("/setup/", SETUP)
    answered = client.post("/claims/", {"text": ADVERT, "device": "1"}, headers=german)
    assert english_of(answered) == []
    devices = "?d=omnilux-contour-face&d=kala-red-light-elite&price-omnilux-contour-face=300"
    for path in (f"/compare/side/{devices}", "/compare/", "/evidence/", "/session/", "/yours/", "/log/", "/claims/"):
        assert english_of(client.get(path, headers=german)) == [], path


@pytest.mark.django_db
def test_a_kept_plan_is_read_in_any_language(client, person):
    client.post("/setup/", SETUP)
    client.post("/plan/start/", headers={"accept-language": "de"})
    home = client.get("/", headers={"accept-language": "de"}).content.decode()
    assert "Saubere, trockene Haut. Make-up und Sonnenschutz abnehmen." in home
    assert "Weichere Fältchen und Falten" in home
    assert "Clean, dry skin. Take make-up and sunscreen off." in client.get("/").content.decode()
    player = client.get("/api/v1/player", headers={"accept-language": "de"}).json()
    assert player["plans"][0]["name"] == "Weichere Fältchen und Falten"
    assert player["plans"][0]["routine"]["steps"][0].startswith("Saubere, trockene Haut.")


def test_the_pages_to_print_are_in_the_readers_language(german, monkeypatch):
    from photodose.planning.documents import page

    printed = []
    monkeypatch.setattr(page, "in_language", lambda content, say: printed.append(in_language(content, say)) or content)
    plan = planning.plan(
        "fine_lines_wrinkles", "omnilux-contour-face", skin("cheek", skin_type="III"), drugs=["doxycycline"]
    )
    assert page.plan_pdf(plan, say=in_words, language="de").startswith(b"%PDF")
    words = [text for text in texts_of(printed[0]) if ENGLISH.search(text)]
    names = sorted(sentences.proper_names(), key=len, reverse=True)
    left = [text for text in words if ENGLISH.search(re.sub("|".join(map(re.escape, names)), "", text))]
    assert without_sources(left) == []
