"""Photobiological hazards: limits against published numbers, and what more power, less distance and more time do."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photodose import devices
from photodose.data import load_table
from photodose.devices import prior
from photodose.optics import Spectrum
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.quantities.values import Estimate
from photodose.safety.hazards import EYES, HazardAssessment, Lamp, LightBand, assess, lamp_of
from photodose.safety.hazards.tables import PUBLICATIONS, eye_data, eye_transmittance, limits, standards, weighted_share

NIR = Spectrum.gaussian(850.0, 30.0)
RED = Spectrum.gaussian(633.0, 18.0)
BLUE = Spectrum.gaussian(450.0, 20.0)
VIOLET = Spectrum.gaussian(405.0, 15.0)


def panel(spectrum: Spectrum, irradiance: float, at_cm: float = 20.0, **others: object) -> Lamp:
    """A 20 by 20 cm panel of 100 bare LEDs of 1 mm, measured at `at_cm`."""
    band = LightBand(spectrum, irradiance, at_cm, "measured")
    usual = {"size_cm": (20.0, 20.0), "leds": 100, "led_size_mm": 1.0, "half_angle_deg": 60.0}
    return Lamp((band,), **{**usual, **others})  # type: ignore[arg-type]


def hazard(answer: HazardAssessment, name: str, edition: str = "IEC 62471:2006", at_cm: float | None = None):  # type: ignore[no-untyped-def]
    """One hazard at the distance of use (they stand after those at 20 cm)."""
    wanted = answer.at_cm if at_cm is None else at_cm
    found = [item for item in answer.hazards if (item.id, item.edition, item.at_cm) == (name, edition, wanted)]
    return found[-1]


# --- tables: first and last rows


@pytest.mark.parametrize(
    ("table", "first", "last", "peak"),
    [
        ("iec_62471_2006/actinic_uv", (200.0, 0.03), (400.0, 3.0e-5), (270.0, 1.0)),
        ("iec_62471_2006/blue_light", (300.0, 0.01), (700.0, 0.001), (435.0, 1.0)),
        ("iec_62471_2006/retinal_thermal", (380.0, 0.1), (1400.0, 0.02), (435.0, 10.0)),
        ("icnirp_2013/blue_light", (300.0, 0.01), (700.0, 0.001), (440.0, 1.0)),
        ("icnirp_2013/aphakic", (300.0, 6.0), (700.0, 0.001), (305.0, 6.0)),
        ("icnirp_2013/retinal_thermal", (380.0, 0.01), (1400.0, 0.02), (500.0, 1.0)),
    ],
)
def test_action_spectra(
    table: str, first: tuple[float, float], last: tuple[float, float], peak: tuple[float, float]
) -> None:
    data = load_table(f"safety/limits/{table}")
    grid, weight = data["wavelength_nm"], data["weight"]
    assert (grid[0], weight[0]) == first
    assert (grid[-1], weight[-1]) == last
    assert data.interpolate(peak[0], "weight") == peak[1]
    assert (grid[1:] > grid[:-1]).all()


def test_retinal_weights_of_the_two_editions_differ_tenfold_in_the_blue_and_agree_from_500_nm() -> None:
    old = load_table("safety/limits/iec_62471_2006/retinal_thermal")
    new = load_table("safety/limits/icnirp_2013/retinal_thermal")
    assert old.interpolate(415.0, "weight") == pytest.approx(10.0 * new.interpolate(415.0, "weight"))
    assert old.interpolate(850.0, "weight") == new.interpolate(850.0, "weight") == pytest.approx(0.5012)


@pytest.mark.parametrize(
    ("hazard_id", "constants"),
    [
        ("actinic_uv", {"dose_j_m2": 30.0}),
        ("uva_eye", {"dose_j_m2": 1e4, "long_s": 1000.0, "long_limit": 10.0}),
        ("blue_light", {"dose_j_m2_sr": 1e6, "long_s": 1e4, "long_limit": 100.0}),
        ("blue_light_small", {"dose_j_m2": 100.0, "long_s": 100.0, "long_limit": 1.0}),
        ("retinal_thermal", {"coefficient": 5e4, "exponent": -0.25, "long_coefficient": 28000.0}),
        ("retinal_thermal_weak_visual", {"long_coefficient": 6000.0, "alpha_min_rad": 0.011, "alpha_max_rad": 0.1}),
        ("ir_eye", {"coefficient": 18000.0, "exponent": -0.75, "long_s": 1000.0, "long_limit": 100.0}),
        ("skin_thermal", {"coefficient": 20000.0, "exponent": -0.75, "long_s": 10.0}),
    ],
)
def test_limits_of_iec_62471(hazard_id: str, constants: dict[str, float]) -> None:
    rule = limits("iec_62471_2006").limit(hazard_id)
    assert {name: rule.constants[name] for name in constants} == constants
    assert rule.reference.startswith("4.3.")


def test_risk_group_rows_follow_from_the_limits_at_their_times() -> None:
    """570 and 3200 W/m2 are 18000 t^-0.75 at 100 and 10 s; 28000 and 71000 are 5e4 t^-0.25 at 10 and 0.25 s."""
    rows = {row.hazard: row for row in limits("iec_62471_2006").risk_groups}
    assert rows["ir_eye"].rg1 == pytest.approx(18000.0 * 100.0**-0.75, rel=0.005)
    assert rows["ir_eye"].rg2 == pytest.approx(18000.0 * 10.0**-0.75, rel=0.005)
    assert rows["retinal_thermal"].exempt == pytest.approx(5e4 * 10.0**-0.25, rel=0.005)
    assert rows["retinal_thermal"].rg2 == pytest.approx(5e4 * 0.25**-0.25, rel=0.005)
    assert rows["blue_light"].rg1 == pytest.approx(1e6 / 100.0)
    assert rows["blue_light"].rg2 == pytest.approx(1e6 / 0.25)
    assert rows["actinic_uv"].rg2 == pytest.approx(30.0 / 1000.0)


def test_the_small_source_row_of_the_directive_is_the_stricter_one() -> None:
    """For an eye held still (ICNIRP 1997, eqs 9 and 10); IEC 62471 allows 1 W/m2 (OSRAM AN002, table 1)."""
    still, lamp = limits("eu_2006_25_ec").limit("blue_light_small"), limits("iec_62471_2006").limit("blue_light_small")
    assert still.verified
    assert lamp.verified
    assert (still.constants["long_limit"], lamp.constants["long_limit"]) == (0.01, 1.0)


def test_risk_groups_as_a_maker_quotes_them() -> None:
    """OSRAM AN002 (2018), table 1: blue light, small sources and the thermal hazard of the retina."""
    rows = {row.hazard: row for row in limits("iec_62471_2006").risk_groups}
    assert [(rows[name].exempt, rows[name].rg1, rows[name].rg2, rows[name].times_s) for name in (
        "blue_light", "blue_light_small", "retinal_thermal",
    )] == [
        (100.0, 10_000.0, 4e6, (10_000.0, 100.0, 0.25)),
        (1.0, 1.0, 400.0, (10_000.0, 100.0, 0.25)),
        (28_000.0, 28_000.0, 71_000.0, (10.0, 10.0, 0.25)),
    ]  # fmt: skip
    assert {name for name, row in rows.items() if not row.verified} == {"actinic_uv", "uva_eye", "ir_eye"}


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("blue_light", {300: 0.01, 380: 0.01, 400: 0.1, 415: 0.8, 435: 1.0, 470: 0.62, 500: 0.1, 700: 0.001}),
        ("retinal_thermal", {380: 0.1, 400: 1.0, 415: 8.0, 470: 6.2, 500: 1.0, 700: 1.0, 850: 0.501, 1400: 0.02}),
    ],
)  # fmt: skip
def test_action_spectra_as_icnirp_printed_them(name: str, rows: dict[int, float]) -> None:
    """ICNIRP 1997, Health Phys 73:539-554, Table 1."""
    table = load_table(f"safety/limits/iec_62471_2006/{name}")
    shipped = dict(zip(table["wavelength_nm"], table["weight"], strict=True))
    assert {nm: shipped[nm] for nm in rows} == pytest.approx(rows, rel=1e-3)


# --- infrared at the eye


@pytest.mark.parametrize(
    ("irradiance", "seconds"), [(15.0, 592), (20.0, 403), (30.0, 235), (40.0, 160), (60.0, 93), (100.0, 47)]
)
def test_time_to_the_infrared_limit_of_an_open_eye(irradiance: float, seconds: int) -> None:
    """t = (18000/E)^(4/3); 30 mW/cm2 of near infrared at an open eye: 235 s."""
    answer = assess(panel(NIR, irradiance), 20.0)
    assert hazard(answer, "ir_eye").permissible_s == pytest.approx(seconds, abs=0.6)
    assert answer.permissible_s == pytest.approx(seconds, abs=0.6)


def test_ten_milliwatt_may_last_and_eleven_may_not() -> None:
    assert hazard(assess(panel(NIR, 10.0), 20.0), "ir_eye").permissible_s is None
    assert hazard(assess(panel(NIR, 11.0), 20.0), "ir_eye").permissible_s == pytest.approx(895.0, abs=0.5)


def test_red_light_is_no_infrared() -> None:
    answer = assess(panel(RED, 30.0), 20.0)
    assert hazard(answer, "ir_eye").value == 0.0
    assert hazard(answer, "blue_light").ratio < 0.01
    assert answer.permissible_s is None


def test_lumebox_comes_out_in_the_group_and_irradiance_that_its_manual_states() -> None:
    """LumeBox LB-001A, user guide: RG1, hazard to cornea and lens, 205 W/m2 at 200 mm."""
    unit = devices.device("lumebox-lb-001a")
    answer = assess(lamp_of(unit), 20.0)
    assert answer.risk_group == "RG1"
    assert answer.risk_groups["ir_eye"] == "RG1"
    assert hazard(answer, "ir_eye", at_cm=20.0).value == pytest.approx(205.0, rel=0.01)


# --- radiance


def test_mean_radiance_of_a_matt_panel_is_exitance_over_pi() -> None:
    """At contact a Lambertian panel of 30 mW/cm2 has M = 300 W/m2 and L = M/pi; B(450 nm) is about 0.94."""
    answer = assess(panel(BLUE, 30.0, at_cm=0.0, leds=1e6), 0.0)
    share = weighted_share(BLUE, lambda nm: _blue_weight(nm))
    assert hazard(answer, "blue_light").value == pytest.approx(300.0 / math.pi * share, rel=1e-3)


def _blue_weight(wavelength_nm):  # type: ignore[no-untyped-def]
    import numpy as np

    table = load_table("safety/limits/iec_62471_2006/blue_light")
    return np.interp(wavelength_nm, table["wavelength_nm"], table["weight"])


def test_one_led_is_brighter_than_the_array_and_counts() -> None:
    """12 W of 30 mW/cm2 from 100 LEDs: 0.12 W/pi from 1 mm2 is 38 kW/m2/sr at the near point, within 0.011 rad."""
    answer = assess(panel(BLUE, 30.0, at_cm=0.0), 0.0)
    found = hazard(answer, "blue_light")
    assert found.worst_of == "one LED"
    share = weighted_share(BLUE, lambda nm: _blue_weight(nm))
    assert found.value == pytest.approx(0.12 / math.pi / 1e-6 * share, rel=1e-3)
    assert found.permissible_s == pytest.approx(1e6 / found.value)


def test_blue_masks_are_judged_strictly_and_closed_eyes_help() -> None:
    answer = assess(panel(BLUE, 30.0, at_cm=0.0), 0.0, exposure_s=600.0)
    assert answer.verdict == "stop"
    times = answer.permissible_by_eyes_s
    assert times["open"] is not None
    assert times["closed"] is not None
    assert times["closed"] > times["open"]
    assert times["shielded"] is None
    assert any("shields" in warning for warning in answer.warnings)


def test_weak_visual_limit_of_one_led_is_six_thousand_over_the_smallest_angle() -> None:
    """Osram's worked example: 545.5 mW/mm2/sr = 6000/0.011 W/m2/sr for one LED."""
    found = hazard(assess(panel(NIR, 30.0, half_angle_deg=60.0), 500.0), "retinal_thermal_weak_visual")
    assert found.limit in (pytest.approx(6000.0 / 0.011), pytest.approx(6000.0 / 0.04, rel=0.01))
    small = hazard(assess(panel(NIR, 30.0), 20.0), "retinal_thermal_weak_visual")
    assert small.worst_of == "one LED"
    assert small.limit == pytest.approx(545.5e3, rel=1e-3)


