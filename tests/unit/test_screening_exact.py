"""What is found in a text, and every word and key of a screening: what small mutations of the code would change."""

from __future__ import annotations

import pytest

from photodose.data.schema import Source
from photodose.data.schema_safety import BandVerdict
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.safety import Verdict, bands_of, conditions, drugs, rules_version, screen, strictest
from photodose.safety.bands import check_bands
from photodose.safety.catalogue import Index, condition_rules, drug_rules, index, site_tags, words
from photodose.safety.matching import _MOST_GUESSES, Matches, _guess, _is_amount, _scan, find
from photodose.safety.rules import Circumstances, answered_phrases, rule_of, strictest_bands, verdicts_for
from photodose.safety.screening import Reason, _suggestions

RED_NIR = frozenset({"red", "nir"})
DOXY = (("drug", "doxycycline"),)
AMIODARONE = (("drug", "amiodarone"),)


def found(text: str, kind: str = "drug") -> list[tuple[object, ...]]:
    return [(m.typed, m.rules, m.how, m.phrases, m.days) for m in find(text, kind).found]  # type: ignore[arg-type]


def unknown(text: str, kind: str = "drug") -> list[str]:
    return list(find(text, kind).unknown)  # type: ignore[arg-type]


# --- what is found in a text


def test_a_name_alone_keeps_what_was_typed() -> None:
    assert found(" Doxycycline ") == [("Doxycycline", DOXY, "name", "", None)]
    assert unknown(" Doxycycline ") == []


def test_a_name_that_holds_a_separator_is_one_name() -> None:
    """Split, "supplements" would be unknown."""
    rules = (("drug", "chlorella-chlorophyll"),)
    text = "Chlorella and chlorophyll supplements"
    assert found(text) == [(text, rules, "name", "", None)]
    assert unknown(text) == []


@pytest.mark.parametrize("between", [",", ";", "/", "+", "&", "|", "\n", "\r", " and ", " AND ", " with ", " Plus "])
def test_separators(between: str) -> None:
    text = f"doxycycline 100 mg{between}amiodarone daily"
    assert found(text) == [
        ("doxycycline 100 mg", DOXY, "name", "", None),
        ("amiodarone daily", AMIODARONE, "name", "", None),
    ]
    assert unknown(text) == []


def test_a_separator_stands_alone_and_not_inside_a_word() -> None:
    assert unknown("sandbox zwithx plusmin") == ["sandbox zwithx plusmin"]


def test_two_names_in_one_part_are_named_by_their_own_words() -> None:
    assert found("Doxycycline Amiodarone") == [
        ("doxycycline", DOXY, "name", "", None),
        ("amiodarone", AMIODARONE, "name", "", None),
    ]


def test_the_longest_known_name_at_each_place_is_taken() -> None:
    tokens = ["my", "vitamin", "c", "serum", "retinol", "x", "st", "john", "vitamin"]
    assert [tokens[start:end] for start, end in _scan(index(), tokens)] == [["vitamin", "c", "serum"], ["retinol"]]
    assert list(_scan(index(), ["retinol", "retinol"])) == [(0, 1), (1, 2)]
    assert list(_scan(index(), [])) == []


def test_what_is_left_of_a_known_name_is_unknown_by_its_own_words() -> None:
    assert unknown("doxycycline with Qqxz Zzxq, amiodarone") == ["Qqxz Zzxq"]
    assert unknown("Doxycycline Qqxz") == ["qqxz"]
    assert unknown("Qqxz Doxycycline") == ["qqxz"]
    assert unknown("Qqxz doxycycline zzxq") == ["qqxz zzxq"]
    assert unknown("Qqxz Zzxq!") == ["Qqxz Zzxq!"]


@pytest.mark.parametrize(("text", "shown"), [("", "(empty)"), ("  ", "(empty)"), (" ?! ", "?!"), (",,;", ",,;")])
def test_a_text_without_a_word_is_unknown_as_it_stands(text: str, shown: str) -> None:
    assert unknown(text) == [shown]


@pytest.mark.parametrize("text", ["100 mg", "tablets daily", "5x"])
def test_a_part_of_amounts_and_small_words_alone_is_unknown(text: str) -> None:
    assert unknown(text) == [text]
    assert found(text) == []


def test_a_name_without_a_rule_is_unknown_as_typed() -> None:
    assert unknown("Oral Minoxidil!") == ["Oral Minoxidil!"]
    assert unknown("Esomeprazole 20 mg") == ["Esomeprazole 20 mg"]


