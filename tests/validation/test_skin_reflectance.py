"""Predicted skin reflectance against people measured by NIST (Cooksey, Allen, Tsai 2017, doi 10.6028/jres.122.026)."""

import csv
from pathlib import Path

import numpy as np
import pytest

from photodose.tissue import ita_from_reflectance, skin
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


@pytest.mark.parametrize("name", class_means())
def test_class_means_within_005(name):
    """A forearm with the ITA of a class's mean spectrum shows that spectrum within 0.05 from 420 to 1000 nm."""
    table = class_means()[name]
    ita = float(ita_from_reflectance(np.interp(ita_wavelengths_nm(), table[:, 0], table[:, 1])))
    chosen = table[(table[:, 0] >= 420) & (table[:, 0] <= 1000)][::4]
    predicted = skin("forearm", ita_deg=ita).reflectance(chosen[:, 0])
    assert np.abs(predicted - chosen[:, 1]).max() < 0.05
