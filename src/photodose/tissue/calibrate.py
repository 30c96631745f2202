"""Calibrate the skin to living people: `python -m photodose.tissue.calibrate`.

Least squares with priors (the posterior's mode, with the curvature there as its covariance): one set of shifts for all
people, and the melanin of each class, from the mean reflectance of five classes of forearms
(tissue/forearm_reflectance), through the instrument that measured them. Writes tissue/calibration. Method and
results: docs/methods/skin.md.
"""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml
from numpy.typing import NDArray

from photodose.data import load_table
from photodose.tissue import pigmentation
from photodose.tissue.optical import optical_arrays
from photodose.tissue.parameters import INDEX, PARAMETERS, composition, logistic, logit, melanosome_power, skin_arrays
from photodose.tissue.person import port_losses
from photodose.tissue.sites import site
from photodose.transport import slab

FloatArray = NDArray[np.float64]

CLASSES: Final = {"very_light": 13, "light": 64, "intermediate": 13, "tan": 4, "brown": 6}
"""Classes of the table and how many people each holds."""
SPOT_MM: Final = 5.0
LEAST_PORT_MM: Final = 10.0
STREAMS: Final = 16
MODEL_ERROR: Final = 0.01
"""What seven flat layers are trusted to meet, in reflectance."""
CORRELATION_NM: Final = 80.0
"""Over how many nanometres an error of the model repeats itself: that many count as one observation."""
ITA_ERROR_DEG: Final = 0.3
NO_MELANIN_NM: Final = 949.0
STEP_NM: Final = 20.0


@dataclass(frozen=True, slots=True)
class Prior:
    """What is known of a calibrated parameter before; its shift is 0 at the value in tissue/composition."""

    name: str
    scale: str
    sd: float
    unit: str
    source: str
    note: str


PRIORS: Final = (
    Prior("dermal_blood", "log", 0.7, "1", "blood", "blood fraction of papillary and reticular dermis"),
    Prior("blood_nets", "log", 0.3, "1", "blood", "blood of the two nets relative to the dermis around them"),
    Prior("saturation", "logit", 0.5, "1", "blood", "oxygen saturation"),
    Prior("baseline_absorption", "log", 0.6, "1", "baseline", "dermal absorption beyond blood, water and fat"),
    Prior("dermal_water", "log", 0.15, "1", "blood", "water of the dermis relative to the table"),
    Prior("dermal_scattering", "log", 0.15, "1/mm", "scattering", "reduced scattering of the dermis at 500 nm"),
    Prior("scattering_power", "plain", 0.15, "1", "scattering", "its power"),
    Prior("epidermal_scattering", "log", 0.3, "1/mm", "scattering", "reduced scattering of the epidermis at 500 nm"),
    Prior("deep_scattering", "log", 0.3, "1/mm", "scattering", "reduced scattering of the fat at 500 nm"),
    Prior("deep_blood", "log", 0.5, "1", "blood", "blood fraction of the fat"),
    Prior("melanosome_power", "logit", 0.8, "1", "melanin", "eumelanin; logistic between 2.8 and 4.0"),
    Prior("pheomelanin_share", "logit", 0.65, "1", "melanin", "share of the melanosome's absorption at 500 nm"),
    Prior("port_mm", "log", 0.3, "mm", "instrument", "diameter of the port beyond 10 mm"),
)
PRIOR_PORT_MARGIN_MM: Final = 15.0
NAMES: Final = tuple(prior.name for prior in PRIORS)
SD: Final = np.array([prior.sd for prior in PRIORS])
LARGEST: Final = "light"
SPREAD_NM: Final = (631.0, 700.0, 781.0, 850.0, 949.0, 1000.0)
"""Where the scatter between people of one colour is compared: beyond the wavelengths that make the colour."""
ANGLES: Final = (-60.0, -45.0, -30.0, -15.0, 0.0, 15.0, 30.0, 40.0, 50.0, 58.0, 65.0)


@dataclass(frozen=True)
class Data:
    """Measured class means on the grid of the fit, their typology angles, and the error of a mean of so few people."""

    wavelength_nm: FloatArray
    reflectance: FloatArray
    ita_deg: FloatArray
    class_error: FloatArray
    used: NDArray[np.bool_]
    to_ita_grid: FloatArray = field(repr=False)


