"""The catalogue and the room's tables: every file obeys its schema, every device is there, sources are kept apart."""

import json

import pytest

from photodose import devices
from photodose.data import load_document, load_table
from photodose.data.loader import document_names
from photodose.data.schema_devices import ClaimedToTrue, DeviceSpec, Meters
from photodose.quantities import UnknownNameError

EXPECTED = [
    "omnilux-contour-face",
    "omnilux-clear",
    "currentbody-skin-series-1",
    "currentbody-skin-series-2",
    "drdennisgross-spectralite-faceware-pro",
    "theraface-mask",
    "theraface-pro-led",
    "foreo-faq-202",
    "foreo-faq-302",
    "shark-cryoglow",
    "celluma-pro",
    "shani-darden-mask",
    "led-silicone-mask-tlm200",
    "oem-mask-k243555",
    "neutrogena-light-therapy-acne-mask",
    "kn-7000l",
    "korean-rct-mask-2025",
    "lumebox-lb-001a",
    "joovv-solo-3",
    "mitopro-1500",
    "platinumled-biomax-900",
    "novothor",
    "theradome-pro-lh80",
    "theradome-evo-lh40",
    "capillus-82",
    "capillus-202",
    "capillus-272",
    "hairmax-lasercomb",
    "hairmax-laserband-82",
    "irestore-elite",
    "illumiflow-148",
    "erchonia-fx-635",
]


def all_ids():
    return [name.rsplit("/", 1)[1] for name in document_names("devices/catalogue")]


@pytest.mark.parametrize("name", all_ids())
def test_every_file_obeys_the_schema_and_says_where_it_is_from(name):
    spec = load_document(f"devices/catalogue/{name}", DeviceSpec)
    assert spec.id == name
    assert spec.sources
    assert spec.digitised_by
    assert spec.licence == "facts"
    for band in spec.bands:
        if band.irradiance_mw_cm2 is not None and band.irradiance_basis != "unverified":
            assert band.irradiance_source is not None, "an irradiance that enters a dose names its source"
            assert band.irradiance_source.confidence in {"read", "read_secondary", "derived"}
            assert band.peak_confidence != "unverified"
    for item in spec.clearance:
        assert (item.known == "yes") == (item.number is not None)
        if item.known == "yes":
            assert item.source is not None


def test_every_known_device_is_there():
    assert set(EXPECTED) <= {device.id for device in devices.catalogue()}


def test_catalogue_by_kind():
    masks = devices.catalogue("mask")
    assert {device.kind for device in masks} == {"mask"}
    assert sum(len(devices.catalogue(kind)) for kind in devices.KINDS) == len(devices.catalogue())
    with pytest.raises(UnknownNameError, match="panel"):
        devices.catalogue("pannel")


def test_facts_that_were_corrected():
    """Spot checks against the sources named in the files."""
    series_2 = devices.device("currentbody-skin-series-2")
    assert series_2.clearance[0].number == "K250966"
    assert series_2.band(1072).peak_confidence == "unverified"
    assert series_2.band(1072).irradiance_mw_cm2 is None
    assert sum(series_2.band(p).irradiance_mw_cm2 for p in (633, 830)) == 30.0
    assert devices.device("omnilux-contour-face").leds == 66
    assert devices.device("theraface-mask").clearance[0].number == "K230293"
    assert devices.device("omnilux-clear").clearance[0].number == "K210948"
    mask = devices.device("neutrogena-light-therapy-acne-mask")
    assert mask.recalled
    assert "PRA 2019/17693" in mask.recalls[0].refs
    assert devices.device("novothor").band(660).statistic == "mean"
    assert devices.device("theradome-evo-lh40").limits == ("Fitzpatrick I-IV",)


def test_unread_numbers_stand_apart_in_the_json():
    answer = devices.device("currentbody-skin-series-1").to_dict()
    assert answer["irradiance_mw_cm2"]["claimed"] == {}
    assert answer["irradiance_mw_cm2"]["unverified"] == {"633": 15.0, "830": 15.0}
    lume = devices.device("lumebox-lb-001a").to_dict()
    assert lume["irradiance_mw_cm2"]["measured"] == {"850": 20.5}
    assert lume["irradiance_mw_cm2"]["claimed"] == {}


@pytest.mark.parametrize("name", all_ids())
def test_every_device_is_plain_json(name):
    answer = devices.device(name).to_dict()
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    for key in ("id", "name", "kind", "wavelengths_nm", "irradiance_mw_cm2", "clearance", "recalls", "sources"):
        assert key in answer


def test_lasers_are_flagged():
    lasers = {device.id for device in devices.catalogue() if device.has_laser}
    assert {
        "theradome-pro-lh80",
        "capillus-82",
        "capillus-202",
        "capillus-272",
        "hairmax-lasercomb",
        "foreo-faq-302",
        "erchonia-fx-635",
    } <= lasers
    assert "omnilux-contour-face" not in lasers


def test_tables_of_the_room():
    pairs = load_document("devices/claimed_to_true", ClaimedToTrue)
    for pair in pairs.pairs:
        assert 0.0 < pair.ratio_low <= pair.ratio_high
        if pair.claimed_mw_cm2 is not None:
            assert pair.measured_mw_cm2 / pair.claimed_mw_cm2 == pytest.approx(pair.ratio_low, abs=2e-4)
    assert {meter.id for meter in load_document("devices/meters", Meters).meters} == {
        "solar",
        "silicon",
        "thermopile",
        "lux",
    }
    for name in ("led_practice", "photopic_v", "silicon_responsivity"):
        table = load_table(f"devices/{name}")
        for column in table.meta.columns:
            values = table[column.name]
            finite = values[values == values]
            assert finite.min() >= column.low
            assert finite.max() <= column.high


def test_photopic_table_is_the_one_of_the_cie():
    """CIE 1924: V is 1 at 555 nm, 0.061 at 660 nm, 0.000396 at 400 nm and 1.499e-5 at 780 nm."""
    table = load_table("devices/photopic_v")
    at = dict(zip(table["wavelength_nm"], table["v"], strict=True))
    assert (at[400.0], at[555.0], at[660.0], at[780.0]) == (0.000396, 1.0, 0.061, 1.499e-05)


def test_led_widths_cover_every_wavelength():
    from photodose.devices.practice import default_fwhm_nm

    for peak in (400.0, 415.0, 499.5, 590.0, 619.95, 633.0, 830.0, 1000.05, 1072.0, 1100.0):
        assert 10.0 <= default_fwhm_nm(peak) <= 60.0
    assert default_fwhm_nm(633.0) == 20.0
    assert default_fwhm_nm(830.0) == 30.0
    assert default_fwhm_nm(650.0, "laser") == 2.0
