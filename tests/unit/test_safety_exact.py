"""The edges, the words and the keys of safety answers, exactly: what small mutations of the code would change."""

from __future__ import annotations

import pytest

from photodose.optics import Spectrum
from photodose.quantities import InputError, RangeError
from photodose.safety import bands_of
from photodose.safety.hazards import HazardAssessment, Lamp, LightBand, assess, standards

NIR = Spectrum.gaussian(850.0, 30.0)
RED = Spectrum.gaussian(633.0, 18.0)
BLUE = Spectrum.gaussian(450.0, 20.0)
INFRARED_WARNING = "Near infrared at the eye is above 10 mW/cm2: wear shields that let no light in."
SHIELDS_WARNING = "With shields over the eyes this would stay inside the limits."


def lamp(spectrum: Spectrum, irradiance: float, at_cm: float = 20.0, basis: str = "measured", **others: object) -> Lamp:
    usual = {"size_cm": (20.0, 20.0), "leds": 100, "led_size_mm": 1.0, "half_angle_deg": 60.0}
    return Lamp((LightBand(spectrum, irradiance, at_cm, basis),), **{**usual, **others})  # type: ignore[arg-type]


def here(answer: HazardAssessment) -> list[tuple[str, str, str]]:
    """Hazard, edition and what is worst, at the distance of use."""
    return [(row.id, row.edition, row.worst_of) for row in answer.hazards[len(answer.hazards) // 2 :]]


# --- bands: the ends belong to both sides


@pytest.mark.parametrize(
    ("peak", "width", "bands"),
    [
        (600.0, 200.0, {"blue", "red", "nir"}),  # 500 and 700 nm themselves
        (600.0, 20.0, {"red"}),
        (500.0, 20.0, {"blue"}),
        (800.0, 200.0, {"red", "nir"}),
        (490.0, 220.0, {"blue", "red"}),
        (590.0, 300.0, {"blue", "red", "nir"}),
    ],
)
def test_the_ends_of_bands(peak: float, width: float, bands: set[str]) -> None:
    assert bands_of(peak, width) == bands


def test_widths_may_be_one_for_all_or_partly_unknown_but_not_of_another_number() -> None:
    assert bands_of([633.0, 830.0], [20.0]) == {"red", "nir"}
    assert bands_of([633.0, 830.0], [None, 20.0]) == {"red", "nir"}  # type: ignore[list-item]
    with pytest.raises(InputError) as caught:
        bands_of([633.0, 660.0, 830.0], [20.0, 20.0])
    assert str(caught.value) == "fwhm_nm holds 2 widths for 3 peaks; give one for each."
    with pytest.raises(InputError) as caught:
        bands_of([])
    assert str(caught.value) == "peaks_nm must hold one wavelength or more."


@pytest.mark.parametrize(
    ("peak", "width", "name", "low", "high"), [(100.0, 20.0, "peak_nm", 200, 20000), (633.0, 500.0, "fwhm_nm", 0, 400)]
)
def test_a_band_out_of_range_is_named_with_its_range(
    peak: float, width: float, name: str, low: float, high: float
) -> None:
    with pytest.raises(RangeError) as caught:
        bands_of(peak, width)
    value = peak if name == "peak_nm" else width
    assert str(caught.value) == str(RangeError(name, value, float(low), float(high)))


# --- the answer whole


def test_every_key_of_a_lamps_answer() -> None:
    answer = assess(lamp(NIR, 30.0), 15.0, exposure_s=600.0, eyes="closed")
    content = answer.to_dict()
    same = (
        "risk_group", "risk_groups", "provisional", "hazard_distance_cm", "at_cm", "eyes", "exposure_s",
        "permissible_s", "permissible_by_eyes_s", "laser",
    )  # fmt: skip
    assert {key: content.pop(key) for key in same} == {key: getattr(answer, key) for key in same}
    assert content.pop("provisional_because") == list(answer.provisional_because)
    assert content.pop("warnings") == list(answer.warnings)
    assert content.pop("verdict") == "stop"
    assert content.pop("skin_temperature_c") is None
    assert content.pop("standards") == [
        {"id": item.id, "covers": item.covers, "does_not_cover": item.does_not_cover} for item in standards().standards
    ]
    sources = content.pop("sources")
    assert len(sources) == len(answer.sources)
    assert all(value is not None for source in sources for value in source.values())
    rows = content.pop("hazards")
    assert [set(row) for row in rows] == [set(answer.hazards[0].__slots__)] * len(answer.hazards)
    assert all(row == {key: getattr(item, key) for key in row} for row, item in zip(rows, answer.hazards, strict=True))
    assert content == {}


def test_a_laser_products_answer() -> None:
    laser = LightBand(Spectrum.gaussian(650.0, 2.0), 5.0, 1.0, "claimed", "laser")
    unit = Lamp((laser,), (10.0, 10.0), 80, 1.0, assumptions=("80 beams",))
    content = assess(unit, 1.0, 60.0).to_dict()
    content.pop("standards")
    content.pop("sources")
    beam = content.pop("laser")
    assert content.pop("permissible_s") == content["permissible_by_eyes_s"]["open"] < 1e-3
    assert content.pop("permissible_by_eyes_s") == {
        "open": pytest.approx((18.0 / 181.9) ** 4, rel=1e-3),
        "closed": pytest.approx((18.0 / (0.29 * 181.9)) ** 4, rel=1e-3),
        "shielded": None,
    }
    words = beam.pop("words")
    assert beam == {
        "standard": "IEC 60825-1",
        "class": "not assessed",
        "computed_class": "not assessed",
        "consistency": "not assessed",
        "power_mw": 7.0,
        "power_basis": "assumed",
        "emission_limits_mw": {"1": 0.39, "2": 1.0, "3R": 5.0, "3B": 500.0},
        "eye_irradiance_w_m2": pytest.approx(181.9, abs=0.1),
        "eye_limit_w_m2": 10.0,
        "eye_permissible_s": pytest.approx((18.0 / 181.9) ** 4, rel=1e-3),
        "skin_permissible_s": None,
        "hazard_distance_cm": None,
    }
    assert words == [
        "Nobody published the power of a beam, so 7 mW is taken, the most read for such a product.",
        "Looking into one beam with eyes open: the limit is passed faster than a blink.",
        "Looking into one beam with eyes closed: the limit is passed faster than a blink.",
        "Looking into one beam with eyes shielded: no limit is reached in eight hours.",
        "How far the beam widens was not published, so this counts at any distance.",
    ]
    assert content == {
        "hazards": [],
        "risk_group": "not assessed",
        "risk_groups": {},
        "provisional": True,
        "provisional_because": [
            "a laser product is not assessed by IEC 62471",
            "IEC 60825-1 itself was not opened",
            "the power of a beam was not published",
            "80 beams",
        ],
        "hazard_distance_cm": None,
        "at_cm": 1.0,
        "eyes": "open",
        "exposure_s": 60.0,
        "skin_temperature_c": None,
        "verdict": "stop",
        "warnings": [
            "This is a laser product (IEC 60825-1, class not assessed). Never look into it.",
            *words,
            "With shields over the eyes this would stay inside the limits.",
        ],
    }
    mixed = Lamp((laser, LightBand(RED, 5.0, 1.0)), (10.0, 10.0), 80, 1.0, laser_class="3R")
    assert assess(mixed, 1.0).warnings[:2] == (
        "This is a laser product (IEC 60825-1, class 3R). Never look into it.",
        "The times rest on 5 mW a beam, the most that class 3R allows.",
    )


def test_names_and_references_of_every_limit() -> None:
    rows = assess(lamp(BLUE, 30.0), 15.0).hazards[13:]
    assert [(row.id, row.name, row.reference, row.unit, row.verified) for row in rows[:8]] == [
        ("actinic_uv", "actinic ultraviolet, skin and eye", "4.3.1, equations 4.1 and 4.2, table 4.1", "W/m2", True),
        ("uva_eye", "near ultraviolet, eye", "4.3.2", "W/m2", True),
        ("blue_light", "blue light, retina", "4.3.3, equations 4.5 and 4.6, table 4.2", "W/m2/sr", True),
        ("blue_light_small", "blue light, retina, small source (one LED)", "4.3.4", "W/m2", True),
        ("retinal_thermal", "retinal thermal", "4.3.5", "W/m2/sr", True),
        (
            "retinal_thermal_weak_visual", "retinal thermal, weak visual stimulus (near infrared)", "4.3.6",
            "W/m2/sr", True,
        ),
        ("ir_eye", "infrared, cornea and lens", "4.3.7", "W/m2", True),
        ("skin_thermal", "heat at the skin", "4.3.8, equation 4.12", "W/m2", True),
    ]  # fmt: skip
    assert rows[0].limit == pytest.approx(30.0 / 30_000.0)


def test_one_led_is_named_where_it_is_worse_than_the_array() -> None:
    """100 LEDs of 1 mm: in the blue one LED counts, whether the limit is passed or not; a million: the array."""
    for irradiance in (30.0, 0.1):
        named = {(name, edition): what for name, edition, what in here(assess(lamp(BLUE, irradiance), 15.0))}
        assert named["blue_light", "IEC 62471:2006"] == "one LED"
        assert named["blue_light_small", "2006/25/EC"] == "one LED"
        assert named["retinal_thermal", "ICNIRP 2013"] == "one LED"
        assert named["ir_eye", "IEC 62471:2006"] == named["actinic_uv", "IEC 62471:2006"] == "array"
    even = {name: what for name, _, what in here(assess(lamp(BLUE, 30.0, leds=1e6), 15.0))}
    assert even["blue_light"] == even["retinal_thermal"] == "array"
    reference = assess(lamp(NIR, 1000.0), 15.0).hazards[-1]
    assert (reference.id, reference.permissible_s) == ("skin_thermal", 10.0)


def test_a_small_blue_source_below_the_rate_has_no_end() -> None:
    """0.1 mW/cm2 of blue from 100 LEDs: 2.7 W/m2/sr over 0.1 rad, far below 100; the dose within 0.011 rad is no limit
    then."""
    found = next(row for row in assess(lamp(BLUE, 0.1), 15.0).hazards[13:] if row.id == "blue_light")
    assert found.value == pytest.approx(2.746, abs=0.01)
    assert found.permissible_s is None


# --- edges of time and distance


def test_a_limit_that_is_just_reached_is_not_passed() -> None:
    limit = assess(lamp(NIR, 30.0), 20.0).permissible_s
    assert limit == pytest.approx(234.9, abs=0.1)
    assert assess(lamp(NIR, 30.0), 20.0, exposure_s=limit).verdict == "caution"
    assert assess(lamp(NIR, 30.0), 20.0, exposure_s=limit * 1.000001).verdict == "stop"  # type: ignore[operator]


def test_a_hazard_distance_below_a_centimetre() -> None:
    tiny = lamp(NIR, 30.0, at_cm=0.0, size_cm=(0.5, 0.5))
    distance = assess(tiny, 0.0).hazard_distance_cm
    assert distance is not None
    assert 0.1 < distance < 1.0
    assert assess(tiny, distance).permissible_s is None


# --- reasons and warnings, word by word


def test_why_a_group_is_provisional() -> None:
    known = assess(lamp(NIR, 30.0), 15.0).provisional_because
    assert known == (
        "the risk groups of actinic_uv are derived or unread",
        "the risk groups of uva_eye are derived or unread",
        "the risk groups of ir_eye are derived or unread",
    )
    claimed = assess(lamp(NIR, 30.0, basis="claimed", assumptions=("9 LEDs",)), 15.0)
    assert claimed.provisional_because == (*known, "the irradiance was not measured", "9 LEDs")
    assert claimed.warnings[-1] == "Assumed: 9 LEDs."


@pytest.mark.parametrize(
    ("irradiance", "seconds", "eyes", "warnings"),
    [
        (30.0, 600.0, "open", (INFRARED_WARNING, SHIELDS_WARNING)),
        (30.0, 100.0, "open", (INFRARED_WARNING,)),
        (15.0, 100.0, "open", (INFRARED_WARNING,)),
        (10.0, 600.0, "open", ()),
        (30.0, 600.0, "shielded", ()),
        (500.0, 600.0, "open", (INFRARED_WARNING,)),  # too much for the skin too: no shield helps
        (500.0, 6.0, "open", (INFRARED_WARNING, SHIELDS_WARNING)),  # 5.5 s for open eyes, 6.3 s for the skin
    ],
)
def test_warnings(irradiance: float, seconds: float, eyes: str, warnings: tuple[str, ...]) -> None:
    assert assess(lamp(NIR, irradiance), 20.0, seconds, eyes).warnings == warnings


def test_the_warning_of_a_closed_lid() -> None:
    closed = "Nobody measured how much near infrared a closed lid lets through; none of it counts as held back."
    assert assess(lamp(RED, 30.0), 20.0, 60.0, "closed").warnings == (closed,)
    assert assess(lamp(RED, 30.0), 20.0, 60.0).warnings == ()


def test_sources_name_limits_lids_and_assumptions() -> None:
    cited = " ".join(source.citation for source in assess(lamp(RED, 30.0), 20.0).sources)
    for text in ("2006/25/EC", "eyelid", "SFH 4715AS"):
        assert text in cited


def test_the_shorter_time_counts_before_the_larger_ratio() -> None:
    from dataclasses import replace

    from photodose.safety.hazards.evaluate import worst

    row = assess(lamp(NIR, 30.0), 15.0).hazards[-7]
    endless, short, shorter = (
        replace(row, ratio=ratio, permissible_s=seconds) for ratio, seconds in ((5.0, None), (2.0, 10.0), (1.5, 9.0))
    )
    assert worst([[endless], [short], [shorter]]) == [shorter]
    assert worst([[endless], [replace(endless, ratio=6.0)]])[0].ratio == 6.0
