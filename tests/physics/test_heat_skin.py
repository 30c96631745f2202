"""Light in real skins as a source of heat: darker skin warms more, and what is absorbed is what the slab says."""

from __future__ import annotations

import numpy as np
import pytest

from photodose.dosimetry import heat
from photodose.dosimetry.heat_light import absorbed_light
from photodose.optics import Incidence
from photodose.quantities import InputError, RangeError
from photodose.tissue import Skin, skin


def warmed(person: Skin, wavelength_nm: float, irradiance_mw_cm2: float = 40.0) -> heat.HeatResult:
    cells = heat.grid(person.layer_names, person.arrays.thickness_mm[0])
    absorbed = absorbed_light(cells, person, wavelength_nm, irradiance_mw_cm2)
    return heat.simulate(cells, absorbed, 600.0)


def rise(result: heat.HeatResult) -> float:
    return result.surface_end_c - result.surface_start_c


CHEEKS = {kind: skin("cheek", skin_type=kind) for kind in ("I", "II", "III", "IV", "V", "VI")}


@pytest.mark.parametrize("wavelength_nm", [633.0, 830.0])
def test_darker_skin_warms_more_under_the_same_light(wavelength_nm: float) -> None:
    """More melanin in the outermost tenth of a millimetre: more light taken up, and nearer the surface."""
    rises = [rise(warmed(person, wavelength_nm)) for person in CHEEKS.values()]
    assert rises == sorted(rises)
    assert rises[-1] > 1.4 * rises[0]


def test_darker_skin_reaches_the_limit_sooner() -> None:
    times = [warmed(CHEEKS[kind], 633.0, 150.0).time_to_c(41.0) for kind in ("II", "IV", "VI")]
    assert None not in times
    assert times == sorted(times, reverse=True)  # type: ignore[type-var]


def test_skin_type_matters_less_in_the_near_infrared() -> None:
    """Melanin absorbs less at 830 nm than at 633 nm, so dark and light skin are nearer each other there."""
    red, infrared = (rise(warmed(CHEEKS["VI"], nm)) / rise(warmed(CHEEKS["II"], nm)) for nm in (633.0, 1000.0))
    assert red > infrared


def test_what_cells_absorb_is_what_the_skin_does_not_return() -> None:
    """Light taken up by all cells = incident less reflected, but for what leaves the bottom of 30 mm of muscle."""
    person = CHEEKS["III"]
    cells = heat.grid(person.layer_names, person.arrays.thickness_mm[0])
    for kind in ("diffuse", "collimated"):
        light = Incidence(kind=kind)
        absorbed = absorbed_light(cells, person, 660.0, 25.0, light)
        taken_up = float(1e-3 * cells.thickness_mm @ absorbed)
        kept = 1.0 - float(person.reflectance(660.0, incidence=light)[0])
        assert taken_up == pytest.approx(250.0 * kept, rel=2e-3)


def test_bands_add_up() -> None:
    person = CHEEKS["III"]
    cells = heat.grid(person.layer_names, person.arrays.thickness_mm[0])
    both = absorbed_light(cells, person, [633.0, 830.0], [30.0, 20.0])
    alone = absorbed_light(cells, person, 633.0, 30.0) + absorbed_light(cells, person, 830.0, 20.0)
    assert np.allclose(both, alone, rtol=1e-6)
    assert np.all(both >= 0.0)


def test_bad_light_is_refused() -> None:
    person = CHEEKS["III"]
    cells = heat.grid(person.layer_names, person.arrays.thickness_mm[0])
    with pytest.raises(InputError):
        absorbed_light(cells, person, [633.0, 830.0], [30.0])
    with pytest.raises(InputError):
        absorbed_light(cells, person, 633.0, -1.0)
    with pytest.raises(RangeError):
        absorbed_light(cells, person, 1500.0, 10.0)
