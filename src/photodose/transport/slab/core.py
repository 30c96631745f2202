"""One chunk of stacks with one number of streams: from checked arrays to everything that is asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from photodose.optics import Incidence
from photodose.optics.fresnel import fresnel_reflectance
from photodose.transport.slab import modes as md
from photodose.transport.slab import quadrature as qd
from photodose.transport.slab.sweep import Ends, Faces, Folded, fold

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stacks:
    """Checked input: arrays (batch, layer), the outside indices, and the incidence."""

    absorption: FloatArray
    scattering: FloatArray
    anisotropy: FloatArray
    thickness: FloatArray
    index: FloatArray
    above: float
    below: float
    incidence: Incidence

    def rows(self, which: slice | NDArray[np.intp]) -> Stacks:
        """Some of the stacks."""
        return Stacks(
            self.absorption[which],
            self.scattering[which],
            self.anisotropy[which],
            self.thickness[which],
            self.index[which],
            self.above,
            self.below,
            self.incidence,
        )

    def upside_down(self) -> Stacks:
        """The same stacks seen from below."""
        return Stacks(
            self.absorption[:, ::-1],
            self.scattering[:, ::-1],
            self.anisotropy[:, ::-1],
            self.thickness[:, ::-1],
            self.index[:, ::-1],
            self.below,
            self.above,
            self.incidence,
        )


@dataclass(frozen=True, slots=True)
class Optics:
    """All that follows from the refractive indices alone; leading size 1 where every stack has the same indices."""

    grid: qd.AngularGrid
    rows: NDArray[np.intp]
    faces: Faces
    entry: qd.DiffuseEntry | None
    entry_of: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Solution:
    """A solved chunk: enough to evaluate anything at any depth."""

    stacks: Stacks
    media: md.Media
    modes: md.Modes
    beams: md.Beams | None
    ends: Ends
    specular: FloatArray
    reflectance: FloatArray
    transmittance: FloatArray
    direct: FloatArray
    optics: Optics
    forced: tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]
    folded: Folded


_KEPT_SETS = 64
"""Sets of indices of up to this many rows are kept, and this many of them: the same wavelengths are asked again and
again, for another skin, angle or irradiance."""

_Angles = tuple[qd.AngularGrid, NDArray[np.intp], Faces, NDArray[np.intp], NDArray[np.intp]]


def index_optics(stacks: Stacks, half: int) -> Optics:
    """Quadratures, index steps and, for diffuse light, its way in, for each distinct set of indices."""
    index = stacks.index
    if (index == index[0]).all():
        index = index[:1]
    if len(index) <= _KEPT_SETS:
        angles = _kept_angles(index.tobytes(), index.shape[1], stacks.above, stacks.below, half)
    else:
        angles = _angles(index, stacks.above, stacks.below, half)
    grid, rows, faces, tops, top_of = angles
    entry = None
    if stacks.incidence.kind != "collimated":
        entry = qd.diffuse_entry(grid, tops, stacks.above, stacks.incidence)
    return Optics(grid, rows, faces, entry, top_of)


@lru_cache(maxsize=_KEPT_SETS)
def _kept_angles(index: bytes, layers: int, above: float, below: float, half: int) -> _Angles:
    """`_angles`, remembered; `index` holds the rows of floats."""
    return _angles(np.frombuffer(index).reshape(-1, layers), above, below, half)


def _angles(index: FloatArray, above: float, below: float, half: int) -> _Angles:
    """Quadratures by medium, medium of each row and layer, faces, the uppermost media, and which of them is each row's;
    all that follows from the indices (row, layer) without the light that falls on them."""
    count, layers = index.shape
    outside = tuple(sorted({above, below}))
    breaks = qd.stack_breaks(index, outside, half)
    media = np.concatenate([index.reshape(-1, 1), np.repeat(breaks, layers, axis=0)], axis=1)
    media, rows = np.unique(media, axis=0, return_inverse=True)
    rows = rows.reshape(count, layers)
    grid = qd.angular_grid(media[:, 0].copy(), media[:, 1:].copy(), half)
    inner: list[tuple[FloatArray, FloatArray, FloatArray] | None] = []
    for layer in range(layers - 1):
        first, second = rows[:, layer], rows[:, layer + 1]
        if (first == second).all():
            inner.append(None)
            continue
        pairs, where = np.unique(first * len(media) + second, return_inverse=True)
        steps = qd.index_steps(grid, pairs // len(media), pairs % len(media))
        inner.append((steps[0][where], steps[1][where], steps[2][where]))
    tops, top_of = np.unique(rows[:, 0], return_inverse=True)
    ends, end_of = np.unique(rows[:, -1], return_inverse=True)
    faces = Faces(qd.outer_faces(grid, tops, above)[top_of], qd.outer_faces(grid, ends, below)[end_of], inner)
    return grid, rows, faces, tops, top_of


def face_reflectances(stacks: Stacks, transverse: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Cosines (batch, ray, layer) and Fresnel reflectances (batch, ray, layer + 1) of rays, shape (batch, ray).

    A ray has the same transverse index n sin(theta) in every layer; where that exceeds the layer's index the cosine
    is 0 and the face before it reflects all.
    """
    above = np.full((len(stacks.index), 1), stacks.above)
    below = np.full((len(stacks.index), 1), stacks.below)
    index = np.concatenate([above, stacks.index, below], axis=1)[:, None, :]
    sine = np.minimum(transverse[..., None] / index, 1.0)
    cosine = np.sqrt((1.0 - sine) * (1.0 + sine))
    reflectance = fresnel_reflectance(cosine[..., :-1], index[..., :-1], index[..., 1:])
    same = np.abs(index[..., :-1] - index[..., 1:]) <= 1e-9 * index[..., 1:]
    reflectance = np.where(same & (cosine[..., :-1] > 0.0), 0.0, reflectance)
    return cosine[..., 1:-1], np.broadcast_to(reflectance, (*cosine.shape[:-1], reflectance.shape[-1]))


