"""The slab's gradient against differences of its own answers: every parameter, every weight, every kind of light.

Differences are central and of fourth order; with a relative step of 2e-5 they keep seven to nine digits (rounding of
the answer, 1e-13, over the step). What is compared is x dF/dx, relative to the largest of a stack's layers.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.transport.slab import SlabBatch, gradient, solve_batch

Array = NDArray[np.float64]
KEYS = ("absorption_per_mm", "scattering_per_mm", "anisotropy", "thickness_mm", "refractive_index")
LIGHTS: list[dict[str, Any]] = [
    {"kind": "collimated"},
    {"kind": "collimated", "angle_deg": 40.0},
    {"kind": "diffuse"},
    {"kind": "lambertian", "order": 4.0},
    {"kind": "table", "cosines": [0.2, 0.6, 0.95], "radiances": [1.0, 0.2, 2.0]},
]
STEP = 2e-5


def _stacks(batch: int, layers: int, seed: int, index: Any, **fixed: Any) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    shape = (batch, layers)
    out = {
        "absorption_per_mm": 10.0 ** rng.uniform(-3.0, 0.5, shape),
        "scattering_per_mm": 10.0 ** rng.uniform(-0.5, 1.8, shape),
        "anisotropy": rng.uniform(0.1, 0.95, shape),
        "thickness_mm": 10.0 ** rng.uniform(-2.0, 0.3, shape),
        "refractive_index": np.broadcast_to(index, shape).copy(),
    }
    for key, value in fixed.items():
        out[key][...] = value
    return out


def _seen(stacks: dict[str, Array]) -> dict[str, Array]:
    """Depths and intervals within and across layers, none at a face that moves."""
    total = stacks["thickness_mm"].sum(axis=1, keepdims=True)
    intervals = np.stack([total * [0.02, 0.4], total * [0.31, 0.93]], axis=-1)
    return {"depths_mm": total * [0.0, 0.05, 0.31, 0.72], "intervals_mm": intervals}


def _weights(stacks: dict[str, Array], seed: int, only: str | None = None) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    batch, layers = stacks["thickness_mm"].shape
    shapes = {
        "fluence_rate": (batch, 4), "mean_fluence_rate": (batch, 2), "absorbed": (batch, layers),
        "layer_mean_fluence_rate": (batch, layers), "reflectance": (batch,), "transmittance": (batch,),
    }  # fmt: skip
    return {name: rng.normal(size=shape) for name, shape in shapes.items() if only in (None, name)}


def _number(stacks: dict[str, Array], weights: dict[str, Array], **given: Any) -> Array:
    """The weighted sum itself, from plain solves; a layer's mean by the means over an interval that spans it."""
    weights = dict(weights)
    answer = solve_batch(**stacks, **given)
    out = np.zeros(len(stacks["thickness_mm"]))
    if "layer_mean_fluence_rate" in weights:
        ends = np.cumsum(stacks["thickness_mm"], axis=1)
        intervals = np.stack([ends - stacks["thickness_mm"], ends], axis=-1)
        whole = solve_batch(**stacks, **{**given, "intervals_mm": intervals})
        out += np.sum(weights.pop("layer_mean_fluence_rate") * whole.mean_fluence_rate, axis=1)
    for name, weight in weights.items():
        part = weight * getattr(answer, name)
        out += part if part.ndim == 1 else part.sum(axis=1)
    return out


def _differences(stacks: dict[str, Array], key: str, step: float, *given: Any, **more: Any) -> Array:
    """Central differences of fourth order by one parameter of every layer; the step is relative."""
    out = np.empty(stacks[key].shape)
    for layer in range(out.shape[1]):
        size = step * np.abs(stacks[key][:, layer])
        total = np.zeros(len(out))
        for times, factor in ((1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)):
            moved = {**stacks, key: stacks[key].copy()}
            moved[key][:, layer] += times * size
            total += factor * _number(moved, *given, **more)
        out[:, layer] = total / (12.0 * size)
    return out


def _check(stacks: dict[str, Array], weights: dict[str, Array], tolerance: float = 2e-6, **given: Any) -> None:
    given = {**_seen(stacks), "streams": 16, **given}
    slopes = gradient(**stacks, weights=weights, **given)
    for key in KEYS:
        found, wanted = (
            stacks[key] * part for part in (getattr(slopes, key), _differences(stacks, key, STEP, weights, **given))
        )
        error = np.abs(found - wanted) / np.max(np.abs(wanted), axis=1, keepdims=True)
        assert error.max() < tolerance, f"{key}: {error.max():.1e}"


