"""Exposure: what a claim is worth, what contact, distance, enclosure and the user's own meter do to it."""

import copy
import math

import numpy as np
import pytest

from photodose import devices
from photodose.devices.claims import knowledge, predictive_lognormal, true_ratio
from photodose.devices.rectangle import mean_cosine, mean_relative_irradiance, relative_irradiance
from photodose.quantities import InputError, RangeError, UnknownNameError

PANEL = {
    "id": "my-panel",
    "name": "My panel",
    "kind": "panel",
    "size_cm": [20, 60],
    "distance_cm": 15,
    "half_angle_deg": 60,
    "bands": [{"peak_nm": 660, "irradiance_mw_cm2": 40, "irradiance_basis": "measured", "at_cm": 15}],
}
MASK = {
    "id": "my-mask",
    "name": "My mask",
    "kind": "mask",
    "distance_cm": 0,
    "bands": [{"peak_nm": 633, "irradiance_mw_cm2": 20, "irradiance_basis": "measured"}],
}


def band_changed(spec, **values):
    content = copy.deepcopy(spec)
    content["bands"][0].update(values)
    return devices.device(content)


def test_a_claim_is_never_its_own_centre():
    """The pairs' centre is well below 1 and every claimed band of the catalogue follows it."""
    ratio = true_ratio("claimed")
    assert 0.35 < ratio.median < 0.65
    assert ratio.estimate.high < 1.0
    assert ratio.estimate.low < 0.3
    seen = 0
    for lamp in devices.catalogue():
        if not any(band.basis == "claimed" for band in lamp.bands):
            continue
        for band in devices.exposure(lamp).bands:
            assert band.published_mw_cm2 is not None
            assert band.free_air_mw_cm2 < 0.75 * band.published_mw_cm2
            seen += 1
    assert seen >= 10


def test_widths_grow_from_measured_to_unverified():
    measured, claimed, contact, unverified = (
        true_ratio("measured"),
        true_ratio("claimed"),
        true_ratio("claimed", contact=True),
        true_ratio("unverified", contact=True),
    )
    assert measured.log_sd < claimed.log_sd < contact.log_sd < unverified.log_sd
    assert measured.median == 1.0
    assert unverified.median == claimed.median


def test_small_sample_is_student_t():
    """Two values: t(1) at 95 % is 6.3138; their log sd is ln(2)/sqrt(2), times sqrt(1.5)."""
    median, log_sd = predictive_lognormal([1.0, 2.0])
    assert median == pytest.approx(math.sqrt(2.0))
    assert log_sd == pytest.approx(6.313752 * math.log(2.0) / math.sqrt(2.0) * math.sqrt(1.5) / 1.644854, rel=1e-5)


def test_the_centre_comes_from_the_pairs_in_use():
    used = [math.sqrt(p.ratio_low * p.ratio_high) for p in knowledge().pairs if p.use]
    assert true_ratio("claimed").median == pytest.approx(float(np.exp(np.mean(np.log(used)))))


@pytest.mark.parametrize(("rho", "gain"), [(0.3, 1.21), (0.5, 1.40), (0.8, 1.84)])
def test_enclosure_gain_numbers(rho, gain):
    assert round(float(devices.enclosure_gain(0.57, rho)), 2) == gain


def test_enclosure_gain_is_the_sum_of_round_trips():
    trips = sum((0.6 * 0.5 * 0.9) ** n for n in range(60))
    assert float(devices.enclosure_gain(0.6, 0.5, 0.9)) == pytest.approx(trips)
    assert devices.enclosure_gain([0.2, 0.4], 0.5).shape == (2,)
    with pytest.raises(RangeError, match="skin_reflectance"):
        devices.enclosure_gain(1.2, 0.5)
    with pytest.raises(RangeError):
        devices.enclosure_gain(1.0, 1.0)