def test_hazards_of_one_publication_are_told_apart_by_edition() -> None:
    """R of 2006 weighs 450 nm nine times as much as R of 2013, so the same lamp differs between the editions."""
    answer = assess(panel(BLUE, 30.0), 20.0)
    old, new = hazard(answer, "retinal_thermal"), hazard(answer, "retinal_thermal", "ICNIRP 2013")
    assert old.value / new.value == pytest.approx(9.2, abs=0.3)


def test_a_blinding_small_led_array_reaches_the_retinal_limit() -> None:
    answer = assess(panel(NIR, 3000.0, leds=4), 20.0)
    found = hazard(answer, "retinal_thermal_weak_visual")
    alpha = 6000.0 / found.limit
    assert found.permissible_s == pytest.approx((5e4 / (alpha * found.value)) ** 4)
    newer = hazard(answer, "retinal_thermal_weak_visual", "ICNIRP 2013")
    assert newer.permissible_s == pytest.approx((2e4 / (alpha * newer.value)) ** 4)
    older = hazard(answer, "retinal_thermal")
    assert older.permissible_s == pytest.approx((5e4 / (28000.0 / older.limit * older.value)) ** 4)
    assert answer.risk_group == "RG3"
    assert answer.verdict == "stop"


def test_just_above_the_weak_visual_limit_ten_seconds_remain() -> None:
    """Between 6000/alpha and 5e4/(alpha 10^0.25) the older limit for ten seconds still holds."""
    lamp = panel(NIR, 30.0)
    found = hazard(assess(lamp, 20.0), "retinal_thermal_weak_visual")
    above = hazard(assess(panel(NIR, 30.0 * 1.5 / found.ratio), 20.0), "retinal_thermal_weak_visual")
    assert above.ratio == pytest.approx(1.5)
    assert above.permissible_s == 10.0


