"""Every word and key of a screening: what small mutations of the code would change."""

from __future__ import annotations

import pytest

from photodose.data.schema import Source
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.safety import Verdict, conditions, drugs, rules_version, screen
from photodose.safety.catalogue import Index, condition_rules, drug_rules, words
from photodose.safety.screening import Reason, _suggestions

RED_NIR = frozenset({"red", "nir"})
DOXY = (("drug", "doxycycline"),)


# --- the answer, word by word


def test_every_key_of_a_reason() -> None:
    rule = drug_rules()["doxycycline"]
    reason = screen(drugs=["doxycycline"], bands=RED_NIR).reasons[0]
    assert reason.to_dict() == {
        "what": "doxycycline",
        "kind": "drug",
        "matched": "doxycycline",
        "match": "name",
        "verdict": "caution",
        "by_band": {"blue": "ask", "red": "caution", "nir": "clear"},
        "why": f"{rule.why} {rule.by_band.red.reason}",
        "still_possible": rule.still_possible,
        "washout": None,
        "source": "; ".join(f"{s.citation} ({s.confidence.replace('_', ' ')})" for s in rule.sources),
    }
    washed = drug_rules()["verteporfin"].washout
    assert washed is not None
    assert screen(drugs=["verteporfin"]).reasons[0].washout == washed.text
    assert screen(conditions=["epilepsy"]).reasons[0].source.endswith("(read secondary)")
    assert (reason.rule_id, reason.sources) == ("doxycycline", tuple(rule.sources))
    assert Reason("a", "b", None, "none", Verdict.ASK, {}, "", "", None, "").rule_id is None
    assert Reason("a", "b", None, "none", Verdict.ASK, {}, "", "", None, "").sources == ()


def test_every_key_of_a_screening() -> None:
    answer = screen(drugs=["doxycycline", "amiodorone"], conditions=["qqxz"], bands=RED_NIR)
    content = answer.to_dict()
    assert content == {
        "verdict": "ask",
        "reasons": [reason.to_dict() for reason in answer.reasons],
        "unknown": ["qqxz"],
        "nearest": {},
        "bands": ["red", "nir"],
        "rules_version": rules_version(),
        "sources": [source.model_dump(exclude_none=True) for source in answer.sources],
        "warnings": [
            "Some names are not known here; nobody judged them.",
            "Some names were guessed from their spelling; check what they were read as.",
        ],
    }
    assert answer.exit_code == 3
    assert all(value is not None for source in content["sources"] for value in source.values())
    cited = [source for reason in answer.reasons for source in reason.sources]
    assert list(answer.sources) == list(dict.fromkeys(cited))
    assert screen().warnings == ("No rule applies to what was given; that is not proof of safety.",)
    assert screen(drugs=["doxycycline"]).warnings == ()


def test_unknown_names_keep_their_neighbours() -> None:
    answer = screen(drugs=["hydroxychlorotetracyclin"])
    assert answer.to_dict()["nearest"] == {name: list(near) for name, near in answer.nearest.items()}
    near = answer.nearest["hydroxychlorotetracyclin"]
    assert 1 <= len(near) <= 3
    assert answer.reasons[0].still_possible == (
        f"Did you mean {' or '.join(near)}? If so, type that name. If not, ask a pharmacist or doctor before you use "
        "the light."
    )
    reason = screen(conditions=["qqxz"]).reasons[0]
    assert reason.to_dict() == {
        "what": "qqxz",
        "kind": "unknown",
        "matched": None,
        "match": "none",
        "verdict": "ask",
        "by_band": {"blue": "ask", "red": "ask", "nir": "ask"},
        "why": "We have no rule for this name. That does not mean that it is safe with light.",
        "still_possible": "Ask a doctor before you use the light.",
        "washout": None,
        "source": "no rule",
    }
    assert screen(drugs=["qqxz"]).reasons[0].still_possible == "Ask a pharmacist or doctor before you use the light."


def test_neighbours_are_of_the_kind_that_was_asked_for() -> None:
    assert "rosacea" in screen(conditions=["rosaceaea vulgaris"]).nearest.get("rosaceaea vulgaris", ("rosacea",))
    for names, kind in ((drug_rules(), "drugs"), (condition_rules(), "conditions")):
        near = screen(**{kind: ["tetracyclinosis"]}).nearest.get("tetracyclinosis", ())  # type: ignore[arg-type]
        known = {name for rule in names.values() for name in (" ".join(words(n)) for n in rule.names())}
        assert set(near) <= known
    assert screen(drugs=["tetracyclinosis"]).nearest["tetracyclinosis"]


