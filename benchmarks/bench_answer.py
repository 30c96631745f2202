"""A full answer beside 1,000 plain solves of the same run: a three-band mask, its LED spectra, the layers of the cheek,
1,000 sampled people, all targets, each person's skin solved.

The yardstick is the plain solve of bench_slab.py: discrete ordinates of 32 streams in numpy, seven layers. Both are
processor time, best of turns that alternate; the answer's wall-clock time on all cores is printed beside it. What the
answer leaves out is measured too: the same people at every wavelength of every spectrum.
"""

from __future__ import annotations

import importlib.util
import math
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

import photodose
from photodose.dosimetry import sampled_dose, sampled_fluence
from photodose.dosimetry.relative import solve_skins
from photodose.optics import Incidence, Spectrum
from photodose.tissue import Skin
from photodose.tissue.person import sample_coordinates

DEVICE, SITE, SKIN_TYPE = "currentbody-skin-series-2", "cheek", "III"
MEASURED = {633.0: 12.0, 830.0: 12.0, 1072.0: 5.0}
"""Irradiance of each band [mW/cm2], as if a person had measured it: the device's third band has no published one."""
PEOPLE, MINUTES = 1000, 10.0
WISH_PLAIN_SOLVES = 1000.0
WISH_RMS = 0.005


def _slab() -> ModuleType:
    """The module beside this one that has the plain solve."""
    path = Path(__file__).with_name("bench_slab.py")
    spec = importlib.util.spec_from_file_location("bench_slab_of_answer", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def plain_seconds(slab: Any) -> float:
    """Processor time of one plain solve, best of its turns, in its own process with one thread for algebra."""
    command = [sys.executable, str(Path(slab.__file__)), "--plain"]
    run = subprocess.run(command, env=slab.ONE_CORE, capture_output=True, text=True, check=True)
    return float(run.stdout.split()[0])


def every_wavelength(skin: Skin, spectrum: Spectrum, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fluence at the targets of each skin over the whole grid of a spectrum, shape (n, t)."""
    grid = spectrum.wavelength_nm
    means, _profile, _reflectance = solve_skins(skin, grid, coordinates, Incidence(kind="diffuse"), np.zeros(0))
    weighted = means * spectrum.density_per_nm[None, :, None]
    return np.asarray(np.trapezoid(weighted, grid, axis=1))


def left_out(skin: Skin, spectra: list[Spectrum], people: int) -> tuple[float, float]:
    """Root mean square and largest relative error of the answer's quadrature, over people, bands and targets."""
    coordinates = sample_coordinates(people, 7)
    found, _reflectance = sampled_fluence(skin, spectra, Incidence(kind="diffuse"), coordinates)
    truth = np.stack([every_wavelength(skin, spectrum, coordinates) for spectrum in spectra], axis=1)
    miss = found / truth - 1.0
    return float(np.sqrt(np.mean(miss**2))), float(np.abs(miss).max())


def main(quick: bool = False) -> int:
    """Print the ratio (wished: at most 1,000 plain solves) and the error; 0 if both are met."""
    people, turns = (60, 1) if quick else (PEOPLE, 4)
    slab, device, skin = _slab(), photodose.device(DEVICE), photodose.skin(SITE, skin_type=SKIN_TYPE)
    sampled_dose(device, skin, MINUTES, people, irradiance_mw_cm2=MEASURED)  # loads the compiled kernel
    plain, spent, wall = math.inf, math.inf, math.inf
    for seed in range(turns):
        plain = min(plain, plain_seconds(slab))
        begin, begin_wall = time.process_time(), time.perf_counter()
        answer = sampled_dose(device, skin, MINUTES, people, seed, irradiance_mw_cm2=MEASURED)
        spent, wall = min(spent, time.process_time() - begin), min(wall, time.perf_counter() - begin_wall)
    layers, bands = len(skin.layer_names), len(answer.exposure.bands)
    print(f"{DEVICE} on the {SITE}: {people} people, {bands} bands, {layers} layers, {len(answer.targets)} targets")
    print(f"  plain numpy solve, 32 streams: {plain * 1e3:.2f} ms")
    print(f"  full answer: {spent:.2f} s of processor, {wall:.2f} s of wall clock; {spent / plain:,.0f} plain solves")
    rms, largest = left_out(skin, [band.spectrum for band in answer.exposure.bands], 10 if quick else 100)
    print(f"  against every wavelength in every skin: rms {100 * rms:.2f} %, largest {100 * largest:.2f} %")
    return int(not quick and (spent / plain > WISH_PLAIN_SOLVES or rms > WISH_RMS))


if __name__ == "__main__":
    sys.exit(main("--quick" in sys.argv))
