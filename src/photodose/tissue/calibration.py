"""The calibration of the skin to living people: shifts of parameters, and how the people of a site scatter about them.

Two spreads are kept apart. Between people: one person differs from the median of their site and colour
(tissue/composition and tissue/sites). Of the calibration: the median itself is known only so far (the covariance in
tissue/calibration, whose parameters are correlated, since reflectance fixes ratios better than amounts). A person who
has not been measured has both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from photodose.data import load_document
from photodose.data.schema_calibration import CalibrationDocument
from photodose.tissue.parameters import INDEX, PARAMETERS, between_people_sd
from photodose.tissue.sites import site as find_site

FloatArray = NDArray[np.float64]

_FIRST_TO_LAST: Final = (
    "dermal_scattering",
    "scattering_power",
    "epidermal_scattering",
    "deep_scattering",
    "stratum_corneum",
    "living_epidermis",
    "dermis",
    "subcutaneous_fat",
    "dermal_blood",
    "saturation",
    "baseline_absorption",
    "deep_blood",
)
"""Order of the triangular map: a coordinate moves its own parameter and, by their correlation, those after it."""


_SWEEPS: Final = 8


@cache
def calibration() -> CalibrationDocument:
    """The calibration that the project ships (written by `python -m photodose.tissue.calibrate`)."""
    return load_document("tissue/calibration", CalibrationDocument)


@cache
def shifts() -> Mapping[str, float]:
    """Posterior mean shift of each calibrated parameter, on its own scale."""
    return {item.name: item.shift for item in calibration().parameters}


def calibration_covariance() -> FloatArray:
    """Covariance of the calibrated medians among the coordinates of a skin, (p, p); 0 where nothing was calibrated.

    Parameters that are fixed in a skin (the melanosome's spectrum, blood nets, dermal water, the port) are left out:
    their part is marginal in what remains.
    """
    document = calibration()
    names = [item.name for item in document.parameters]
    common = [name for name in names if name in INDEX]
    rows = [names.index(name) for name in common]
    into = [INDEX[name] for name in common]
    whole = np.zeros((len(PARAMETERS), len(PARAMETERS)))
    whole[np.ix_(into, into)] = np.array(document.covariance)[np.ix_(rows, rows)]
    return whole


def as_people_scatter(covariance: FloatArray) -> FloatArray:
    """The covariance nearest to a prior one under which reflectance scatters no more than it does between people.

    Each wavelength in turn: where the predicted variance s of reflectance at a fixed colour exceeds the measured one,
    the covariance loses that excess along the direction that moves this reflectance, which is the least change in
    relative entropy (Csiszar 1975, doi 10.1214/aop/1176996454). What reflectance does not see keeps its prior spread;
    more blood comes with more scattering.

    Parameters
    ----------
    covariance : ndarray (p, p)
        Of the coordinates u.
    """
    spread = calibration().people
    direction = np.zeros((len(spread.wavelength_nm), len(PARAMETERS)))
    for name, values in spread.per_coordinate.items():
        direction[:, INDEX[name]] = values
    out = covariance
    for _ in range(_SWEEPS):
        for row, sd in zip(direction, spread.sd, strict=True):
            along = out @ row
            predicted = float(row @ along)
            if predicted > sd**2:
                out = out - np.outer(along, along) / predicted * (1.0 - sd**2 / predicted)
    return np.asarray(out)


@dataclass(frozen=True, slots=True)
class PeopleMap:
    """The linear map from standard-normal coordinates z to the coordinates u of a skin of one site.

    Attributes
    ----------
    factor : ndarray (p, p)
        u = factor @ z; the row of melanin is 0, since melanin follows from the angle and from u.
    inverse : ndarray (p, p)
        z = inverse @ u, the row and column of melanin 0.
    """

    factor: FloatArray
    inverse: FloatArray


@cache
def people_map(site_id: str) -> PeopleMap:
    """Map of a site: Cholesky factor of the spread between people plus that of the calibration, as people scatter."""
    covariance = as_people_scatter(np.diag(between_people_sd(find_site(site_id)) ** 2) + calibration_covariance())
    order = [INDEX[name] for name in _FIRST_TO_LAST]
    lower = np.linalg.cholesky(covariance[np.ix_(order, order)] + 1e-12 * np.eye(len(order)))
    factor, inverse = np.zeros_like(covariance), np.zeros_like(covariance)
    factor[np.ix_(order, order)] = lower
    inverse[np.ix_(order, order)] = np.linalg.inv(lower)
    return PeopleMap(factor, inverse)


def log_melanin_at(ita_deg: float) -> tuple[float, float]:
    """Logarithm of the forearm's melanosome fraction at an angle, and its slope [1/degree], from the shipped table.

    A first guess: the ends of the table stand for angles beyond it, and the model itself is inverted afterwards.
    """
    table = calibration().melanin
    angles, logs = np.array(table.ita_deg), np.array(table.log_fraction)
    slopes = np.gradient(logs, angles)
    slope = float(np.interp(ita_deg, angles, slopes))
    nearest = float(np.clip(ita_deg, angles[0], angles[-1]))
    return float(np.interp(nearest, angles, logs)) + slope * (ita_deg - nearest), slope


def melanin_compensation(ita_deg: float) -> FloatArray:
    """d ln(melanosome fraction) / du at a fixed angle, shape (p,).

    A skin of known colour that has more blood, or a thicker epidermis, has less melanin: what is uncertain about the
    rest of the skin must not move its colour. Beyond the table's angles its ends are taken.
    """
    table = calibration().melanin
    row = np.zeros(len(PARAMETERS))
    for name, values in table.per_coordinate.items():
        row[INDEX[name]] = np.interp(ita_deg, table.ita_deg, values)
    return row
