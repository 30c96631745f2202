"""Targets: the structures that light is meant to reach, as depth ranges in a given skin."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from photodose.data import load_document, resolve_name
from photodose.data.schema_tissue import Edge, Site, Target, TargetDocument

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TargetRange:
    """A target in one skin.

    Attributes
    ----------
    name : str
    upper_mm, lower_mm : float
        Depth range from the surface [mm].
    description, source : str
    """

    name: str
    upper_mm: float
    lower_mm: float
    description: str
    source: str


@cache
def _document() -> TargetDocument:
    return load_document("tissue/targets", TargetDocument)


@cache
def _definitions(site_id: str, names: tuple[str, ...]) -> tuple[Target, ...]:
    by_name: dict[str, Target] = {}
    for item in _document().targets:
        if item.sites is None:
            by_name.setdefault(item.name, item)
        elif site_id in item.sites:
            by_name[item.name] = item
    return tuple(resolve_name("target", name, by_name) for name in names)


def definitions(site: Site) -> tuple[Target, ...]:
    """Definitions of the targets that exist at a site, in the site's order."""
    return _definitions(site.id, tuple(site.targets))


def _depth(edge: Edge, layer_names: tuple[str, ...], boundaries_mm: FloatArray) -> FloatArray:
    if edge.reference == "surface" or edge.layer is None:
        return np.full(boundaries_mm.shape[0], edge.offset_mm)
    index = layer_names.index(edge.layer) + (edge.reference == "bottom")
    return np.asarray(boundaries_mm[:, index] + edge.offset_mm)


def target_intervals_mm(site: Site, layer_names: tuple[str, ...], thickness_mm: FloatArray) -> FloatArray:
    """Depth ranges of all targets of a site in a batch of skins.

    Parameters
    ----------
    site : Site
    layer_names : tuple of str, length L
    thickness_mm : ndarray (n, L)

    Returns
    -------
    ndarray (n, target, 2)
        Upper and lower depth [mm]; never empty: at least 1 micrometre, inside the stack.
    """
    boundaries = np.concatenate([np.zeros((thickness_mm.shape[0], 1)), np.cumsum(thickness_mm, axis=1)], axis=1)
    ranges = []
    for target in definitions(site):
        upper = np.maximum(0.0, _depth(target.upper, layer_names, boundaries))
        lower = np.maximum(_depth(target.lower, layer_names, boundaries), upper + 1e-3)
        ranges.append(np.stack([upper, np.minimum(lower, boundaries[:, -1])], axis=-1))
    return np.stack(ranges, axis=1)


def target_ranges(site: Site, layer_names: tuple[str, ...], thickness_mm: FloatArray) -> tuple[TargetRange, ...]:
    """The targets of one skin; `thickness_mm` has shape (L,)."""
    intervals = target_intervals_mm(site, layer_names, thickness_mm[None, :])[0]
    sources = _document().sources
    return tuple(
        TargetRange(item.name, float(a), float(b), item.description, sources[item.source].citation)
        for item, (a, b) in zip(definitions(site), intervals, strict=True)
    )