@pytest.mark.parametrize(("irradiance", "group"), [(15_000.0, "exempt"), (80_000.0, "RG3")])
def test_a_wide_array_is_held_to_the_limit_of_its_own_angle(irradiance: float, group: str) -> None:
    """Seen under more than 0.1 rad the limit is 60 kW/m2/sr; L = M/pi, R(850 nm) is about 0.5."""
    lamp = panel(NIR, irradiance, at_cm=0.0, leds=1e6)
    assert assess(lamp, 0.0).risk_groups["retinal_thermal_weak_visual"] == group


def test_pulses_raise_the_heat_of_the_retina_and_not_the_infrared_at_the_cornea() -> None:
    steady = assess(panel(NIR, 30.0), 20.0)
    pulsed = assess(Lamp((LightBand(NIR, 30.0, 20.0, "measured", duty_cycle=0.1),), (20.0, 20.0), 100, 1.0, 60.0), 20.0)
    name = "retinal_thermal_weak_visual"
    assert hazard(pulsed, name).value == pytest.approx(10.0 * hazard(steady, name).value)
    assert hazard(pulsed, "ir_eye").value == hazard(steady, "ir_eye").value


# --- ultraviolet, skin


def test_the_tail_of_a_violet_led_counts_as_ultraviolet() -> None:
    answer = assess(panel(VIOLET, 30.0), 20.0)
    assert VIOLET.lost_fraction > 0.05
    uva = hazard(answer, "uva_eye")
    expected = 300.0 * VIOLET.lost_fraction / (1.0 - VIOLET.lost_fraction)
    assert uva.value == pytest.approx(expected, rel=0.03)  # the half nanometre at 400 nm counts twice
    assert uva.permissible_s == pytest.approx(1e4 / uva.value)
    actinic = hazard(answer, "actinic_uv")
    assert actinic.permissible_s == pytest.approx(30.0 / actinic.value)
    assert hazard(assess(panel(RED, 30.0), 20.0), "actinic_uv").permissible_s is None