@pytest.mark.parametrize("light", LIGHTS, ids=lambda light: light["kind"] + str(light.get("angle_deg", "")))
@pytest.mark.parametrize("index", [[1.5, 1.36, 1.43], "own"], ids=str)
def test_every_parameter_under_every_light(light: dict[str, Any], index: Any) -> None:
    """Three layers with steps of index, equal for all stacks or each stack's own, all weights at once."""
    if index == "own":
        index = np.random.default_rng(1).uniform([1.47, 1.33, 1.40], [1.53, 1.37, 1.44], (8, 3))
    stacks = _stacks(8, 3, 2, index)
    _check(stacks, _weights(stacks, 3), incidence=light)


@pytest.mark.parametrize("light", [LIGHTS[1], LIGHTS[2]], ids=["collimated", "diffuse"])
@pytest.mark.parametrize(
    "only",
    ["fluence_rate", "mean_fluence_rate", "layer_mean_fluence_rate", "absorbed", "reflectance", "transmittance"],
)
def test_every_weight_alone(only: str, light: dict[str, Any]) -> None:
    stacks = _stacks(6, 3, 4, [1.5, 1.36, 1.43])
    _check(stacks, _weights(stacks, 5, only), incidence=light)


@pytest.mark.parametrize("light", [LIGHTS[1], LIGHTS[3]], ids=["collimated", "lambertian"])
@pytest.mark.parametrize(
    "change",
    [
        {"lit_face": "bottom"},
        {"lit_face": "bottom", "outside_index_below": 1.45},
        {"outside_index": 1.46, "outside_index_below": 1.3},
        {"streams": 8},
        {"streams": 48},
    ],
    ids=str,
)
def test_other_sides_media_and_streams(change: dict[str, Any], light: dict[str, Any]) -> None:
    stacks = _stacks(6, 3, 6, [1.5, 1.36, 1.43])
    _check(stacks, _weights(stacks, 7), incidence=light, **change)


@pytest.mark.parametrize("light", [LIGHTS[0], LIGHTS[2]], ids=["collimated", "diffuse"])
@pytest.mark.parametrize(
    ("change", "tolerance"),
    [
        ({"thickness_mm": [1e-3, 0.5, 1e-4]}, 2e-5),  # a thin layer moves the number little: differences are coarse
        ({"thickness_mm": [0.1, 30.0, 1.0]}, 2e-6),
        ({"anisotropy": [0.95, 0.9, 0.99]}, 2e-5),  # g^8 to g^16 bends: the step's own error
        ({"anisotropy": [-0.8, -0.3, 0.6]}, 2e-6),
        ({"scattering_per_mm": [50.0, 1e-3, 80.0]}, 2e-6),
        ({"absorption_per_mm": [1e-4, 20.0, 1e-6]}, 2e-6),
    ],
    ids=str,
)
def test_extremes(change: dict[str, Any], tolerance: float, light: dict[str, Any]) -> None:
    """Films, thick layers, strong and backward anisotropy, hardly any scattering, strong absorption."""
    stacks = _stacks(6, 3, 8, [1.5, 1.36, 1.43], **change)
    _check(stacks, _weights(stacks, 9), tolerance, incidence=light)


def test_a_beam_that_meets_the_rate_of_a_mode() -> None:
    """At resonance (a rate within 1e-7 of the beam's slope) nothing is lost."""
    stacks = _stacks(1, 1, 10, 1.0, thickness_mm=0.4, absorption_per_mm=0.5, scattering_per_mm=4.0, anisotropy=0.6)
    from photodose.optics import Incidence
    from photodose.transport.slab import core

    values = [stacks[key] for key in ("absorption_per_mm", "scattering_per_mm", "anisotropy", "thickness_mm")]
    rate = core.solve_chunk(core.Stacks(*values, stacks["refractive_index"], 1.0, 1.0, Incidence()), 8).modes.rate[0, 0]
    cosine = 1.0 / float(rate[np.searchsorted(rate, 1.2)])
    light = {"kind": "collimated", "angle_deg": float(np.degrees(np.arccos(cosine)))}
    weights = _weights(stacks, 11)
    given = {**_seen(stacks), "streams": 16, "incidence": light}
    slopes = gradient(**stacks, weights=weights, **given)
    for key in KEYS[:4]:
        wanted = _differences(stacks, key, STEP, weights, **given)
        np.testing.assert_allclose(getattr(slopes, key), wanted, rtol=1e-6, err_msg=key)