def solve_chunk(stacks: Stacks, half: int, optics: Optics | None = None, thinnest: float = md.THINNEST) -> Solution:
    """Solve all stacks with `half` nodes per hemisphere in every layer; a clear layer has the thickness `thinnest`."""
    optics = optics or index_optics(stacks, half)
    grid, rows = optics.grid, optics.rows
    media = md.scaled_media(
        stacks.absorption, stacks.scattering, stacks.anisotropy, stacks.thickness, grid.moments[rows], half, thinnest
    )
    index, coupling = grid.index[rows], grid.coupling[rows]
    modes = md.eigenmodes(media, index, grid.cosine[rows], grid.weight[rows], grid.odd[rows], coupling)
    nothing = np.zeros(modes.rate.shape)
    top, bottom = (nothing, nothing), (nothing, nothing)
    beams = None
    if optics.entry is None:
        sine = stacks.above * np.sin(np.radians(stacks.incidence.angle_deg))
        cosine, faces = face_reflectances(stacks, np.full((len(stacks.index), 1), sine))
        cosine, faces = cosine[:, 0], faces[:, 0]
        down, up, beam_out = md.unscattered(media.optical_thickness, cosine, faces)
        direct = md.unscattered(media.full_optical_thickness, cosine, faces)[2]
        projections = (grid.project_even[rows], grid.project_odd[rows])
        beams = md.Beams(down, up, *md.drive(media, modes, index, coupling, projections, cosine), faces)
        top, bottom = _forced_ends(beams, modes.rate, media.optical_thickness)
        entering = np.zeros((1, half))
        specular = faces[:, 0]
        thickness = media.optical_thickness[:, 0] * beams.slope[:, 0]
        beam_back = up[:, 0] * np.exp(-thickness) * (1.0 - faces[:, 0])
    else:
        entering = optics.entry.source[optics.entry_of]
        specular = np.broadcast_to(optics.entry.specular[optics.entry_of], (len(stacks.index),))
        direct = _direct_diffuse(stacks, media, optics)
        beam_back = beam_out = np.zeros(len(stacks.index))
    ends, back, out, folded = fold(modes, media.optical_thickness, optics.faces, top, bottom, entering)
    power = grid.power
    reflectance = specular + beam_back + np.sum(power[rows[:, 0]] * back, axis=-1)
    transmittance = beam_out + np.sum(power[rows[:, -1]] * out, axis=-1)
    return Solution(
        stacks, media, modes, beams, ends, specular, reflectance, transmittance, direct, optics, (top, bottom), folded
    )


