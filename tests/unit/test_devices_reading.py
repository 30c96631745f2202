"""Device files of users: what is right is read whole, what is wrong is one sentence."""

import copy

import pytest
import yaml

from photodose import devices
from photodose.quantities import InputError, RangeError, UnknownNameError

GOOD = {
    "id": "my-mask",
    "name": "My mask",
    "kind": "mask",
    "emitting_area_cm2": 250,
    "distance_cm": 1.0,
    "bands": [
        {"peak_nm": 633, "fwhm_nm": 18, "irradiance_mw_cm2": 20, "irradiance_basis": "claimed"},
        {"peak_nm": 850, "fwhm_nm": 30, "irradiance_mw_cm2": 30, "irradiance_basis": "measured"},
    ],
}


def write(tmp_path, content):
    path = tmp_path / "device.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return path


def changed(path, value):
    content = copy.deepcopy(GOOD)
    place = content
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return content


def test_the_documented_file_is_read_whole(tmp_path):
    path = write(tmp_path, GOOD)
    assert devices.check(path) == []
    lamp = devices.device(str(path))
    assert lamp == devices.device(path) == devices.device(GOOD)
    assert lamp.wavelengths_nm == (633.0, 850.0)
    assert lamp.emitting_area_cm2 == pytest.approx(250.0)
    assert (lamp.band(850).irradiance_mw_cm2, lamp.band(850).basis) == (30.0, "measured")
    assert lamp.to_dict()["irradiance_mw_cm2"] == {
        "claimed": {"633": 20.0},
        "measured": {"850": 30.0},
        "assumed": {},
        "unverified": {},
    }
    assert devices.device(lamp) is lamp


def test_a_number_without_basis_is_a_claim():
    content = changed(["bands", 0, "irradiance_basis"], None)
    assert devices.device(content).band(633).basis == "claimed"


@pytest.mark.parametrize(
    ("path", "value", "error", "words"),
    [
        (["bands", 0, "peak_nm"], 350, RangeError, ["bands[1].peak_nm", "350", "400 to 1100"]),
        (["bands", 1, "peak_nm"], 1200, RangeError, ["bands[2].peak_nm", "1200"]),
        (["bands", 0, "irradiance_mw_cm2"], -3, RangeError, ["bands[1].irradiance_mw_cm2", "-3"]),
        (["bands", 0, "irradiance_mw_cm2"], float("nan"), RangeError, ["irradiance_mw_cm2", "nan"]),
        (["bands", 0, "irradiance_mw_cm2"], float("inf"), RangeError, ["irradiance_mw_cm2", "inf"]),
        (["bands", 0, "irradiance_mw_cm2"], "much", InputError, ["irradiance_mw_cm2", "number", "'much'"]),
        (["bands", 0, "irradiance_mw_cm2"], True, InputError, ["irradiance_mw_cm2", "number"]),
        (["bands", 0, "irradiance_basis"], "guessed", InputError, ["irradiance_basis", "guessed", "claimed"]),
        (["bands", 0, "fwhm_nm"], 0, RangeError, ["fwhm_nm"]),
        (["bands", 1, "peak_nm"], 633, InputError, ["same peak_nm"]),
        (["bands"], [], InputError, ["bands"]),
        (["bands"], None, InputError, ["has no bands"]),
        (["kind"], "hat", InputError, ["kind", "mask", "hat"]),
        (["kind"], None, InputError, ["has no kind"]),
        (["distance_cm"], -1, RangeError, ["distance_cm", "-1"]),
        (["id"], "../up", InputError, ["id"]),
        (["emiting_area_cm2"], 3, UnknownNameError, ["emiting_area_cm2", "emitting_area_cm2"]),
        (["bands", 0, "irradiance"], 3, UnknownNameError, ["bands[1]", "irradiance_mw_cm2"]),
        (["size_cm"], [10, 10], InputError, ["emitting_area_cm2 or size_cm"]),
        (["size_cm"], 10, InputError, ["size_cm", "list of two numbers"]),
        (["leds"], -1, RangeError, ["leds", "number of emitters", "-1"]),
        (["leds"], 2.5, RangeError, ["leds"]),
        (["distance_cm"], 10**400, RangeError, ["distance_cm inf"]),
        (["name"], 7, InputError, ["name must be text"]),
        (["array"], {"emitters": []}, InputError, ["array.emitters"]),
        (
            ["array"],
            {"emitters": [{"position_mm": [0, 0, 0], "radiant_power_mw": 5, "band": 700}]},
            InputError,
            ["700 nm", "not among the bands"],
        ),
        (["array"], {"emitters": [{"radiant_power_mw": 5, "band": 633}]}, InputError, ["position_mm or position_cm"]),
        (
            ["bands", 0, "spectrum"],
            {"wavelength_nm": [600, 590], "power": [1, 2]},
            InputError,
            ["rise strictly"],
        ),
    ],
)
def test_what_is_wrong_is_one_sentence(tmp_path, path, value, error, words):
    file = write(tmp_path, changed(path, value))
    with pytest.raises(error) as caught:
        devices.device(file)
    text = str(caught.value)
    assert caught.value.exit_code == 2
    assert "\n" not in text
    assert "Traceback" not in text
    for word in words:
        assert word in text
    assert devices.check(file)[0] == text


