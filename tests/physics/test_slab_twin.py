"""The slab against a slow literal twin, written from the textbook equations, and against closed forms."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expn

from photodose.optics.fresnel import fresnel_reflectance, refracted_cosine
from photodose.transport.slab import quadrature, solve_batch

Array = NDArray[np.float64]


def _harmonics(mu: Array, weight: Array) -> tuple[Array, Array]:
    """Columns orthonormal on the nodes, by QR of the weighted Legendre polynomials, even and odd."""
    count = 2 * len(mu)
    legendre = np.polynomial.legendre.legvander(mu, count - 1) * np.sqrt(weight)[:, None]
    out = []
    for parity in (0, 1):
        basis, upper = np.linalg.qr(legendre[:, parity::2])
        out.append(basis * np.sign(np.diag(upper)))
    return out[0], out[1]


class _Layer:
    """One layer of the twin: d/dtau of (down, up) radiances = matrix (down, up) + beam drives, all dense."""

    def __init__(self, row: dict[str, float], grid: quadrature.AngularGrid, place: int, beam_cosine: float) -> None:
        mu, weight = grid.cosine[place], grid.weight[place]
        kept = int(grid.moments[place])
        g, half = row["anisotropy"], len(mu)
        forward = g**kept
        scattering = row["scattering_per_mm"] * (1.0 - forward)
        self.extinction = row["absorption_per_mm"] + scattering
        albedo = scattering / self.extinction
        degree = np.arange(2 * half)
        moments = np.where(degree < kept, (g**degree - forward) / (1.0 - forward), 0.0)
        even, odd = _harmonics(mu, weight)
        root = np.sqrt(weight)
        same = (even * moments[0::2] @ even.T + odd * moments[1::2] @ odd.T) / 2.0
        back = (even * moments[0::2] @ even.T - odd * moments[1::2] @ odd.T) / 2.0
        same, back = (albedo * part / root[:, None] * root[None, :] for part in (same, back))
        inverse = np.diag(1.0 / mu)
        one = np.eye(half)
        self.matrix = np.block([[inverse @ (same - one), inverse @ back], [-inverse @ back, inverse @ (one - same)]])
        legendre = np.polynomial.legendre.legvander(np.append(mu, beam_cosine), 2 * half - 1)
        legendre = legendre * np.sqrt(2.0 * degree + 1.0)
        drives = []
        for basis, parity in ((even, 0), (odd, 1)):
            project = basis.T @ (root[:, None] * legendre[:-1, parity::2])
            project[0] = np.eye(half)[0]
            moment = (moments * legendre[-1])[parity::2]
            drives.append(basis @ (project @ moment) / root)
        scale = albedo / beam_cosine / 2.0
        forwards, backwards = scale * (drives[0] + drives[1]), scale * (drives[0] - drives[1])
        self.down_drive = np.concatenate([forwards / mu, -backwards / mu])
        self.up_drive = np.concatenate([backwards / mu, -forwards / mu])
        self.slope = 1.0 / beam_cosine
        self.mu, self.weight, self.index = mu, weight, row["refractive_index"]
        self.thickness = self.extinction * row["thickness_mm"]
        self.rate, self.vectors = (np.real(part) for part in np.linalg.eig(self.matrix))
        size = 2 * half
        self.down_part = -np.linalg.solve(self.matrix + self.slope * np.eye(size), self.down_drive)
        self.up_part = -np.linalg.solve(self.matrix - self.slope * np.eye(size), self.up_drive)

    def modes(self, depth: float) -> Array:
        """Columns: every homogeneous solution at a depth, each scaled to 1 at the end where it is largest."""
        return self.vectors * np.exp(np.where(self.rate > 0, self.rate * (depth - self.thickness), self.rate * depth))

    def particular(self, depth: float, down: float, up: float) -> Array:
        falling, rising = np.exp(-self.slope * depth), np.exp(-self.slope * (self.thickness - depth))
        return down * falling * self.down_part + up * rising * self.up_part


def _lagrange(nodes: Array, at: Array) -> Array:
    """Lagrange polynomials by their definition, shape (point, node)."""
    out = np.ones((len(at), len(nodes)))
    for j, node in enumerate(nodes):
        for m, other in enumerate(nodes):
            if m != j:
                out[:, j] *= (at - other) / (node - other)
    return out


def _step(grid: quadrature.AngularGrid, first: int, second: int | None, n2: float) -> tuple[Array, Array, Array]:
    """Reflection seen from `first`, transmission first -> second and the reflection seen from `second`, on radiances.

    Galerkin by brute force: 400 Gauss nodes per panel, graded towards the grazing end.
    """
    n1 = float(grid.index[first])
    lines = sorted({0.0, *(x for x in grid.breaks[first] if x < min(n1, n2)), min(n1, n2)}, reverse=True)
    node, weight = quadrature.gauss(400)
    sizes = [grid.cosine.shape[1]] * 2
    sums = [np.zeros((sizes[0], sizes[0])), np.zeros((sizes[1], sizes[0])), np.zeros((sizes[1], sizes[1]))]

    def interpolate(row: int, cosine: Array) -> Array:
        out = np.zeros((len(cosine), sizes[0]))
        end = sizes[0]
        for panel, count in enumerate(grid.counts[row]):
            inside = (cosine > grid.edges[row, panel + 1]) & (cosine < grid.edges[row, panel])
            out[np.ix_(inside, range(end - count, end))] = _lagrange(
                grid.cosine[row, end - count : end], cosine[inside]
            )
            end -= count
        return out

    for outer, inner in pairwise(lines):
        low, high = (np.sqrt(1.0 - (line / n1) ** 2) for line in (outer, inner))
        mu = low + (high - low) * node**4
        part = (high - low) * weight * 4.0 * node**3
        passed = (1.0 - fresnel_reflectance(mu, n1, n2)) * part * mu * n1**2
        one = interpolate(first, mu)
        sums[0] += one.T @ (passed[:, None] * one)
        if second is not None:
            other = interpolate(second, refracted_cosine(mu, n1, n2))
            sums[1] += other.T @ (passed[:, None] * one)
            sums[2] += other.T @ (passed[:, None] * other)
    size1 = n1**2 * grid.cosine[first] * grid.weight[first]
    size2 = n2**2 * grid.cosine[second] * grid.weight[second] if second is not None else np.ones(sizes[1])
    reflected = np.eye(sizes[0]) - sums[0] / size1[:, None]
    passed_on = sums[1] / size2[:, None]
    return reflected, passed_on * (n2 / n1) ** 2, np.eye(sizes[1]) - sums[2] / size2[:, None]


def _beams(layers: list[_Layer], angle_deg: float) -> Array:
    """Collimated flux down at each top and up at each bottom, (layer, 2), by a small linear system."""
    count = len(layers)
    chain = [1.0, *(layer.index for layer in layers), 1.0]
    path = [np.cos(np.radians(angle_deg)), *(1.0 / layer.slope for layer in layers)]
    faces = [float(fresnel_reflectance(path[k], chain[k], chain[k + 1])) for k in range(count + 1)]
    falls = [float(np.exp(-layer.slope * layer.thickness)) for layer in layers]
    system, right = np.eye(2 * count), np.zeros(2 * count)
    right[0] = 1.0 - faces[0]
    for k in range(count):
        system[2 * k, 2 * k + 1] -= faces[k] * falls[k]
        system[2 * k + 1, 2 * k] -= faces[k + 1] * falls[k]
        if k:
            system[2 * k, 2 * k - 2] -= (1.0 - faces[k]) * falls[k - 1]
        if k < count - 1:
            system[2 * k + 1, 2 * k + 3] -= (1.0 - faces[k + 1]) * falls[k + 1]
    return np.asarray(np.linalg.solve(system, right)).reshape(count, 2)


def _faces(grid: quadrature.AngularGrid) -> list[tuple[Array, Array, Array, Array]]:
    """For every face: reflection from above, transmission down, reflection from below, transmission up."""
    index, half = grid.index, grid.cosine.shape[1]
    bare, one = np.zeros((half, half)), np.eye(half)
    out = [(bare, bare, _step(grid, 0, None, 1.0)[0] if index[0] != 1.0 else bare, bare)]
    for k in range(len(index) - 1):
        if index[k] == index[k + 1]:
            out.append((bare, one, bare, one))
        else:
            down = _step(grid, k, k + 1, float(index[k + 1]))
            out.append((*down, _step(grid, k + 1, k, float(index[k]))[1]))
    out.append((_step(grid, len(index) - 1, None, 1.0)[0] if index[-1] != 1.0 else bare, bare, bare, bare))
    return out


def _amplitudes(layers: list[_Layer], grid: quadrature.AngularGrid, beams: Array) -> Array:
    """Amplitudes of all modes of all layers, (layer, 2 half), from one dense system of conditions at the faces."""
    half, count = grid.cosine.shape[1], len(layers)
    size = 2 * half
    matrix, known = np.zeros((count * size, count * size)), np.zeros(count * size)
    one, bare, row = np.eye(half), np.zeros((half, half)), 0

    def condition(k: int, at_top: bool, select: Array, rows: slice) -> None:
        layer, depth = layers[k], 0.0 if at_top else layers[k].thickness
        matrix[rows, k * size : (k + 1) * size] += select @ layer.modes(depth)
        known[rows] -= select @ layer.particular(depth, *beams[k])

    for face, (r1, t12, r2, t21) in enumerate(_faces(grid)):
        if face < count:  # down below = r2 up below + t12 down above
            rows = slice(row, row + half)
            condition(face, True, np.hstack([one, -r2]), rows)
            if face:
                condition(face - 1, False, np.hstack([-t12, bare]), rows)
            row += half
        if face:  # up above = r1 down above + t21 up below
            rows = slice(row, row + half)
            condition(face - 1, False, np.hstack([-r1, one]), rows)
            if face < count:
                condition(face, True, np.hstack([bare, -t21]), rows)
            row += half
    return np.asarray(np.linalg.solve(matrix, known)).reshape(count, size)


def _twin(rows: list[dict[str, float]], depths: list[float], angle_deg: float, half: int) -> dict[str, Any]:
    """Solve one stack in air, collimated light, by one dense system for all layers."""
    index = np.array([row["refractive_index"] for row in rows])
    breaks = quadrature.stack_breaks(index[None], (1.0,), half)
    grid = quadrature.angular_grid(index, np.repeat(breaks, len(rows), axis=0), half)
    cosines = [float(refracted_cosine(np.cos(np.radians(angle_deg)), 1.0, n)) for n in index]
    layers = [_Layer(row, grid, k, cosines[k]) for k, row in enumerate(rows)]
    beams = _beams(layers, angle_deg)
    amplitude = _amplitudes(layers, grid, beams)
    bounds = np.concatenate([[0.0], np.cumsum([row["thickness_mm"] for row in rows])])

    def look(k: int, tau: float) -> tuple[float, float]:
        """Fluence rate and net downward flux at optical depth tau of layer k."""
        layer = layers[k]
        radiance = layer.modes(tau) @ amplitude[k] + layer.particular(tau, *beams[k])
        down = beams[k, 0] * np.exp(-layer.slope * tau)
        up = beams[k, 1] * np.exp(-layer.slope * (layer.thickness - tau))
        net = np.concatenate([layer.mu * layer.weight, -layer.mu * layer.weight]) @ radiance + down - up
        return float(np.tile(layer.weight, 2) @ radiance + layer.slope * (down + up)), float(net)

    places = [int(np.searchsorted(bounds[1:], depth)) for depth in depths]
    fluence = [look(k, (depth - bounds[k]) * layers[k].extinction)[0] for k, depth in zip(places, depths, strict=True)]
    return {
        "reflectance": 1.0 - look(0, 0.0)[1],
        "transmittance": look(len(layers) - 1, layers[-1].thickness)[1],
        "fluence_rate": np.array(fluence),
    }


def _row(thickness: float, absorption: float, scattering: float, g: float, n: float) -> dict[str, float]:
    return {
        "thickness_mm": thickness,
        "absorption_per_mm": absorption,
        "scattering_per_mm": scattering,
        "anisotropy": g,
        "refractive_index": n,
    }


MATCHED = [_row(0.1, 0.3, 12.0, 0.8, 1.0), _row(0.6, 0.05, 9.0, 0.9, 1.0), _row(1.5, 0.4, 3.0, -0.3, 1.0)]
FACES = [dict(row, refractive_index=1.4) for row in MATCHED]
STEPS = [dict(row, refractive_index=n) for row, n in zip(MATCHED, (1.5, 1.34, 1.44), strict=True)]
DEPTHS = [0.0, 0.03, 0.1, 0.4, 0.7, 1.3, 2.2]


@pytest.mark.parametrize("angle_deg", [0.0, 50.0])
@pytest.mark.parametrize(("rows", "half"), [(MATCHED, 8), (FACES, 8), (STEPS, 12)], ids=["matched", "faces", "steps"])
def test_literal_twin(rows: list[dict[str, float]], half: int, angle_deg: float) -> None:
    """Same nodes, everything else literal: general eigenproblem, dense system, brute-force Fresnel integrals."""
    twin = _twin(rows, DEPTHS, angle_deg, half)
    columns = {key: np.array([[row[key] for row in rows]]) for key in rows[0]}
    slab = solve_batch(
        **columns, depths_mm=DEPTHS, incidence={"kind": "collimated", "angle_deg": angle_deg}, streams=2 * half
    )
    for key, expected in twin.items():
        assert getattr(slab, key)[0] == pytest.approx(expected, rel=1e-7, abs=1e-11), key


def test_nothing_scatters_collimated() -> None:
    """Beer-Lambert through three absorbing layers of one index, tilted: fluence falls as exp(-tau/mu) / mu."""
    absorption, thickness = np.array([[0.5, 2.0, 0.1]]), np.array([[1.0, 0.3, 4.0]])
    zero = np.zeros((1, 3))
    depths = [0.0, 0.5, 1.0, 1.15, 3.0]
    slab = solve_batch(
        absorption,
        zero,
        zero,
        thickness,
        zero + 1.0,
        depths_mm=depths,
        incidence={"kind": "collimated", "angle_deg": 60},
    )
    tau = np.interp(depths, [0.0, 1.0, 1.3, 5.3], [0.0, 0.5, 1.1, 1.5])
    assert slab.fluence_rate[0] == pytest.approx(2.0 * np.exp(-2.0 * tau), rel=1e-12)
    assert slab.transmittance[0] == pytest.approx(np.exp(-3.0), rel=1e-12)
    assert slab.transmittance_direct[0] == pytest.approx(np.exp(-3.0), rel=1e-12)
    assert slab.reflectance[0] == pytest.approx(0.0, abs=1e-15)


def test_nothing_scatters_diffuse() -> None:
    """Isotropic light into an index-matched absorber: fluence 2 E2(tau), transmittance 2 E3(tau)."""
    tau = np.array([0.01, 0.2, 1.0, 3.0])
    slab = solve_batch(
        [[1.0]], [[0.0]], [[0.0]], [[3.0]], [[1.3]], tau, outside_index=1.3, incidence={"kind": "diffuse"}, streams=64
    )
    assert slab.fluence_rate[0] == pytest.approx(2.0 * expn(2, tau), rel=2e-4)
    assert slab.transmittance[0] == pytest.approx(2.0 * expn(3, 3.0), rel=1e-6)
    assert slab.transmittance_direct[0] == pytest.approx(2.0 * expn(3, 3.0), rel=1e-6)


def test_clear_glass() -> None:
    """A clear plate of index 1.5: all multiple reflections, 2 n / (n^2 + 1), and what the first face reflects."""
    slab = solve_batch([[0.0]], [[0.0]], [[0.0]], [[2.0]], [[1.5]], depths_mm=[1.0])
    assert slab.specular[0] == pytest.approx(0.04, rel=1e-12)
    assert slab.transmittance[0] == pytest.approx(2.0 * 1.5 / (1.5**2 + 1.0), rel=1e-12)
    assert slab.transmittance_direct[0] == pytest.approx(slab.transmittance[0], rel=1e-11)
    # Beams of flux T/(1 - r) down and r T/(1 - r) up, with r = 0.04, cross the middle: (1 + r) T / (1 - r).
    assert slab.fluence_rate[0, 0] == pytest.approx(1.04 / 0.96 * 12.0 / 13.0, rel=1e-11)


def test_total_reflection_at_an_inner_step() -> None:
    """Light too oblique for a thin clear layer inside gel is wholly returned by the step, none beyond it."""
    slab = solve_batch(
        [[0.1, 0.1]],
        [[0.0, 0.0]],
        [[0.0, 0.0]],
        [[1.0, 1.0]],
        [[1.5, 1.34]],
        depths_mm=[1.5],
        outside_index=1.5,
        incidence={"kind": "collimated", "angle_deg": 70},
    )
    path = 0.1 / np.cos(np.radians(70.0))
    assert slab.fluence_rate[0, 0] == pytest.approx(0.0, abs=1e-14)
    assert slab.transmittance[0] == pytest.approx(0.0, abs=1e-14)
    assert slab.reflectance[0] == pytest.approx(np.exp(-2.0 * path), rel=1e-12)
    assert slab.specular[0] == pytest.approx(0.0, abs=1e-15)


@pytest.mark.parametrize("albedo", [0.9, 0.97, 0.999])
def test_decay_in_the_deep(albedo: float) -> None:
    """Isotropic scattering: the fluence dies with the root of 2 k / albedo = ln((1 + k) / (1 - k)) (Chandrasekhar)."""
    rate = brentq(lambda k: albedo * np.arctanh(k) - k, 0.01, 1.0 - 1e-12)
    depths = np.array([30.0, 32.0])
    slab = solve_batch([[1.0 - albedo]], [[albedo]], [[0.0]], [[900.0]], [[1.0]], depths_mm=depths, streams=32)
    found = np.log(slab.fluence_rate[0, 0] / slab.fluence_rate[0, 1]) / 2.0
    assert found == pytest.approx(rate, rel=1e-5)


def test_semi_infinite_albedo_by_the_h_function() -> None:
    """Isotropic scattering, normal light: R = 1 - sqrt(1 - albedo) H(1), H by iterating its integral equation."""
    albedo = 0.9
    node, weight = quadrature.gauss(64)
    values = np.ones(64)
    for _ in range(400):
        kernel = node / (node[:, None] + node)
        values = 1.0 / (np.sqrt(1.0 - albedo) + 0.5 * albedo * (kernel * weight) @ values)
    at_one = 1.0 / (np.sqrt(1.0 - albedo) + 0.5 * albedo * np.sum(weight * node / (1.0 + node) * values))
    slab = solve_batch([[0.1]], [[0.9]], [[0.0]], [[300.0]], [[1.0]], streams=32)
    assert slab.reflectance[0] == pytest.approx(1.0 - np.sqrt(1.0 - albedo) * at_one, abs=1e-6)


def test_a_beam_in_resonance_with_a_mode() -> None:
    """Beam angles at which 1/cosine equals an eigenvalue of the layer: no division by zero, no jump."""
    optics = ([[0.4]], [[1.0]], [[0.3]], [[2.0]], [[1.0]])
    angles = np.linspace(0.0, 80.0, 401)
    found = np.array(
        [
            solve_batch(
                *optics, depths_mm=[1.0], incidence={"kind": "collimated", "angle_deg": angle}, streams=8
            ).fluence_rate[0, 0]
            for angle in angles
        ]
    )
    bend = np.abs(np.diff(found, 2))
    # Smooth on the scale of the whole range: a jump or a spike of 1e-4 of the fluence would stand out.
    assert bend.max() < 1e-4 * found.max()