def measured(step_nm: float = STEP_NM) -> Data:
    """Class means from 400 nm (for the angle) on a grid of `step_nm`; residuals count from 420 to 1000 nm."""
    from scipy.interpolate import make_interp_spline

    table = load_table("tissue/forearm_reflectance")
    grid = np.arange(400.0, 1000.5, step_nm)
    means = np.stack([table.interpolate(grid, name) for name in CLASSES])
    ita_grid = pigmentation.ita_wavelengths_nm()
    fine = np.stack([table.interpolate(ita_grid, name) for name in CLASSES])
    spline = make_interp_spline(grid, np.eye(len(grid)), k=2)(ita_grid)
    people = np.array(list(CLASSES.values()))
    # between people, where melanin matters least
    spread = np.array([float(table.interpolate(NO_MELANIN_NM, f"{name}_sd")) for name in CLASSES])
    angles = pigmentation.ita_from_reflectance(fine)
    return Data(grid, means, angles, spread / np.sqrt(people), grid >= 420.0, spline)


def port_of(shift: float) -> float:
    """Diameter of the port [mm] at a shift: 10 mm and a margin."""
    return LEAST_PORT_MM + PRIOR_PORT_MARGIN_MM * math.exp(shift)


def reflectance(
    shifts: dict[str, float],
    melanin: FloatArray,
    wavelength_nm: FloatArray,
    u: FloatArray | None = None,
    port_mm: float | None = None,
) -> FloatArray:
    """Reflectance (n, w) of forearms with these shifts and melanosome fractions (n,), specular light included.

    Parameters
    ----------
    shifts : dict
        By name of calibrated parameter.
    melanin : ndarray (n,)
    wavelength_nm : ndarray (w,)
    u : ndarray (n, p), optional
        Coordinates about the median.
    port_mm : float, optional
        Diameter of the port; nothing is lost unless given.
    """
    coordinates = np.zeros((len(melanin), len(PARAMETERS))) if u is None else u
    optical = optical_arrays(skin_arrays(site("forearm"), coordinates, melanin, shifts), wavelength_nm)
    below = float(optical.refractive_index[0, 0, -1])
    answer = slab.solve_batch(**optical.flat(), outside_index_below=below, streams=STREAMS)
    diffuse = answer.reflectance - answer.specular
    if port_mm is not None:
        diffuse = diffuse * (1.0 - port_losses(optical, SPOT_MM, port_mm))
    return np.asarray((answer.specular + diffuse).reshape(len(melanin), -1))


@dataclass(frozen=True)
class Fit:
    """Posterior mode of the shifts and of the classes' melanin, with the covariance of both."""

    shifts: dict[str, float]
    covariance: FloatArray
    melanin: FloatArray
    residual: FloatArray
    data: Data

    @property
    def rms(self) -> float:
        return float(np.sqrt((self.residual**2).mean()))

    @property
    def rms_by_class(self) -> FloatArray:
        return np.asarray(np.sqrt((self.residual**2).mean(axis=1)))

    @property
    def port_mm(self) -> float:
        return port_of(self.shifts["port_mm"])


