"""A labelled prior for a device without a usable irradiance, built from the catalogue."""

from __future__ import annotations

import math

import numpy as np

from photodose.devices.claims import TrueRatio, knowledge, predictive_lognormal, true_ratio
from photodose.devices.geometry import CONTACT_CM
from photodose.devices.reading import catalogue


def prior(kind: str, bands: int = 1) -> TrueRatio:
    """Labelled prior for the irradiance per band [mW/cm2] of a device of this kind without a usable number.

    Built from the catalogue's own devices of that kind whose irradiance was read in a source: the total of the bands
    that shine together, taken through the same claimed -> true distribution, as a Student t predictive lognormal
    between devices, widened by the uncertainty of one device and by the split between bands. With fewer than three
    such devices all kinds are pooled.

    Parameters
    ----------
    kind : str
        Kind of device.
    bands : int
        Number of bands between which the total is split equally.
    """
    totals, widths = _known_totals(kind)
    pool = f"the {len(totals)} {kind}s of the catalogue with a published irradiance"
    if len(totals) < 3:
        totals, widths = _known_totals(None)
        pool = f"the {len(totals)} devices of the catalogue with a published irradiance (too few of kind {kind})"
    median, log_sd = predictive_lognormal(totals)
    width = math.hypot(log_sd, float(np.mean(widths)))
    if bands > 1:
        width = math.hypot(width, knowledge().split_log_sd)
    return TrueRatio(median / bands, width, "assumed", f"a prior by kind is assumed, from {pool}")


def _known_totals(kind: str | None) -> tuple[list[float], list[float]]:
    totals, widths = [], []
    for lamp in catalogue(kind):
        bands = tuple(lamp.band(peak) for peak in lamp.modes[0].peaks_nm) if lamp.modes else lamp.bands
        known = [band for band in bands if lamp.has_usable_number(band) and band.light_source != "laser"]
        if not known:
            continue
        truth = true_ratio(known[0].basis or "claimed", lamp.distance_cm <= CONTACT_CM)
        totals.append(truth.median * sum(band.irradiance_mw_cm2 or 0.0 for band in known))
        widths.append(truth.log_sd)
    return totals, widths