def _forced_ends(
    beams: md.Beams, rate: FloatArray, thickness: FloatArray
) -> tuple[tuple[FloatArray, FloatArray], tuple[FloatArray, FloatArray]]:
    """Particular solution of both beams at the top and the bottom of every layer; the upward one is mirrored."""
    near_even, near_odd = md.forced(beams, rate, np.zeros_like(thickness))
    far_even, far_odd = md.forced(beams, rate, thickness)
    down, up = beams.down[..., None], beams.up[..., None]
    top = (down * near_even + up * far_even, down * near_odd - up * far_odd)
    bottom = (down * far_even + up * near_even, down * far_odd - up * near_odd)
    return top, bottom


def _direct_diffuse(stacks: Stacks, media: md.Media, optics: Optics) -> FloatArray:
    """Share of diffuse light that passes unscattered, integrated over its rays with unscaled optical thickness."""
    assert optics.entry is not None
    power = optics.entry.power[optics.entry_of]
    rays = np.broadcast_to(optics.entry.transverse[optics.entry_of], (len(stacks.index), power.shape[1]))
    cosine, faces = face_reflectances(stacks, rays)
    passed = md.unscattered(media.full_optical_thickness[:, None, :], cosine, faces)[2]
    return np.asarray(np.sum(passed * power, axis=-1))


def absorbed(solution: Solution) -> FloatArray:
    """Absorbed fraction per layer (batch, layer): absorption coefficient times the integral of fluence (eq. 19)."""
    media = solution.media
    return np.asarray(media.absorption * _layer_integrals(solution) * (media.thickness / media.optical_thickness))


def layer_means(solution: Solution) -> FloatArray:
    """Mean fluence rate of each layer (batch, layer), by the same integral."""
    return _layer_integrals(solution) / solution.media.optical_thickness


def _layer_integrals(solution: Solution) -> FloatArray:
    """Integral of the fluence rate over each layer's scaled optical depth (batch, layer)."""
    media, modes, ends, beams = solution.media, solution.modes, solution.ends, solution.beams
    thickness = media.optical_thickness
    rate = modes.rate
    whole = np.tanh(rate * thickness[..., None] / 2.0) / rate * (ends.even_top + ends.even_bottom)
    beam = np.zeros_like(thickness)
    if beams is not None:
        lit = beams.down + beams.up
        whole = whole + md.forced_integral(beams, rate, np.zeros_like(thickness), thickness) * lit[..., None]
        beam = lit * -np.expm1(-beams.slope * thickness)
    return np.asarray(np.sum(modes.fluence * whole, axis=-1) + beam)


def _sinh_ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    """sinh(part) / sinh(whole) for 0 <= part <= whole, any size."""
    return np.asarray(np.exp(part - whole) * np.expm1(-2.0 * part) / np.expm1(-2.0 * whole))


