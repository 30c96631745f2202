"""Hazards at their very edges: values that equal a limit, fields and distances of one LED, what is refused and how."""

from __future__ import annotations

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import photodose
from photodose.data import load_table
from photodose.data.schema_limits import RiskGroupRow
from photodose.devices import Device, usual_size_cm
from photodose.devices.rectangle import relative_irradiance
from photodose.optics import Spectrum
from photodose.quantities import InputError, RangeError, half_angle_to_lambertian_order
from photodose.safety.hazards import EYES, HazardAssessment, Lamp, LightBand, assess, lamp_of
from photodose.safety.hazards import evaluate as rules
from photodose.safety.hazards.evaluate import EYE_HAZARDS, Weighted, group_of, weigh
from photodose.safety.hazards.lamp import Place
from photodose.safety.hazards.laser import LaserBeam
from photodose.safety.hazards.tables import (
    PUBLICATIONS,
    action_spectrum,
    eye_data,
    eye_transmittance,
    limits,
    weighted_share,
)

NIR = Spectrum.gaussian(850.0, 30.0)
RED = Spectrum.gaussian(633.0, 18.0)
BLUE = Spectrum.gaussian(450.0, 20.0)
VIOLET = Spectrum.gaussian(405.0, 15.0)


def panel(spectrum: Spectrum, irradiance: float, at_cm: float = 20.0, duty: float = 1.0, **others: object) -> Lamp:
    band = LightBand(spectrum, irradiance, at_cm, "measured", duty_cycle=duty)
    usual = {"size_cm": (20.0, 20.0), "leds": 100, "led_size_mm": 1.0, "half_angle_deg": 60.0}
    return Lamp((band,), **{**usual, **others})  # type: ignore[arg-type]