def fit(
    prior_sd: dict[str, float] | None = None,
    prior_mean: dict[str, float] | None = None,
    without: tuple[str, ...] = (),
) -> Fit:
    """Calibrate.

    Parameters
    ----------
    prior_sd, prior_mean : dict, optional
        Replace those of some parameters, to see how much a prior matters.
    without : tuple of str
        Classes of which only the angle is used, to see how well a class is predicted that was not fitted.
    """
    from scipy.optimize import least_squares

    data, count = measured(), len(PRIORS)
    sd = np.array([(prior_sd or {}).get(prior.name, prior.sd) for prior in PRIORS])
    centre = np.array([(prior_mean or {}).get(prior.name, 0.0) for prior in PRIORS])
    spread = np.sqrt((MODEL_ERROR**2 + data.class_error**2) * CORRELATION_NM / STEP_NM)[:, None]

    counts = np.array([float(name not in without) for name in CLASSES])

    def unpack(x: FloatArray) -> tuple[dict[str, float], FloatArray]:
        return dict(zip(NAMES, (centre + sd * x[:count]).tolist(), strict=True)), np.exp(x[count:])

    def misses(x: FloatArray) -> FloatArray:
        shifts, melanin = unpack(x)
        seen = reflectance(shifts, melanin, data.wavelength_nm, port_mm=port_of(shifts["port_mm"]))
        angle = pigmentation.ita_from_reflectance(seen @ data.to_ita_grid.T) - data.ita_deg
        spectral = (seen - data.reflectance)[:, data.used] / spread * counts[:, None]
        return np.concatenate([spectral.ravel(), angle / ITA_ERROR_DEG, x[:count]])

    start = np.concatenate([np.zeros(count), np.log([0.013, 0.02, 0.036, 0.066, 0.13])])
    best = least_squares(misses, start, x_scale="jac", max_nfev=30)
    scale = np.concatenate([sd, np.ones(len(CLASSES))])
    covariance = np.linalg.inv(best.jac.T @ best.jac) * np.outer(scale, scale)
    shifts, melanin = unpack(best.x)
    seen = reflectance(shifts, melanin, data.wavelength_nm, port_mm=port_of(shifts["port_mm"]))
    return Fit(shifts, covariance[:count, :count], melanin, (seen - data.reflectance)[:, data.used], data)


def values(shifts: dict[str, float]) -> dict[str, float]:
    """Values of the calibrated parameters at some shifts, in their units."""
    layers = {item.layer: item for item in composition().layers}
    dermis, fat, epidermis = (layers[name] for name in ("reticular dermis", "subcutaneous fat", "living epidermis"))
    parameters = composition().parameters
    by_log = {
        "dermal_blood": dermis.blood_fraction.mean,
        "blood_nets": 1.0,
        "baseline_absorption": dermis.baseline_scale.mean,
        "dermal_water": 1.0,
        "dermal_scattering": dermis.reduced_scattering_500nm_per_mm.mean,
        "epidermal_scattering": epidermis.reduced_scattering_500nm_per_mm.mean,
        "deep_scattering": fat.reduced_scattering_500nm_per_mm.mean,
        "deep_blood": fat.blood_fraction.mean,
    }
    out = {name: value * math.exp(shifts[name]) for name, value in by_log.items()}
    out["scattering_power"] = dermis.scattering_power.mean + shifts["scattering_power"]
    out["melanosome_power"] = melanosome_power(shifts["melanosome_power"])
    for name in ("saturation", "pheomelanin_share"):
        out[name] = float(logistic(logit(parameters[name].mean) + shifts[name]))
    out["port_mm"] = port_of(shifts["port_mm"])
    return out


def dermis_at(shifts: dict[str, float], wavelength_nm: float) -> tuple[float, float]:
    """Absorption and reduced scattering of the whole dermis at a wavelength [1/mm]: means by thickness."""
    arrays = skin_arrays(site("forearm"), np.zeros((1, len(PARAMETERS))), np.array([0.02]), shifts)
    optical = optical_arrays(arrays, wavelength_nm)
    weight = arrays.thickness_mm[0, 2:6] / arrays.thickness_mm[0, 2:6].sum()
    reduced = optical.scattering_per_mm[0, 0] * (1.0 - optical.anisotropy[0, 0])
    return float(optical.absorption_per_mm[0, 0, 2:6] @ weight), float(reduced[2:6] @ weight)


def derived(result: Fit) -> dict[str, dict[str, Any]]:
    """Dermal absorption and scattering that follow, each with the 90 % interval of the median skin."""
    draws = np.random.default_rng(1).multivariate_normal(list(result.shifts.values()), result.covariance, 400)
    out = {}
    for wavelength in (633.0, 850.0):
        middle = dermis_at(result.shifts, wavelength)
        sampled = np.array([dermis_at(dict(zip(NAMES, row.tolist(), strict=True)), wavelength) for row in draws])
        for number, name in enumerate(("dermal_absorption", "dermal_reduced_scattering")):
            low, high = np.quantile(sampled[:, number], [0.05, 0.95])
            item = {"value": middle[number], "low": float(low), "high": float(high), "unit": "1/mm"}
            out[f"{name}_{wavelength:.0f}nm"] = item
    return out


