"""The skin of one person at one site."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from photodose.data.schema_tissue import Site
from photodose.optics import Incidence, Layer, LayerStack
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.tissue import instrument, pigmentation
from photodose.tissue.calibration import log_melanin_at, melanin_compensation, people_map, shifts
from photodose.tissue.optical import OpticalArrays, optical_arrays
from photodose.tissue.parameters import INDEX, PARAMETERS, SkinArrays, skin_arrays
from photodose.tissue.sites import site as find_site
from photodose.tissue.targets import TargetRange, target_intervals_mm, target_ranges
from photodose.transport import slab

FloatArray = NDArray[np.float64]

SKIN_TYPES: Final = ("I", "II", "III", "IV", "V", "VI")
MEASURED_ITA_SD_DEG: Final = 2.0
"""Spread of an ITA that a person measured: repeatability of a colorimeter on skin, about 1 to 3 degrees."""
FAST_PORT_MARGIN_MM: Final = 5.0
"""A port wider than the spot by this much is modelled by layered diffusion; a tighter one by Monte Carlo."""


def port_losses(optical: OpticalArrays, spot_mm: float, port_mm: float) -> FloatArray:
    """Share of the diffuse reflectance that comes out beside a port, for skins at wavelengths, shape (n w,)."""
    flat = optical.flat()
    reduced = flat["scattering_per_mm"] * (1.0 - flat["anisotropy"])
    return instrument.lost_share(flat["absorption_per_mm"], reduced, flat["thickness_mm"], spot_mm, port_mm)


@dataclass(frozen=True)
class Skin:
    """The skin of one person at one site, with what is uncertain about it.

    Attributes
    ----------
    site : Site
    ita_deg : float
        Individual typology angle, specular light included, D65, 10 degree observer [degree].
    ita_sd_deg : float
        Standard deviation of the ITA [degree].
    skin_type : str or None
        Fitzpatrick type, if that is what was given.
    melanosome_fraction : float
        Volume fraction of melanosomes in the living epidermis that gives this ITA.
    log_melanin_sd : float
        Standard deviation of the logarithm of the melanosome fraction.
    z : tuple of float
        Standard-normal coordinates of this skin among all skins of its site and ITA (see `tissue.parameters`).
    outside_index : float
        Refractive index of what lies on the skin: 1 for air, 1.33 to 1.45 for a contact gel.
    """

    site: Site
    ita_deg: float
    ita_sd_deg: float
    skin_type: str | None
    melanosome_fraction: float
    log_melanin_sd: float
    z: tuple[float, ...] = field(default=(0.0,) * len(PARAMETERS))
    outside_index: float = 1.0

    @cached_property
    def arrays(self) -> SkinArrays:
        """This skin as a batch of one."""
        return self.batch(np.zeros((1, len(PARAMETERS))))

    def batch(self, offsets: FloatArray) -> SkinArrays:
        """A batch of skins around this one.

        Parameters
        ----------
        offsets : ndarray (n, parameter)
            Added to this skin's coordinates z.
        """
        z = np.asarray(self.z)[None, :] + offsets
        u = z @ people_map(self.site.id).factor.T
        change = self.log_melanin_sd * z[:, INDEX["melanin"]] + u @ self.melanin_compensation
        return skin_arrays(self.site, u, np.minimum(self.melanosome_fraction * np.exp(change), 0.9), shifts())

    @property
    def melanin_compensation(self) -> FloatArray:
        """What melanin does to keep this skin's colour when its other coordinates move, shape (p,)."""
        if self.site.pigment_relative_to_forearm is not None:  # its own colour is not what is known of it
            return np.zeros(len(PARAMETERS))
        return melanin_compensation(self.ita_deg)

    def optical(self, wavelength_nm: ArrayLike, offsets: FloatArray | None = None) -> OpticalArrays:
        """Optical properties of this skin, or of skins around it, by wavelength and layer."""
        return optical_arrays(self.arrays if offsets is None else self.batch(offsets), wavelength_nm)

    @property
    def layer_names(self) -> tuple[str, ...]:
        return tuple(layer.layer for layer in self.arrays.layers)

    def layer_stack(self, wavelength_nm: float) -> LayerStack:
        """The layers of this skin at one wavelength.

        Parameters
        ----------
        wavelength_nm : float
            400 to 1100 nm.

        Raises
        ------
        RangeError
        """
        optical = self.optical(float(wavelength_nm))
        layers = tuple(
            Layer(
                name,
                float(optical.thickness_mm[0, i]),
                float(optical.absorption_per_mm[0, 0, i]),
                float(optical.scattering_per_mm[0, 0, i]),
                float(optical.anisotropy[0, 0, i]),
                float(optical.refractive_index[0, 0, i]),
            )
            for i, name in enumerate(self.layer_names)
        )
        below = layers[-1].refractive_index
        return LayerStack(layers, self.outside_index, below, float(wavelength_nm))

    @cached_property
    def targets(self) -> tuple[TargetRange, ...]:
        """The targets that exist at this site, with their depths in this skin."""
        return target_ranges(self.site, self.layer_names, self.arrays.thickness_mm[0])

    def target_intervals_mm(self, offsets: FloatArray) -> FloatArray:
        """Depth ranges of the targets in skins around this one, shape (n, target, 2) [mm]."""
        return target_intervals_mm(self.site, self.layer_names, self.batch(offsets).thickness_mm)

    def reflectance(
        self,
        wavelength_nm: ArrayLike,
        spot_mm: float | None = None,
        port_mm: float | None = None,
        specular: bool = True,
        incidence: Incidence | None = None,
    ) -> FloatArray:
        """Reflectance of this skin.

        Parameters
        ----------
        wavelength_nm : array_like (w,)
            400 to 1100 nm.
        spot_mm, port_mm : float or None
            Diameters of a uniform spot and of the concentric collecting port [mm]; None is infinite.
        specular : bool
            Whether the light that the outer face returns counts.
        incidence : Incidence or None
            Normal and collimated unless given; diffuse is what an enclosure needs.

        Returns
        -------
        ndarray (w,)
            Reflectance, 0 to 1.
        """
        if spot_mm is not None or port_mm is not None:
            return self._port_reflectance(wavelength_nm, spot_mm, port_mm, specular)
        optical = self.optical(wavelength_nm)
        answer = slab.solve_batch(
            **optical.flat(),
            depths_mm=np.zeros(0),
            outside_index=self.outside_index,
            outside_index_below=float(optical.refractive_index[0, 0, -1]),
            incidence=incidence or Incidence(),
        )
        return np.asarray(answer.reflectance if specular else answer.reflectance - answer.specular)

    def _port_reflectance(
        self, wavelength_nm: ArrayLike, spot_mm: float | None, port_mm: float | None, specular: bool
    ) -> FloatArray:
        if spot_mm is None or port_mm is None:
            raise InputError("give both spot_mm and port_mm, or neither.")
        for name, value in (("spot_mm", spot_mm), ("port_mm", port_mm)):
            if not 0.01 <= value <= 1000.0:
                raise RangeError(name, value, 0.01, 1000.0)
        wavelengths = np.atleast_1d(np.asarray(wavelength_nm, dtype=float))
        whole = self.reflectance(wavelengths)
        diffuse = self.reflectance(wavelengths, specular=False)
        outer = (whole - diffuse) * min(1.0, (port_mm / spot_mm) ** 2)
        if port_mm - spot_mm >= FAST_PORT_MARGIN_MM:
            lost = port_losses(self.optical(wavelengths), spot_mm, port_mm)
            return np.asarray(diffuse * (1.0 - lost) + (outer if specular else 0.0))
        from photodose.transport import monte_carlo  # loads numba: only where much light is lost at an edge

        seen = [
            monte_carlo.port_reflectance(self.layer_stack(float(value)), spot_mm=spot_mm, port_mm=port_mm)[0]
            for value in wavelengths
        ]
        return np.asarray(np.array(seen) - (0.0 if specular else outer))

    def sample(self, count: int, seed: int = 0) -> tuple[Skin, ...]:
        """Skins drawn from what is uncertain about this one.

        Parameters
        ----------
        count : int
            At least 1.
        seed : int
            Seed of the generator; the same seed gives the same skins.
        """
        if count < 1:
            raise RangeError("count", count, 1, math.inf)
        z = np.random.default_rng(seed).standard_normal((count, len(PARAMETERS)))
        return tuple(replace(self, z=tuple(float(x) for x in row)) for row in z)

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON, as the `skin` of a dose."""
        thickness = self.arrays.thickness_mm[0]
        return {
            "site": self.site.id,
            "skin_type": self.skin_type,
            "ita_deg": self.ita_deg,
            "ita_sd_deg": self.ita_sd_deg,
            "melanosome_fraction": self.melanosome_fraction,
            "outside_index": self.outside_index,
            "layers": [
                {"name": name, "thickness_mm": float(value)}
                for name, value in zip(self.layer_names, thickness, strict=True)
            ],
        }


def _ita_of(site: Site, melanosome_fraction: float) -> float:
    trial = Skin(site, 0.0, 0.0, None, melanosome_fraction, 0.0)
    spectrum = trial.reflectance(pigmentation.ita_wavelengths_nm())
    return float(pigmentation.ita_from_reflectance(spectrum))


@lru_cache(maxsize=512)
def _melanin(site_id: str, ita_deg: float) -> tuple[float, float]:
    """Melanosome fraction of a site at an ITA, and d ln(fraction) / d ITA [1/degree].

    On the sole the ITA is that of the same person's forearm: thick horny layer hides the colour of what lies below.
    """
    site = find_site(site_id)
    if site.pigment_relative_to_forearm is not None:
        fraction, slope = _melanin("forearm", ita_deg)
        return fraction * site.pigment_relative_to_forearm.mean, slope
    guess, slope = log_melanin_at(ita_deg)
    thinner = find_site("forearm").thickness.living_epidermis.mean / site.thickness.living_epidermis.mean
    guess = min(max(guess + math.log(thinner), math.log(1e-4)), math.log(0.55))
    return pigmentation.melanosome_fraction_for_ita(ita_deg, lambda f: _ita_of(site, f), math.exp(guess), slope)


def _skin_type(name: str) -> str:
    wanted = str(name).strip().upper()
    roman = dict(zip("123456", SKIN_TYPES, strict=True)).get(wanted, wanted)
    if roman not in SKIN_TYPES:
        raise UnknownNameError("skin type", str(name), SKIN_TYPES, "Fitzpatrick types run from I to VI.")
    return roman


def skin(
    site: str,
    skin_type: str | None = None,
    ita_deg: float | None = None,
    ita_sd_deg: float | None = None,
    outside_index: float = 1.0,
) -> Skin:
    """The skin of a person at a site, by Fitzpatrick type or by measured ITA.

    Type is a poor measure of how light travels in skin; ITA is a better one.

    Parameters
    ----------
    site : str
        A site's id or synonym, for example "cheek".
    skin_type : str or None
        Fitzpatrick type "I" to "VI".
    ita_deg : float or None
        Individual typology angle [degree], -70 to 70; wins over the type.
    ita_sd_deg : float or None
        Its standard deviation [degree]; 2 for a measured ITA, the published spread for a type.
    outside_index : float
        Refractive index on the skin, 1 (air) to 1.6.

    Raises
    ------
    InputError, RangeError, UnknownNameError
    """
    if not isinstance(site, str):
        raise InputError(f"site must be a name such as 'cheek', not {site!r}.")
    place = find_site(site)
    if not 1.0 <= outside_index <= 1.6:
        raise RangeError("outside_index", outside_index, 1.0, 1.6)
    roman = None if skin_type is None else _skin_type(skin_type)
    if ita_deg is None:
        if roman is None:
            raise InputError("give the skin's type (I to VI) or its ITA in degrees.")
        published = pigmentation.fitzpatrick_ranges()[roman].ita_deg
        ita_deg, spread = published.mean, published.sd
    else:
        spread = MEASURED_ITA_SD_DEG
    ita = pigmentation.check_ita(float(ita_deg))
    sd = spread if ita_sd_deg is None else float(ita_sd_deg)
    if not 0.0 <= sd <= 40.0:
        raise RangeError("ita_sd_deg", sd, 0.0, 40.0)
    fraction, slope = _melanin(place.id, ita)
    return Skin(place, ita, sd, roman, fraction, abs(slope) * sd, outside_index=outside_index)


def sample_coordinates(count: int, seed: int | Sequence[int] = 0) -> FloatArray:
    """Coordinates z of sampled skins, shape (count, parameter)."""
    return np.random.default_rng(seed).standard_normal((count, len(PARAMETERS)))
