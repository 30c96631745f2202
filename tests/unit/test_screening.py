"""Screening: the verdicts that must hold, names, combinations, sites, and what a person may type."""

from __future__ import annotations

import pytest

from photodose import tissue
from photodose.data import Source
from photodose.data.schema_devices import RecallSpec
from photodose.data.schema_safety import BandVerdict, ByBand, Condition, SiteRule
from photodose.quantities import DataError, InputError, RangeError, UnknownNameError
from photodose.safety import Verdict, bands_of, conditions, drugs, rules_version, screen, strictest
from photodose.safety.catalogue import condition_rules, drug_rules
from photodose.safety.matching import _slips
from photodose.safety.rules import Circumstances, verdicts_for

RED_NIR = frozenset({"red", "nir"})


def verdict(*names: str, bands: frozenset[str] | None = RED_NIR, **others: object) -> str:
    return screen(drugs=names, bands=bands, **others).verdict.value  # type: ignore[arg-type]


def condition(name: str, **others: object) -> str:
    return screen(conditions=[name], bands=others.pop("bands", RED_NIR), **others).verdict.value  # type: ignore[arg-type]


# --- what the corrections to the collected data changed


def test_verteporfin_stops_in_all_bands_for_five_days() -> None:
    """The label warns of light-emitting devices such as pulse oximeters, which are red and near infrared."""
    reason = screen(drugs=["verteporfin"], bands={"nir"}).reasons[0]
    assert reason.verdict == "stop"
    washout = drug_rules()["verteporfin"].washout
    assert washout is not None
    assert (washout.hours, washout.confidence) == (120.0, "read")


def test_padeliporfin_stops_in_all_bands_for_48_hours() -> None:
    reason = screen(drugs=["Tookad"]).reasons[0]
    assert set(reason.by_band.values()) == {Verdict.STOP}
    washout = drug_rules()["padeliporfin"].washout
    assert washout is not None
    assert washout.hours == 48.0


def test_porfimer_takes_the_longer_washout() -> None:
    washout = drug_rules()["porfimer"].washout
    assert washout is not None
    assert washout.hours == 90 * 24


def test_methylene_blue_stops_and_has_no_invented_interval() -> None:
    assert verdict("methylene blue") == "stop"
    washout = drug_rules()["methylthioninium-chloride"].washout
    assert washout is not None
    assert washout.hours is None


def test_cetuximab_sarotalocan_stops_for_four_weeks() -> None:
    rule = drug_rules()["cetuximab-sarotalocan"]
    assert rule.verified
    assert rule.washout is not None
    assert rule.washout.hours == 28 * 24
    assert verdict("Akalux") == "stop"


def test_isotretinoin_keeps_its_caution_but_claims_no_threshold_fall() -> None:
    assert "contradictory" in drug_rules()["isotretinoin"].action_spectrum
    assert verdict("isotretinoin") == "caution"
    assert verdict("isotretinoin", bands=frozenset({"blue"})) == "ask"


def test_antimalarials_act_on_the_eye_not_in_uva() -> None:
    for name in ("hydroxychloroquine", "chloroquine"):
        rule = drug_rules()[name]
        assert "not shown" in rule.action_spectrum
        assert "shields" in rule.still_possible


# --- single drugs


def test_doxycycline_with_a_red_and_near_infrared_mask_is_a_caution_that_names_its_range() -> None:
    answer = screen(drugs=["doxycycline"], bands=RED_NIR)
    assert answer.verdict == "caution"
    assert answer.exit_code == 0
    assert "UVA" in answer.reasons[0].why
    assert "420" in answer.reasons[0].why
    assert screen(drugs=["doxycycline"]).verdict == "ask"  # blue is next to its range
    rule = drug_rules()["doxycycline"]
    assert rule.by_band.red.reason in answer.reasons[0].why
    assert rule.by_band.nir.reason not in answer.reasons[0].why  # only the band that decides speaks


def test_verdict_of_a_reason_is_over_the_bands_of_the_device_only() -> None:
    blue = screen(drugs=["fluorescein"], bands={"blue"}).reasons[0]
    nir = screen(drugs=["fluorescein"], bands={"nir"}).reasons[0]
    assert (blue.verdict, nir.verdict) == ("ask", "clear")
    assert blue.by_band == nir.by_band


def test_coal_tar_stops_blue_unless_washed_off() -> None:
    blue = frozenset({"blue"})
    assert verdict("coal tar", bands=blue) == "stop"
    assert verdict("coal tar washed off", bands=blue) == "ask"


