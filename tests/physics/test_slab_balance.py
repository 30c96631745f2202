"""What must hold of every slab whatever its numbers: light is neither made nor lost, and reads the same both ways."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from photodose.transport import SlabBatch
from photodose.transport.slab import solve_batch

KEYS = ("absorption_per_mm", "scattering_per_mm", "anisotropy", "thickness_mm", "refractive_index")
INCIDENCES: list[dict[str, Any]] = [
    {"kind": "collimated"},
    {"kind": "collimated", "angle_deg": 55},
    {"kind": "diffuse"},
    {"kind": "lambertian", "order": 3.7},
    {"kind": "table", "cosines": [0.2, 0.7, 0.9], "radiances": [1.0, 0.1, 2.0]},
]


def _random(batch: int, layers: int, seed: int) -> dict[str, NDArray[np.float64]]:
    """Stacks that reach every corner: no absorption, no scattering, films and metres, any anisotropy and index."""
    rng = np.random.default_rng(seed)
    shape = (batch, layers)
    absorption = 10.0 ** rng.uniform(-4, 1.5, shape) * (rng.random(shape) > 0.3)
    scattering = 10.0 ** rng.uniform(-2, 2.3, shape) * (rng.random(shape) > 0.1)
    anisotropy = rng.uniform(-0.9, 0.99, shape)
    thickness = 10.0 ** rng.uniform(-6, 2, shape)
    index = rng.uniform(1.0, 1.6, shape)
    same = rng.random(batch) < 0.3
    index[same] = index[same, :1]
    absorption[:5] = 0.0
    return dict(zip(KEYS, (absorption, scattering, anisotropy, thickness, index), strict=True))


def _balance(slab: SlabBatch) -> NDArray[np.float64]:
    return np.abs(slab.reflectance + slab.transmittance + slab.absorbed.sum(axis=1) - 1.0)


@pytest.mark.parametrize("incidence", INCIDENCES, ids=lambda value: value["kind"] + str(value.get("angle_deg", "")))
@pytest.mark.parametrize("layers", [1, 3, 8])
def test_all_light_is_accounted_for(layers: int, incidence: dict[str, Any]) -> None:
    """Reflected + absorbed + transmitted = 1, with absorbed integrated from the fluence: 200 stacks of each kind."""
    stacks = _random(200, layers, seed=layers)
    slab = solve_batch(**stacks, incidence=incidence, streams=24)
    assert _balance(slab).max() < 1e-9
    for part in (slab.reflectance, slab.transmittance, slab.absorbed):
        assert np.all(part > -1e-4)
    assert np.all(slab.absorbed[stacks["absorption_per_mm"] == 0.0] == 0.0)


@pytest.mark.parametrize("outside", [(1.0, 1.0), (1.45, 1.0), (1.0, 1.5), (1.6, 1.33)])
def test_balance_with_other_media_outside(outside: tuple[float, float]) -> None:
    """Gel above, glass below: the same balance, for light from either side."""
    stacks = _random(50, 4, seed=11)
    for face in ("top", "bottom"):
        for incidence in INCIDENCES:
            slab = solve_batch(
                **stacks,
                outside_index=outside[0],
                outside_index_below=outside[1],
                incidence=incidence,
                streams=20,
                lit_face=face,
            )
            assert _balance(slab).max() < 1e-9


@pytest.mark.parametrize("streams", [8, 12, 32, 64])
def test_balance_at_any_number_of_streams(streams: int) -> None:
    """Coarse or fine, no stream number loses light."""
    slab = solve_batch(**_random(60, 5, seed=3), streams=streams)
    assert _balance(slab).max() < 1e-9


def test_exact_albedo_one_through_a_metre() -> None:
    """Without absorption nothing is absorbed, however thick: a slab of 1e5 mean free paths."""
    slab = solve_batch([[0.0]], [[100.0]], [[0.9]], [[1000.0]], [[1.4]], streams=32)
    assert _balance(slab).max() < 1e-9
    assert slab.absorbed[0, 0] == 0.0
    assert 0.0 < slab.transmittance[0] < 1e-3


def test_flux_difference_is_absorption() -> None:
    """Net downward flux falls by exactly what each layer absorbs."""
    stacks = _random(80, 4, seed=5)
    bounds = np.cumsum(stacks["thickness_mm"], axis=1)
    depths = np.concatenate([np.zeros((80, 1)), bounds], axis=1)
    slab = solve_batch(**stacks, depths_mm=depths, streams=24)
    net = slab.flux_down - slab.flux_up
    assert np.abs(-np.diff(net, axis=1) - slab.absorbed).max() < 1e-9
    assert np.abs(net[:, 0] - (1.0 - slab.reflectance)).max() < 1e-9
    assert np.abs(net[:, -1] - slab.transmittance).max() < 1e-9


def test_mean_fluence_is_absorption_over_coefficient() -> None:
    """The average over a layer times the absorption coefficient and the thickness is what the layer absorbs."""
    stacks = _random(80, 4, seed=6)
    bounds = np.concatenate([np.zeros((80, 1)), np.cumsum(stacks["thickness_mm"], axis=1)], axis=1)
    intervals = np.stack([bounds[:, :-1], bounds[:, 1:]], axis=-1)
    slab = solve_batch(**stacks, intervals_mm=intervals, streams=24)
    absorbed = slab.mean_fluence_rate * stacks["absorption_per_mm"] * stacks["thickness_mm"]
    assert np.abs(absorbed - slab.absorbed).max() < 1e-7


def test_mean_fluence_over_any_interval_is_the_quadrature_of_fluence() -> None:
    """An interval that spans layers: the analytic mean equals fine Gauss quadrature of the point fluence."""
    stacks = _random(40, 3, seed=8)
    stacks["thickness_mm"] = np.random.default_rng(0).uniform(0.05, 0.4, (40, 3))
    bounds = np.cumsum(stacks["thickness_mm"], axis=1)
    start, end = 0.3 * bounds[:, 0], 0.9 * bounds[:, 2]
    edges = np.stack([start, bounds[:, 0], bounds[:, 1], end], axis=1)
    node, weight = np.polynomial.legendre.leggauss(60)
    total = np.zeros(40)
    mean = solve_batch(**stacks, intervals_mm=np.stack([start, end], axis=1)[:, None], streams=16)
    for left, right in zip(edges.T, edges.T[1:], strict=False):
        depths = left[:, None] + (right - left)[:, None] * (node + 1.0) / 2.0
        slab = solve_batch(**stacks, depths_mm=depths, streams=16)
        total += slab.fluence_rate @ weight * (right - left) / 2.0
    assert mean.mean_fluence_rate[:, 0] == pytest.approx(total / (end - start), rel=2e-6, abs=1e-12)


@pytest.mark.parametrize(("thinnest_mm", "tolerance"), [(1e-3, 1e-10), (2e-6, 1e-8)])
def test_splitting_a_layer_changes_nothing(thinnest_mm: float, tolerance: float) -> None:
    """Two halves of one layer are that layer.

    Light that total reflection traps in nothing but films is a ratio of two tiny numbers (what is scattered into and
    out of it), so that rounding grows as one over their optical thickness: hence the second tolerance.
    """
    stacks = _random(100, 3, seed=9)
    stacks["thickness_mm"] = np.maximum(stacks["thickness_mm"], thinnest_mm)
    halves = {key: np.repeat(value, 2, axis=1) for key, value in stacks.items()}
    halves["thickness_mm"] = halves["thickness_mm"] / 2.0
    depths = np.cumsum(stacks["thickness_mm"], axis=1) * 0.7
    whole = solve_batch(**stacks, depths_mm=depths, streams=20)
    split = solve_batch(**halves, depths_mm=depths, streams=20)
    for name in ("reflectance", "transmittance", "fluence_rate"):
        first, second = getattr(whole, name), getattr(split, name)
        assert np.all(np.abs(first - second) <= tolerance * np.maximum(1.0, np.abs(first))), name
    assert np.abs(split.absorbed.reshape(-1, 3, 2).sum(axis=2) - whole.absorbed).max() < tolerance


def test_diffuse_transmission_is_the_same_both_ways() -> None:
    """Reciprocity: n_above^2 T(from above) = n_below^2 T(from below) for diffuse light, through any stack."""
    stacks = _random(60, 4, seed=10)
    outside = {"outside_index": 1.0, "outside_index_below": 1.5}
    down = solve_batch(**stacks, **outside, incidence={"kind": "diffuse"}, streams=24)
    up = solve_batch(**stacks, **outside, incidence={"kind": "diffuse"}, streams=24, lit_face="bottom")
    assert np.abs(down.transmittance - 1.5**2 * up.transmittance).max() < 2e-4
    assert down.transmittance == pytest.approx(2.25 * up.transmittance, rel=2e-3, abs=1e-9)


def test_fluence_jumps_up_where_the_index_rises() -> None:
    """Just below a boundary into a denser medium the fluence is higher: trapped directions fill up as n^2."""
    optics = ([[0.01, 0.01]], [[20.0, 20.0]], [[0.8, 0.8]], [[1.0, 20.0]])
    step = 1e-7
    for pair, rising in (([1.34, 1.5], True), ([1.5, 1.34], False)):
        fluence = solve_batch(*optics, [pair], depths_mm=[1.0, 1.0 + step], streams=32).fluence_rate[0]
        assert (fluence[1] > fluence[0]) == rising
        # Deep in a scattering medium radiance is nearly isotropic on both sides and the ratio nears n2^2 / n1^2.
        assert fluence[1] / fluence[0] == pytest.approx((pair[1] / pair[0]) ** 2, rel=0.03)


def test_a_depth_on_a_boundary_belongs_to_the_layer_above() -> None:
    """Also where the depth and the sum of thicknesses differ in their last bits (0.1 + 0.2)."""
    optics = ([[0.1] * 3], [[10.0] * 3], [[0.8] * 3], [[0.1, 0.2, 1.0]], [[1.34, 1.34, 1.5]])
    at, before, after = solve_batch(*optics, depths_mm=[0.3, 0.3 - 1e-7, 0.3 + 1e-7], streams=16).fluence_rate[0]
    assert at == pytest.approx(before, rel=1e-5)
    assert after > 1.05 * at
    turned = solve_batch(*optics, depths_mm=[0.3, 0.3 - 1e-7], streams=16, lit_face="bottom").fluence_rate[0]
    assert turned[0] == pytest.approx(turned[1], rel=1e-5)


def test_light_on_both_faces_adds_up() -> None:
    """In a lossless enclosure of diffuse light from both sides the fluence is that of equilibrium: 4 n^2."""
    stacks = _random(30, 4, seed=12)
    stacks["absorption_per_mm"] = np.zeros((30, 4))
    stacks["thickness_mm"] = np.random.default_rng(1).uniform(0.01, 1.0, (30, 4))
    stacks["scattering_per_mm"] = np.random.default_rng(2).uniform(1.0, 30.0, (30, 4))
    depths = np.cumsum(stacks["thickness_mm"], axis=1) - 0.5 * stacks["thickness_mm"]
    both = sum(
        solve_batch(**stacks, depths_mm=depths, incidence={"kind": "diffuse"}, streams=32, lit_face=face).fluence_rate
        for face in ("top", "bottom")
    )
    assert both == pytest.approx(4.0 * stacks["refractive_index"] ** 2, rel=1e-8)


def test_lambertian_order_one_is_diffuse() -> None:
    stacks = _random(20, 3, seed=13)
    one = solve_batch(**stacks, depths_mm=[0.0], incidence={"kind": "lambertian", "order": 1.0}, streams=16)
    two = solve_batch(**stacks, depths_mm=[0.0], incidence={"kind": "diffuse"}, streams=16)
    assert np.array_equal(one.fluence_rate, two.fluence_rate)


def test_high_lambertian_order_nears_collimated() -> None:
    """Radiance as mu^999 is a beam of about two degrees: within 0.5 % of a collimated one in tissue."""
    optics = ([[0.05]], [[15.0]], [[0.85]], [[8.0]], [[1.4]])
    beam = solve_batch(*optics, depths_mm=[0.5, 2.0, 5.0], streams=64).fluence_rate
    cone = solve_batch(
        *optics, depths_mm=[0.5, 2.0, 5.0], incidence={"kind": "lambertian", "order": 1000.0}, streams=64
    ).fluence_rate
    assert cone == pytest.approx(beam, rel=5e-3)


def test_a_batch_equals_its_members_alone() -> None:
    """Neither company nor chunks change an answer: each stack alone gives the same numbers."""
    stacks = _random(25, 5, seed=14)
    depths = np.cumsum(stacks["thickness_mm"], axis=1)
    together = solve_batch(**stacks, depths_mm=depths, incidence={"kind": "diffuse"})
    for row in range(25):
        alone = solve_batch(
            **{key: value[row : row + 1] for key, value in stacks.items()},
            depths_mm=depths[row : row + 1],
            incidence={"kind": "diffuse"},
        )
        assert alone.streams[0] == together.streams[row]
        assert alone.fluence_rate[0] == pytest.approx(together.fluence_rate[row], rel=1e-10, abs=1e-14)
        assert alone.transmittance_direct[0] == pytest.approx(together.transmittance_direct[row], rel=1e-10, abs=1e-300)
