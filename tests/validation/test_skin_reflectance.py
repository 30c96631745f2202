"""Predicted skin reflectance against people measured by NIST (Cooksey, Allen, Tsai 2017, doi 10.6028/jres.122.026)."""

import csv
from pathlib import Path

import numpy as np
import pytest

from photodose.tissue import calibrate, ita_from_reflectance, skin
from photodose.tissue.calibration import calibration
from photodose.tissue.pigmentation import ita_wavelengths_nm

FILE = Path(__file__).parent / "reference" / "nist_reflectance_by_ita.csv"


def class_means():
    """Wavelengths and mean reflectance of each ITA class."""
    with FILE.open(encoding="utf-8") as handle:
        rows = list(csv.DictReader(line for line in handle if not line.startswith("#")))
    return {
        name: np.array([(float(r["wavelength_nm"]), float(r["mean"])) for r in rows if r["ita_class"] == name])
        for name in dict.fromkeys(row["ita_class"] for row in rows)
    }


def misses(name):
    """Predicted less measured mean reflectance of a class, 420 to 1000 nm, through the instrument."""
    table = class_means()[name]
    ita = float(ita_from_reflectance(np.interp(ita_wavelengths_nm(), table[:, 0], table[:, 1])))
    chosen = table[(table[:, 0] >= 420) & (table[:, 0] <= 1000)][::3]
    instrument = calibration().instrument
    seen = skin("forearm", ita_deg=ita).reflectance(
        chosen[:, 0], spot_mm=instrument.spot_mm, port_mm=instrument.port_mm
    )
    return seen - chosen[:, 1]


def test_class_means_as_measured():
    """RMS at most 0.012 over all classes together, 0.018 in any, with one set of parameters; only melanin differs."""
    by_class = {name: misses(name) for name in class_means()}
    for name, values in by_class.items():
        assert np.sqrt(np.mean(values**2)) < 0.018, name
        assert np.abs(values).max() < 0.05, name
    assert np.sqrt(np.mean(np.concatenate(list(by_class.values())) ** 2)) < 0.012


def test_people_of_one_colour_scatter_as_measured():
    """Standard deviation of reflectance among skins of the light class against 64 people, where melanin matters little.

    Predicted skins share one angle; the people's angles span 14 degrees, hence thirty percent.
    """
    with FILE.open(encoding="utf-8") as handle:
        rows = [
            r for r in csv.DictReader(line for line in handle if not line.startswith("#")) if r["ita_class"] == "light"
        ]
    chosen = [row for row in rows if row["wavelength_nm"] in {"700", "781", "850", "949"}]
    grid = np.array([float(row["wavelength_nm"]) for row in chosen])
    people = skin("forearm", ita_deg=49.1, ita_sd_deg=0.1).sample(150, seed=4)
    predicted = np.std([person.reflectance(grid) for person in people], axis=0)
    assert predicted == pytest.approx(np.array([float(row["sd"]) for row in chosen]), rel=0.3)


def test_the_shipped_calibration_is_what_the_script_finds():
    """`python -m photodose.tissue.calibrate` again gives the shipped numbers, to a two-hundredth of a prior's spread.

    On one machine it writes the same file to the last digit; another's algebra may round otherwise.
    """
    again = calibrate.fit()
    for item in calibration().parameters:
        assert again.shifts[item.name] == pytest.approx(item.shift, abs=0.005 * item.prior_sd), item.name
    assert again.rms == pytest.approx(calibration().rms, abs=2e-5)
    sd = np.sqrt(np.diag(again.covariance))
    assert sd == pytest.approx(np.array([item.sd for item in calibration().parameters]), rel=0.01)


def test_living_dermis_absorbs_less_than_dermis_ex_vivo():
    """Simpson et al. 1998 (doi 10.1088/0031-9155/43/9/003): 0.033 per mm at 633 nm ex vivo, with blood left in it.

    Below it and above a fifth of it: blood and water alone would be far too clear (0.005 and less).
    """
    found = calibration().derived["dermal_absorption_633nm"]
    assert 0.2 * 0.033 < found.low < found.value < found.high < 0.033


def test_a_class_that_was_not_fitted_is_still_met():
    """Cross-validation: without the four tan people, their mean reflectance is met from their angle alone within 0.012.

    Without the brown class it is missed by 0.031 (docs/methods/skin.md); that is stated, not hidden by a wide bound.
    """
    result = calibrate.fit(without=("tan",))
    assert result.rms_by_class[list(calibrate.CLASSES).index("tan")] < 0.012
