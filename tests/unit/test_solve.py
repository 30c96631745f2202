"""`solve` and `solve_batch` as users meet them: forms of input, form of the answer, and one sentence for bad input."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photodose.optics import Incidence, LayerStack
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.transport import SolveResult, slab, solve

LAYERS = [
    {"name": "epidermis", "thickness_mm": 0.1, "absorption_per_mm": 0.3, "scattering_per_mm": 20.0, "anisotropy": 0.8},
    {"name": "dermis", "thickness_mm": 1.5, "absorption_per_mm": 0.035, "scattering_per_mm": 18.0, "anisotropy": 0.82},
]
STACK: dict[str, Any] = {
    "wavelength_nm": 660,
    "refractive_index": 1.4,
    "layers": LAYERS,
    "depths_mm": [0.05, 0.1, 1.0],
    "incidence": {"kind": "diffuse"},
}
FILE = """
wavelength_nm: 660
refractive_index: 1.4
layers:
  - {name: epidermis, thickness_mm: 0.1, absorption_per_mm: 0.3, scattering_per_mm: 20.0, anisotropy: 0.8}
  - {name: dermis, thickness_mm: 1.5, absorption_per_mm: 0.035, scattering_per_mm: 18.0, anisotropy: 0.82}
depths_mm: [0.05, 0.1, 1.0]
incidence: {kind: diffuse}
"""


def test_a_mapping_a_file_and_a_stack_give_the_same(tmp_path: Path) -> None:
    path = tmp_path / "stack.yaml"
    path.write_text(FILE, encoding="utf-8")
    first, second = solve(STACK), solve(path)
    third = solve(LayerStack.of(STACK), depths_mm=[0.05, 0.1, 1.0], incidence=Incidence("diffuse"))
    for other in (second, third):
        assert np.array_equal(first.fluence_rate, other.fluence_rate)
        assert first.reflectance == other.reflectance
    assert third.stack.wavelength_nm == 660


@pytest.mark.parametrize("wavelength", [0, -660.0, float("nan"), float("inf")])
def test_a_wavelength_that_is_none_is_refused(wavelength: float) -> None:
    with pytest.raises(InputError, match="wavelength_nm must be a finite number above 0"):
        solve({**STACK, "wavelength_nm": wavelength})
    with pytest.raises(InputError, match="wavelength_nm must be a finite number above 0"):
        LayerStack(LayerStack.of(STACK).layers, wavelength_nm=wavelength)


def test_arguments_override_the_mapping() -> None:
    result = solve(STACK, depths_mm=[0.2], incidence={"kind": "collimated", "angle_deg": 30})
    assert result.depths_mm.tolist() == [0.2]
    assert result.incidence == Incidence("collimated", angle_deg=30.0)


def test_json_answer() -> None:
    """Exactly the keys that programs rely on, plain values only, and the parts add up."""
    answer = solve(STACK).to_dict()
    assert json.loads(json.dumps(answer)) == answer
    assert set(answer) == {
        "method",
        "wavelength_nm",
        "reflectance",
        "transmittance",
        "absorbed",
        "depths_mm",
        "fluence_rate",
        "seconds",
        "streams",
        "error_estimate",
        "sources",
        "warnings",
    }
    assert answer["method"] == "slab"
    assert set(answer["reflectance"]) == {"specular", "diffuse", "total"}
    assert set(answer["transmittance"]) == {"direct", "diffuse", "total"}
    for part, first, second in (("reflectance", "specular", "diffuse"), ("transmittance", "direct", "diffuse")):
        assert answer[part][first] + answer[part][second] == pytest.approx(answer[part]["total"], abs=1e-15)
    total = answer["reflectance"]["total"] + answer["transmittance"]["total"] + sum(answer["absorbed"].values())
    assert total == pytest.approx(1.0, abs=1e-9)
    assert list(answer["absorbed"]) == ["epidermis", "dermis"]
    assert answer["depths_mm"] == [0.05, 0.1, 1.0]
    assert answer["sources"][0]["doi"] == "10.1364/AO.27.002502"
    assert answer["warnings"] == []
    assert 0.0 < answer["error_estimate"] < 1e-3


def test_without_depths_there_is_no_fluence() -> None:
    result = solve({"refractive_index": 1.4, "layers": LAYERS})
    assert result.fluence_rate.shape == (0,)
    assert result.incidence == Incidence()


def test_accuracy_and_streams() -> None:
    fine = solve(STACK)
    coarse = solve(STACK, accuracy="default")
    eight = solve(STACK, streams=8)
    assert (eight.streams, fine.streams) == (8, 192)
    assert coarse.streams is not None
    assert 16 <= coarse.streams < 100
    assert fine.error_estimate is not None
    assert coarse.error_estimate is not None
    assert fine.error_estimate < coarse.error_estimate < 3e-3
    off = np.abs(coarse.fluence_rate / fine.fluence_rate - 1.0)
    assert off.max() < 3e-3


def test_anisotropy_outside_its_range_is_said() -> None:
    layers = [dict(LAYERS[0], anisotropy=0.98), dict(LAYERS[1], anisotropy=-0.2)]
    warnings = solve({"refractive_index": 1.4, "layers": layers}, accuracy="default").warnings
    assert len(warnings) == 1
    assert "epidermis, dermis" in warnings[0]
    assert "3 %" in warnings[0]


def test_to_xarray_and_plot() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    result = solve(STACK)
    data = result.to_xarray()
    assert data["fluence_rate"].dims == ("depth_mm",)
    assert data["depth_mm"].attrs["units"] == "mm"
    assert data["absorbed"].sel(layer="dermis").item() == result.absorbed["dermis"]
    assert data["reflectance_total"].item() == result.reflectance["total"]
    axes = result.plot()
    assert axes.get_xlabel() == "depth [mm]"
    assert np.array_equal(axes.lines[0].get_ydata(), result.fluence_rate)
    import matplotlib.pyplot as plt

    plt.close(axes.figure)


def test_result_is_frozen() -> None:
    with pytest.raises(AttributeError):
        solve(STACK).method = "other"  # type: ignore[misc]


def test_importing_transport_loads_nothing_heavy() -> None:
    code = (
        "import sys, photodose.transport as t; t.solve({'refractive_index': 1.4, 'layers': [dict(thickness_mm=1, "
        "absorption_per_mm=1, scattering_per_mm=1, anisotropy=0)]}); "
        "print([m for m in ('numba', 'xarray', 'matplotlib', 'scipy') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"method": "slap"}, UnknownNameError, "slab"),
        ({"method": 3}, UnknownNameError, "monte-carlo"),
        ({"accuracy": "best"}, InputError, "default, reference"),
        ({"streams": 7}, InputError, "even"),
        ({"streams": 16.0}, InputError, "even whole number"),
        ({"streams": 1000}, RangeError, "8 to 256"),
        ({"depths_mm": [-1.0]}, RangeError, "0 to 1.6"),
        ({"depths_mm": [1.7]}, RangeError, "0 to 1.6"),
        ({"depths_mm": [float("nan")]}, InputError, "finite"),
        ({"depths_mm": "deep"}, InputError, "list of numbers"),
        ({"depths_mm": [[0.1]]}, InputError, "list"),
        ({"incidence": {"kind": "laser"}}, UnknownNameError, "incidence kind"),
        ({"incidence": {"kind": "collimated", "angle_deg": 90}}, RangeError, "angle_deg"),
        ({"stack": 5}, InputError, "layer stack"),
        ({"stack": {"layers": []}}, InputError, "at least one layer"),
        ({"stack": {"layers": [dict(LAYERS[0], thickness_mm=0.0, refractive_index=1.4)]}}, RangeError, "thickness_mm"),
        ({"stack": "no/such/file.yaml"}, InputError, "does not exist"),
    ],
)
def test_bad_input_is_one_sentence(change: dict[str, Any], kind: type[InputError], says: str) -> None:
    options: dict[str, Any] = {"stack": STACK, **change}
    with pytest.raises(kind) as caught:
        solve(options.pop("stack"), **options)
    message = str(caught.value)
    assert says in message
    assert "\n" not in message
    assert message.endswith((".", "?"))


GOOD: dict[str, Any] = {
    "absorption_per_mm": [[0.1, 0.2]],
    "scattering_per_mm": [[10.0, 9.0]],
    "anisotropy": [[0.8, 0.9]],
    "thickness_mm": [[1.0, 2.0]],
    "refractive_index": [[1.4, 1.4]],
    "depths_mm": [0.5],
}


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"absorption_per_mm": [[0.1, float("nan")]]}, InputError, "absorption_per_mm"),
        ({"absorption_per_mm": [[0.1, -0.1]]}, RangeError, "stack 1, layer 2"),
        ({"scattering_per_mm": [[10.0]]}, InputError, "scattering_per_mm has shape (1, 1)"),
        ({"scattering_per_mm": [[10.0, float("inf")]]}, InputError, "finite"),
        ({"anisotropy": [[0.8], [0.9, 0.1]]}, InputError, "anisotropy"),
        ({"anisotropy": [[0.8, 1.0]]}, RangeError, "anisotropy"),
        ({"thickness_mm": [[1.0, 0.0]]}, RangeError, "thickness_mm"),
        ({"refractive_index": [[1.4, 0.9]]}, RangeError, "refractive_index"),
        ({"refractive_index": [["a", "b"]]}, InputError, "refractive_index"),
        ({"outside_index": 0.5}, RangeError, "outside_index"),
        ({"outside_index": float("nan")}, RangeError, "outside_index"),
        ({"outside_index_below": "air"}, InputError, "outside_index_below"),
        ({"depths_mm": [3.1]}, RangeError, "depths_mm"),
        ({"depths_mm": [[0.1], [0.2]]}, InputError, "depths_mm"),
        ({"intervals_mm": [[0.5, 3.5]]}, RangeError, "intervals_mm"),
        ({"intervals_mm": [[0.5, 0.5]]}, InputError, "end below"),
        ({"intervals_mm": [0.5, 1.0]}, InputError, "intervals_mm"),
        ({"lit_face": "left"}, InputError, "lit_face"),
        ({"accuracy": "poor"}, InputError, "accuracy"),
    ],
)
def test_bad_batch_is_one_sentence(change: dict[str, Any], kind: type[InputError], says: str) -> None:
    with pytest.raises(kind) as caught:
        slab.solve_batch(**{**GOOD, **change})
    assert says in str(caught.value)
    assert "\n" not in str(caught.value)


def test_batch_of_one_dimension_is_refused() -> None:
    with pytest.raises(InputError, match="shape"):
        slab.solve_batch(*([0.1, 0.2] for _ in range(5)))


def test_shapes_of_a_batch() -> None:
    three = {key: np.repeat(value, 3, axis=0) for key, value in GOOD.items() if key != "depths_mm"}
    answer = slab.solve_batch(**three, depths_mm=[0.1, 0.2], intervals_mm=[[0.0, 3.0]])
    assert answer.fluence_rate.shape == answer.flux_up.shape == answer.flux_down.shape == (3, 2)
    assert answer.absorbed.shape == (3, 2)
    assert answer.mean_fluence_rate.shape == (3, 1)
    for name in ("reflectance", "specular", "transmittance", "transmittance_direct", "streams", "error_estimate"):
        assert getattr(answer, name).shape == (3,)


def test_monte_carlo_answers_in_the_same_form() -> None:
    result = solve(STACK, method="monte-carlo", photons=2000, seed=1)
    assert isinstance(result, SolveResult)
    assert result.method == "monte-carlo"
    assert set(result.to_dict()) >= {"reflectance", "transmittance", "absorbed", "fluence_rate", "standard_error"}
    close = solve(STACK)
    spread = result.standard_error
    assert spread is not None
    off = abs(result.reflectance["total"] - close.reflectance["total"])
    assert off < 5.0 * spread["reflectance"]["total"]