def test_the_gain_is_for_free_air_only():
    free = devices.exposure(band_changed(MASK), skin_reflectance=0.57).bands[0]
    skin = devices.exposure(band_changed(MASK, irradiance_condition="on_skin"), skin_reflectance=0.57).bands[0]
    assert free.gain == pytest.approx(1 / (1 - 0.57 * 0.55), rel=1e-6)
    assert free.gain_log_sd > 0.05
    assert free.median_mw_cm2 == pytest.approx(20.0 * free.gain)
    assert (skin.gain, skin.gain_log_sd, skin.median_mw_cm2) == (1.0, 0.0, 20.0)
    panel = devices.exposure(devices.device(PANEL), skin_reflectance=0.57)
    assert panel.enclosure is None
    assert panel.bands[0].gain == 1.0


def test_skin_reflectance_by_band_and_function():
    lamp = devices.device("omnilux-contour-face")
    by_map = devices.exposure(lamp, skin_reflectance={633: 0.5, 830: 0.6})
    by_call = devices.exposure(lamp, skin_reflectance=lambda nm: 0.5 if nm < 700 else 0.6)
    assert [b.gain for b in by_map.bands] == [b.gain for b in by_call.bands]
    assert by_map.bands[0].gain < by_map.bands[1].gain
    with pytest.raises(InputError, match="830"):
        devices.exposure(lamp, skin_reflectance={633: 0.5})
    with pytest.raises(RangeError):
        devices.exposure(lamp, skin_reflectance=1.5)
    assert any("free air" in warning for warning in devices.exposure(lamp).warnings)


def test_no_published_irradiance_asks_for_one():
    with pytest.raises(InputError) as caught:
        devices.exposure("shark-cryoglow")
    text = str(caught.value)
    assert "shark-cryoglow" in text
    assert "--irradiance-mw-cm2 630=" in text
    assert "--assume" in text
    assumed = devices.exposure("shark-cryoglow", assume=True)
    assert {band.basis for band in assumed.bands} == {"assumed"}
    assert any("prior by kind" in line for line in assumed.assumptions)
    for band in assumed.bands:
        assert 0.5 < band.free_air_mw_cm2 < 60.0
        assert band.free_air_log_sd > 0.5
        assert band.published_mw_cm2 is None


def test_what_nobody_read_enters_no_exposure_unless_assumed():
    with pytest.raises(InputError, match="verified irradiance"):
        devices.exposure("currentbody-skin-series-1")
    assumed = devices.exposure("currentbody-skin-series-1", assume=True)
    assert {band.basis for band in assumed.bands} == {"unverified"}
    assert any("nobody read it" in warning for warning in assumed.warnings)
    typed = devices.exposure(band_changed(MASK, irradiance_basis="unverified"))
    assert typed.bands[0].basis == "unverified"  # a user's own file may say so of the user's own number
    assert typed.bands[0].free_air_mw_cm2 < 20.0


def test_an_unverified_band_without_number_is_left_out():
    exposure = devices.exposure("currentbody-skin-series-2")
    assert exposure.peaks_nm == (633.0, 830.0)
    assert any("1072" in warning and "left out" in warning for warning in exposure.warnings)


def test_a_split_total_says_so_and_widens():
    split = devices.exposure("currentbody-skin-series-2")
    assert any("split equally" in line for line in split.assumptions)
    band = split.bands[0]
    assert band.free_air_log_sd > band.common_log_sd
    own = devices.exposure(band_changed(MASK, irradiance_basis="claimed")).bands[0]
    assert own.free_air_log_sd == own.common_log_sd


def test_the_users_own_measurement_wins():
    exposure = devices.exposure("shark-cryoglow", irradiance_mw_cm2={630: 12, 830: 18})
    assert [b.free_air_mw_cm2 for b in exposure.bands] == [12.0, 18.0]
    assert {b.basis for b in exposure.bands} == {"measured"}
    assert any("meter not named" in line for line in exposure.assumptions)
    with pytest.raises(UnknownNameError, match=r"633, 830"):
        devices.exposure("omnilux-contour-face", irradiance_mw_cm2={660: 12})
    for wrong in (-1.0, 0.0, float("nan"), float("inf")):
        with pytest.raises(RangeError):
            devices.exposure("omnilux-contour-face", irradiance_mw_cm2={633: wrong})
    with pytest.raises(InputError, match="peak=value"):
        devices.exposure("omnilux-contour-face", irradiance_mw_cm2={"red": 3})