@pytest.mark.parametrize(("token", "amount"), [("5", True), ("20mg", True), ("3x", True), ("iu", False), ("b12", False),
                                               ("5kg", False), ("mg5", False), ("10ml", True), ("7iu", True),
                                               ("2g", True), ("9ug", True), ("9mcg", True)])  # fmt: skip
def test_amounts(token: str, amount: bool) -> None:
    assert _is_amount(token) is amount


def test_a_kind_wins_where_a_name_has_two() -> None:
    made = Index({"x": (("drug", "a"), ("condition", "b"))}, frozenset({"x"}), 1, {})
    assert made.wanted("x", "drug") == [("drug", "a")]
    assert made.wanted("x", "condition") == [("condition", "b")]
    assert made.wanted("x", "other") == [("drug", "a"), ("condition", "b")]
    assert made.keys("drug") == made.keys("condition") == ["x"]
    assert made.keys("other") == []


def test_find_asks_for_the_kind_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    made = Index(
        {"acne": (("drug", "doxycycline"), ("condition", "lupus")), "both": (("drug", "doxycycline"),)},
        frozenset({"acne", "both"}), 1, {},
    )  # fmt: skip
    monkeypatch.setattr("photodose.safety.matching.index", lambda: made)
    assert found("acne", "condition")[0][1] == (("condition", "lupus"),)
    assert found("acne 5", "condition")[0][1] == (("condition", "lupus"),)
    assert found("acne 5", "drug")[0][1] == DOXY
    both = Index({"tar": (("condition", "lupus"), ("drug", "coal-tar"))}, frozenset({"tar"}), 1, {})
    monkeypatch.setattr("photodose.safety.matching.index", lambda: both)
    assert unknown("tar yesterday", "condition") == ["yesterday"]  # lupus does not ask when
    assert unknown("tar yesterday", "drug") == []


def test_answers_are_handed_on_in_the_words_of_the_rule() -> None:
    assert found("coal tar washed off, coal tar Washed-off yesterday")[0][3] == "washed off"
    assert found("coal tar yesterday, Washed-off coal tar")[1][3] == "washed off"
    assert found("yesterday: coal tar, washed off")[0][3] == "yesterday"
    assert found("coal tar yesterday washed off")[0][3] == "washed off yesterday"
    assert found("coal tar 2 yesterday")[0][3] == found("coal tar qqxz yesterday")[0][3] == ""


# --- times


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("laser 36 h", 1.5), ("laser 36 hours ago", 1.5), ("laser 1 hour", 1.0 / 24.0), ("laser 3d", 3.0),
        ("laser:3 Days Ago", 3.0), ("laser 2w", 14.0), ("laser 1 week", 7.0), ("laser 2 months", 60.0),
        ("laser 1 Month ago", 30.0), ("laser 2 years ago", 730.0), ("laser 1 year ", 365.0), ("laser: 5 d", 5.0),
        ("laser 12345 d", 12345.0), ("laser 123456 d", None), ("laser 3", None), ("laser3d", None), ("laser", None),
    ],
)  # fmt: skip
def test_times(text: str, days: float | None) -> None:
    assert {match[4] for match in found(text, "condition")} in ({days}, set())
    assert text == "laser3d" or found(text, "condition")


def test_the_time_is_no_unknown_word() -> None:
    assert unknown("laser 3 weeks ago", "condition") == []
    assert found("laser 3 weeks ago", "condition")[0][0] == "laser 3 weeks ago"


# --- misspellings


def test_a_misspelt_name_keeps_what_was_typed_and_when() -> None:
    assert found("Doxycyclin Hyclat 3 d") != []
    assert found("lazer 3 days ago", "condition") == [
        ("lazer 3 days ago", (("condition", "recent-procedure"),), "spelling", "", 3.0)
    ]
    assert found("Amiodorone 200mg") == [("Amiodorone 200mg", AMIODARONE, "spelling", "", None)]
    assert found("doxycycline Amiodorone 3 d") == [
        ("doxycycline Amiodorone 3 d", DOXY, "name", "", None),
        ("amiodorone", AMIODARONE, "spelling", "", None),
    ]