@pytest.mark.parametrize("key", ["absorption_per_mm", "scattering_per_mm"])
@pytest.mark.parametrize("light", [LIGHTS[1], LIGHTS[2]], ids=["collimated", "diffuse"])
def test_at_the_edge_of_what_there_is(key: str, light: dict[str, Any]) -> None:
    """From no absorption, and from no scattering, one can only rise: one-sided differences of second order."""
    stacks = _stacks(5, 3, 12, [1.5, 1.36, 1.43], **{key: 0.0})
    weights = _weights(stacks, 13)
    given = {**_seen(stacks), "streams": 16, "incidence": light}
    found = getattr(gradient(**stacks, weights=weights, **given), key)
    start = _number(stacks, weights, **given)
    wanted, step = np.empty(found.shape), 3e-6
    for layer in range(3):
        moved = [{**stacks, key: stacks[key] + times * step * (np.arange(3) == layer)} for times in (1.0, 2.0)]
        once, twice = (_number(each, weights, **given) for each in moved)
        wanted[:, layer] = (4.0 * once - twice - 3.0 * start) / (2.0 * step)
    assert np.max(np.abs(found - wanted) / np.max(np.abs(wanted), axis=1, keepdims=True)) < 1e-5


def test_a_clear_layer() -> None:
    """Water between two tissues: adding the first absorption or scattering to it. (In a clear layer denser than both
    neighbours there is no derivative: the least scattering fills it with trapped light.)"""
    change = {"absorption_per_mm": [0.4, 0.0, 0.2], "scattering_per_mm": [10.0, 0.0, 8.0]}
    stacks = _stacks(4, 3, 14, [1.4, 1.33, 1.4], **change)
    for light in (LIGHTS[1], LIGHTS[2]):
        weights = _weights(stacks, 15)
        given = {**_seen(stacks), "streams": 16, "incidence": light}
        slopes = gradient(**stacks, weights=weights, **given)
        start = _number(stacks, weights, **given)
        for key in ("absorption_per_mm", "scattering_per_mm"):
            once, twice = (
                _number({**stacks, key: stacks[key] + part * np.array([0.0, 1.0, 0.0])}, weights, **given)
                for part in (1e-5, 2e-5)
            )
            wanted = (4.0 * once - twice - 3.0 * start) / 2e-5
            error = np.abs(getattr(slopes, key)[:, 1] - wanted)
            assert error.max() < 1e-5 * np.abs(wanted).max()


@pytest.mark.parametrize("light", [LIGHTS[1], LIGHTS[2], LIGHTS[3]], ids=["collimated", "diffuse", "lambertian"])
def test_index_matched_layers_moved_together(light: dict[str, Any]) -> None:
    """Layers of one index, moved as one, meet no kink: the derivatives by each add up to that of all."""
    stacks = _stacks(5, 4, 16, [1.4, 1.4, 1.36, 1.36])
    weights = _weights(stacks, 17)
    given = {**_seen(stacks), "streams": 16, "incidence": light}
    found = gradient(**stacks, weights=weights, **given).refractive_index
    for group in ([0, 1], [2, 3]):
        wanted = np.zeros(5)
        for times, factor in ((1.0, 8.0), (-1.0, -8.0), (2.0, -1.0), (-2.0, 1.0)):
            moved = {**stacks, "refractive_index": stacks["refractive_index"].copy()}
            moved["refractive_index"][:, group] += times * STEP
            wanted += factor * _number(moved, weights, **given)
        wanted /= 12.0 * STEP
        assert np.max(np.abs(found[:, group].sum(axis=1) - wanted)) < 2e-6 * np.max(np.abs(wanted))


@pytest.mark.parametrize("light", [LIGHTS[1], LIGHTS[2], LIGHTS[3]], ids=["collimated", "diffuse", "lambertian"])
def test_index_matched_layers_moved_apart(light: dict[str, Any]) -> None:
    """The derivative by one of them is the mean of both sides, to which differences converge with the step's root."""
    stacks = _stacks(5, 3, 18, 1.4)
    weights = _weights(stacks, 19)
    given = {**_seen(stacks), "streams": 8, "incidence": light}
    found = gradient(**stacks, weights=weights, **given).refractive_index

    def central(step: float) -> Array:
        out = np.empty(found.shape)
        for layer in range(3):
            ends = []
            for sign in (1.0, -1.0):
                moved = {**stacks, "refractive_index": stacks["refractive_index"].copy()}
                moved["refractive_index"][:, layer] += sign * step
                ends.append(_number(moved, weights, **given))
            out[:, layer] = (ends[0] - ends[1]) / (2.0 * step)
        return out

    coarse, middle, fine = central(1.6e-5), central(4e-6), central(1e-6)
    # without the terms in the root of the step and in the step
    wanted = (4.0 * (2.0 * fine - middle) - (2.0 * middle - coarse)) / 3.0
    scale = np.max(np.abs(wanted), axis=1, keepdims=True)
    assert np.max(np.abs(found - wanted) / scale) < 1e-4
    assert np.max(np.abs(found - coarse) / scale) < 2e-2