def at_depths(solution: Solution, depths: FloatArray, below: bool = False) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Fluence rate, downward and upward flux at depths (batch, depth) [mm]; a boundary belongs to the layer above."""
    layer, fraction = locate(solution.stacks.thickness, depths, below)
    where = (np.arange(len(depths))[:, None], layer)
    media, modes, ends = solution.media, solution.modes, solution.ends
    thickness = media.optical_thickness[where]
    depth = thickness * fraction
    rate = modes.rate[where]
    whole = rate * thickness[..., None]
    from_top = _sinh_ratio(rate * (thickness - depth)[..., None], whole)
    from_bottom = _sinh_ratio(rate * depth[..., None], whole)
    even = ends.even_top[where] * from_top + ends.even_bottom[where] * from_bottom
    odd = ends.odd_top[where] * from_top + ends.odd_bottom[where] * from_bottom
    beam_down = beam_up = slope = np.zeros_like(depth)
    if solution.beams is not None:
        beams = solution.beams.take(where)
        forced_down = md.forced(beams, rate, depth)
        forced_up = md.forced(beams, rate, thickness - depth)
        even += forced_down[0] * beams.down[..., None] + forced_up[0] * beams.up[..., None]
        odd += forced_down[1] * beams.down[..., None] - forced_up[1] * beams.up[..., None]
        slope = beams.slope
        beam_down = beams.down * np.exp(-slope * depth)
        beam_up = beams.up * np.exp(-slope * (thickness - depth))
    fluence = np.sum(modes.fluence[where] * even, axis=-1) + slope * (beam_down + beam_up)
    both = np.sum(modes.even_flux[where] * even, axis=-1)
    net = np.sum(modes.odd_flux[where] * odd, axis=-1)
    return fluence, (both + net) / 2.0 + beam_down, (both - net) / 2.0 + beam_up


def locate(thickness: FloatArray, depths: FloatArray, below: bool = False) -> tuple[NDArray[np.intp], FloatArray]:
    """Layer (batch, depth) that each depth lies in, and how far down in it (0 to 1).

    A depth within 1e-9 (relative) of a boundary lies on it, for sums of thicknesses round; it belongs to the layer
    above, or with `below` to the layer below.
    """
    bounds = np.cumsum(thickness, axis=1)
    slack = -1e-9 * bounds if below else 1e-9 * bounds
    inner = (bounds + slack)[:, None, :-1]
    passed = depths[..., None] >= inner if below else depths[..., None] > inner
    layer = np.sum(passed, axis=-1)
    rows = np.arange(len(depths))[:, None]
    start = np.concatenate([np.zeros((len(bounds), 1)), bounds[:, :-1]], axis=1)[rows, layer]
    return layer, np.clip((depths - start) / thickness[rows, layer], 0.0, 1.0)


def over_intervals(solution: Solution, intervals: FloatArray) -> FloatArray:
    """Mean fluence rate over depth intervals (batch, interval, 2) [mm], by the analytic integral in each layer."""
    media, modes, ends, beams = solution.media, solution.modes, solution.ends, solution.beams
    bounds = np.cumsum(solution.stacks.thickness, axis=1)
    total = np.zeros(intervals.shape[:-1])
    for layer in range(bounds.shape[1]):
        size = solution.stacks.thickness[:, layer, None]
        begin = bounds[:, layer, None] - size
        start = np.clip((intervals[..., 0] - begin) / size, 0.0, 1.0)
        end = np.clip((intervals[..., 1] - begin) / size, 0.0, 1.0)
        if not (end > start).any():
            continue
        where = (slice(None), slice(layer, layer + 1))
        thickness = media.optical_thickness[where]
        start, end = start * thickness, end * thickness
        rate = modes.rate[where]
        middle, width = ((start + end) / 2.0)[..., None], ((end - start) / 2.0)[..., None]
        whole = rate * thickness[..., None]
        # Integral of sinh(k x) / sinh(k T) from x - w to x + w = 2 sinh(k x) sinh(k w) / (k sinh(k T))
        spread = 2.0 * np.sinh(np.minimum(rate * width, 300.0)) / rate
        even = spread * (
            ends.even_top[where] * _sinh_ratio(rate * (thickness[..., None] - middle), whole)
            + ends.even_bottom[where] * _sinh_ratio(rate * middle, whole)
        )
        wide = rate * width > 300.0
        if wide.any():
            even = np.where(wide, _wide_integral(ends, where, rate, thickness, start, end), even)
        beam = np.zeros_like(start)
        if beams is not None:
            here = beams.take(where)
            even = even + md.forced_integral(here, rate, start, end) * here.down[..., None]
            even = even + md.forced_integral(here, rate, thickness - end, thickness - start) * here.up[..., None]
            fall = -np.expm1(-here.slope * (end - start))
            beam = fall * here.down * np.exp(-here.slope * start)
            beam = beam + fall * here.up * np.exp(-here.slope * (thickness - end))
        integral = np.sum(modes.fluence[where] * even, axis=-1) + beam
        total += integral * (size / thickness)
    return np.asarray(total / (intervals[..., 1] - intervals[..., 0]))


def _wide_integral(
    ends: Ends,
    where: tuple[slice, slice],
    rate: FloatArray,
    thickness: FloatArray,
    start: FloatArray,
    end: FloatArray,
) -> FloatArray:
    """The same integral where a mode dies within the interval: plain exponentials from each end of the layer."""
    top = np.exp(-rate * start[..., None]) - np.exp(-rate * end[..., None])
    bottom = np.exp(-rate * (thickness - end)[..., None]) - np.exp(-rate * (thickness - start)[..., None])
    return np.asarray((ends.even_top[where] * top + ends.even_bottom[where] * bottom) / rate)