def test_check_lists_every_problem(tmp_path):
    content = changed(["bands", 0, "peak_nm"], 350)
    content["distance_cm"] = -2
    del content["name"]
    found = devices.check(write(tmp_path, content))
    assert len(found) == 3
    assert any("peak_nm" in line for line in found)
    assert any("distance_cm" in line for line in found)
    assert any("has no name" in line for line in found)


@pytest.mark.parametrize("text", ["", "bands: [", "\x00\x01", "just words", "a: 1\na: 2", "- 1\n- 2"])
def test_empty_half_written_and_binary_files(tmp_path, text):
    file = write(tmp_path, text)
    with pytest.raises(InputError) as caught:
        devices.device(file)
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError):
        devices.check(file)


def test_a_missing_file_and_a_misspelt_id():
    with pytest.raises(InputError, match="does not exist"):
        devices.device("no/such/device.yaml")
    with pytest.raises(UnknownNameError, match="omnilux-contour-face"):
        devices.device("omnilux-contor-face")
    assert devices.device("Omnilux Contour Face").id == "omnilux-contour-face"
    with pytest.raises(InputError):
        devices.device(3)


def test_whatever_stands_in_a_file_is_read_or_refused_in_one_sentence():
    """Every value of a full file replaced by every kind of nonsense: never anything but an InputError of one line."""
    full = copy.deepcopy(GOOD)
    del full["emitting_area_cm2"]
    full |= {
        "size_cm": [10, 20],
        "leds": 40,
        "half_angle_deg": 30,
        "array": {"emitters": [{"position_mm": [0, 0, 0], "radiant_power_mw": 5, "band": 633}]},
        "modes": [{"name": "red", "peaks_nm": [633]}],
        "clearance": [{"authority": "CE", "known": "no"}],
    }
    full["bands"][1]["spectrum"] = {"wavelength_nm": [840, 850, 860], "power": [0, 1, 0]}
    nonsense = [None, True, 0, -1, 1e9, float("nan"), float("inf"), "x", "", [], {}, [1, 2], 10**400, [None]]
    tried = 0
    for path in _paths(full):
        for value in nonsense:
            content = copy.deepcopy(full)
            place = content
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
            tried += 1
            sentence = _refusal(content)
            assert "\n" not in sentence
            assert sentence.endswith((".", "?"))
    assert tried > 400


def _refusal(content):
    try:
        devices.exposure(devices.device(content), skin_reflectance=0.5)
    except InputError as error:
        return str(error)
    return "Read."


def _paths(node, path=()):
    if path:
        yield path
    items = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, child in items:
        yield from _paths(child, (*path, key))


def test_a_bands_table_replaces_peak_and_width():
    content = changed(["bands", 0, "spectrum"], {"wavelength_nm": [620, 630, 640], "power": [0, 2, 0]})
    assert devices.device(content).band(633).spectrum.centroid_nm == pytest.approx(630.0)