def test_st_johns_wort_takes_the_strictest_until_the_question_is_answered() -> None:
    assert verdict("St John's wort") == "stop"
    assert verdict("St. John\u2019s Wort 300 mg label dose") == "caution"
    assert verdict("St John's wort some dose") == "stop"


def test_unverified_none_is_never_clear() -> None:
    for rule in [*drug_rules().values(), *condition_rules().values()]:
        if not rule.may_be_clear:
            assert not any(verdicts.has_clear() for verdicts in rule.verdict_sets()), rule.id
    assert verdict("finasteride") == "caution"
    assert "could not check" in screen(drugs=["finasteride"]).reasons[0].why
    assert verdict("minoxidil") == "clear"  # read in controlled trials with light


# --- names


def test_every_name_of_every_rule_is_found() -> None:
    for rule in drug_rules().values():
        for name in rule.names():
            found = {reason.rule_id for reason in screen(drugs=[name]).reasons}
            assert rule.id in found, (rule.id, name)
    for rule in condition_rules().values():
        for name in rule.names():
            found = {reason.rule_id for reason in screen(conditions=[name]).reasons}
            assert rule.id in found, (rule.id, name)


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("tretinoin/clindamycin", {"tretinoin"}),
        ("doxycycline and lithium", {"doxycycline", "lithium"}),
        ("co-trimoxazole", {"sulfamethoxazole-trimethoprim"}),
        ("Epiduo", {"adapalene", "benzoyl-peroxide"}),
        ("Hyzaar", {"hydrochlorothiazide", "losartan"}),
        ("doxycycline; amiodarone + ibuprofen & naproxen", {"doxycycline", "amiodarone", "ibuprofen", "naproxen"}),
        ("DOXYCYCLINE HYCLATE 100 mg twice daily", {"doxycycline"}),
        ("5-FU", {"fluorouracil"}),
        ("Roaccutane\u00ae", {"isotretinoin"}),
        ("vit. B2, vitamin B2", {"riboflavin"}),
    ],
)
def test_combinations_and_doses(typed: str, ids: set[str]) -> None:
    assert ids <= {reason.rule_id for reason in screen(drugs=[typed]).reasons}


def test_half_of_a_combination_that_is_not_known_asks() -> None:
    answer = screen(drugs=["tretinoin/clindamycinol"], bands=RED_NIR)
    assert answer.verdict == "ask"
    assert answer.unknown == ("clindamycinol",)


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("doxicycline", "doxycycline"),
        ("doxycylcine", "doxycycline"),
        ("isotretinion", "isotretinoin"),
        ("Roacutane", "isotretinoin"),
        ("amiodorone 200mg", "amiodarone"),
        ("hydroxycloroquine", "hydroxychloroquine"),
        ("methelyne blue", "methylthioninium chloride"),
        ("tretinoin adapalen", "adapalene"),
        ("doxicycline amiodorone", "amiodarone"),
        ("methylen blu xqzzk drops", "methylthioninium chloride"),
    ],
)
def test_misspellings_say_what_they_were_read_as(typed: str, name: str) -> None:
    answer = screen(drugs=[typed], bands=RED_NIR)
    guessed = [reason for reason in answer.reasons if reason.match == "spelling"]
    assert name in [reason.matched for reason in guessed]
    assert "We read" in guessed[0].why
    assert answer.verdict >= "caution"
    assert any("guessed" in warning for warning in answer.warnings)


def test_a_guessed_name_is_never_clear() -> None:
    answer = screen(drugs=["minoxydil"], bands=RED_NIR)
    assert answer.reasons[0].matched == "topical minoxidil"
    assert answer.verdict == "caution"


def test_an_ambiguous_misspelling_takes_the_strictest_candidate() -> None:
    """One slip from "quinine" (blue: caution) and one from "quinidine" (blue: ask): blue must ask."""
    reason = screen(drugs=["quinidne"], bands={"blue"}).reasons[0]
    assert reason.matched == "quinidine or quinine"
    assert reason.verdict == "ask"
    assert "could be quinidine or quinine" in reason.why


@pytest.mark.parametrize("name", ["vitamin K", "6-fluorouracil"])
def test_a_letter_that_stands_alone_is_no_slip_of_the_pen(name: str) -> None:
    assert all(reason.match != "spelling" or reason.matched != "vitamin C" for reason in screen(drugs=[name]).reasons)
    assert screen(drugs=[name]).verdict >= "ask"