def test_very_many_streams() -> None:
    """At reference accuracy the harmonics' own recurrence is unstable; the gradient by the index must not notice."""
    stacks = _stacks(1, 2, 31, [1.5, 1.36])
    weights = _weights(stacks, 32)
    given = {**_seen(stacks), "streams": 192, "incidence": LIGHTS[1]}
    found = gradient(**stacks, weights=weights, **given).refractive_index
    wanted = _differences(stacks, "refractive_index", 5e-5, weights, **given)
    assert np.max(np.abs(found - wanted)) < 5e-5 * np.max(np.abs(wanted))


def test_light_without_a_way_in() -> None:
    """Beyond the critical angle nothing enters, and nothing changes what does not enter."""
    stacks = _stacks(2, 2, 20, [1.36, 1.4])
    light = {"kind": "collimated", "angle_deg": 80.0}
    slopes = gradient(**stacks, weights={"absorbed": 1.0}, outside_index=1.5, incidence=light)
    for key in KEYS:
        assert np.all(getattr(slopes, key) == 0.0)


def test_all_light_goes_somewhere_whatever_changes() -> None:
    """Reflected + absorbed + transmitted is 1, so its gradient is nothing: random stacks of every kind."""
    rng = np.random.default_rng(22)
    stacks = _stacks(60, 5, 23, rng.uniform(1.0, 1.6, (60, 5)))
    stacks["absorption_per_mm"][::4] = 0.0
    stacks["scattering_per_mm"][1::4, 2] = 0.0
    stacks["thickness_mm"] = 10.0 ** rng.uniform(-5.0, 1.5, (60, 5))
    weights = {"reflectance": 1.0, "transmittance": 1.0, "absorbed": 1.0}
    for light in LIGHTS:
        slopes = gradient(**stacks, weights=weights, incidence=light, streams=16)
        parts = gradient(**stacks, weights={"absorbed": 1.0}, incidence=light, streams=16)
        for key in KEYS:
            size = np.maximum(np.abs(getattr(parts, key)), 1.0)
            assert np.max(np.abs(getattr(slopes, key)) / size) < 1e-7, key


def test_every_corner_has_finite_derivatives() -> None:
    """Properties over their whole ranges, every light from either side: no number overflows, none is lost."""
    rng = np.random.default_rng(29)
    lights = [*LIGHTS, {"kind": "collimated", "angle_deg": 89.0}, {"kind": "lambertian", "order": 0.5}]
    for layers, index in ((1, 1.0), (3, None), (6, 1.4)):
        shape = (20, layers)
        stacks = {
            "absorption_per_mm": 10.0 ** rng.uniform(-5.0, 4.0, shape) * (rng.random(shape) > 0.3),
            "scattering_per_mm": 10.0 ** rng.uniform(-3.0, 5.0, shape) * (rng.random(shape) > 0.15),
            "anisotropy": rng.uniform(-0.99, 0.999, shape),
            "thickness_mm": 10.0 ** rng.uniform(-6.0, 4.0, shape),
            "refractive_index": np.full(shape, index) if index else rng.uniform(1.0, 4.0, shape),
        }
        weights = _weights(stacks, 30)
        for light in lights:
            for face in ("top", "bottom"):
                slopes = gradient(
                    **stacks, **_seen(stacks), weights=weights, incidence=light, streams=12, lit_face=face
                )
                for key in KEYS:
                    assert np.isfinite(getattr(slopes, key)).all()