def test_misspelt_names_in_runs_of_up_to_three_words() -> None:
    """ "liquid chlorophyll" and "st johns wort" are found in the midst of other words; four words are no run."""
    assert [m[0] for m in found("qqxz saint jhons wort zzxq")] == ["saint jhons wort"]
    assert unknown("qqxz saint jhons wort zzxq") == ["qqxz zzxq"]
    assert [m[0] for m in found("amiodorone qqxz metothrexate")] == ["amiodorone", "metothrexate"]
    assert unknown("Qqxz zzxq vvxk") == ["Qqxz zzxq vvxk"]
    assert [m[0] for m in found("amiodorone metothrexate")] == ["amiodorone", "metothrexate"]


def test_four_misspelt_words_among_others_are_no_run(monkeypatch: pytest.MonkeyPatch) -> None:
    names = {"aaaaaa bbbbbb cccccc": DOXY, "eeeeee ffffff gggggg hhhhhh": AMIODARONE}
    monkeypatch.setattr("photodose.safety.matching.index", lambda: Index(names, frozenset(), 4, {}))
    assert [m[1] for m in found("qqxzv aaaaaa bbbbbb ccccdc zzxqv")] == [DOXY]
    assert found("qqxzv eeeeee ffffff gggggg hhhhih zzxqv") == []
    assert [m[1] for m in found("eeeeee ffffff gggggg hhhhih")] == [AMIODARONE]  # all words together


def test_each_run_of_words_costs_one_guess() -> None:
    """Of two unknown words: both together, then each; of four: all, three, two and one from each place."""
    assert Matches().guesses == _MOST_GUESSES == 200
    assert find("qqxzv zzxqv", "drug").guesses == 200 - 3
    assert find("qqxzv zzxqv vvqxz xqzvv", "drug").guesses == 200 - 1 - 3 - 3 - 2 - 1
    assert find("qqx", "drug").guesses == 200  # too short to guess
    assert find("doxycycline", "drug").guesses == 200


def test_the_last_guess_is_taken_and_none_after_it() -> None:
    left = Matches(guesses=1)
    assert _guess(index(), "amiodorone", "drug", left) == AMIODARONE
    assert left.guesses == 0
    assert _guess(index(), "amiodorone", "drug", left) == ()
    assert left.guesses == 0


def test_every_name_that_is_as_near_is_meant_and_of_two_kinds_the_one_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    near = {f"abcdefgh{letter}": (("drug", rule),) for letter, rule in zip("ijklmno", drug_rules(), strict=False)}
    monkeypatch.setattr("photodose.safety.matching.index", lambda: Index(near, frozenset(), 1, {}))  # type: ignore[arg-type]
    assert found("abcdefghx")[0][1] == tuple(rule for rules in near.values() for rule in rules)
    both = Index({"abcdefgh": (("condition", "lupus"), ("drug", "lithium"))}, frozenset(), 1, {})
    monkeypatch.setattr("photodose.safety.matching.index", lambda: both)
    assert found("abcdefgx", "condition")[0][1] == (("condition", "lupus"),)
    assert found("abcdefgx", "drug")[0][1] == (("drug", "lithium"),)


def test_guesses_run_out_and_the_rest_is_unknown() -> None:
    """Each word that is compared costs a guess: the words after two hundred are not compared any more."""
    filler = ",".join(f"qqxzv{i:04d}" for i in range(199))
    assert AMIODARONE in [match[1] for match in found(f"{filler},amiodorone")]
    assert found(f"{filler},qqxzvkkkk,amiodorone") == []
    assert unknown(f"{filler},qqxzvkkkk,amiodorone")[-1] == "amiodorone"


def test_a_text_of_more_than_sixty_letters_is_no_misspelt_name(monkeypatch: pytest.MonkeyPatch) -> None:
    long = "a" * 59
    for length, guessed in ((60, True), (61, False)):
        name = long + "b" * (length - 59)
        made = Index({name[:-1] + "c": DOXY}, frozenset({name}), 1, {})
        monkeypatch.setattr("photodose.safety.matching.index", lambda made=made: made)
        assert bool(found(name)) is guessed