def test_a_solar_meter_is_corrected():
    plain = devices.exposure("omnilux-contour-face", irradiance_mw_cm2={633: 20, 830: 20}, meter="thermopile")
    solar = devices.exposure("omnilux-contour-face", irradiance_mw_cm2={633: 20, 830: 20}, meter="solar")
    assert plain.bands[0].free_air_mw_cm2 == pytest.approx(20.0)
    assert solar.bands[0].free_air_mw_cm2 == pytest.approx(20.0 / math.sqrt(3.0))
    assert solar.bands[0].free_air_log_sd > plain.bands[0].free_air_log_sd


def test_distance_follows_the_rectangle_not_the_inverse_square():
    lamp = devices.device(PANEL)
    here = devices.exposure(lamp).bands[0]
    assert here.free_air_mw_cm2 == pytest.approx(40.0)
    assert here.peak_to_mean == pytest.approx(
        float(relative_irradiance((20, 60), 15.0)) / mean_relative_irradiance((20, 60), 15.0)
    )
    there = devices.exposure(lamp, distance_cm=30.0).bands[0]
    expected = mean_relative_irradiance((20, 60), 30.0) / mean_relative_irradiance((20, 60), 15.0)
    assert there.free_air_mw_cm2 == pytest.approx(40.0 * expected)
    assert there.free_air_mw_cm2 > 1.3 * 40.0 / 4.0
    assert there.free_air_log_sd > here.free_air_log_sd
    far = devices.exposure(lamp, distance_cm=480.0).bands[0].free_air_mw_cm2
    farther = devices.exposure(lamp, distance_cm=240.0).bands[0].free_air_mw_cm2
    assert farther / far == pytest.approx(4.0, rel=0.02)


def test_a_number_at_the_centre_is_more_than_the_mean():
    centre = devices.exposure(band_changed(PANEL, irradiance_statistic="centre")).bands[0]
    assert centre.free_air_mw_cm2 == pytest.approx(
        40.0 * mean_relative_irradiance((20, 60), 15.0) / float(relative_irradiance((20, 60), 15.0))
    )


def test_another_distance_needs_a_size():
    with pytest.raises(InputError, match="size_cm") as caught:
        devices.exposure("mitopro-1500", distance_cm=40.0)
    for way_out in ("--assume", "--irradiance-mw-cm2 630=", "at 40 cm", "--distance-cm 15.24"):
        assert way_out in str(caught.value)
    there = {630: 10, 660: 10, 830: 10, 850: 10}  # measured where the skin will be: no size is needed
    assert devices.exposure("mitopro-1500", distance_cm=40.0, irradiance_mw_cm2=there).bands[0].median_mw_cm2 == 10.0
    for wrong in (-1.0, 501.0, float("nan")):
        with pytest.raises(RangeError, match="distance_cm"):
            devices.exposure("mitopro-1500", distance_cm=wrong)


def test_incidence_and_why():
    contact = devices.exposure("omnilux-contour-face")
    assert contact.incidence.kind == "diffuse"
    assert "skin" in contact.incidence_reason
    assert devices.exposure("novothor").incidence.kind == "diffuse"
    known_by_numbers = devices.exposure("lumebox-lb-001a")
    assert known_by_numbers.incidence.kind == "diffuse"
    assert "only by its numbers" in known_by_numbers.incidence_reason
    panel = devices.exposure(devices.device(PANEL))
    assert panel.incidence.kind == "lambertian"
    assert devices.exposure(devices.device(PANEL), distance_cm=100.0).incidence.order > panel.incidence.order > 1.0