def test_any_smooth_number_by_a_function() -> None:
    """The contrast of log fluence between two depths, in a batch of more than one chunk and of unlike streams."""
    stacks = _stacks(300, 2, 24, 1.4)
    total = stacks["thickness_mm"].sum(axis=1)
    depths = total[:, None] * [0.2, 0.6]
    places: list[int] = []

    def weights(answer: SlabBatch, rows: NDArray[np.intp]) -> dict[str, Array]:
        places.extend(rows.tolist())
        np.testing.assert_allclose(answer.depths_mm, depths[rows])
        return {"fluence_rate": np.array([1.0, -1.0]) / answer.fluence_rate}

    slopes = gradient(**stacks, weights=weights, depths_mm=depths)
    assert sorted(places) == list(range(300))
    assert len(np.unique(slopes.answer.streams)) > 1
    step = 1e-4 * stacks["absorption_per_mm"][:, 1]
    ends = []
    for sign in (1.0, -1.0):
        moved = {**stacks, "absorption_per_mm": stacks["absorption_per_mm"].copy()}
        moved["absorption_per_mm"][:, 1] += sign * step
        found = np.empty((300, 2))
        for streams in np.unique(slopes.answer.streams).tolist():
            rows = slopes.answer.streams == streams
            part = {key: value[rows] for key, value in moved.items()}
            found[rows] = solve_batch(**part, depths_mm=depths[rows], streams=streams).fluence_rate
        ends.append(np.log(found[:, 0] / found[:, 1]))
    wanted = (ends[0] - ends[1]) / (2.0 * step)
    np.testing.assert_allclose(slopes.absorption_per_mm[:, 1], wanted, rtol=1e-5, atol=1e-7 * np.abs(wanted).max())


@pytest.mark.parametrize("face", ["top", "bottom"])
def test_the_answer_is_that_of_a_solve(face: str) -> None:
    stacks = _stacks(40, 3, 26, [1.5, 1.36, 1.43])
    given = {**_seen(stacks), "lit_face": face, "incidence": {"kind": "diffuse"}}
    slopes = gradient(**stacks, weights={}, **given)
    plain = solve_batch(**stacks, **given, backend="numpy")
    for name in ("fluence_rate", "flux_up", "mean_fluence_rate", "absorbed", "reflectance", "streams"):
        np.testing.assert_allclose(getattr(slopes.answer, name), getattr(plain, name), rtol=1e-9)
    own = slopes.layer_mean_fluence_rate * stacks["absorption_per_mm"] * stacks["thickness_mm"]
    np.testing.assert_allclose(own, plain.absorbed, rtol=1e-12)
    assert np.all(slopes.refractive_index == 0.0)


def test_it_finds_the_tissue_that_was_measured() -> None:
    """Reflectance and transmittance of a slab give back its absorption and scattering, by Newton's method."""
    truth = np.log([[0.05, 12.0], [0.4, 30.0], [0.01, 8.0]])

    def light(logs: Array) -> tuple[Array, Array]:
        """R and T, and their derivatives by both logarithms."""
        values, columns = [], []
        layers = np.exp(logs)
        given = (layers[:, :1], layers[:, 1:], np.full((3, 1), 0.8), np.full((3, 1), 1.0), np.full((3, 1), 1.4))
        for name in ("reflectance", "transmittance"):
            slopes = gradient(*given, weights={name: 1.0}, streams=24)
            values.append(getattr(slopes.answer, name))
            both = np.concatenate([slopes.absorption_per_mm, slopes.scattering_per_mm], axis=1)
            columns.append(both * layers)
        return np.stack(values, axis=1), np.stack(columns, axis=1)

    measured = light(truth)[0]
    guess = np.log(np.full((3, 2), [0.1, 15.0]))
    for _ in range(12):
        found, slopes = light(guess)
        change = np.linalg.solve(slopes, (measured - found)[..., None])[..., 0]
        guess = guess + np.clip(change, -0.7, 0.7)
    np.testing.assert_allclose(guess, truth, rtol=1e-9, atol=1e-9)


def test_what_makes_no_sense_is_refused() -> None:
    stacks = _stacks(2, 2, 28, 1.4)
    with pytest.raises(UnknownNameError, match="reflectance"):
        gradient(**stacks, weights={"reflektance": 1.0})
    with pytest.raises(InputError, match="shape"):
        gradient(**stacks, weights={"absorbed": np.ones((2, 3))})
    with pytest.raises(InputError, match="finite"):
        gradient(**stacks, weights={"absorbed": np.nan})
    with pytest.raises(InputError, match="mapping"):
        gradient(**stacks, weights=[1.0])  # type: ignore[arg-type]
    with pytest.raises(RangeError, match="depths_mm"):
        gradient(**stacks, weights={}, depths_mm=[1e3])