def test_rules_nearly_as_near_as_the_nearest_are_meant_too(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = {"abcdefghijklm": DOXY, "abcdefghijkxx": AMIODARONE, "abcdefghixxxx": (("drug", "retinol"),)}
    made = Index(entries, frozenset(), 1, {})  # type: ignore[arg-type]
    monkeypatch.setattr("photodose.safety.matching.index", lambda: made)
    assert found("abcdefghijklx")[0][1] == (*DOXY, *AMIODARONE)  # one slip each
    assert found("abcdefghijkly")[0][1] == (*DOXY, *AMIODARONE)  # one and two
    assert found("abcdefghijkll")[0][1] == (*DOXY, *AMIODARONE)
    assert found("abcdefghixxxy")[0][1] == (("drug", "retinol"),)  # one and three


@pytest.mark.parametrize(
    ("typed", "known", "read"),
    [
        ("amoxa", "amoxb", True),
        ("amox", "amoy", False),  # four letters
        ("amoxa", "amox", False),  # the known name is too short
        ("amoxab", "amoxba", True),  # two letters swapped are one slip
        ("amoxax", "amoxby", False),
        ("amoxicill", "amoxiciab", True),
        ("vitamin k", "vitamin c", False),
        ("vitamin b2", "vitamin b3", False),
        ("vitamim b2", "vitamin b2", True),
        ("acid 5fu", "acid fu5", False),
        ("la fleuri", "le fleuri", False),
        ("las fleuri", "les fleuri", True),
    ],
)
def test_how_many_slips_make_another_name(typed: str, known: str, read: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Index({known: DOXY}, frozenset(), 1, {})
    monkeypatch.setattr("photodose.safety.matching.index", lambda: made)
    assert bool(found(typed)) is read


# --- the catalogue of names


def test_the_index_holds_every_name_with_its_kind() -> None:
    names = index()
    assert names.entries["migraine"] == (("condition", "migraine"),)
    assert names.entries["doxycycline"] == DOXY
    assert names.entries["esomeprazole"] == (("other", "esomeprazole"),)
    assert {kind for found in names.entries.values() for kind, _ in found} == {"drug", "condition", "other"}
    assert names.longest == max(len(name.split()) for name in names.entries)
    assert names.first_words == {name.split()[0] for name in names.entries}
    assert list(drug_rules()) == sorted(drug_rules())


def test_words_drop_accents_and_punctuation() -> None:
    assert words("Crème_de-la (Mer)™ 5%") == ["creme", "de", "la", "mer", "5"]
    assert words("St. John’s, O'Neil `x´ ®©") == ["st", "johns", "oneil", "x"]
    assert words("STRAẞE") == words("strasse")


def test_an_unknown_site_is_named_with_its_neighbours() -> None:
    assert site_tags("Crow's FEET") == site_tags("periorbital") == frozenset({"face"})
    with pytest.raises(UnknownNameError) as caught:
        site_tags("cheeek")
    assert str(caught.value).startswith("Unknown site 'cheeek'; did you mean cheek")


def test_the_version_names_the_data_and_twelve_digits_of_their_hash() -> None:
    version, digits = rules_version().split("+")
    assert version == "1.0.0"
    assert len(digits) == 12
    int(digits, 16)


@pytest.mark.parametrize("room", ["drug_rules", "_condition_document", "index"])
def test_the_version_changes_with_every_part_of_the_rules(room: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from photodose.safety import catalogue

    before = rules_version()
    if room == "drug_rules":
        changed = {"doxycycline": drug_rules()["doxycycline"]}
    elif room == "index":
        changed = Index({"x": DOXY}, frozenset(), 1, {})  # type: ignore[assignment]
    else:
        document = catalogue._condition_document()
        changed = document.model_copy(update={"conditions": document.conditions[:1]})  # type: ignore[assignment]
    monkeypatch.setattr(catalogue, room, lambda: changed)
    catalogue.rules_version.cache_clear()
    after = rules_version()
    monkeypatch.undo()
    catalogue.rules_version.cache_clear()
    assert after != before == rules_version()


# --- verdicts and bands


def test_verdicts_compare_with_words_and_with_each_other() -> None:
    assert [item.value for item in Verdict] == ["clear", "caution", "ask", "stop"]
    assert [item.rank for item in Verdict] == [0, 1, 2, 3]
    order = list(Verdict)
    for i, one in enumerate(order):
        for j, other in enumerate(order):
            assert (one < other.value, one <= other.value, one > other.value, one >= other.value) == (
                i < j, i <= j, i > j, i >= j
            )  # fmt: skip
    with pytest.raises(ValueError, match="harmless"):
        assert Verdict.ASK > "harmless"


def test_the_strictest_of_words_in_any_order() -> None:
    assert strictest(["stop", "ask"]) is Verdict.STOP
    assert strictest([Verdict.CLEAR, "caution", "clear"]) is Verdict.CAUTION
    assert strictest([]) is Verdict.CLEAR


@pytest.mark.parametrize(
    ("peak", "width", "expected"),
    [
        (500.5, 0.0, {"blue", "red"}),
        (500.0, 0.0, {"blue"}),
        (599.5, 0.0, {"blue", "red"}),
        (600.0, 0.0, {"red"}),
        (684.9, None, {"red"}),
        (685.0, None, {"red", "nir"}),
        (715.0, None, {"red", "nir"}),
        (715.1, None, {"nir"}),
    ],
)
def test_the_ends_of_bands_to_a_tenth(peak: float, width: float | None, expected: set[str]) -> None:
    assert bands_of(peak, width) == expected


def test_bands_of_many_with_one_width_or_none() -> None:
    assert bands_of([633.0, 690.0]) == {"red", "nir"}
    assert bands_of([633.0, 690.0], 1.0) == {"red"}
    assert bands_of([633.0, 690.0], [1.0, 30.0]) == {"red", "nir"}
    with pytest.raises(InputError):
        bands_of([[633.0, 690.0]])


def test_bands_come_in_a_fixed_order_and_wrong_ones_are_named() -> None:
    assert check_bands({"nir", "blue"}) == ("blue", "nir")
    assert check_bands("red") == ("red",)
    assert check_bands(None) == ("blue", "red", "nir")
    with pytest.raises(UnknownNameError) as caught:
        check_bands({"green"})
    assert str(caught.value) == "Unknown band 'green'; did you mean blue, red, nir?"
    with pytest.raises(InputError) as empty:
        check_bands([])
    assert str(empty.value) == "bands is empty; give some of blue, red, nir, or None for all."


# --- rules


def test_phrases_are_found_as_whole_words() -> None:
    rules = (("drug", "coal-tar"), ("drug", "st-johns-wort"))
    assert answered_phrases(rules, "washed off yesterday normal dose") == ["washed off", "yesterday", "normal dose"]
    assert answered_phrases(rules, "unwashed off normal doses") == []
    assert answered_phrases((), "yesterday") == []


def test_a_rule_is_found_by_its_kind() -> None:
    assert rule_of("drug", "lithium").id == "lithium"
    assert rule_of("condition", "lupus").id == "lupus"
    with pytest.raises(KeyError):
        rule_of("condition", "lithium")
    with pytest.raises(KeyError):
        rule_of("drug", "lupus")


def test_of_two_sets_the_stricter_counts_band_by_band_and_the_first_of_equals() -> None:
    def one(verdict: str, reason: str) -> BandVerdict:
        return BandVerdict(verdict=verdict, reason=reason)  # type: ignore[arg-type]

    first = {"blue": one("ask", "1b"), "red": one("clear", "1r"), "nir": one("caution", "1n")}
    second = {"blue": one("caution", "2b"), "red": one("stop", "2r"), "nir": one("caution", "2n")}
    merged = strictest_bands([first, second])
    assert [(merged[band].verdict, merged[band].reason) for band in ("blue", "red", "nir")] == [
        ("ask", "1b"), ("stop", "2r"), ("caution", "1n")
    ]  # fmt: skip


def test_a_site_without_a_rule_of_its_own_takes_that_of_elsewhere() -> None:
    pregnancy = condition_rules()["pregnancy"]
    assert verdicts_for(pregnancy, Circumstances(site_tags("abdomen")))["red"].verdict == "stop"
    assert verdicts_for(pregnancy, Circumstances(site_tags("knee")))["red"].verdict == "ask"
    assert Circumstances() == Circumstances(None, False)


def test_a_phrase_counts_before_the_site() -> None:
    rash = condition_rules()["light-rash"]
    assert verdicts_for(rash, Circumstances(), "uv only")["red"].verdict == "ask"
    assert verdicts_for(rash, Circumstances())["red"].verdict == "stop"


def test_the_words_of_long_ago() -> None:
    text = "It was more than 28 days ago. Start low and watch your skin."
    verdicts = verdicts_for(condition_rules()["recent-procedure"], Circumstances(), days=28.5)
    assert {band: (item.verdict, item.reason) for band, item in verdicts.items()} == {
        "blue": ("caution", text), "red": ("caution", text), "nir": ("caution", text)
    }  # fmt: skip


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