def test_an_array_gives_mean_and_peak():
    emitters = [
        {"position_cm": [x, y, 0], "radiant_power_mw": 5.0, "half_angle_deg": 60, "band": 660}
        for x in np.arange(-9.5, 10, 1.0).tolist()
        for y in np.arange(-29.5, 30, 1.0).tolist()
    ]
    spec = {
        **copy.deepcopy(PANEL),
        "array": {"basis": "measured", "emitters": emitters},
        "bands": [{"peak_nm": 660}],
    }
    band = devices.exposure(devices.device(spec)).bands[0]
    assert band.free_air_mw_cm2 == pytest.approx(5.0 * mean_relative_irradiance((20, 60), 15.0), rel=5e-3)
    assert band.peak_to_mean == pytest.approx(
        float(relative_irradiance((20, 60), 15.0)) / mean_relative_irradiance((20, 60), 15.0), rel=5e-3
    )
    assert "emitters" in band.peak_to_mean_source


def test_modes():
    both = devices.exposure("theraface-mask")
    assert both.peaks_nm == (633.0, 830.0)
    assert any("Mode" in line for line in both.assumptions)
    assert devices.exposure("theraface-mask", mode="blue").peaks_nm == (415.0,)
    with pytest.raises(UnknownNameError, match="blue"):
        devices.exposure("theraface-mask", mode="green")
    with pytest.raises(UnknownNameError, match="no modes"):
        devices.exposure("omnilux-contour-face", mode="blue")


def test_lasers_and_recalls_warn():
    laser = devices.exposure("theradome-evo-lh40", irradiance_mw_cm2={678: 5})
    assert any("60825" in warning for warning in laser.warnings)
    assert laser.bands[0].light_source == "laser"
    recalled = devices.exposure("neutrogena-light-therapy-acne-mask", assume=True)
    assert any("recalled" in warning for warning in recalled.warnings)


def test_a_tail_outside_the_tables_is_said():
    lamp = band_changed(MASK, peak_nm=1072, fwhm_nm=50)
    assert any("outside 400 to 1100" in warning for warning in devices.exposure(lamp).warnings)


def test_samples_have_the_stated_distribution():
    exposure = devices.exposure("omnilux-contour-face", skin_reflectance=0.5)
    draws = exposure.sample(40_000, np.random.default_rng(7))
    assert draws.shape == (40_000, 2)
    for index, band in enumerate(exposure.bands):
        low, middle, high = np.quantile(draws[:, index], [0.05, 0.5, 0.95])
        stated = band.irradiance_mw_cm2
        assert middle == pytest.approx(stated.value, rel=0.03)
        assert low == pytest.approx(stated.low, rel=0.06)
        assert high == pytest.approx(stated.high, rel=0.06)
    correlation = np.corrcoef(np.log(draws.T))[0, 1]
    band = exposure.bands[0]
    expected = (band.common_log_sd**2 + band.gain_log_sd**2) / band.log_sd**2
    assert correlation == pytest.approx(expected, abs=0.03)


def test_samples_follow_each_sampled_skin():
    exposure = devices.exposure("omnilux-contour-face")
    dark = exposure.sample(2000, np.random.default_rng(1), skin_reflectance=np.full((2000, 1), 0.1))
    light = exposure.sample(2000, np.random.default_rng(1), skin_reflectance=np.full((2000, 1), 0.7))
    assert (light > dark).all()


def test_json_of_an_exposure():
    import json

    answer = devices.exposure("omnilux-contour-face", skin_reflectance=0.5).to_dict()
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert {"value", "low", "high"} == set(answer["bands"][0]["irradiance_mw_cm2"])
    assert answer["sources"]


def test_peak_to_mean_of_worn_devices():
    """A mask of unknown lattice gets the measured mask's contrast and says that it is not its own."""
    band = devices.exposure("omnilux-contour-face").bands[0]
    assert 3.0 < band.peak_to_mean < 6.0
    assert "not of this product" in band.peak_to_mean_source
    known = band_changed({**MASK, "emitting_area_cm2": 250, "leds": 100})
    own = devices.exposure(known).bands[0]
    assert own.peak_to_mean == pytest.approx(devices.array.lattice_peak_to_mean(10 * math.sqrt(2.5), 5.0))
    assert "100 emitters" in own.peak_to_mean_source
    cap = devices.exposure("theradome-evo-lh40", irradiance_mw_cm2={678: 5}).bands[0]
    assert cap.peak_to_mean is None


