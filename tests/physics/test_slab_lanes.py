"""The compiled slab against its plain twin: same light, whatever the stack, the incidence, the threads."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import fields
from typing import Any

import numpy as np
import pytest

from photodose.quantities import InputError, UnknownNameError
from photodose.transport.slab import SlabBatch, batch, solve_batch

STEPS = [1.5, 1.34, 1.4, 1.4, 1.4, 1.44, 1.37]


def _stacks(count: int, layers: int, seed: int, index: list[float] | None = None) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    shape = (count, layers)
    return {
        "absorption_per_mm": 10.0 ** random.uniform(-3.0, 0.5, shape),
        "scattering_per_mm": 10.0 ** random.uniform(0.0, 1.8, shape),
        "anisotropy": random.uniform(0.5, 0.95, shape),
        "thickness_mm": 10.0 ** random.uniform(-1.5, 0.6, shape),
        "refractive_index": np.broadcast_to(index or [1.4] * layers, shape).copy(),
    }


def _looks(stacks: dict[str, Any]) -> dict[str, Any]:
    """Depths and intervals at faces, within and across layers."""
    total = stacks["thickness_mm"].sum(axis=1, keepdims=True)
    bounds = np.cumsum(stacks["thickness_mm"], axis=1)
    depths = np.concatenate([total * [0.0, 0.003, 0.1, 0.5, 1.0], bounds[:, :2]], axis=1)
    intervals = np.stack([total * [0.0, 0.02, 0.4], total * [0.01, 0.9, 1.0]], axis=-1)
    return {"depths_mm": depths, "intervals_mm": intervals}


def _agree(stacks: dict[str, Any], **given: Any) -> SlabBatch:
    given = {**_looks(stacks), **given}
    plain = solve_batch(**stacks, **given, backend="numpy")
    compiled = solve_batch(**stacks, **given, backend="numba")
    for field in fields(SlabBatch):
        one, other = getattr(plain, field.name), getattr(compiled, field.name)
        assert one.shape == other.shape
        # What is far below anything measurable is left out: a difference of two fluxes keeps no more digits.
        np.testing.assert_allclose(other, one, rtol=1e-10, atol=1e-13, err_msg=field.name)
    return compiled


@pytest.mark.parametrize("streams", [8, 20, 36, 48])
@pytest.mark.parametrize("index", [None, STEPS])
def test_it_agrees_with_the_twin(streams: int, index: list[float] | None) -> None:
    answer = _agree(_stacks(37, 7, streams, index), streams=streams)
    closed = answer.reflectance + answer.transmittance + answer.absorbed.sum(axis=1)
    np.testing.assert_allclose(closed, 1.0, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize(
    "given",
    [
        {"incidence": {"kind": "diffuse"}},
        {"incidence": {"kind": "lambertian", "order": 8.0}, "lit_face": "bottom"},
        {"incidence": {"kind": "collimated", "angle_deg": 60.0}, "outside_index_below": 1.45},
        {"outside_index": 1.45, "lit_face": "bottom"},
        {"outside_index": 1.4},
    ],
)
@pytest.mark.parametrize("index", [None, STEPS])
def test_it_agrees_for_any_light(given: dict[str, Any], index: list[float] | None) -> None:
    _agree(_stacks(33, 7, 5, index), streams=16, **given)


def test_it_agrees_at_the_edges() -> None:
    """No absorption at all, strong absorption, isotropic, backward and strongly forward scattering, thick and thin."""
    stacks = _stacks(40, 3, 9)
    stacks["absorption_per_mm"][:8] = 0.0
    stacks["absorption_per_mm"][8:16, 1] = 1e-9
    stacks["absorption_per_mm"][16:20] *= 300.0
    stacks["anisotropy"][20:24] = 0.0
    stacks["anisotropy"][24:28] = -0.9
    stacks["anisotropy"][28:32] = 0.99
    stacks["thickness_mm"][32:36, 1] = 1e-3
    stacks["thickness_mm"][36:, 2] = 100.0
    _agree(stacks, streams=24)


def test_one_layer_and_the_default_streams() -> None:
    stacks = _stacks(400, 1, 3)
    answer = _agree(stacks)
    assert len(np.unique(answer.streams)) > 1


def test_stacks_it_is_not_made_for_are_solved_all_the_same() -> None:
    """Clear layers, films, and indices that few stacks share go the plain way, in their places."""
    stacks = _stacks(80, 2, 11)
    stacks["scattering_per_mm"][::7, 0] = 0.0
    stacks["thickness_mm"][3::7, 1] = 1e-6
    stacks["refractive_index"][5::9] = 1.45
    _agree(stacks, streams=12)


def test_the_answer_does_not_depend_on_threads_or_company() -> None:
    stacks = _stacks(600, 2, 13)
    whole = solve_batch(**stacks, streams=12, depths_mm=[0.0], backend="numba", threads=1)
    shared = solve_batch(**stacks, streams=12, depths_mm=[0.0], backend="numba", threads=2)
    some = solve_batch(
        **{key: value[100:150] for key, value in stacks.items()}, streams=12, depths_mm=[0.0], backend="numba"
    )
    np.testing.assert_array_equal(whole.fluence_rate, shared.fluence_rate)
    np.testing.assert_allclose(some.fluence_rate, whole.fluence_rate[100:150], rtol=1e-12)


def test_many_stacks_choose_it_by_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    plain = batch.lanes.solve

    def watched(stacks: Any, *given: Any) -> Any:
        sizes.append(len(stacks.index))
        return plain(stacks, *given)

    monkeypatch.setattr(batch.lanes, "solve", watched)
    stacks = _stacks(2000, 1, 17)
    solve_batch(**{key: value[:1999] for key, value in stacks.items()}, streams=8)
    assert not sizes
    solve_batch(**stacks, streams=8)
    assert sizes == [2000]


def test_a_small_batch_loads_no_compiler() -> None:
    code = (
        "import sys; from photodose.transport import slab;"
        "slab.solve_batch([[1.0]], [[9.0]], [[0.8]], [[1.0]], [[1.4]]); sys.exit('numba' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_makes_no_sense_is_refused() -> None:
    stacks = _stacks(2, 1, 1)
    with pytest.raises(UnknownNameError, match="backend"):
        solve_batch(**stacks, backend="fortran")
    with pytest.raises(InputError, match="threads"):
        solve_batch(**stacks, backend="numba", threads=0)
