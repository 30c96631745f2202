"""Attempts to get a milder verdict than the rules mean: words turned round, "not" put in, times and doses twisted."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from photodose.data.schema import Source
from photodose.data.schema_safety import BandVerdict, ByBand, Condition, ConditionRules
from photodose.planning import screen as screen_device
from photodose.quantities import InputError
from photodose.safety import Verdict, bands_of, screen
from photodose.safety.catalogue import condition_rules, index
from photodose.safety.rules import Circumstances, verdicts_for

RED_NIR = frozenset({"red", "nir"})


def drug(text: str, bands: frozenset[str] | None = RED_NIR) -> Verdict:
    return screen(drugs=[text], bands=bands).verdict


def condition(text: str, bands: frozenset[str] | None = RED_NIR) -> Verdict:
    return screen(conditions=[text], bands=bands).verdict


# --- an answer that is turned into its opposite is none


@pytest.mark.parametrize(
    "text",
    [
        "St John's wort not label dose", "St John's wort twice label dose", "St John's wort 3x normal dose",
        "St John's wort 2 normal dose", "St. John's wort more than the dose on the pack",
        "St John's wort label dose doubled", "St John's wort twice label dose label dose",
        "not label dose St John's wort", "St John's wort, label dose",
    ],
)  # fmt: skip
def test_only_a_plain_answer_softens_st_johns_wort(text: str) -> None:
    assert drug(text) == "stop"
    assert drug("St John's wort 300 mg label dose once daily") == "caution"
    assert drug("my label dose of St John's wort") == "caution"


@pytest.mark.parametrize("text", ["solar urticaria not uv only", "solar urticaria uv only no", "light rash 2x uv only"])
def test_only_a_plain_answer_softens_a_light_rash(text: str) -> None:
    assert condition(text) == "stop"
    assert condition("solar urticaria not visible light") == "ask"


def test_an_answer_holds_for_the_rule_that_asked_and_no_other() -> None:
    blue = frozenset({"blue"})
    assert drug("coal tar yesterday", blue) == "ask"
    assert drug("coal tar not yesterday", blue) == "stop"
    assert drug("coal tar yesterday and Visudyne yesterday", blue) == "stop"


def test_an_answer_with_unknown_words_names_them() -> None:
    answer = screen(drugs=["St John's wort not label dose"], bands=RED_NIR)
    assert answer.unknown == ("not",)
    assert [reason.verdict for reason in answer.reasons] == ["stop", "ask"]


# --- a medicine to swallow is not the lotion of its name, in whatever order


@pytest.mark.parametrize(
    "text",
    ["oral minoxidil", "minoxidil oral", "minoxidil low dose oral", "take minoxidil by mouth", "minoxidil 2.5 mg daily",
     "minoxidil 2.5mg", "tablets of minoxidil", "MINOXIDIL (oral)", "minoxidil 5 mg capsule"],
)  # fmt: skip
def test_minoxidil_to_swallow_is_not_the_lotion(text: str) -> None:
    answer = screen(drugs=[text], bands=RED_NIR)
    assert answer.verdict == "ask"
    assert answer.unknown == (text,)


@pytest.mark.parametrize("text", ["minoxidil", "minoxidil 5%", "minoxidil foam", "Regaine", "minoxidil solution daily"])
def test_the_lotion_keeps_its_own_rule(text: str) -> None:
    assert drug(text) == "clear"


def test_a_longer_name_that_has_no_rule_keeps_the_rule_of_the_shorter_one_too() -> None:
    """So that a name in the list of medicines without a rule can never hide a stricter rule."""
    answer = screen(drugs=["capsules of tretinoin"], bands={"blue"})
    assert {reason.rule_id for reason in answer.reasons} == {"tretinoin", None}
    assert answer.unknown == ("capsules of tretinoin",)
    assert frozenset({"oral", "tretinoin"}) in index().beside["tretinoin"]
    assert "minoxidil" not in {word for others in index().beside["tretinoin"] for word in others}
    assert set(index().beside) == {"minoxidil", "tretinoin", "trimethoprim"}


# --- times


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("laser 40 days ago", "caution"),
        ("laser:40d", "caution"),
        ("laser for 40 days", "ask"),  # it goes on
        ("laser within 40 days", "ask"),
        ("laser every 40 days", "ask"),
        ("laser per 40 days", "ask"),
        ("laser next 40 days", "ask"),
        ("laser once 40 days ago", "caution"),
        ("laser in 40 days", "ask"),
        ("laser since 40 days", "ask"),
        ("laser in the last 40 days", "ask"),
        ("sunburn for 20 days", "ask"),
        ("laser 3 days ago peel 40 days ago", "ask"),
        ("laser peel 40 days ago", "ask"),  # when the laser was is not said
        ("laser not 40 days ago", "ask"),
        ("lazer 40 days ago", "caution"),
        ("lazer peeel 40 days ago", "ask"),
        ("laser 672 h", "ask"),
        ("laser 673 hours ago", "caution"),
        ("laser 4 weeks", "ask"),
        ("laser 1 month ago", "caution"),
        ("laser 1 year ago", "caution"),
        ("laser 40 D", "caution"),
    ],
)
def test_a_time_counts_only_where_it_says_how_long_ago(text: str, verdict: str) -> None:
    assert condition(text) == verdict


def test_when_a_name_stands_twice_the_time_is_that_of_the_last() -> None:
    reasons = screen(conditions=["laser laser 40 days ago"], bands=RED_NIR).reasons
    assert [reason.verdict for reason in reasons] == ["ask", "caution"]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("tattoo 3 days ago", "ask"),
        ("tattoo 60 days ago", "ask"),
        ("tattoo 61 days ago", "caution"),
        ("tattoo", "caution"),
        ("microblading:2w", "ask"),
        ("hip replacement 28 days ago", "ask"),
        ("hip replacement 29 days ago", "caution"),
        ("hip replacement 2 years ago", "caution"),
        ("new tattoo 70 days ago", "caution"),
    ],
)
def test_what_was_done_days_ago_is_new_whatever_it_is_called(text: str, verdict: str) -> None:
    assert condition(text) == verdict


def test_a_recent_event_speaks_in_the_words_of_the_new_one() -> None:
    why = screen(conditions=["tattoo 3 days ago"], bands=RED_NIR).reasons[0].why
    assert condition_rules()["fresh-tattoo"].by_band.red.reason in why


@pytest.mark.parametrize("text", ["isotretinoin stopped 5 months ago", "stopped accutane 5 months ago"])
def test_isotretinoin_that_was_stopped_is_known(text: str) -> None:
    for box in ("drugs", "conditions"):
        answer = screen(bands={"red", "blue"}, **{box: [text]})  # type: ignore[arg-type]
        assert (answer.verdict, answer.unknown) == ("ask", ())
        assert answer.reasons[0].rule_id == "isotretinoin-recent"


# --- rules that nobody wrote yet


def everywhere(verdict: str) -> ByBand:
    band = BandVerdict(verdict=verdict, reason=f"It is {verdict}.")  # type: ignore[arg-type]
    return ByBand(blue=band, red=band, nir=band)


def rule(**others: object) -> Condition:
    values = {
        "id": "made", "name": "made", "group": "test", "by_band": everywhere("ask"), "why": "Why.",
        "still_possible": "Wait.", "sources": [Source(citation="A test")], "window_days": 10.0,
    }  # fmt: skip
    return Condition(**{**values, **others})  # type: ignore[arg-type]


def test_that_it_was_long_ago_does_not_stop_a_light_from_flashing() -> None:
    flashing = rule(pulsed=everywhere("stop"))
    assert verdicts_for(flashing, Circumstances(pulsed=True), days=11.0)["red"].verdict == "stop"
    assert verdicts_for(flashing, Circumstances(), days=11.0)["red"].verdict == "caution"
    assert verdicts_for(flashing, Circumstances(), days=10.0)["red"].verdict == "ask"


def test_a_recent_rule_must_exist_and_have_a_window() -> None:
    known = condition_rules()
    document = {
        "meta": {
            "title": "Test",
            "conditions": "Test",
            "licence": "facts",
            "digitised_by": "us",
            "units": "days",
            "version": "1",
        },
        "sites": [{"site": "face", "tags": ["face"]}],
    }
    for recent in ("nothing", "rosacea"):
        with pytest.raises(ValidationError, match=f"made: {recent} is no condition with a window"):
            ConditionRules(**document, conditions=[rule(recent=recent), known["rosacea"]])  # type: ignore[arg-type]


# --- arguments of the wrong kind are one sentence


def test_a_recall_in_words_is_one_recall() -> None:
    answer = screen(recalls="eye injury")
    assert [reason.why for reason in answer.reasons] == ["This device was called back. The notice says: eye injury."]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"age": "17"}, "age must be given as a number of years, not as str."),
        ({"drugs": None}, "drugs must be given as texts, not as NoneType."),
        ({"conditions": 3}, "conditions must be given as texts, not as int."),
        ({"conditions": [None]}, "a condition must be given as text, not as NoneType."),
        ({"recalls": [3]}, "a recall must be given as text or as a record, not as int."),
    ],
)
def test_arguments_of_the_wrong_kind(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(InputError) as caught:
        screen(**arguments)  # type: ignore[arg-type]
    assert str(caught.value) == message


@pytest.mark.parametrize(("peaks", "widths", "name"), [("red", 20.0, "peaks_nm"), (633.0, "wide", "fwhm_nm")])
def test_bands_of_words(peaks: object, widths: object, name: str) -> None:
    with pytest.raises(InputError) as caught:
        bands_of(peaks, widths)  # type: ignore[arg-type]
    assert str(caught.value) == f"{name} must hold numbers of nanometres."


# --- flashing light, for a device


def test_epilepsy_and_a_device_that_flashes_is_a_stop() -> None:
    for device in ("omnilux-contour-face", "joovv-solo-3", None):
        assert screen_device(conditions=["epilepsy"], device=device, pulsed=True).verdict == "stop"
        assert screen_device(conditions=["epilepsy"], device=device).verdict == "ask"


def test_the_command_line_asks_whether_the_light_flashes(capsys: pytest.CaptureFixture[str]) -> None:
    from photodose.cli.run import run

    assert run(["screen", "--condition", "epilepsy", "--pulsed"]) == 4
    assert "This light flashes" in capsys.readouterr().out
    assert run(["screen", "--condition", "epilepsy"]) == 3