def test_an_array_in_contact_stands_off_a_little():
    emitters = [
        {"position_mm": [x, y, 0], "radiant_power_mw": 2.0, "band": 633}
        for x in range(0, 81, 10)
        for y in range(0, 81, 10)
    ]
    spec = {**copy.deepcopy(MASK), "array": {"basis": "measured", "emitters": emitters}}
    exposure = devices.exposure(devices.device(spec))
    assert any("5 mm" in line for line in exposure.assumptions)
    assert exposure.bands[0].free_air_mw_cm2 == pytest.approx(
        2.0, rel=0.25
    )  # 2 mW on each square centimetre, less edges
    assert exposure.bands[0].peak_to_mean > 1.0
    assert exposure.incidence.kind == "diffuse"


def test_devices_can_be_keys():
    assert len({devices.device(name.id) for name in devices.catalogue()}) == len(devices.catalogue())


@pytest.mark.parametrize("lamp", devices.catalogue(), ids=lambda lamp: lamp.id)
def test_a_size_by_kind_carries_every_device_to_another_distance(lamp):
    """With `assume` no distance is refused; light falls off, less surely, and the size is named."""
    use, far, farther = (devices.exposure(lamp, z, assume=True) for z in (None, 60.0, 120.0))
    for near, away, beyond in zip(use.bands, far.bands, farther.bands, strict=True):
        assert near.median_mw_cm2 > away.median_mw_cm2 > beyond.median_mw_cm2 > 0.0
        assert near.log_sd < away.log_sd < beyond.log_sd
    wide, high = devices.usual_size_cm(lamp.kind)
    assert any(f"{wide:g} x {high:g} cm is assumed for a {lamp.kind}" in line for line in far.assumptions)
    assert not any("emitting size" in line for line in use.assumptions)
    assert "(assumed)" in far.incidence_reason


def test_an_assumed_size_widens_by_what_half_and_double_would_give():
    spec = {**PANEL, "bands": [{**PANEL["bands"][0]}]}
    unknown = {key: value for key, value in spec.items() if key != "size_cm"}
    known = devices.exposure({**spec, "size_cm": [30, 100]}, distance_cm=60.0).bands[0]
    assumed = devices.exposure(unknown, distance_cm=60.0, assume=True).bands[0]
    assert assumed.median_mw_cm2 == pytest.approx(known.median_mw_cm2)
    small, large = (
        devices.exposure({**spec, "size_cm": size}, distance_cm=60.0).bands[0].median_mw_cm2
        for size in ([15, 50], [60, 200])
    )
    extra = math.log(large / small) / (2 * 1.6448536)
    assert assumed.log_sd == pytest.approx(math.hypot(known.log_sd, extra))


def test_a_mask_held_away_is_a_lamp_and_not_an_enclosure():
    own = {**MASK, "size_cm": [20, 20], "half_angle_deg": 60}
    for near in (0.0, 1.0, 2.0, 3.0):
        assert devices.exposure(own, distance_cm=near).incidence.kind == "diffuse"
    orders = []
    for away in (3.5, 20.0, 100.0, 500.0):
        answer = devices.exposure(own, distance_cm=away)
        assert answer.incidence.kind == "lambertian"
        assert "encloses" not in answer.incidence_reason
        cosine = mean_cosine((20.0, 20.0), away, 1.0)
        assert answer.incidence.order == pytest.approx(min((2 * cosine - 1) / (1 - cosine), 1000.0))
        orders.append(answer.incidence.order)
    assert orders == sorted(orders)
    there = devices.exposure(MASK, distance_cm=20.0, irradiance_mw_cm2={633: 2.0})
    assert there.incidence_reason == "diffuse: the device is known only by its numbers"


def test_a_claim_for_contact_is_as_doubtful_farther_off():
    own = band_changed({**MASK, "size_cm": [20, 20], "lambertian_order": 1.0}, irradiance_basis="claimed")
    near, away = (devices.exposure(own, distance_cm=z).bands[0] for z in (0.0, 10.0))
    assert near.log_sd == pytest.approx(true_ratio("claimed", contact=True).log_sd)
    assert away.log_sd > near.log_sd
