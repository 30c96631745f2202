"""What every way of solving a layer stack answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from photodose.data import Source
from photodose.optics import Incidence, LayerStack
from photodose.quantities import plain

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from xarray import Dataset

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SolveResult:
    """Light in a layer stack, relative to the irradiance that falls on it.

    Attributes
    ----------
    method : str
        "slab" or "monte-carlo".
    stack : LayerStack
        What was solved.
    incidence : Incidence
        How the light fell on it.
    reflectance : dict
        Fractions `specular` (first outer face only), `diffuse` (all other light that comes back), `total`.
    transmittance : dict
        Fractions `direct` (never scattered), `diffuse`, `total`.
    absorbed : dict
        Absorbed fraction by layer name.
    depths_mm, fluence_rate : ndarray, shape (depth,)
        Depth [mm] and fluence rate there per unit incident irradiance.
    seconds : float
        Wall-clock time of the solve.
    streams : int or None
        Number of streams (slab).
    error_estimate : float or None
        Estimated relative error of the fluence rate (slab).
    standard_error : dict or None
        Standard errors under the keys `reflectance`, `transmittance`, `absorbed`, `fluence_rate` (Monte Carlo).
    photons : int or None
        Photon packets traced (Monte Carlo).
    sources : tuple of Source
        The method's sources.
    warnings : tuple of str
        One sentence each.
    """

    method: str
    stack: LayerStack
    incidence: Incidence
    reflectance: dict[str, float]
    transmittance: dict[str, float]
    absorbed: dict[str, float]
    depths_mm: FloatArray
    fluence_rate: FloatArray
    seconds: float
    streams: int | None = None
    error_estimate: float | None = None
    standard_error: dict[str, Any] | None = None
    photons: int | None = None
    sources: tuple[Source, ...] = ()
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON of `photodose solve`: plain numbers, lists and dicts."""
        answer: dict[str, Any] = {"method": self.method}
        if self.stack.wavelength_nm is not None:
            answer["wavelength_nm"] = self.stack.wavelength_nm
        for key in ("reflectance", "transmittance", "absorbed", "depths_mm", "fluence_rate"):
            answer[key] = getattr(self, key)
        for key in ("standard_error", "photons", "streams", "error_estimate"):
            if getattr(self, key) is not None:
                answer[key] = getattr(self, key)
        answer["seconds"] = self.seconds
        answer["sources"] = [source.model_dump(exclude_none=True) for source in self.sources]
        answer["warnings"] = list(self.warnings)
        values: dict[str, Any] = plain(answer)
        return values

    def to_xarray(self) -> Dataset:
        """The same as a labelled xarray Dataset over `depth_mm` and `layer`, units in attrs."""
        import xarray as xr

        data: dict[str, Any] = {
            "fluence_rate": ("depth_mm", self.fluence_rate, {"units": "1", "long_name": "fluence rate per irradiance"}),
            "absorbed": ("layer", list(self.absorbed.values()), {"units": "1", "long_name": "absorbed fraction"}),
        }
        if self.standard_error is not None:
            errors = self.standard_error
            data["fluence_rate_standard_error"] = ("depth_mm", np.asarray(errors["fluence_rate"]), {"units": "1"})
        for name in ("reflectance", "transmittance"):
            for part, value in getattr(self, name).items():
                data[f"{name}_{part}"] = ((), value, {"units": "1"})
        coords = {"depth_mm": ("depth_mm", self.depths_mm, {"units": "mm"}), "layer": list(self.absorbed)}
        attrs = {"method": self.method, "seconds": self.seconds}
        if self.stack.wavelength_nm is not None:
            attrs["wavelength_nm"] = self.stack.wavelength_nm
        return xr.Dataset(data, coords, attrs)

    def plot(self, axes: Axes | None = None) -> Axes:
        """Draw fluence rate over depth with the layers' boundaries; returns the matplotlib Axes."""
        import matplotlib.pyplot as plt

        if axes is None:
            _, axes = plt.subplots(layout="constrained")
        order = np.argsort(self.depths_mm, kind="stable")
        depth, fluence = self.depths_mm[order], self.fluence_rate[order]
        axes.plot(depth, fluence, label=self.method)
        if self.standard_error is not None:
            band = 1.96 * np.asarray(self.standard_error["fluence_rate"])[order]
            axes.fill_between(depth, fluence - band, fluence + band, alpha=0.3, linewidth=0)
        for boundary in self.stack.boundaries_mm[1:-1]:
            if depth.size and boundary < depth[-1]:
                axes.axvline(boundary, color="0.7", linewidth=0.8, zorder=0)
        if fluence.size and fluence.min() > 0.0:
            axes.set_yscale("log")
        axes.set_xlabel("depth [mm]")
        axes.set_ylabel("fluence rate / irradiance")
        return axes