def test_skin_reference_is_200_milliwatt_at_660_and_364_at_830_nm() -> None:
    """ICNIRP laser skin limit 200 C_A mW/cm2: 660 nm 200, 830 nm 364, 850 nm 399."""
    edition = "ICNIRP 2013 (laser)"
    for peak, most in ((660.0, 200.0), (830.0, 364.0), (850.0, 399.0)):
        spectrum = Spectrum.gaussian(peak, 0.5)
        assert hazard(assess(panel(spectrum, most * 0.99), 20.0), "skin_thermal", edition).ratio < 1.0
        assert hazard(assess(panel(spectrum, most * 1.01), 20.0), "skin_thermal", edition).ratio > 1.0


def test_heat_at_the_skin_below_ten_seconds() -> None:
    found = hazard(assess(panel(RED, 4000.0), 20.0), "skin_thermal")
    assert found.permissible_s == pytest.approx(0.5 ** (4.0 / 3.0))
    assert found.limit == pytest.approx(3556.6, abs=0.1)
    assert hazard(assess(panel(RED, 200.0), 20.0), "skin_thermal").permissible_s is None


# --- eyes


@pytest.mark.parametrize(
    ("eyes", "nm", "expected"),
    [
        ("open", 450.0, 1.0),
        ("closed", 450.0, 0.06),
        ("closed", 633.0, 0.29),
        ("closed", 850.0, 1.0),
        ("shielded", 850.0, 0.0),
    ],
)
def test_what_reaches_the_eye(eyes: str, nm: float, expected: float) -> None:
    import numpy as np

    assert eye_transmittance(eyes)(np.array([nm]))[0] == expected