@pytest.mark.parametrize("name", ["esomeprazole", "oxytetracycline", "nimodipine", "dexketoprofen", "Oral minoxidil"])
def test_a_known_name_without_a_rule_is_not_taken_for_its_neighbour(name: str) -> None:
    answer = screen(drugs=[name], bands=RED_NIR)
    assert answer.verdict == "ask"
    assert answer.unknown == (name,)


@pytest.mark.parametrize(
    "text",
    ["", "   ", ",,;/", "\U0001f600", "'; DROP TABLE drugs; --", "100 mg", "\x00", "x" * 1_000_000, "a " * 200_000,
     "<script>alert(1)</script>", "\u202e\u0000", "none", "and", "?" * 50],
)  # fmt: skip
def test_whatever_is_typed_is_at_least_ask(text: str) -> None:
    answer = screen(drugs=[text], conditions=[text], bands=RED_NIR)
    assert answer.verdict >= "ask"
    assert answer.unknown
    assert max(len(name) for name in answer.unknown) <= 80
    assert len(answer.unknown) <= 50


def test_a_stop_at_the_end_of_a_long_text_is_found() -> None:
    assert verdict("zzz " * 100_000 + "methylene blue") == "stop"


@pytest.mark.parametrize("part", ["abcdefgh,", "doxycycline,", "doxicycline ", "x "])
def test_a_megabyte_of_names_is_answered_with_few_reasons(part: str) -> None:
    answer = screen(drugs=[part * (1_000_000 // len(part))])
    assert answer.verdict >= "ask"
    assert len(answer.reasons) <= 51


@pytest.mark.parametrize(("length", "slips"), [(4, 0), (5, 1), (8, 1), (9, 2), (12, 2), (13, 3), (30, 3)])
def test_slips_of_the_pen_that_a_name_of_this_length_allows(length: int, slips: int) -> None:
    assert _slips(length) == slips


def test_nearest_names_are_offered_for_unknown_ones() -> None:
    answer = screen(drugs=["hydroxychlorotetracyclin"])
    assert answer.verdict == "ask"
    assert "tetracycline" in answer.nearest["hydroxychlorotetracyclin"]
    assert "Did you mean" in answer.reasons[0].still_possible


def test_a_condition_among_the_drugs_and_a_drug_among_the_conditions_are_found() -> None:
    assert verdict("porphyria") == "stop"
    assert condition("methylene blue") == "stop"


# --- conditions


def test_pregnancy_depends_on_the_site() -> None:
    assert condition("pregnant", site="abdomen") == "stop"
    assert condition("pregnant", site="cheek") == "ask"
    assert condition("pregnant") == "stop"  # the site is not known


def test_every_site_of_the_skins_is_known_to_the_conditions() -> None:
    for site in tissue.site_names():
        assert screen(conditions=["pregnant"], site=site).verdict >= "ask"


def test_thyroid_depends_on_the_site() -> None:
    assert condition("Hashimoto's", site="neck") == "caution"
    assert condition("Hashimoto's", site="knee") == "clear"


def test_retinal_disease_stops_facial_use() -> None:
    assert condition("macular degeneration", site="cheek") == "stop"
    assert condition("macular degeneration", site="knee") == "caution"
    assert condition("retinitis pigmentosa", site="body") == "stop"


def test_epilepsy_with_pulsed_light_stops() -> None:
    assert condition("epilepsy") == "ask"
    assert condition("epilepsy", pulsed=True) == "stop"
    assert condition("migraine", pulsed=True) == "ask"


def test_melasma_and_blue() -> None:
    assert condition("melasma") == "caution"
    assert condition("melasma", bands=frozenset({"blue"})) == "ask"


@pytest.mark.parametrize(
    ("name", "at_least"),
    [
        ("cancer", "stop"), ("porphyria", "stop"), ("lupus", "ask"), ("SLE", "ask"), ("xeroderma pigmentosum", "ask"),
        ("heart pacemaker", "ask"), ("permanent make-up", "caution"), ("botox", "caution"), ("fever", "ask"),
        ("active infection", "ask"), ("accutane within six months", "caution"), ("sunburn", "ask"),
        ("laser", "ask"), ("cataract surgery", "stop"), ("history of melanoma", "ask"), ("child", "ask"),
        ("diabetic foot", "ask"), ("rosacea", "caution"), ("solar urticaria", "stop"), ("open wound", "ask"),
    ],
)  # fmt: skip
def test_conditions_are_at_least_this_strict(name: str, at_least: str) -> None:
    assert screen(conditions=[name], bands=RED_NIR).verdict >= at_least


def test_a_light_rash_from_ultraviolet_alone_is_milder_only_when_said() -> None:
    assert condition("polymorphic light eruption") == "stop"
    assert condition("polymorphic light eruption, uv only") == "stop"  # said of nothing in particular
    assert condition("polymorphic light eruption uv only") == "ask"


def test_how_long_ago_matters_only_beyond_the_window() -> None:
    assert condition("laser:3d") == "ask"
    assert condition("laser 3 weeks ago") == "ask"
    assert condition("laser:28d") == "ask"
    assert condition("laser:29d") == "caution"
    assert condition("laser:600h") == "ask"
    assert condition("laser:2 months ago") == "caution"
    assert condition("laser:90d") == "caution"
    assert condition("porphyria:900d") == "stop"


def made(verdict: str, reason: str = "Because.") -> ByBand:
    """The same verdict in every band."""
    band = BandVerdict(verdict=verdict, reason=reason)  # type: ignore[arg-type]
    return ByBand(blue=band, red=band, nir=band)


def rule(**others: object) -> Condition:
    """A condition that is "stop" elsewhere and "ask" on the knee."""
    values: dict[str, object] = {
        "id": "made", "name": "made", "group": "test", "by_band": made("stop", "Elsewhere."),
        "site_rules": [SiteRule(sites=["leg"], by_band=made("ask", "On the knee."))], "why": "Why.",
        "still_possible": "Wait.", "sources": [Source(citation="A test")],
    }  # fmt: skip
    return Condition(**{**values, **others})  # type: ignore[arg-type]


def test_a_site_rule_replaces_the_verdict_of_elsewhere_and_an_unknown_site_takes_both() -> None:
    on_knee, unknown = Circumstances(frozenset({"leg"})), Circumstances()
    assert verdicts_for(rule(), on_knee)["red"].verdict == "ask"
    assert verdicts_for(rule(), unknown)["red"].verdict == "stop"
    assert verdicts_for(rule(), Circumstances(frozenset({"face"})))["red"].verdict == "stop"


def test_steady_light_is_taken_unless_pulsed_is_said() -> None:
    flashing = rule(by_band=made("ask"), site_rules=[], pulsed=made("stop", "It flashes."))
    assert verdicts_for(flashing, Circumstances())["red"].verdict == "ask"
    assert verdicts_for(flashing, Circumstances(pulsed=True))["red"].reason == "It flashes."


def test_of_equal_verdicts_the_first_reason_is_kept() -> None:
    equal = rule(by_band=made("ask", "First."), site_rules=[], pulsed=made("ask", "Second."))
    assert verdicts_for(equal, Circumstances(pulsed=True))["nir"].reason == "First."


# --- age, skin type, recalls, bands


@pytest.mark.parametrize(("age", "expected"), [(17.9, "ask"), (18, "clear"), (0, "ask"), (80, "clear")])
def test_age(age: float, expected: str) -> None:
    assert screen(age=age, bands=RED_NIR).verdict == expected


@pytest.mark.parametrize("age", [-1, 131, float("nan"), float("inf")])
def test_impossible_age(age: float) -> None:
    with pytest.raises(RangeError, match="age"):
        screen(age=age)


@pytest.mark.parametrize(
    ("skin", "expected"), [("III", "clear"), ("iv", "caution"), (6, "caution"), ("2", "clear"), (1, "clear")]
)
def test_skin_type(skin: str | int, expected: str) -> None:
    assert screen(skin_type=skin, bands=RED_NIR).verdict == expected


@pytest.mark.parametrize("skin", ["VII", "0", 7, "\u00b2", ""])
def test_unknown_skin_type(skin: str | int) -> None:
    with pytest.raises(UnknownNameError, match="skin type"):
        screen(skin_type=skin)


def test_a_recall_asks_in_its_own_words() -> None:
    words = "possible irreversible retinal damage in people with retinitis pigmentosa"
    answer = screen(recalls=[{"product": "Acne mask", "reason": words}, "called back"], bands=RED_NIR)
    assert answer.verdict == "ask"
    assert words in answer.reasons[0].why


def test_a_recall_record_of_a_device_names_its_authority_and_source() -> None:
    source = Source(citation="Recall notice of the authority")
    spec = RecallSpec(authority="TGA", date="2019-07-18", reason="blue light concern", source=source)
    answer = screen(recalls=[spec], bands={"red"})
    assert answer.reasons[0].source == "recall notice, TGA, 2019-07-18"
    assert answer.sources == (source,)


@pytest.mark.parametrize("recall", ["", {"product": "x"}, {"reason": "  "}])
def test_a_recall_without_words_is_refused(recall: str | dict[str, str]) -> None:
    with pytest.raises(InputError, match="recall"):
        screen(recalls=[recall])


def test_bad_arguments_are_one_sentence() -> None:
    with pytest.raises(InputError, match="text, not as int"):
        screen(drugs=[3])  # type: ignore[list-item]
    with pytest.raises(UnknownNameError, match="band"):
        screen(bands={"green"})
    with pytest.raises(InputError, match="empty"):
        screen(bands=set())
    with pytest.raises(UnknownNameError, match="site"):
        screen(site="cheeek")


def test_one_text_alone_is_one_name() -> None:
    assert screen(drugs="methylene blue", bands="red").verdict == "stop"


@pytest.mark.parametrize(
    ("peaks", "fwhm", "expected"),
    [
        (690, 24, {"red", "nir"}), (708, 20, {"red", "nir"}), (200, 0, {"blue"}), (20_000, 400, {"nir"}),
        (680, 20, {"red"}), (720, 20, {"nir"}),
        (415, 20, {"blue"}), (633, 18, {"red"}), (830, 30, {"nir"}), ([633, 830], None, {"red", "nir"}),
        (590, 15, {"blue", "red"}), (505, 10, {"blue", "red"}), (605, 30, {"red"}), (695, None, {"red", "nir"}),
        (365, 10, {"blue"}), (1500, 50, {"nir"}), (550, 0, {"blue", "red"}),
        ([415, 633], [20, float("nan")], {"blue", "red"}),
    ],
)  # fmt: skip
def test_bands_of(peaks: object, fwhm: object, expected: set[str]) -> None:
    assert bands_of(peaks, fwhm) == expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("peaks", "fwhm", "error"),
    [
        ([], None, InputError), ([633, 830], [10, 10, 10], InputError), (100, 10, RangeError), (633, -1, RangeError),
        (float("nan"), 10, RangeError), (20_001, 10, RangeError), (633, 401, RangeError),
    ],
)  # fmt: skip
def test_bands_of_bad_input(peaks: object, fwhm: object, error: type[Exception]) -> None:
    with pytest.raises(error):
        bands_of(peaks, fwhm)  # type: ignore[arg-type]


# --- the answer


def test_a_drug_in_two_files_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    drug_rules.cache_clear()
    monkeypatch.setattr("photodose.safety.catalogue.document_names", lambda _: ["safety/drugs/dyes"] * 2)
    with pytest.raises(DataError, match="two files"):
        drug_rules()
    monkeypatch.undo()
    drug_rules.cache_clear()


def test_json_keys_and_version() -> None:
    answer = screen(drugs=["doxycycline", "nosuchdrugx"], bands=RED_NIR).to_dict()
    assert list(answer)[:4] == ["verdict", "reasons", "unknown", "nearest"]
    assert set(answer) >= {"rules_version", "sources", "warnings"}
    for reason in answer["reasons"]:
        assert set(reason) >= {"what", "matched", "verdict", "by_band", "why", "still_possible", "washout", "source"}
        assert set(reason["by_band"]) == {"blue", "red", "nir"}
    assert answer["rules_version"] == rules_version()
    assert answer["reasons"][0]["verdict"] == "ask"  # the strictest first


def test_nothing_given_is_clear_and_says_that_this_proves_nothing() -> None:
    answer = screen()
    assert answer.verdict == "clear"
    assert "not proof" in answer.warnings[0]


def test_verdicts_are_ordered_and_have_exit_codes() -> None:
    assert Verdict.CLEAR < Verdict.CAUTION < Verdict.ASK < Verdict.STOP
    assert Verdict.STOP >= "ask"
    assert Verdict.ASK <= "ask"
    assert Verdict.STOP > "ask"
    assert not Verdict.ASK > "ask"
    assert not Verdict.ASK < "ask"
    assert [v.exit_code for v in Verdict] == [0, 0, 3, 4]
    assert strictest(["clear", "ask"]) is Verdict.ASK


def test_search_finds_drugs_by_brand_typo_part_and_class() -> None:
    assert [drug.id for drug in drugs("Oracea")] == ["doxycycline"]
    assert drugs("doxicycline")[0].id == "doxycycline"
    assert {"doxycycline", "minocycline"} <= {drug.id for drug in drugs("cycline")}
    assert {"naproxen", "ibuprofen"} <= {drug.id for drug in drugs("nsaid")}
    assert drugs("zzzzqqq") == []
    assert drugs("???") == []
    assert len(drugs()) == len(drug_rules()) >= 126
    assert len(conditions()) == len(condition_rules())