def melanin_table(shifts: dict[str, float]) -> dict[str, Any]:
    """Melanin of the median forearm by angle, and d ln(melanin)/du at a fixed angle (see schema MelaninByAngle)."""
    grid = pigmentation.ita_wavelengths_nm()
    names = [name for name in PARAMETERS if name != "melanin"]
    step = 0.2

    def angles(log_fraction: FloatArray, u: FloatArray | None = None) -> FloatArray:
        fraction = np.minimum(np.exp(log_fraction), 0.95)
        return pigmentation.ita_from_reflectance(reflectance(shifts, fraction, grid, u))

    x = np.log(0.02) - (np.array(ANGLES) - 45.0) / 28.0
    x = np.minimum(x, math.log(0.5))
    for _ in range(12):
        slope = (angles(x + 0.05) - angles(x - 0.05)) / 0.1
        x = x - np.clip((angles(x) - np.array(ANGLES)) / np.minimum(slope, -2.0), -0.7, 0.7)
        x = np.minimum(x, math.log(0.9))
    slope = (angles(x + 0.05) - angles(x - 0.05)) / 0.1
    per = {}
    for name in names:
        u = np.zeros((len(ANGLES), len(PARAMETERS)))
        u[:, INDEX[name]] = step
        change = (angles(x, u) - angles(x, -u)) / (2.0 * step)
        per[name] = [round(float(value), 4) for value in -change / slope]
    return {
        "ita_deg": list(ANGLES),
        "log_fraction": [round(float(value), 5) for value in x],
        "per_coordinate": per,
    }


def people_spread(shifts: dict[str, float], result: Fit, melanin: dict[str, Any]) -> dict[str, Any]:
    """Measured scatter of the largest class, and the model's derivatives at its angle (see schema PeopleSpread)."""
    number = list(CLASSES).index(LARGEST)
    angle, fraction = float(result.data.ita_deg[number]), float(result.melanin[number])
    grid, step = np.array(SPREAD_NM), 0.2
    per = {}
    for name, row in melanin["per_coordinate"].items():
        u = np.zeros((2, len(PARAMETERS)))
        u[:, INDEX[name]] = (step, -step)
        keep = float(np.interp(angle, melanin["ita_deg"], row))
        up, down = reflectance(shifts, fraction * np.exp(keep * u[:, INDEX[name]]), grid, u)
        per[name] = [round(float(value), 5) for value in (up - down) / (2.0 * step)]
    table = load_table("tissue/forearm_reflectance")
    return {
        "ita_class": LARGEST,
        "wavelength_nm": list(SPREAD_NM),
        "sd": [round(float(table.interpolate(value, f"{LARGEST}_sd")), 5) for value in SPREAD_NM],
        "per_coordinate": per,
    }


def document(result: Fit) -> dict[str, Any]:
    """The calibration as the YAML document that the project ships."""
    before, after = values(dict.fromkeys(NAMES, 0.0)), values(result.shifts)
    sd = np.sqrt(np.diag(result.covariance))
    parameters = [
        {
            "name": prior.name,
            "scale": prior.scale,
            "prior_sd": prior.sd,
            "shift": round(result.shifts[prior.name], 5),
            "sd": round(float(sd[number]), 5),
            "prior_value": round(before[prior.name], 5),
            "value": round(after[prior.name], 5),
            "unit": prior.unit,
            "source": prior.source,
            "note": prior.note,
        }
        for number, prior in enumerate(PRIORS)
    ]
    rounded = {name: round(value, 5) for name, value in result.shifts.items()}
    classes = [
        {
            "name": name,
            "people": people,
            "ita_deg": round(float(result.data.ita_deg[i]), 2),
            "melanosome_fraction": round(float(result.melanin[i]), 5),
            "rms": round(float(result.rms_by_class[i]), 5),
        }
        for i, (name, people) in enumerate(CLASSES.items())
    ]
    return {
        "meta": META,
        "sources": SOURCES,
        "instrument": {"spot_mm": SPOT_MM, "port_mm": round(result.port_mm, 2)},
        "parameters": parameters,
        "covariance": [[round(float(value), 7) for value in row] for row in result.covariance],
        "classes": classes,
        "rms": round(result.rms, 5),
        "derived": {
            name: {key: round(value, 5) if isinstance(value, float) else value for key, value in item.items()}
            for name, item in derived(result).items()
        },
        "melanin": (melanin := melanin_table(rounded)),
        "people": people_spread(rounded, result, melanin),
    }