@pytest.mark.parametrize(("length", "shown"), [(80, "q" * 80), (81, "q" * 77 + "...")])
def test_long_names_are_shortened(length: int, shown: str) -> None:
    assert screen(drugs=["q" * length]).unknown == (shown,)


def test_what_was_typed_is_shortened_too() -> None:
    long = f"doxycycline {'5 ' * 60}"
    assert screen(drugs=[long]).reasons[0].what == long[:77] + "..."


@pytest.mark.parametrize(("count", "kept"), [(50, 50), (51, 50)])
def test_only_fifty_unknown_names_are_kept_each_once(count: int, kept: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photodose.safety.screening._suggestions", lambda *_: ())
    typed = [f"q{i}" for i in range(count)]
    answer = screen(drugs=[*typed, *typed])
    assert answer.unknown == tuple(typed[:kept])
    assert len(answer.reasons) == kept


def test_a_guess_says_what_it_read_and_holds_at_least_caution() -> None:
    reason = screen(drugs=["minoxydil"], bands=RED_NIR).reasons[0]
    rule = drug_rules()["minoxidil-topical"]
    guess = "The name was a guess, so check the spelling."
    assert reason.why == f"We read minoxydil as topical minoxidil. {rule.why} {guess}"
    assert reason.by_band == dict.fromkeys(("blue", "red", "nir"), Verdict.CAUTION)
    two = screen(drugs=["quinidne"], bands={"blue"}).reasons[0]
    assert two.why.startswith("quinidne could be quinidine or quinine. We took the one with the strictest rule. ")
    assert (two.matched, two.rule_id, two.match, two.kind) == ("quinidine or quinine", "quinidine", "spelling", "drug")


def test_a_brand_of_two_ingredients_gives_two_reasons_and_the_strictest_first() -> None:
    answer = screen(drugs=["Epiduo"], bands={"blue"})
    assert [(reason.rule_id, reason.verdict) for reason in answer.reasons] == [
        ("adapalene", "ask"), ("benzoyl-peroxide", "caution")
    ]  # fmt: skip
    assert [reason.matched for reason in answer.reasons] == ["adapalene", "benzoyl peroxide"]


def test_the_same_thing_twice_is_one_reason() -> None:
    assert len(screen(drugs=["doxycycline", "doxycycline"]).reasons) == 1


def test_only_the_bands_that_decide_speak_and_each_reason_once() -> None:
    rule = condition_rules()["lupus"]
    reason = screen(conditions=["lupus"]).reasons[0]
    assert reason.why.count(rule.by_band.red.reason) == 1
    unverified = screen(drugs=["finasteride"], bands=RED_NIR).reasons[0]
    assert unverified.why.endswith("We could not check this in a source, so we stay on the careful side.")
    assert "could not check" not in screen(drugs=["doxycycline"]).reasons[0].why


# --- names that are offered


@pytest.mark.parametrize(
    ("typed", "known", "offered"),
    [
        ("abcdefghij", "abcdefgxyz", True),  # seven of ten letters agree
        ("abcdefghij", "abcdefxyzw", False),  # six
        ("abcdefghijklmnop", "abcdef", True),  # six letters inside
        ("abcdefghijklmnop", "abcde", False),  # five
        ("abcdef", "abcdefghijklmnop", True),
        ("abcdef" + "qrstuvwxyz" * 6, "abcdef", False),  # a tenth of what was typed
        ("qrstuabcdefghijvwxyz", "abcdxfghij", True),  # nine of ten inside
        ("qrstuabcdefghijvwxyz", "abcdxfxhij", False),
        ("vitamin extract k2", "vitamin extract b2", False),
        ("vitamin extract k2", "vitamin extrakt k2", True),
    ],
)
def test_which_names_are_offered(typed: str, known: str, offered: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("photodose.safety.screening.index", lambda: Index({known: DOXY}, frozenset(), 1, {}))
    assert _suggestions(typed, "drug") == ((known,) if offered else ())
    assert _suggestions(typed, "condition") == ()
    assert _suggestions(known, "drug") == ()  # it is known


def test_three_names_are_offered_at_most_and_the_far_ones_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of twelve names that are nearest by their words, those that are alike; no name for a text without a letter."""
    names = {f"abcdefghi{letter}": DOXY for letter in "klmno"}
    monkeypatch.setattr("photodose.safety.screening.index", lambda: Index(names, frozenset(), 1, {}))
    assert len(_suggestions("abcdefghij", "drug")) == 3
    assert _suggestions("?!", "drug") == ()
    for count, offered in ((11, ("vitamin exdrakt k2",)), (12, ())):
        far = {f"vitamin extract k{letter}": DOXY for letter in "abcdefghijkl"[:count]}
        both = Index({**far, "vitamin exdrakt k2": DOXY}, frozenset(), 1, {})
        monkeypatch.setattr("photodose.safety.screening.index", lambda both=both: both)
        assert _suggestions("vitamin extract k2", "drug") == offered


# --- age, skin type, recalls


def test_age_and_skin_type_in_words() -> None:
    age = screen(age=12.5, bands=RED_NIR).reasons[0]
    assert (age.what, age.kind, age.match, age.matched, age.rule_id) == (
        "age 12.5", "age", "rule", "child or teenager", "under-18"
    )  # fmt: skip
    skin = screen(skin_type="v ", bands=RED_NIR).reasons[0]
    assert (skin.what, skin.kind, skin.match, skin.rule_id) == ("skin type V", "skin_type", "rule", "skin-type-4-to-6")
    assert [screen(skin_type=number).reasons[0].what for number in (4, "5", 6, "vi")] == [
        "skin type IV", "skin type V", "skin type VI", "skin type VI"
    ]  # fmt: skip
    assert screen(skin_type=3).reasons == screen(skin_type="III").reasons == ()
    assert screen(age=18).reasons == screen(age=130).reasons == ()
    assert screen(age=17.99).verdict == "ask"
    with pytest.raises(RangeError) as caught:
        screen(age=131)
    assert str(caught.value) == str(RangeError("age", 131, 0.0, 130.0))
    with pytest.raises(UnknownNameError) as unknown_type:
        screen(skin_type=" vii")
    assert str(unknown_type.value) == "Unknown skin type ' vii'; did you mean I, II, III, IV, V?"


def test_a_recall_key_by_key() -> None:
    source = Source(citation="A notice")
    record = {"product": "Mask", "reason": " It burns. ", "authority": "TGA", "date": "2020-01-02", "source": source}
    reason = screen(recalls=[record]).reasons[0]
    assert reason.to_dict() == {
        "what": "Mask",
        "kind": "recall",
        "matched": "recall",
        "match": "rule",
        "verdict": "ask",
        "by_band": {"blue": "ask", "red": "ask", "nir": "ask"},
        "why": "This device was called back. The notice says: It burns.",
        "still_possible": "Ask the maker if yours is one of them. Ask a doctor or an eye doctor before you use it.",
        "washout": None,
        "source": "recall notice, TGA, 2020-01-02",
    }
    assert reason.sources == (source,)
    assert screen(recalls=["It is of type X."]).reasons[0].why.endswith("The notice says: It is of type X.")
    bare = screen(recalls=["It burns"]).reasons[0]
    assert (bare.what, bare.source, bare.sources) == ("this device", "recall notice", ())
    assert screen(recalls=[{"reason": "x", "source": "elsewhere"}]).reasons[0].sources == ()
    assert len(screen(recalls=[{"reason": "x", "product": "q" * 90}]).reasons[0].what) == 80
    with pytest.raises(InputError) as caught:
        screen(recalls=[{"reason": None}])
    assert str(caught.value) == "a recall needs its words: give text, or a record with a 'reason'."


# --- lists


def test_lists_of_rules_are_sorted_by_name_and_searched() -> None:
    assert [rule.name.lower() for rule in drugs()] == sorted(rule.name.lower() for rule in drug_rules().values())
    named = [rule.name.lower() for rule in conditions()]
    assert named == sorted(rule.name.lower() for rule in condition_rules().values())
    found_first = drugs("retinol")
    assert found_first[0].id == "retinol"
    assert [rule.id for rule in drugs("Epiduo Forte")] == ["adapalene"]
    assert [rule.id for rule in drugs("epiduo")] == ["adapalene", "benzoyl-peroxide"]
    assert drugs("migraine") == []
    assert [rule.id for rule in drugs("tree oil")] == ["fragrance-oils"]
    assert {"ibuprofen", "naproxen"} <= {rule.id for rule in drugs("NSAID")}