def test_closed_eyes_hold_back_no_near_infrared_and_say_why() -> None:
    answer = assess(panel(NIR, 30.0), 20.0, eyes="closed")
    assert answer.permissible_s == pytest.approx(234.9, abs=0.1)
    assert any("closed lid" in warning for warning in answer.warnings)


def test_eyelids_are_sourced() -> None:
    measured = [lid for lid in eye_data().eyelid if lid.transmittance < 1.0]
    assert len(measured) == 2
    assert all(source.doi for lid in measured for source in lid.sources)


# --- groups, distance, verdict


@pytest.mark.parametrize(("irradiance", "group"), [(5.0, "exempt"), (20.0, "RG1"), (100.0, "RG2"), (400.0, "RG3")])
def test_infrared_risk_groups_at_20_cm(irradiance: float, group: str) -> None:
    assert assess(panel(NIR, irradiance), 100.0).risk_groups["ir_eye"] == group


def test_hazard_distance_is_where_the_infrared_falls_to_ten_milliwatt() -> None:
    lamp = panel(NIR, 30.0)
    distance = assess(lamp, 20.0).hazard_distance_cm
    assert distance is not None
    assert hazard(assess(lamp, distance), "ir_eye").ratio <= 1.0
    assert hazard(assess(lamp, distance - 0.3), "ir_eye").ratio > 1.0
    assert assess(panel(RED, 1.0), 20.0).hazard_distance_cm == 0.0
    far = assess(panel(NIR, 1e5), 20.0)
    assert far.hazard_distance_cm == 1000.0
    assert "With open eyes a limit is still reached at 10 m." in far.warnings
    assert not any("still reached" in text for text in assess(lamp, 20.0).warnings)


def test_verdicts() -> None:
    assert assess(panel(NIR, 30.0), 20.0, exposure_s=100.0).verdict == "caution"
    assert assess(panel(NIR, 30.0), 20.0, exposure_s=600.0).verdict == "stop"
    assert assess(panel(NIR, 30.0), 20.0, exposure_s=600.0, eyes="shielded").verdict == "caution"
    assert assess(panel(RED, 5.0), 20.0, exposure_s=600.0).verdict == "clear"


def test_a_group_is_provisional_as_long_as_the_standard_was_not_opened() -> None:
    answer = assess(panel(RED, 5.0), 20.0)
    assert answer.provisional
    assert any("derived or unread" in reason for reason in answer.provisional_because)
    assert not any("measured" in reason for reason in answer.provisional_because)


def test_lasers_never_get_a_group_of_lamps() -> None:
    laser = LightBand(Spectrum.gaussian(650.0, 2.0), 5.0, 1.0, "claimed", "laser")
    red = LightBand(RED, 5.0, 1.0)
    for bands in ((laser,), (laser, red)):
        lamp = Lamp(bands, (10.0, 10.0), 80, 1.0)
        answer = assess(lamp, 1.0)
        assert answer.risk_group == "not assessed"
        assert answer.hazards == ()
        assert answer.verdict == "stop"
        assert answer.laser["standard"] == "IEC 60825-1"
        assert answer.laser["class"] == "not assessed"
        assert assess(lamp, 1.0, eyes="shielded").verdict == "caution"
    known = assess(Lamp((laser,), (10.0, 10.0), 80, 1.0, laser_class="3R"), 1.0)
    assert known.laser["class"] == "3R"
    assert known.verdict == "stop"
    harmless = assess(Lamp((laser,), (10.0, 10.0), 80, 1.0, laser_class="1"), 1.0)
    assert harmless.verdict == "caution"