META: Final = {
    "title": "The skin model calibrated to living forearms; posterior of one set of parameters for all people",
    "conditions": "median forearm; reflectance 420 to 1000 nm of five classes of typology angle",
    "licence": "facts",
    "digitised_by": "computed by python -m photodose.tissue.calibrate",
    "units": "as given for each parameter; shifts on the scale named",
    "version": "1",
    "notes": [
        "The covariance is that of the calibrated medians; the spread between people stands in tissue/composition.",
        "Only melanin differs between the classes.",
    ],
}
SOURCES: Final = {
    "blood": {
        "citation": "Prior of tissue/composition, widened to what published models of skin disagree about; "
        "moved to meet Cooksey, Allen and Tsai 2017",
        "doi": "10.6028/jres.122.026",
        "confidence": "derived",
    },
    "baseline": {
        "citation": "Prior of tissue/composition; moved to meet Cooksey, Allen and Tsai 2017",
        "doi": "10.6028/jres.122.026",
        "confidence": "derived",
    },
    "scattering": {
        "citation": "Measured scattering (tissue/composition); its spread is that of the mean of the sources, so that "
        "reflectance hardly moves it",
        "doi": "10.1117/1.JBO.23.12.121608",
        "confidence": "derived",
    },
    "melanin": {
        "citation": "Slopes from 2.8 to 4.0 are published for melanosomes; the pheomelanin share of human "
        "epidermis by Del Bino 2015; moved to meet Cooksey, Allen and Tsai 2017",
        "doi": "10.1111/pcmr.12410",
        "confidence": "derived",
    },
    "instrument": {
        "citation": "Cooksey and Allen 2013 give the spot (about 5 mm); the port could not be read and is "
        "fitted, at least 10 mm; the aperture of the directional-hemispherical sphere of the same "
        "laboratory is 25 mm (NIST, Spectral tri-function automated reference reflectometer)",
        "doi": "10.1117/12.2015821",
        "url": "http://nist.gov/pml/div685/grp03/spectrophotometry_starr.cfm",
        "confidence": "derived",
    },
}


def target_path() -> Path:
    """Where the calibration lies inside the package."""
    import photodose.data

    return Path(photodose.data.__file__).parent / "tables" / "tissue" / "calibration.yaml"


def main(arguments: list[str] | None = None) -> None:
    """Command line: fit, write, print what was reached; optionally draw the figures."""
    parser = argparse.ArgumentParser(description="Calibrate the skin model to living forearms.")
    parser.add_argument("--check", action="store_true", help="fit and print, write nothing")
    parser.add_argument("--out", type=Path, default=None, help="file to write; the package's own unless given")
    parser.add_argument("--figures", type=Path, default=None, help="folder for figures of the shipped calibration")
    chosen = parser.parse_args(arguments)
    if chosen.figures is not None:
        from photodose.tissue.calibrate_figures import draw_all

        draw_all(chosen.figures)
        return
    result = fit()
    content = document(result)
    for item in content["parameters"]:
        print(f"{item['name']:22} {item['value']:9.4f} {item['unit']:5} shift {item['shift']:+.3f} +- {item['sd']:.3f}")
    for item in content["classes"]:
        print(
            f"{item['name']:14} ITA {item['ita_deg']:6.1f}  melanosomes {item['melanosome_fraction']:.4f}"
            f"  rms {item['rms']:.4f}"
        )
    print(f"all classes rms {content['rms']:.4f}; port {content['instrument']['port_mm']:.1f} mm")
    for name, item in content["derived"].items():
        print(f"{name}: {item['value']:.4f} ({item['low']:.4f} to {item['high']:.4f}) {item['unit']}")
    if not chosen.check:
        path = chosen.out or target_path()
        header = "# Written by python -m photodose.tissue.calibrate; change the priors there, not these numbers.\n"
        text = header + yaml.safe_dump(
            content, sort_keys=False, allow_unicode=False, width=118, default_flow_style=None
        )
        path.write_text(text, encoding="utf-8")
        print(f"written: {path}")


if __name__ == "__main__":
    main()
