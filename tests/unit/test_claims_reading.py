"""Sentences, tokens, numbers, negation and hedging: the parts under the rules."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photodose.evidence.claims import amounts, find_claims, speaks_of_light, split_sentences
from photodose.evidence.claims.tokens import normalise


def _sentences(text: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dr. Ek measured 0.5 cm. It was less.", ["Dr. Ek measured 0.5 cm.", "It was less."]),
        ("Open until 3 p.m. Bring a towel, e.g. a big one.", ["Open until 3 p.m.", "Bring a towel, e.g. a big one."]),
        ("Is it safe? No. It is not.", ["Is it safe?", "No.", "It is not."]),
        ("Ask for No. 5 at the desk.", ["Ask for No. 5 at the desk."]),
        ("Smoother skin\nFewer lines", ["Smoother skin", "Fewer lines"]),
        ("- firmer skin\n- 40 mW/cm² at 3.5 cm\n\n# Heading", ["firmer skin", "40 mW/cm² at 3.5 cm", "Heading"]),
        ("1. Wash your face. Dry it.\n2. Rest.", ["Wash your face.", "Dry it.", "Rest."]),
        ("It looked… smoother. Really…", ["It looked… smoother.", "Really…"]),
        ("- faster healing.\nset a timer", ["faster healing.", "set a timer"]),
        ('She said: "It works." I doubt it.', ['She said: "It works."', "I doubt it."]),
        ('"Does it work?" she asked.', ['"Does it work?" she asked.']),
        ("a wrapped line of prose that is long enough to be taken for\none sentence in all.", None),
        ("...", []),
        ("", []),
    ],
)
def test_sentences(text, expected):
    assert _sentences(text) == ([text] if expected is None else expected)


def test_an_endless_line_is_cut():
    pieces = split_sentences("word " * 10_000)
    assert len(pieces) > 10
    assert max(len(piece.text) for piece in pieces) <= 1500


@given(st.text(max_size=600))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_and_offsets_are_those_of_the_text(text):
    for sentence in split_sentences(text):
        assert text[sentence.start : sentence.end] == sentence.text
        assert sentence.text == sentence.text.strip()
    for claim in find_claims(text, about_light=True):
        assert text[claim.start : claim.end] == claim.sentence


RULE_WORDS = (
    "red light skin wrinkles does not may no evidence reduces 5 cm mW/cm² minutes a day , . ? ; but if FDA approved "
    "acne eyes goggles safe side effects 💡 é\u0301 ten weeks penetrates muscle"
)
_WORDS = st.sampled_from([*RULE_WORDS.split(" "), "\n", "\n- "])


@given(st.lists(_WORDS, max_size=80).map(" ".join))
@settings(max_examples=300, deadline=None)
def test_any_order_of_the_rules_own_words_is_read(text):
    found = find_claims(text, about_light=True)
    assert found == find_claims(text, about_light=True)
    keys = [(claim.start, claim.kind, claim.goal) for claim in found]
    assert len(keys) == len(set(keys))
    assert all(text[claim.start : claim.end] == claim.sentence for claim in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("30 mW/cm²", [(None, 30.0, "mW/cm2")]),
        ("30mW/cm2", [(None, 30.0, "mW/cm2")]),
        ("30 mW per cm²", [(None, 30.0, "mW/cm2")]),
        ("20 milliwatts per square centimetre", [(None, 20.0, "mW/cm2")]),
        ("4 J/cm² and 6.5 joules per square centimeter", [(None, 4.0, "J/cm2"), (None, 6.5, "J/cm2")]),
        ("8–10 mm", [(8.0, 10.0, "mm")]),
        ("between 8 and 10 millimetres", [(8.0, 10.0, "mm")]),
        ("2 inches, 5cm", [(None, 50.8, "mm"), (None, 50.0, "mm")]),
        ('up to 4" deep', [(None, 101.6, "mm")]),
        ("ten minutes, 90 seconds, 1 hour", [(None, 10.0, "min"), (None, 1.5, "min"), (None, 60.0, "min")]),
        ("12 to 16 weeks", [(12.0, 16.0, "weeks")]),
        ("94% and 30 per cent", [(None, 94.0, "%"), (None, 30.0, "%")]),
        ("1,200 nm", [(None, 1200.0, "nm")]),
        ("850nm", [(None, 850.0, "nm")]),
        ("a mask in 3 colours", []),
    ],
)
def test_numbers_with_units(text, expected):
    found = [(item.low, item.value, item.unit) for item in amounts(normalise(text))]
    assert found == [
        (None if low is None else pytest.approx(low), pytest.approx(value), unit) for low, value, unit in expected
    ]


def _polarity(text: str, kind: str = "benefit") -> list[str]:
    return [claim.polarity for claim in find_claims(text, about_light=True) if claim.kind == kind]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Red light softens wrinkles.", "asserted"),
        ("Red light does not soften wrinkles.", "negated"),
        ("Red light doesn’t soften wrinkles.", "negated"),
        ("Red light won't soften wrinkles.", "negated"),
        ("Red light never softened my wrinkles.", "negated"),
        ("There is no evidence that red light softens wrinkles.", "negated"),
        ("No trial shows that red light softens wrinkles.", "negated"),
        ("Nobody has shown that red light softens wrinkles.", "negated"),
        ("Red light failed to soften wrinkles.", "negated"),
        ("Wrinkles got no better than with a sham lamp of red light.", "negated"),
        ("Red light not only softens wrinkles.", "asserted"),
        ("No pain, no needles, just softer wrinkles with red light.", "asserted"),
        ("It does not hurt, but it softens wrinkles.", "asserted"),
        ("It softens wrinkles but does not hurt.", "asserted"),
        ("Red light may soften wrinkles.", "hedged"),
        ("Red light helps reduce the look of wrinkles.", "hedged"),
        ("Red light is said to soften wrinkles.", "hedged"),
        ("Some studies suggest that red light softens wrinkles.", "hedged"),
        ("The makers claim that red light softens wrinkles.", "hedged"),
        ("It may be expensive, but red light softens wrinkles.", "asserted"),
    ],
)
def test_negation_and_hedging_keep_to_their_scope(text, expected):
    assert _polarity(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "Does red light soften wrinkles?",
        "If red light softened wrinkles, we would know.",
        "Wrinkles are lines in the skin, and light has colours.",
        "Retinol cream reduces wrinkles.",
        "As we age, wrinkles become more and more visible.",
    ],
)
def test_questions_conditions_needs_and_other_treatments_are_no_claims(text):
    assert _polarity(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Does red light therapy help with eczema? No.", "negated"),
        ("Does red light therapy help with eczema? Yes.", "asserted"),
        ("Does red light therapy help with eczema? Possibly.", "hedged"),
        ("Does red light therapy help with eczema? We have not seen any trial that shows it does.", "negated"),
        ("Breakouts? Gone.", "asserted"),
    ],
)
def test_an_answer_takes_its_subject_from_the_question(text, expected):
    assert _polarity(text, "condition") == [expected]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Red light may help hair growth.", [("hair_aga", "hedged")]),
        ("It may help hair growth.", [("hair_aga", "hedged")]),
        ("They do help hair growth.", [("hair_aga", "asserted")]),
        ("Red light does not help hair growth.", [("hair_aga", "negated")]),
        ("Red light may be costly.", []),
        ("Yes.", [("fine_lines_wrinkles", "asserted")]),
        ("It does.", [("fine_lines_wrinkles", "asserted")]),
        ("The evidence is mixed.", [("fine_lines_wrinkles", "hedged")]),
        ("Yes. Red light may help hair growth.", [("fine_lines_wrinkles", "asserted"), ("hair_aga", "hedged")]),
        ("Yes, and it helps hair growth.", [("fine_lines_wrinkles", "asserted"), ("hair_aga", "asserted")]),
    ],
)
def test_a_sentence_of_its_own_takes_nothing_from_the_question(answer, expected):
    found = find_claims(f"Does red light therapy reduce wrinkles? {answer}")
    assert [(claim.goal, claim.polarity) for claim in found] == expected


def test_when_results_come_is_no_answer_to_whether():
    (claim,) = find_claims("Does red light therapy reduce wrinkles? Results may take 8 weeks.")
    assert claim.kind == "onset"


@pytest.mark.parametrize(
    ("text", "goals"),
    [
        (
            "This mask reduces fine lines in 4 weeks. Clinically proven to regrow hair! Boosts collagen by 300%.",
            ["fine_lines_wrinkles", "hair_aga", "collagen_elasticity"],
        ),
        ("Clinically proven to regrow hair!", ["hair_aga"]),
        ("Boosts collagen by 300%.", ["collagen_elasticity"]),
        ("Our panel eases back pain.", ["chronic_pain"]),
        ("Such a cap regrows hair.", ["hair_aga"]),
        ("LED reduces wrinkles.", ["fine_lines_wrinkles"]),
    ],
)
def test_an_advert_that_names_no_light_is_read(text, goals):
    assert not speaks_of_light(text)
    assert [claim.goal for claim in find_claims(text) if claim.goal is not None] == goals


@pytest.mark.parametrize(
    "text",
    [
        "Clinically proven serum reduces wrinkles by 30%.",
        "Put this bed of rice into the oven for 30 minutes.",
        "Is this clinically proven to regrow hair?",
        "The sauce improves after two days and helps his sore throat.",
        "Our grow lamp and this panel give stems that heal wounds faster.",
    ],
)
def test_a_text_about_something_else_stays_unread(text):
    assert find_claims(text) == []


def test_a_text_must_speak_of_light_treatment():
    assert speaks_of_light("Our LED mask costs 99 euros.")
    assert speaks_of_light("Red light reaches the skin.")
    assert not speaks_of_light("The lamp in the hall is broken. It softens wrinkles.")
    assert find_claims("This cream softens wrinkles and gives you glowing skin.") == []
    assert find_claims("It softens wrinkles.") == []
    assert find_claims("Laser hair removal works. The laser reaches the follicle and leaves smooth skin.") == []
    assert len(find_claims("It softens wrinkles.", about_light=True)) == 1


def test_light_far_away_does_not_count():
    """In a long page only what stands near a word for light is about it."""
    filler = "The weather was fine. " * 40
    text = "Our LED mask softens wrinkles. " + filler + "This pillow gives you deeper sleep."
    assert [claim.goal for claim in find_claims(text)] == ["fine_lines_wrinkles"]


def test_a_product_by_its_name_keeps_the_text_near_light():
    """A long advert that names the light once and then only its brand is read to the end; another brand is not."""
    filler = "It comes with a soft strap. " * 25
    lead = "Meet Lumisol, the LED mask. Everyone wants a Lumisol. "
    late = "Lumisol reduces wrinkles."
    (claim,) = find_claims(lead + filler + late)
    assert claim.sentence == late
    assert find_claims(lead + filler + "Brewmax reduces wrinkles.") == []


@pytest.mark.parametrize(
    "text",
    [
        "Retinol is what fixed my wrinkles.",
        "I bought the wrap because my knee hurts.",
        "Physiotherapy eased my back pain, and it helped my sleep too.",
        "Knee pain keeps one in four Americans from walking as far as they want.",
        "A tub of retinol costs less and softens lines just as well.",
        "Cortisone shots take the edge off knee pain for a month.",
        "We all want to sleep better.",
        "The strap is soft and the buckle holds.",
        "Hair loss runs in my family.",
        "My dermatologist put me on tretinoin and my acne cleared in ten weeks.",
        "He has written about skin for thirty years.",
        "The brand would not answer my questions.",
        "Is it worth the money?",
        "Ibuprofen calms inflammation; it does nothing for cartilage.",
        "Aching knees, stiff mornings, cold hands.",
        "She sells collagen gummies, which do nothing for wrinkles.",
        "I wore it while I watched a film.",
        "Sleep is when muscles repair themselves.",
        "Weight: 410 g. Cable: 1.8 m. Charge: two hours.",
        "Sunlight can fade scars and burn the skin.",
        "You get a free pair of goggles and a storage bag.",
    ],
)
def test_what_is_said_of_other_things_is_no_claim_for_light(text):
    """In a text about light: other treatments, needs, questions, accessories, complaints."""
    assert find_claims(text, about_light=True) == []


@pytest.mark.parametrize(
    ("text", "goals"),
    [
        ("Retinol softens lines. It also fades dark spots. Red light fades scars.", ["scars"]),
        ("Retinol softens lines but can dry the skin, and it fades spots.", []),
        ("Unlike retinol, it softens wrinkles.", ["fine_lines_wrinkles"]),
        ("Without pills, the lamp gives you deeper sleep.", ["stress_mood_sleep"]),
        ("Red light regrew hair. Stop, and the gain is lost.", ["hair_aga", "hair_aga"]),
        ("Red light regrew hair.\n\nThe effect is small.", ["hair_aga", None]),
    ],
)
def test_a_claim_belongs_to_what_its_clause_speaks_of(text, goals):
    found = [claim for claim in find_claims(text, about_light=True) if claim.kind in {"benefit", "condition"}]
    assert [claim.goal for claim in found] == goals


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The leaflet says that red light softens wrinkles.", "hedged"),
        ('Their page says a lot. "Red light softens wrinkles."', "hedged"),
        ("The leaflet says that red light softens wrinkles; we saw that, too.", "asserted"),
        ("Wrinkles: softer?", "hedged"),
        ("Wrinkles: same as before.", "negated"),
        ("I doubt that red light softens wrinkles.", "negated"),
    ],
)
def test_who_says_so_and_how_sure(text, expected):
    assert _polarity(text) == [expected]
