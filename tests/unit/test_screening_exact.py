"""What is found in a text, and which rule counts: what small mutations of the code would change."""

from __future__ import annotations

import pytest

from photodose.data.schema_safety import BandVerdict
from photodose.quantities import InputError, UnknownNameError
from photodose.safety import Verdict, bands_of, rules_version, strictest
from photodose.safety.bands import check_bands
from photodose.safety.catalogue import Index, condition_rules, drug_rules, index, site_tags, words
from photodose.safety.matching import _MOST_GUESSES, Matches, _guess, _is_amount, _scan, find
from photodose.safety.rules import Circumstances, answered_phrases, rule_of, strictest_bands, verdicts_for

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