def used(answer: HazardAssessment) -> list[Any]:
    """The hazards at the distance of use."""
    return list(answer.hazards[len(answer.hazards) // 2 :])


def weighted(hazard: str, publication: str = "iec_62471_2006", share: float = 1.0) -> Weighted:
    table = limits(publication)
    return Weighted(table.limit(hazard), table.edition, (share,), (share,))


# --- a value that equals its limit to the last bit


def test_a_time_of_eight_hours_is_no_limit() -> None:
    place = SimpleNamespace(distance_cm=20.0)
    for seconds, shown in ((30_000.0, None), (29_999.0, 29_999.0)):
        made = rules._make(weighted("uva_eye"), place, 1.0, 10.0, seconds)  # type: ignore[arg-type]
        assert made.permissible_s == shown


def at(irradiance: float, radiance: float = 0.0, slow: float = 0.0, fast: float = 0.0, alpha: float = 0.05) -> Any:
    """A place with these values and nothing else."""
    return SimpleNamespace(
        distance_cm=20.0,
        irradiance=(irradiance,),
        radiance=(radiance,),
        led_radiance=lambda shares, field: shares[0] * (slow if field == 0.1 else fast),
        led_irradiance=lambda shares, _: shares[0] * irradiance,
        array_subtense_rad=lambda: alpha,
        led_subtense_rad=lambda: alpha,
    )


def test_at_the_rate_that_may_last_for_ever_it_may_last_for_ever() -> None:
    (uva,) = rules._uva(at(10.0), weighted("uva_eye"))
    assert (uva.ratio, uva.permissible_s) == (1.0, None)
    (above,) = rules._uva(at(math.nextafter(10.0, 11.0)), weighted("uva_eye"))
    assert above.permissible_s == pytest.approx(1000.0)
    (infrared,) = rules._infrared(at(100.0), weighted("ir_eye"))
    assert (infrared.ratio, infrared.permissible_s) == (1.0, None)


def test_blue_light_of_one_led_at_its_rate() -> None:
    """Averaged over 0.1 rad 100 W/m2/sr may last; only above it does the field of 0.011 rad count."""
    led = list(rules._blue(at(0.0, 0.0, slow=100.0, fast=5000.0), weighted("blue_light")))[1]
    assert (led.value, led.ratio, led.permissible_s, led.worst_of) == (100.0, 1.0, None, "one LED")
    led = list(rules._blue(at(0.0, 0.0, slow=100.1, fast=5000.0), weighted("blue_light")))[1]
    assert (led.value, led.permissible_s, led.worst_of) == (5000.0, 200.0, "one LED")


@pytest.mark.parametrize("name", ["retinal_thermal", "retinal_thermal_weak_visual"])
def test_heat_of_the_retina_at_its_limit(name: str) -> None:
    row = weighted(name)
    limit = row.limit.constants["long_coefficient"] / 0.05
    array, led = rules._retinal(at(0.0, limit, fast=limit), row)
    assert (array.ratio, array.permissible_s, led.ratio, led.permissible_s) == (1.0, None, 1.0, None)
    above = next(iter(rules._retinal(at(0.0, 1.01 * limit), row)))
    assert above.permissible_s is not None
    assert above.permissible_s <= 10.0


def test_heat_at_the_skin_at_its_limit() -> None:
    row = weighted("skin_thermal")
    limit = row.limit.constants["coefficient"] * row.limit.constants["long_s"] ** row.limit.constants["exponent"]
    (found,) = rules._skin(at(limit), row)
    assert (found.ratio, found.permissible_s) == (1.0, None)
    (above,) = rules._skin(at(1.01 * limit), row)
    assert above.permissible_s == pytest.approx(10.0 * 1.01 ** (-4.0 / 3.0))
    laser = weighted("skin_thermal", "icnirp_laser_2013")
    (found,) = rules._skin(at(laser.limit.constants["limit_w_m2"]), laser)
    assert (found.ratio, found.permissible_s) == (1.0, None)


def rows(name: str) -> tuple[RiskGroupRow, tuple[float, float, float]]:
    """A row of the table of risk groups, and its three limits."""
    row = next(item for item in limits("iec_62471_2006").risk_groups if item.hazard == name)
    return row, (row.exempt, row.rg1, row.rg2)


@pytest.mark.parametrize("name", ["actinic_uv", "uva_eye", "ir_eye", "blue_light_small"])
def test_a_group_holds_up_to_its_own_limit(name: str) -> None:
    row, ends = rows(name)
    for end in ends:
        for value in (end, math.nextafter(end, 2.0 * end)):
            assert group_of(row, at(value), weighted(name)) == sum(value > one for one in ends)


@pytest.mark.parametrize("name", ["blue_light", "retinal_thermal", "retinal_thermal_weak_visual"])
def test_a_group_of_the_retina_holds_up_to_its_own_limit(name: str) -> None:
    """Per angle: 0.05 rad lies between the smallest and the largest angle of every group."""
    row, ends = rows(name)
    for end in ends:
        for value in (end, end * 1.0001):
            group, seen = sum(value > one for one in ends), value / 0.05 if row.per_alpha else value
            assert group_of(row, at(0.0, seen), weighted(name)) == group
            assert group_of(row, at(0.0, 0.0, slow=seen, fast=seen), weighted(name)) == group


@pytest.mark.parametrize(("alpha", "counts"), [(1.5, 0.1), (0.001, 0.011)])
def test_angles_are_held_between_their_ends(alpha: float, counts: float) -> None:
    row, ends = rows("retinal_thermal")
    for value, group in ((ends[0], 0), (ends[0] * 1.001, 2)):
        assert group_of(row, at(0.0, value / counts, alpha=alpha), weighted("retinal_thermal")) == group


# --- groups


def test_the_group_of_small_blue_light_is_that_of_one_led() -> None:
    """30 mW/cm2 of blue are 280 W/m2: of four LEDs each sends enough for a group, of a million none does."""
    assert assess(panel(BLUE, 30.0, leds=1e6), 20.0).risk_groups["blue_light_small"] == "exempt"
    assert assess(panel(BLUE, 30.0, leds=4), 20.0).risk_groups["blue_light_small"] != "exempt"


def test_pulses_raise_the_groups_of_heat_in_the_retina_and_no_other() -> None:
    steady, pulsed = (assess(panel(NIR, 30.0, duty=duty), 20.0).risk_groups for duty in (1.0, 1e-4))
    assert (steady["retinal_thermal"], pulsed["retinal_thermal"]) == ("exempt", "RG3")
    assert (steady["retinal_thermal_weak_visual"], pulsed["retinal_thermal_weak_visual"]) == ("exempt", "RG3")
    assert steady["ir_eye"] == pulsed["ir_eye"] == "RG1"
    blue, flashing = (assess(panel(BLUE, 1.0, duty=duty), 20.0).risk_groups for duty in (1.0, 1e-4))
    assert flashing["blue_light"] == blue["blue_light"] != "RG3"
    assert flashing["retinal_thermal"] == "RG3"


def test_risk_group_three_stops_however_short_the_exposure() -> None:
    """0.1 s of 400 mW/cm2 passes no limit, but the lamp is in risk group 3."""
    answer = assess(panel(NIR, 400.0), 1000.0, exposure_s=0.1)
    assert answer.permissible_s is None or answer.permissible_s > 0.1
    assert answer.risk_group == "RG3"
    assert answer.verdict == "stop"
    assert assess(panel(NIR, 100.0), 1000.0, exposure_s=0.1).verdict == "caution"


# --- eyes


@pytest.mark.parametrize("spectrum", [VIOLET, BLUE, RED, NIR])
def test_a_shield_keeps_every_hazard_of_the_eye_away_and_none_of_the_skin(spectrum: Spectrum) -> None:
    opened, shielded = (used(assess(panel(spectrum, 30.0), 20.0, eyes=eyes)) for eyes in ("open", "shielded"))
    for before, after in zip(opened, shielded, strict=True):
        assert after.value == (0.0 if before.id in EYE_HAZARDS else before.value), before.id
    assert {row.id for row in opened} - EYE_HAZARDS == {"actinic_uv", "skin_thermal"}


def test_every_hazard_of_the_eye_is_there_to_be_shielded() -> None:
    lit = {row.id for spectrum in (VIOLET, NIR) for row in used(assess(panel(spectrum, 30.0), 20.0)) if row.value > 0.0}
    assert lit >= EYE_HAZARDS


@pytest.mark.parametrize(
    ("nm", "share"),
    [
        (150.0, 1.0),
        (200.0, 1.0),
        (399.9, 1.0),
        (400.0, 0.06),
        (579.9, 0.06),
        (580.0, 0.29),
        (699.9, 0.29),
        (700.0, 1.0),
        (3000.0, 1.0),
        (4000.0, 1.0),
    ],
)
def test_a_closed_lid_at_the_ends_of_its_ranges(nm: float, share: float) -> None:
    assert eye_transmittance("closed")(np.array([nm]))[0] == share


def test_an_unknown_state_of_the_eyes_is_named_with_those_there_are() -> None:
    for call in (lambda: eye_transmittance("winking"), lambda: assess(panel(NIR, 1.0), 20.0, eyes="winking")):
        with pytest.raises(InputError) as caught:
            call()
        assert str(caught.value) == "eyes must be one of open, closed, shielded, not 'winking'."


# --- action spectra and weights


def test_a_range_holds_its_own_ends() -> None:
    nm = np.array([399.9, 400.0, 500.0, 600.0, 600.1])
    flat = action_spectrum(None, 400.0, 600.0)(nm)
    assert flat.tolist() == [0.0, 1.0, 1.0, 1.0, 0.0]
    assert flat.dtype == float
    table = load_table("safety/limits/iec_62471_2006/blue_light")
    weight = action_spectrum("safety/limits/iec_62471_2006/blue_light", 300.0, 700.0)
    assert weight(np.array([300.0, 435.0, 700.0])).tolist() == [table["weight"][0], 1.0, table["weight"][-1]]
    wider = action_spectrum("safety/limits/iec_62471_2006/blue_light", 200.0, 900.0)
    assert wider(np.array([299.0, 701.0])).tolist() == [0.0, 0.0]


def test_a_weight_that_jumps_between_two_samples_of_a_spectrum_is_not_lost() -> None:
    """A spectrum of few samples is weighed at every nanometre: a band pass of 1 nm holds 1/100 of a flat 100 nm."""
    flat = Spectrum(np.array([500.0, 600.0]), np.array([0.01, 0.01]))
    for spectrum in (flat, Spectrum(np.array([500.0, 510.0, 600.0]), np.array([0.01, 0.01, 0.01]))):
        for low in (500.0, 549.5, 598.5):
            share = weighted_share(spectrum, action_spectrum(None, low, low + 1.5))
            assert share == pytest.approx(0.01 * (1.5 if low == 500.0 else 2.0), abs=0.006)
    assert weighted_share(flat) == pytest.approx(1.0)
    assert weighted_share(flat, action_spectrum(None, 500.0, 550.0)) == pytest.approx(0.505)


@pytest.mark.parametrize(("peak", "tail_nm"), [(405.0, 380.0), (749.5, 380.0), (750.0, 1100.0), (750.5, 1100.0)])
def test_the_tail_that_a_spectrum_lost_is_weighed_where_it_lies(peak: float, tail_nm: float) -> None:
    spectrum = replace(Spectrum.gaussian(peak, 30.0), lost_fraction=0.2)
    seen: list[float] = []

    def weight(nm: np.ndarray) -> np.ndarray:
        seen.extend(nm.tolist() if nm.size == 1 else [])
        return np.ones_like(nm)

    assert weighted_share(spectrum, weight) == pytest.approx(1.25, rel=1e-3)
    assert seen == [tail_nm]


def test_the_skins_reference_grows_no_more_beyond_1050_nm() -> None:
    """C_A is 5 from 1050 nm on: 1000 mW/cm2."""
    spectrum = Spectrum.gaussian(1080.0, 0.5)
    for share in (0.99, 1.01):
        row = next(
            item for item in used(assess(panel(spectrum, 1000.0 * share), 20.0)) if item.edition.endswith("(laser)")
        )
        assert (row.ratio > 1.0) == (share > 1.0)


def test_weights_follow_each_other_as_the_publications_stand() -> None:
    lamp = panel(BLUE, 1.0, duty=0.25)
    found = weigh(lamp, "open")
    assert [item.limit for item in found] == [limit for name in PUBLICATIONS for limit in limits(name).limits]
    for item in found:
        assert item.peak_shares == tuple(share / 0.25 for share in item.shares)


# --- the radiometry of one LED and of the array


def test_a_share_too_many_is_an_error_and_not_left_out() -> None:
    place = Place.of(panel(RED, 30.0), 50.0, 1.0)
    rows = used(assess(panel(RED, 1.0), 1.0))
    for call in (
        lambda: place.led_radiance((1.0, 1.0), 0.1),
        lambda: place.led_irradiance((1.0, 1.0), 0.011),
        lambda: rules._sum((1.0,), ()),
        lambda: rules.worst([[], rows]),
    ):
        with pytest.raises(ValueError, match="argument 2"):
            call()


def test_one_led_by_hand() -> None:
    """12 W/pi of 100 bare LEDs of 1 mm: at 50 cm each gives 12 / 100 / pi / 0.25 W/m2 on the axis."""
    lamp = panel(RED, 30.0, at_cm=0.0, size_cm=(10.0, 40.0))
    place = Place.of(lamp, 50.0, 1.0)
    power = 300.0 * 0.04 / 100
    assert place.led_intensity == (pytest.approx(power / math.pi),)
    assert place.led_irradiance((1.0,), 0.011) == pytest.approx(power / math.pi / 0.25)
    assert place.led_irradiance((0.5,), 0.011) == pytest.approx(power / math.pi / 0.5)
    near = Place.of(lamp, 1.0, 1.0)
    smallest_m = 1e-3 / 0.011
    assert near.led_irradiance((1.0,), 0.011) == pytest.approx(power / math.pi / smallest_m**2)
    assert place.led_subtense_rad() == pytest.approx(2.0 * math.atan(0.5e-3 / 0.5))
    assert near.led_subtense_rad() == pytest.approx(2.0 * math.atan(0.5e-3 / 0.05))  # not nearer than 5 cm
    assert place.array_subtense_rad() == pytest.approx(2.0 * math.atan(12.5 / 50.0))
    assert near.array_subtense_rad() == pytest.approx(2.0 * math.atan(12.5 / 5.0))


def test_a_lens_makes_an_led_larger_and_its_beam_narrower() -> None:
    lamp = panel(RED, 30.0, at_cm=0.0)
    wide, narrow = Place.of(lamp, 50.0, 1.0), Place.of(lamp, 50.0, 5.0)
    assert wide.led_area_m2 == pytest.approx(1e-6)
    assert narrow.led_area_m2 == pytest.approx(3e-6)
    assert narrow.led_intensity[0] == pytest.approx(3.0 * wide.led_intensity[0])
    assert narrow.radiance[0] == pytest.approx(3.0 * wide.radiance[0])
    assert wide.radiance[0] == pytest.approx(300.0 / math.pi)


def test_the_field_of_view_dims_one_led_and_never_below_the_array() -> None:
    place = Place.of(panel(RED, 30.0, at_cm=0.0), 50.0, 1.0)
    seen = math.pi / 4.0 * (0.1 * 0.5) ** 2
    assert place.led_radiance((1.0,), 0.001) == pytest.approx(0.12 / math.pi / 1e-6)
    assert place.led_radiance((1.0,), 0.1) == pytest.approx(max(0.12 / math.pi / seen, 300.0 / math.pi))
    assert place.led_radiance((1.0,), 0.011) == pytest.approx(0.12 / math.pi / (math.pi / 4.0 * 0.0055**2))


def test_bands_side_by_side_in_one_led_add_up_and_others_count_with_their_mean() -> None:
    bands = tuple(LightBand(spectrum, 30.0, 0.0) for spectrum in (RED, NIR, BLUE))
    lamp = Lamp(bands, (20.0, 20.0), 300, 1.0, 60.0)
    one, two = (Place.of(replace(lamp, chips_per_led=chips), 50.0, 1.0) for chips in (1, 2))
    single = 12.0 / 100 / math.pi / 1e-6
    assert one.led_radiance((1.0, 1.0, 1.0), 0.001) == pytest.approx(single + 2.0 * 300.0 / math.pi)
    single = 12.0 / 200 / math.pi / 1e-6
    assert two.led_radiance((1.0, 1.0, 1.0), 0.001) == pytest.approx(2.0 * single + 300.0 / math.pi)
    assert two.led_radiance((1.0, 0.5, 0.0), 0.001) == pytest.approx(1.5 * single)
    more = Place.of(replace(lamp, chips_per_led=9), 50.0, 1.0)
    assert more.led_intensity[0] == pytest.approx(12.0 / 300 / math.pi)  # no band has more LEDs than there are


def test_an_led_has_at_least_one_and_at_most_its_power() -> None:
    few = Place.of(panel(RED, 30.0, at_cm=0.0, leds=0.5), 50.0, 1.0)
    assert few.led_intensity[0] == pytest.approx(12.0 / math.pi)
    one = Place.of(panel(RED, 30.0, at_cm=0.0, leds=1.5), 50.0, 1.0)
    assert one.led_intensity[0] == pytest.approx(12.0 / 1.5 / math.pi)
    limited = Place.of(panel(RED, 30.0, at_cm=0.0, led_power_max_w=0.05), 50.0, 1.0)
    assert limited.led_intensity[0] == pytest.approx(0.05 / math.pi)


@pytest.mark.parametrize("order", [1.0, 4.8])
def test_the_axis_of_a_lamp_with_a_lens(order: float) -> None:
    lamp = panel(RED, 30.0, at_cm=10.0)
    there, here = (float(relative_irradiance((20.0, 20.0), cm, order=order)) for cm in (10.0, 40.0))
    assert Place.of(lamp, 40.0, order).irradiance[0] == pytest.approx(300.0 * here / there)
    contact = Place.of(panel(RED, 30.0, at_cm=0.0), 0.0009, 1.0)
    assert contact.irradiance == (300.0,)  # a hair's breadth is contact
    tiny = Place.of(panel(RED, 30.0, at_cm=0.0, size_cm=(0.01, 0.01)), 0.001, 1.0)
    assert tiny.irradiance[0] == pytest.approx(300.0 * float(relative_irradiance((0.01, 0.01), 0.001)), rel=1e-9)
    assert tiny.irradiance[0] < 299.0


def test_both_ends_of_what_is_sold_are_tried_where_the_angle_is_not_known() -> None:
    unknown = panel(RED, 30.0, half_angle_deg=None, narrowest_half_angle_deg=20.0)
    assert unknown.orders == (1.0, half_angle_to_lambertian_order(20.0))
    assert panel(RED, 30.0, half_angle_deg=20.0).orders == (half_angle_to_lambertian_order(20.0),)


# --- lasers, alone, beside others and beside LEDs


def laser_lamp(*beams: LaserBeam, leds: tuple[LightBand, ...] = (), **others: object) -> Lamp:
    bands = tuple(LightBand(Spectrum.gaussian(beam.wavelength_nm, 2.0), 1.0, 1.0, "claimed", "laser") for beam in beams)
    return Lamp((*bands, *leds), (20.0, 20.0), 100, 1.0, 60.0, laser_beams=beams, **others)  # type: ignore[arg-type]


def test_the_leds_beside_a_weak_laser_are_judged_too() -> None:
    """60 mW/cm2 of near infrared may meet an open eye for 93 s, whatever the lasers beside it are."""
    beam = LaserBeam(650.0, 0.1, stated_class="1")
    infrared = LightBand(NIR, 60.0, 20.0, "measured")
    answer = assess(laser_lamp(beam, leds=(infrared,)), 20.0, 600.0)
    alone = assess(panel(NIR, 60.0), 20.0, 600.0)
    assert answer.verdict == "stop"
    assert answer.permissible_s == alone.permissible_s == pytest.approx(93.2, abs=0.1)
    assert answer.permissible_by_eyes_s == alone.permissible_by_eyes_s
    assert answer.hazard_distance_cm == alone.hazard_distance_cm or answer.hazard_distance_cm is None
    assert set(alone.warnings) <= set(answer.warnings)
    assert set(alone.sources) <= set(answer.sources)
    assert (answer.risk_group, answer.hazards) == ("not assessed", ())
    for seconds, eyes, verdict in ((60.0, "open", "caution"), (120.0, "open", "stop"), (120.0, "shielded", "caution")):
        assert assess(laser_lamp(beam, leds=(infrared,)), 20.0, seconds, eyes).verdict == verdict
    dim = assess(laser_lamp(beam, leds=(LightBand(RED, 1.0, 20.0, "measured"),)), 20.0, 60.0)
    assert dim.verdict == "caution"
    assert assess(laser_lamp(beam, leds=(LightBand(NIR, 1e4, 20.0),)), 1000.0, 1e-3).verdict == "stop"  # risk group 3


def test_the_leds_of_a_mixed_lamp_keep_their_number() -> None:
    lamp = laser_lamp(LaserBeam(650.0, 0.1), leds=(LightBand(NIR, 60.0, 20.0), LightBand(RED, 60.0, 20.0)))
    left = lamp.leds_alone()
    assert left is not None
    assert left.bands == lamp.bands[1:]
    assert left.leds / 2 == pytest.approx(lamp.leds / 3)
    assert (left.laser_beams, left.modes, left.has_laser) == ((), (), False)
    beside = laser_lamp(LaserBeam(650.0, 0.1), leds=(LightBand(NIR, 60.0, 20.0),), chips_per_led=2).leds_alone()
    assert beside is not None
    assert beside.leds == 100  # each LED holds a chip of it, before and after
    two = replace(lamp, chips_per_led=2).leds_alone()
    assert two is not None
    assert two.leds == pytest.approx(lamp.leds * 2.0 / 3.0)
    assert laser_lamp(LaserBeam(650.0, 0.1)).leds_alone() is None


def test_of_a_mixed_lamp_with_modes_the_worst_of_the_leds_counts() -> None:
    strong, weak = (LightBand(NIR, value, 20.0, "measured") for value in (60.0, 1.0))
    beam = LaserBeam(650.0, 0.1)
    modes = (laser_lamp(beam, leds=(strong,)), laser_lamp(beam), panel(RED, 1.0))
    mixed = replace(laser_lamp(beam, leds=(weak,)), modes=modes)
    left = mixed.leds_alone()
    assert left is not None
    assert left.modes == (modes[0].leds_alone(), modes[2])
    answer = assess(mixed, 20.0, 600.0)
    assert answer.permissible_s == pytest.approx(93.2, abs=0.1)


def test_the_worst_beam_counts_for_each_state_of_the_eyes() -> None:
    """4 mW of red are worse for open eyes, but a lid holds back red and no near infrared."""
    red, infrared = LaserBeam(650.0, 4.0), LaserBeam(808.0, 4.0)
    for beams in ((red, infrared), (infrared, red)):
        answer = assess(laser_lamp(*beams), 10.0)
        single = [assess(laser_lamp(beam), 10.0).permissible_by_eyes_s for beam in beams]
        for eyes in EYES:
            known = [one[eyes] for one in single if one[eyes] is not None]
            assert answer.permissible_by_eyes_s[eyes] == min(known, default=None), eyes
        assert answer.laser == assess(laser_lamp(red), 10.0).laser


def test_a_short_look_into_a_beam_and_what_shields_do_about_it() -> None:
    """1 mW may meet an eye for 0.25 s; 100 mW burn the skin after a second, so that a shield helps only before."""
    weak = laser_lamp(LaserBeam(650.0, 1.0))
    assert [assess(weak, 10.0, seconds).verdict.value for seconds in (0.2, 0.3)] == ["caution", "stop"]
    strong = laser_lamp(LaserBeam(650.0, 100.0))
    skin_s = assess(strong, 10.0).permissible_by_eyes_s["shielded"]
    assert skin_s is not None
    for seconds, helps in ((0.5 * skin_s, True), (2.0 * skin_s, False)):
        answer = assess(strong, 10.0, seconds)
        assert answer.verdict == "stop"
        assert ("With shields over the eyes this would stay inside the limits." in answer.warnings) is helps


def test_a_beam_without_limits_hides_no_other_beam() -> None:
    """No limit was read for 405 nm; the 400 mW of red beside it still stop, on the skin too."""
    violet, red = LaserBeam(405.0, 1.0), LaserBeam(650.0, 400.0)
    for eyes in EYES:
        answer = assess(laser_lamp(red, violet), 10.0, 600.0, eyes)
        assert answer.verdict == "stop"
        assert answer.laser is not None
        assert answer.laser["computed_class"] == "not assessed"
    weak = LaserBeam(650.0, 0.1)
    assert [assess(laser_lamp(violet, weak), 10.0, 600.0, eyes).verdict.value for eyes in EYES] == [
        "ask", "ask", "caution"
    ]  # fmt: skip
    answer = assess(laser_lamp(violet, weak), 10.0, 600.0)
    assert answer.laser is not None
    assert answer.laser["computed_class"] == "not assessed"
    assert assess(laser_lamp(violet), 10.0, 600.0, "closed").verdict == "ask"
    assert assess(laser_lamp(violet), 10.0, 600.0, "closed").permissible_by_eyes_s == {}


def test_the_hazard_distance_of_several_beams_is_the_largest_known_or_none() -> None:
    near, far = (LaserBeam(650.0, power, 0.1) for power in (1.0, 50.0))
    assert assess(laser_lamp(near, far), 10.0).hazard_distance_cm == assess(laser_lamp(far), 10.0).hazard_distance_cm
    assert assess(laser_lamp(near, far, LaserBeam(650.0, 50.0)), 10.0).hazard_distance_cm is None
    reaching = assess(laser_lamp(near, leds=(LightBand(NIR, 60.0, 20.0),)), 10.0).hazard_distance_cm
    assert reaching == assess(panel(NIR, 60.0), 10.0).hazard_distance_cm


def test_why_a_laser_is_provisional() -> None:
    because = assess(laser_lamp(LaserBeam(650.0, 1.0), assumptions=("80 beams",)), 10.0).provisional_because
    assert because == (
        "a laser product is not assessed by IEC 62471", "IEC 60825-1 itself was not opened", "80 beams"
    )  # fmt: skip
    unknown = assess(laser_lamp(LaserBeam(650.0, 1.0), LaserBeam(660.0)), 10.0).provisional_because
    assert unknown[-1] == "the power of a beam was not published"


@pytest.mark.parametrize(
    ("name", "bad", "high"),
    [
        ("wavelength_nm", 0.0, 1e6), ("wavelength_nm", math.nan, 1e6), ("wavelength_nm", 1e6 + 1, 1e6),
        ("power_mw", 0.0, 1e5), ("power_mw", -1.0, 1e5), ("power_mw", math.nan, 1e5), ("power_mw", 1e5 + 1, 1e5),
        ("divergence_rad", 0.0, math.pi), ("divergence_rad", -0.1, math.pi), ("divergence_rad", math.nan, math.pi),
        ("divergence_rad", 3.2, math.pi), ("beam_mm", -0.1, 1000.0), ("beam_mm", math.nan, 1000.0),
        ("beam_mm", 1000.5, 1000.0),
    ],
)  # fmt: skip
def test_a_beam_that_cannot_be(name: str, bad: float, high: float) -> None:
    """A beam that "widens" by NaN would pass every limit unseen."""
    with pytest.raises(RangeError) as caught:
        LaserBeam(**{"wavelength_nm": 650.0, "power_mw": 1.0, "divergence_rad": 0.1, name: bad})  # type: ignore[arg-type]
    assert (caught.value.what, caught.value.low, caught.value.high) == (name, 0.0, high)
    assert ("must be above 0" in str(caught.value)) is (name != "beam_mm")
    LaserBeam(1e6, 1e5, math.pi, 1000.0)


# --- what is refused, and in which words


@pytest.mark.parametrize(
    ("name", "bad", "low", "high"),
    [
        ("irradiance_mw_cm2", -0.1, 0.0, 1e5), ("irradiance_mw_cm2", math.nan, 0.0, 1e5),
        ("irradiance_mw_cm2", math.inf, 0.0, 1e5), ("irradiance_mw_cm2", 100_000.5, 0.0, 1e5),
        ("at_cm", -0.1, 0.0, 1000.0), ("at_cm", 1000.1, 0.0, 1000.0),
        ("at_cm", math.nan, 0.0, 1000.0), ("duty_cycle", 0.0, 0.0, 1.0), ("duty_cycle", 1.01, 0.0, 1.0),
        ("duty_cycle", math.nan, 0.0, 1.0),
    ],
)  # fmt: skip
def test_a_band_that_cannot_be(name: str, bad: float, low: float, high: float) -> None:
    good = {"spectrum": RED, "irradiance_mw_cm2": 1.0, "at_cm": 1.0}
    with pytest.raises(RangeError) as caught:
        LightBand(**{**good, name: bad})  # type: ignore[arg-type]
    assert (caught.value.what, str(caught.value.value), caught.value.low, caught.value.high) == (
        name, str(bad), low, high
    )  # fmt: skip


def test_the_ends_of_what_a_band_can_be() -> None:
    assert LightBand(RED, 0.0, 1000.0, duty_cycle=1.0).at_cm == 1000.0
    band = LightBand(RED, 1e5, 0.0)
    assert (band.basis, band.light_source, band.duty_cycle) == ("claimed", "led", 1.0)


@pytest.mark.parametrize(
    ("name", "bad", "high"),
    [
        ("size_cm", (0.0, 5.0), 500.0), ("size_cm", (5.0, 0.0), 500.0), ("leds", 0.0, 1e6), ("leds", math.nan, 1e6),
        ("leds", 1e6 + 0.5, 1e6), ("led_size_mm", 0.0, 100.0), ("led_size_mm", 100.5, 100.0),
        ("chips_per_led", 0, 100.0), ("chips_per_led", 100.5, 100.0), ("size_cm", (500.5, 20.0), 500.0),
        ("size_cm", (20.0, 500.5), 500.0), ("size_cm", (20.0, math.nan), 500.0), ("size_cm", (math.nan, 20.0), 500.0),
        ("near_point_cm", 0.0, 100.0), ("near_point_cm", math.nan, 100.0), ("near_point_cm", 100.5, 100.0),
        ("led_power_max_w", 0.0, math.inf), ("led_power_max_w", math.nan, math.inf),
    ],
)  # fmt: skip
def test_a_lamp_that_cannot_be(name: str, bad: Any, high: float) -> None:
    with pytest.raises(RangeError) as caught:
        panel(RED, 1.0, **{name: bad})
    assert (caught.value.what, caught.value.low, caught.value.high) == (name, 0.0, high)


def test_the_ends_and_defaults_of_what_a_lamp_can_be() -> None:
    band = (LightBand(RED, 1.0, 1.0),)
    largest = Lamp(band, (500.0, 500.0), 1e6, 100.0, chips_per_led=100, near_point_cm=100.0)
    assert largest.half_angle_deg is None
    plain = Lamp(band, (1.0, 1.0), 1, 1.0)
    assert (plain.chips_per_led, plain.laser_class, plain.assumptions, plain.modes) == (1, None, (), ())
    assert plain.laser_beams == ()
    assert (plain.led_power_max_w, plain.near_point_cm) == (math.inf, eye_data().near_point_cm)
    assert plain.narrowest_half_angle_deg == min(kind.narrowest_half_angle_deg for kind in eye_data().kinds)
    with pytest.raises(InputError) as caught:
        Lamp((), (1.0, 1.0), 1, 1.0)
    assert str(caught.value) == "a lamp needs one band of light or more."


@pytest.mark.parametrize(
    ("at_cm", "seconds", "name", "bad", "high"),
    [
        (-0.1, None, "at_cm", -0.1, 1000.0), (1000.1, None, "at_cm", 1000.1, 1000.0),
        (20.0, 0.0, "exposure_s", 0.0, 86400.0), (20.0, 86400.5, "exposure_s", 86400.5, 86400.0),
        (20.0, -1.0, "exposure_s", -1.0, 86400.0), (20.0, math.inf, "exposure_s", math.inf, 86400.0),
    ],
)  # fmt: skip
def test_a_use_that_cannot_be(at_cm: float, seconds: float | None, name: str, bad: float, high: float) -> None:
    with pytest.raises(RangeError) as caught:
        assess(panel(RED, 1.0), at_cm, seconds)
    assert (caught.value.what, caught.value.value, caught.value.low, caught.value.high) == (name, bad, 0.0, high)


def test_the_ends_of_a_use() -> None:
    answer = assess(panel(RED, 1.0), 1000.0, 86_400.0, "closed")
    assert (answer.at_cm, answer.exposure_s, answer.eyes) == (1000.0, 86_400.0, "closed")
    assert assess(panel(RED, 1.0), 20.0, 0.5).verdict == "clear"


# --- devices


def made(**others: object) -> Device:
    bands = [{"peak_nm": 633, "irradiance_mw_cm2": 20.0, "irradiance_basis": "measured"}]
    return photodose.device({"id": "own", "name": "Own", "kind": "panel", "bands": bands, "leds": 60, **others})


def test_a_device_of_one_band_has_all_its_leds() -> None:
    assert lamp_of(made(size_cm=[20, 20])).leds == 60.0
    assert lamp_of(made(size_cm=[20, 20], kind="mask")).leds == 60.0  # where a mask's LEDs could hold two bands


def test_a_laser_beside_leds_in_a_device_file() -> None:
    bands = [{"peak_nm": 650, "light_source": "laser"}, {"peak_nm": 850}]
    unit = photodose.device({"id": "own", "name": "Own", "kind": "panel", "bands": bands, "size_cm": [20, 20],
                             "leds": 60, "half_angle_deg": 60, "laser_class": "3R"})  # fmt: skip
    lamp = lamp_of(unit)
    assert lamp.laser_class == "3R"
    assert lamp.laser_beams == (LaserBeam(650.0, stated_class="3R"),)
    high = lamp.bands[1].irradiance_mw_cm2
    assert lamp.assumptions[0] == f"{high:.0f} mW/cm2 at 850 nm, the high end of devices of this kind"
    assert len(lamp.assumptions) == 2
    only = photodose.device({"id": "own", "name": "Own", "kind": "cap", "bands": bands[:1]})
    assert lamp_of(only).assumptions == ()
    assert lamp_of(only).laser_beams == (LaserBeam(650.0),)


def test_a_beam_that_nobody_read_counts_in_nothing() -> None:
    spec = {"power_mw": 4.0, "divergence_deg": 20.0, "beam_mm": 2.0}
    file = {"id": "own", "name": "Own", "kind": "cap", "light_source": "laser", "bands": [{"peak_nm": 650}]}
    read = lamp_of(photodose.device({**file, "laser_beam": spec})).laser_beams
    assert read == (LaserBeam(650.0, 4.0, math.radians(20.0), 2.0),)
    unread = lamp_of(photodose.device({**file, "laser_beam": {**spec, "basis": "unverified"}})).laser_beams
    assert unread == (LaserBeam(650.0),)
    bare = lamp_of(photodose.device({**file, "laser_beam": {"power_mw": 4.0}})).laser_beams
    assert bare == (LaserBeam(650.0, 4.0),)


def test_a_usual_size_is_said_with_both_sides() -> None:
    width, height = usual_size_cm("panel")
    assert width != height
    assert f"an emitting area of {width:.1f} by {height:.1f} cm" in lamp_of(made()).assumptions


def test_the_near_point_is_that_of_the_data(monkeypatch: pytest.MonkeyPatch) -> None:
    data = eye_data().model_copy(update={"near_point_cm": 7.0})
    monkeypatch.setattr("photodose.safety.hazards.device.eye_data", lambda: data)
    assert lamp_of(made(size_cm=[20, 20])).near_point_cm == 7.0


def test_an_irradiance_without_a_basis_is_unverified() -> None:
    unit = made(size_cm=[20, 20])
    bare = replace(unit, bands=(replace(unit.bands[0], basis=None),))
    assert lamp_of(bare).bands[0].basis == "unverified"