def test_json_keys() -> None:
    answer = assess(panel(NIR, 30.0), 15.0, exposure_s=600.0).to_dict()
    assert {"hazards", "risk_group", "provisional", "hazard_distance_cm", "skin_temperature_c", "verdict"} <= set(
        answer
    )
    assert {"sources", "warnings", "standards"} <= set(answer)
    ids = {"actinic_uv", "uva_eye", "blue_light", "blue_light_small", "retinal_thermal", "retinal_thermal_weak_visual",
           "ir_eye", "skin_thermal"}  # fmt: skip
    for at_cm in (20.0, 15.0):
        assert {item["id"] for item in answer["hazards"] if item["at_cm"] == at_cm} == ids
    assert {"id", "name", "edition", "at_cm", "value", "unit", "limit", "ratio", "permissible_s"} <= set(
        answer["hazards"][0]
    )
    assert len(standards().standards) == len(answer["standards"]) == 5
    assert {limits(name).edition for name in PUBLICATIONS} == {item["edition"] for item in answer["hazards"]}


# --- devices


def test_unknown_output_takes_the_high_end_of_its_kind() -> None:
    unit = devices.device("omnilux-clear")
    known = lamp_of(devices.device("omnilux-contour-face"))
    unknown = lamp_of(unit)
    blank = [band for band in unit.bands if band.irradiance_mw_cm2 is None]
    if blank:
        assert any("high end" in text for text in unknown.assumptions)
        assert max(band.irradiance_mw_cm2 for band in unknown.bands) > max(b.irradiance_mw_cm2 for b in known.bands)
    assert any("LED chips" in text for text in known.assumptions)
    assert not any("LEDs" in text and text[0].isdigit() for text in known.assumptions)


def test_the_high_end_is_that_of_all_bands_together() -> None:
    total = prior("mask")
    high = Estimate.lognormal(total.median, total.log_sd).high
    lamp = lamp_of(devices.device("omnilux-clear"))
    each = prior("mask", len(lamp.bands))
    assert sum(band.irradiance_mw_cm2 for band in lamp.bands) == pytest.approx(high)
    for band in lamp.bands:
        assert each.median < band.irradiance_mw_cm2 < Estimate.lognormal(each.median, each.log_sd).high


def test_own_irradiance_and_geometry_replace_assumptions() -> None:
    unit = devices.device("omnilux-contour-face")
    lamp = lamp_of(unit, {633: 8.0, 830: 9.0}, led_size_mm=0.4, half_angle_deg=60.0)
    assert [band.irradiance_mw_cm2 for band in lamp.bands] == [8.0, 9.0]
    assert lamp.led_size_mm == 0.4
    assert lamp.orders == (pytest.approx(1.0),)
    assert not any("chips" in text or "angle" in text for text in lamp.assumptions)


def test_a_device_file_with_a_known_emission_and_no_count_of_leds(tmp_path) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "mine.yaml"
    path.write_text(
        "id: mine\nname: Mine\nkind: panel\nsize_cm: [20, 30]\ndistance_cm: 15\nhalf_angle_deg: 60\n"
        "bands:\n  - {peak_nm: 850}\n",
        encoding="utf-8",
    )
    lamp = lamp_of(devices.device(str(path)))
    assert lamp.orders == (pytest.approx(1.0),)
    assert lamp.size_cm == (20.0, 30.0)
    assert lamp.leds == 60.0
    assert any("60 LEDs" in text for text in lamp.assumptions)


def test_every_device_of_the_catalogue_is_assessed() -> None:
    for unit in devices.catalogue():
        answer = assess(lamp_of(unit), unit.distance_cm, 600.0)
        assert (answer.risk_group == "not assessed") == unit.has_laser, unit.id
        assert answer.provisional


