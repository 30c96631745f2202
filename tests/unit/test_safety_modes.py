"""Modes and recalls: a mask in its blue mode is judged as blue, and of several modes the worst counts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

import photodose
from photodose import devices
from photodose.cli.run import run
from photodose.planning import safety, screen
from photodose.quantities import UnknownNameError
from photodose.safety.hazards import HazardAssessment, assess, lamp_of, mode_names

MASK = "theraface-mask"
RECALLED = "neutrogena-light-therapy-acne-mask"
BLUE_MASKS = (MASK, RECALLED, "omnilux-clear", "shark-cryoglow", "mz-skin-lightmax-2")


def judged(mode: str | None, device: str = MASK, **options: object) -> HazardAssessment:
    unit = devices.device(device)
    return assess(lamp_of(unit, mode=mode), unit.distance_cm, **options)  # type: ignore[arg-type]


def ratio(answer: HazardAssessment, hazard: str) -> float:
    half = len(answer.hazards) // 2
    return max(row.ratio for row in answer.hazards[half:] if row.id == hazard)


def test_each_mode_is_judged_by_its_own_light() -> None:
    blue, red, both = (judged(mode) for mode in ("blue", "red", "red and infrared"))
    assert ratio(blue, "blue_light") > 1.0 > ratio(red, "blue_light")
    assert ratio(blue, "ir_eye") == ratio(red, "ir_eye") == 0.0
    assert ratio(both, "ir_eye") > 1.0
    assert red.permissible_s is None
    assert blue.permissible_s is not None


def test_without_a_mode_the_worst_counts_each_hazard_for_itself() -> None:
    worst = judged(None, exposure_s=180.0)
    modes = [judged(mode, exposure_s=180.0) for mode in ("blue", "red", "red and infrared")]
    for i, row in enumerate(worst.hazards):
        assert row in [mode.hazards[i] for mode in modes]
        assert row.ratio == max(mode.hazards[i].ratio for mode in modes)
    assert worst.verdict == max((mode.verdict for mode in modes), key=lambda verdict: verdict.rank)
    assert worst.permissible_s == min(mode.permissible_s for mode in modes if mode.permissible_s is not None)
    assert worst.hazard_distance_cm == max(mode.hazard_distance_cm or 0.0 for mode in modes)
    order = ["exempt", "RG1", "RG2", "RG3"]
    assert worst.risk_group == max((mode.risk_group for mode in modes), key=order.index)
    for eyes, seconds in worst.permissible_by_eyes_s.items():
        own = [mode.permissible_by_eyes_s[eyes] for mode in modes]
        assert seconds == min((value for value in own if value is not None), default=None)


def test_light_that_never_shines_together_is_not_added_up() -> None:
    """73, 55 and 64 mW/cm2 stand in two modes; 192 mW/cm2 at once is no light of this mask."""
    unit = devices.device(MASK)
    together = assess(lamp_of(replace(unit, modes=())), unit.distance_cm)
    assert ratio(judged(None), "skin_thermal") < ratio(together, "skin_thermal")
    assert ratio(judged(None), "blue_light") <= ratio(together, "blue_light")


def test_a_mode_lights_only_its_own_leds() -> None:
    """162 LEDs with two chips each, four bands: 81 have blue, in the mode blue as with all bands on."""
    unit = devices.device("drdennisgross-spectralite-faceware-pro")
    assert unit.leds == 162
    assert lamp_of(unit, mode="blue").leds == 81.0
    assert lamp_of(unit, mode="red and infrared").leds * 2.0 / 3.0 == pytest.approx(81.0)
    assert lamp_of(replace(unit, modes=())).leds == 162.0


def test_names_of_modes() -> None:
    unit = devices.device(MASK)
    assert mode_names(unit) == ("red and infrared", "red", "blue")
    assert mode_names(devices.device("omnilux-contour-face")) == (None,)
    short = replace(unit, modes=unit.modes[:2])
    assert mode_names(short) == (None,)  # a band without a mode: all of them count together
    assert lamp_of(short).modes == ()
    for call in (lambda: lamp_of(unit, mode="green"), lambda: lamp_of(devices.device("omnilux-clear"), mode="blue")):
        with pytest.raises(UnknownNameError):
            call()


def test_own_readings_hold_in_their_mode() -> None:
    unit = devices.device(MASK)
    lamp = lamp_of(unit, {415: 10.0, 633: 20.0}, mode="blue")
    assert [band.irradiance_mw_cm2 for band in lamp.bands] == [10.0]
    answer = photodose.safety(MASK, minutes=1, eyes="shielded", irradiance_mw_cm2={415: 10.0, 633: 5.0, 830: 5.0})
    assert answer.careful.skin_temperature()["max"] < 38.0


def test_the_warmest_mode_and_the_worst_hazard_make_the_answer() -> None:
    modes = {mode: safety(MASK, minutes=3, eyes="shielded", mode=mode) for mode in ("red and infrared", "blue")}
    worst = safety(MASK, minutes=3, eyes="shielded")
    assert worst.careful.skin_temperature()["max"] == pytest.approx(
        max(item.careful.skin_temperature()["max"] for item in modes.values())
    )
    assert all(worst.verdict >= item.verdict for item in modes.values())


# --- blue as careful as red


@pytest.mark.parametrize("device", BLUE_MASKS)
@pytest.mark.parametrize(
    ("asked", "least"),
    [
        ({"conditions": ["retinal disease"]}, "stop"),
        ({"conditions": ["retinitis pigmentosa"]}, "stop"),
        ({"conditions": ["albinism"]}, "stop"),
        ({"conditions": ["melasma"]}, "ask"),
        ({"drugs": ["doxycycline"]}, "ask"),
        ({"drugs": ["isotretinoin"]}, "ask"),
        ({"drugs": ["chlorpromazine"]}, "ask"),
        ({"drugs": ["amiodarone"]}, "ask"),
        ({"conditions": ["porphyria"]}, "stop"),
    ],
)
def test_blue_masks_ask_where_red_ones_may_only_warn(device: str, asked: dict[str, list[str]], least: str) -> None:
    assert "blue" in screen(device=device).bands
    assert screen(device=device, **asked).verdict >= least  # type: ignore[arg-type]
    red = screen(device="omnilux-contour-face", **asked)  # type: ignore[arg-type]
    assert screen(device=device, **asked).verdict >= red.verdict  # type: ignore[arg-type]


# --- a recall is heard everywhere


def test_a_recalled_device_is_at_least_ask_in_the_recalls_words(capsys: pytest.CaptureFixture[str]) -> None:
    recall = devices.device(RECALLED).recalls[0]
    words = "congenital retinal disorders"
    assert words in recall.reason
    skin = ["--site", "cheek", "--skin-type", "III"]
    asked = {
        "screen": ["screen", "--device", RECALLED],
        "plan": ["plan", "--goal", "acne", "--device", RECALLED, *skin, "--assume"],
        "safety": ["safety", RECALLED, "--minutes", "0.1", "--eyes", "shielded", "--irradiance-mw-cm2", "445=1,630=1"],
    }
    for name, arguments in asked.items():
        code = run([*arguments, "--json"])
        out = capsys.readouterr().out
        assert code == 3, name
        assert json.loads(out)["verdict"] == "ask", name
        assert words in out, name
    code = run(asked["safety"])
    assert words in " ".join(capsys.readouterr().out.split())
    content = photodose.safety(RECALLED, minutes=30).to_dict()
    assert content["recalls"][0]["authority"] == recall.authority
    assert photodose.safety(RECALLED, minutes=30).exit_code == 5


def test_no_plan_for_a_recalled_device_but_one_to_show_a_clinician() -> None:
    made = photodose.plan("acne", RECALLED, photodose.skin("cheek", skin_type="III"), assume=True)
    assert made.protocol is None
    assert made.verdict == "ask"
    assert made.routine == ()


# --- standards


def test_the_home_standards_are_named_with_what_they_cover_and_do_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["safety", "omnilux-contour-face", "--minutes", "1", "--json"]) == 0
    named = {item["id"]: item for item in json.loads(capsys.readouterr().out)["standards"]}
    for name in ("IEC 60601-2-83:2019", "IEC 60335-2-113"):
        assert named[name]["covers"]
        assert named[name]["does_not_cover"]
    run(["safety", "omnilux-contour-face", "--minutes", "1"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "IEC 60601-2-83:2019. Covers: home light therapy equipment" in shown
    assert "IEC 60335-2-113. Covers:" in shown


# --- heat in words


def test_what_heat_means_for_this_device_and_skin_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    dark, light = (safety(MASK, photodose.skin("cheek", skin_type=t), minutes=3, eyes="shielded") for t in ("VI", "I"))
    assert any("darker skin takes up more light" in text for text in dark.heat_words)
    assert not any("darker skin" in text for text in light.heat_words)
    for answer in (dark, light):
        assert any("never a ceiling for a face at home" in text for text in answer.heat_words)
        assert answer.to_dict()["heat_words"] == list(answer.heat_words)
    run(["safety", MASK, "--minutes", "3", "--skin-type", "VI"])
    shown = " ".join(capsys.readouterr().out.split())
    assert "never a ceiling for a face at home" in shown
    assert "darker skin takes up more light" in shown


# --- a device as a lamp, field by field


def test_a_device_file_becomes_the_lamp_it_describes() -> None:
    own = {"id": "own", "name": "Own", "kind": "mask", "size_cm": [12.0, 20.0], "distance_cm": 2.0, "leds": 60}
    bands = [
        {"peak_nm": 633, "irradiance_mw_cm2": 20.0, "irradiance_basis": "measured", "at_cm": 4.0},
        {"peak_nm": 830, "irradiance_mw_cm2": 30.0, "irradiance_basis": "claimed"},
    ]
    unit = photodose.device({**own, "half_angle_deg": 40.0, "bands": bands})
    lamp = lamp_of(unit, {830: 0.5}, laser_class="1", duty_cycle=0.5)
    assert [(band.irradiance_mw_cm2, band.at_cm, band.basis, band.light_source) for band in lamp.bands] == [
        (20.0, 4.0, "measured", "led"),
        (0.5, 2.0, "claimed", "led"),
    ]
    assert [band.duty_cycle for band in lamp.bands] == [0.5, 0.5]
    assert (lamp.size_cm, lamp.leds, lamp.led_size_mm, lamp.chips_per_led) == ((12.0, 20.0), 60.0, 1.0, 2)
    assert (lamp.laser_class, lamp.led_power_max_w, lamp.near_point_cm) == ("1", float("inf"), 5.0)
    assert lamp.half_angle_deg == pytest.approx(40.0)
    assert lamp.assumptions == ("LED chips of 1 mm, 2 in each LED",)
    assert lamp.narrowest_half_angle_deg == 30.0
    assert lamp_of(unit, {830: 0.0}).bands[1].irradiance_mw_cm2 == 0.0


def test_what_a_device_file_leaves_out_is_assumed_and_said() -> None:
    bands = [{"peak_nm": 633, "irradiance_mw_cm2": 20.0}, {"peak_nm": 830}]
    unit = photodose.device({"id": "own", "name": "Own", "kind": "mask", "emitting_area_cm2": 9.0, "bands": bands})
    lamp = lamp_of(unit)
    high = lamp.bands[1].irradiance_mw_cm2
    assert lamp.bands[1].basis == "assumed"
    assert lamp.assumptions == (
        f"{high:.0f} mW/cm2 at 830 nm, the high end of devices of this kind",
        "an emitting area of 3.0 by 3.0 cm",
        "1 LEDs",
        "LED chips of 1 mm, 2 in each LED",
        "any emission angle from a bare LED to a lens of 30 degrees",
    )
    assert (lamp.led_power_max_w, lamp.half_angle_deg) == (2.18, None)
    modes = lamp_of(devices.device("shark-cryoglow"))
    assert all(text in modes.assumptions for one in modes.modes for text in one.assumptions)
    assert not any("mW/cm2" in text for text in lamp_of(devices.device("capillus-82")).assumptions)


def test_an_unknown_mode_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownNameError) as caught:
        lamp_of(devices.device(MASK), mode="green")
    for text in ("mode of theraface-mask", "green", "red and infrared", "blue"):
        assert text in str(caught.value)
