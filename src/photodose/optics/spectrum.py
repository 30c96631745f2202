"""Spectral distributions of emitters, integrated over their width."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.quantities import WAVELENGTH_RANGE_NM, InputError, RangeError

FloatArray = NDArray[np.float64]

TAIL_WARNING = 0.01
"""Share of a spectrum outside the range of tissue data above which a warning is due."""


@dataclass(frozen=True, slots=True)
class Spectrum:
    """A relative spectral distribution on a grid; its trapezoid integral is 1.

    Attributes
    ----------
    wavelength_nm : ndarray, shape (n,)
        Rising wavelengths [nm].
    density_per_nm : ndarray, shape (n,)
        Share of the radiant power per nanometre [1/nm].
    lost_fraction : float
        Share of the original spectrum outside 400-1100 nm that was renormalised away.
    """

    wavelength_nm: FloatArray
    density_per_nm: FloatArray
    lost_fraction: float = 0.0

    @classmethod
    def from_table(cls, wavelength_nm: ArrayLike, power: ArrayLike) -> Spectrum:
        """From a measured table (any scale); the part outside 400-1100 nm is renormalised away.

        Raises
        ------
        InputError
            If the table is not rising, negative, not finite, or lies wholly outside the range.
        """
        grid, density = np.array(wavelength_nm, dtype=float), np.array(power, dtype=float)
        if grid.ndim != 1 or grid.shape != density.shape or grid.size < 2:
            raise InputError("a spectrum needs two or more wavelengths and as many powers.")
        if not (np.isfinite(grid).all() and np.all(np.diff(grid) > 0)):
            raise InputError("a spectrum's wavelengths must rise strictly.")
        if grid[0] <= 0.0:
            raise InputError(f"a spectrum's wavelengths [nm] must lie above 0, not at {grid[0]:g}.")
        if not (np.isfinite(density).all() and density.min() >= 0 and density.max() > 0):
            raise InputError("a spectrum's powers must be finite, not negative and not all zero.")
        low, high = WAVELENGTH_RANGE_NM
        total = float(np.trapezoid(density, grid))
        inside = np.unique(np.concatenate([grid[(grid > low) & (grid < high)], np.clip(grid[[0, -1]], low, high)]))
        values = np.interp(inside, grid, density)
        kept = float(np.trapezoid(values, inside)) if inside.size > 1 else 0.0
        if kept <= 0.0 or total <= 0.0:
            raise RangeError("the spectrum's wavelength_nm", float(grid[np.argmax(density)]), low, high)
        inside.setflags(write=False)
        values = values / kept
        values.setflags(write=False)
        return cls(inside, values, max(0.0, 1.0 - kept / total))

    @classmethod
    def gaussian(cls, peak_nm: float, fwhm_nm: float) -> Spectrum:
        """A Gaussian line from its peak and full width at half maximum, cut at four standard deviations.

        Parameters
        ----------
        peak_nm : float
            400 to 1100 nm.
        fwhm_nm : float
            0.1 to 200 nm.

        Examples
        --------
        >>> round(Spectrum.gaussian(633.0, 18.0).centroid_nm, 6)
        633.0
        """
        low, high = WAVELENGTH_RANGE_NM
        if not low <= peak_nm <= high:
            raise RangeError("peak_nm", peak_nm, low, high)
        if not 0.1 <= fwhm_nm <= 200.0:
            raise RangeError("fwhm_nm", fwhm_nm, 0.1, 200.0)
        sigma = fwhm_nm / (2.0 * math.sqrt(2.0 * math.log(2.0)))
        offsets = np.linspace(-4.0, 4.0, 161)
        return cls.from_table(peak_nm + sigma * offsets, np.exp(-0.5 * offsets**2))

    @property
    def centroid_nm(self) -> float:
        """Power-weighted mean wavelength [nm]."""
        return float(np.trapezoid(self.wavelength_nm * self.density_per_nm, self.wavelength_nm))

    def quadrature(self, count: int = 5) -> tuple[FloatArray, FloatArray]:
        """Gauss nodes and weights with this spectrum as the weight function (Golub and Welsch 1969).

        A smooth function of wavelength is integrated over the spectrum exactly up to degree 2 count - 1.

        Parameters
        ----------
        count : int
            Number of nodes, 1 to 32.

        Returns
        -------
        wavelengths_nm, weights : ndarray, shape (count,)
            Nodes [nm] inside the spectrum, weights that sum to 1.
        """
        if not 1 <= count <= 32:
            raise RangeError("count", count, 1, 32)
        grid, step = self.wavelength_nm, np.diff(self.wavelength_nm)
        mass = self.density_per_nm * (np.append(step, 0.0) + np.append(0.0, step)) / 2.0
        mass = mass / mass.sum()
        centre, scale = float(mass @ grid), float(grid[-1] - grid[0]) / 2.0
        x = (grid - centre) / scale
        count = min(count, int(np.count_nonzero(mass)))
        diagonal, off = _stieltjes(x, mass, count)
        nodes, vectors = np.linalg.eigh(np.diag(diagonal) + np.diag(off, 1) + np.diag(off, -1))
        return centre + scale * nodes, vectors[0] ** 2


def _stieltjes(x: FloatArray, mass: FloatArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Recurrence coefficients of the polynomials orthogonal under a discrete measure."""
    diagonal, off = np.zeros(count), np.zeros(max(count - 1, 0))
    previous, current = np.zeros_like(x), np.ones_like(x)
    beta = 0.0
    for k in range(count):
        diagonal[k] = mass @ (x * current**2)
        if k == count - 1:
            break
        following = (x - diagonal[k]) * current - beta * previous
        beta = math.sqrt(float(mass @ following**2))
        off[k] = beta
        previous, current = current, following / beta
    return diagonal, off