def test_bad_input_is_one_sentence() -> None:
    lamp = panel(NIR, 30.0)
    for at_cm, seconds in ((-1.0, None), (1001.0, None), (20.0, 0.0), (20.0, 1e6), (float("nan"), None)):
        with pytest.raises(RangeError):
            assess(lamp, at_cm, seconds)
    with pytest.raises(InputError, match="eyes"):
        assess(lamp, 20.0, eyes="half open")
    for bad in ({"irradiance_mw_cm2": -1.0}, {"irradiance_mw_cm2": float("nan")}, {"at_cm": -1.0}, {"duty_cycle": 0.0}):
        with pytest.raises(RangeError):
            LightBand(**{"spectrum": NIR, "irradiance_mw_cm2": 1.0, "at_cm": 1.0, **bad})  # type: ignore[arg-type]
    with pytest.raises(InputError, match="band"):
        Lamp((), (1.0, 1.0), 1, 1.0)
    with pytest.raises(RangeError, match="leds"):
        panel(NIR, 1.0, leds=0)
    with pytest.raises(InputError, match="0 or more"):
        lamp_of(devices.device("omnilux-contour-face"), {633: -1.0})
    with pytest.raises(UnknownNameError):
        lamp_of(devices.device("omnilux-contour-face"), {500: 1.0})


def test_the_room_leads_to_its_hazards_and_to_nothing_else() -> None:
    import photodose.safety

    assert photodose.safety.hazards.assess is assess
    assert photodose.safety.__getattr__("hazards") is photodose.safety.hazards
    with pytest.raises(AttributeError, match="dangers"):
        photodose.safety.__getattr__("dangers")


def test_screening_loads_neither_scipy_nor_the_devices() -> None:
    code = (
        "import sys, photodose.safety as s; s.screen(drugs=['doxycycline']); "
        "bad = {'scipy', 'matplotlib', 'xarray', 'colour', 'numba', 'django', 'typer'} & set(sys.modules); "
        "sys.exit(', '.join(bad) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# --- properties

spectra = st.sampled_from([NIR, RED, BLUE, VIOLET])
powers = st.floats(0.01, 500.0)
distances = st.floats(0.0, 300.0)
times = st.floats(1.0, 40_000.0)
half_angles = st.sampled_from([None, 20.0, 60.0])


def verdict(spectrum: Spectrum, power: float, distance: float, seconds: float, eyes: str, half_angle: object) -> int:
    return assess(panel(spectrum, power, half_angle_deg=half_angle), distance, seconds, eyes).verdict.rank


@given(spectra, powers, st.floats(1.0, 10.0), distances, times, st.sampled_from(EYES), half_angles)
@settings(max_examples=40, deadline=None)
def test_more_power_is_never_milder(
    spectrum: Spectrum, power: float, factor: float, distance: float, seconds: float, eyes: str, half_angle: object
) -> None:
    more = verdict(spectrum, power * factor, distance, seconds, eyes, half_angle)
    assert more >= verdict(spectrum, power, distance, seconds, eyes, half_angle)


@given(spectra, powers, distances, st.floats(0.0, 1.0), times, st.sampled_from(EYES), half_angles)
@settings(max_examples=60, deadline=None)
def test_less_distance_is_never_milder(
    spectrum: Spectrum, power: float, distance: float, factor: float, seconds: float, eyes: str, half_angle: object
) -> None:
    nearer = verdict(spectrum, power, distance * factor, seconds, eyes, half_angle)
    assert nearer >= verdict(spectrum, power, distance, seconds, eyes, half_angle)


@given(spectra, powers, distances, times, st.floats(1.0, 10.0), st.sampled_from(EYES))
@settings(max_examples=40, deadline=None)
def test_more_time_is_never_milder(
    spectrum: Spectrum, power: float, distance: float, seconds: float, factor: float, eyes: str
) -> None:
    longer = verdict(spectrum, power, distance, min(seconds * factor, 86_400.0), eyes, 60.0)
    assert longer >= verdict(spectrum, power, distance, seconds, eyes, 60.0)


@given(spectra, powers, distances)
@settings(max_examples=30, deadline=None)
def test_open_eyes_are_never_milder_than_closed_and_these_than_shielded(
    spectrum: Spectrum, power: float, distance: float
) -> None:
    found = assess(panel(spectrum, power), distance).permissible_by_eyes_s
    seconds = [math.inf if found[eyes] is None else found[eyes] for eyes in EYES]
    assert seconds == sorted(seconds)
