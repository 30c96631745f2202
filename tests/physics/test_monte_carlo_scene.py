"""Scenes: sources and tallies against each other and against known answers, files in and out, what is refused."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photodose.optics import Incidence
from photodose.quantities import InputError, RangeError, UnknownNameError
from photodose.transport.monte_carlo import Progress, Scene, read_mci, simulate, simulation, solve_stack

LAYERS: list[dict[str, Any]] = [
    {"name": "epidermis", "thickness_mm": 0.1, "absorption_per_mm": 0.30, "scattering_per_mm": 20.0, "anisotropy": 0.8},
    {"name": "dermis", "thickness_mm": 2.0, "absorption_per_mm": 0.2, "scattering_per_mm": 18.0, "anisotropy": 0.82},
]
GRID = {"radial_step_mm": 0.1, "radial_bins": 60, "depth_step_mm": 0.05, "depth_bins": 42}
SCENE = {"refractive_index": 1.4, "layers": LAYERS, "grid": GRID, "depths_mm": [0.5, 1.0], "photons": 40_000}

MCI = """####
# Anything in a line after "#" is ignored as comments.
####
1.0                      # file version
2                        # number of runs

temp1.mco\tA           # output filename, ASCII/Binary
500                      # No. of photons
20E-4\t20E-4            # dz, dr
100\t90\t12              # No. of dz, dr & da.

2                        # No. of layers
# n\tmua\tmus\tg\td
1.0                      # n for medium above.
1.37\t1\t100\t0.90\t0.1
1.44\t2\t10\t0.00\t0.2
1.2                      # n for medium below.

second.mco A
100
0.01 0.01
1 1 1
1
1.0
1.0 10 90 0.75 0.02
1.0
"""


def test_grid_planes_and_layers_tell_one_story() -> None:
    """Expected: fluence in bins agrees with planes inside them, absorption sums agree, everything is accounted for."""
    result = simulate(SCENE, seed=5)
    flat, planes = result["fluence_z"], result["fluence_rate"]
    z = result.coordinates["grid_depth_mm"][0]
    for depth, value, error in zip([0.5, 1.0], planes.value, planes.standard_error, strict=True):
        around = np.interp(depth, z, flat.value)
        assert abs(around - value) < 5.0 * error + 0.002 * value
    absorbed = result["absorbed"].value.sum()
    step = GRID["depth_step_mm"]
    assert (result["absorbed_z"].value * step).sum() == pytest.approx(absorbed, rel=1e-9)
    total = result["reflectance_total"].value + result["transmittance_total"].value + absorbed
    assert total + result["roulette_loss"].value - result["roulette_gain"].value == pytest.approx(1.0, abs=1e-9)
    rings = np.pi * np.diff((0.1 * np.arange(61)) ** 2)
    back = (result["reflected_by_radius"].value * rings).sum() + result["reflected_beyond_grid"].value
    assert back == pytest.approx(result["reflectance_diffuse"].value, rel=1e-9)
    solid = 2.0 * np.pi * -np.diff(np.cos(np.linspace(0.0, np.pi / 2.0, 31)))
    assert (result["reflected_by_angle"].value * solid).sum() == pytest.approx(
        result["reflectance_diffuse"].value, rel=1e-9
    )
    # 0.3/mm and 0.2/mm: absorbed per volume is absorption times fluence in bins that lie in one layer
    deep = result["absorbed_rz"].value[:30, 4:40]
    np.testing.assert_allclose(deep, 0.2 * result["fluence_rz"].value[:30, 4:40], rtol=1e-9)


def test_the_plane_answer_is_that_of_the_stack() -> None:
    """Why: over a whole plane it does not matter how wide the source is. Expected: pencil, disk and wide beam agree."""
    scene = {**SCENE, "source": {"kind": "disk", "radius_mm": 2.0}}
    disk, wide = simulate(scene, seed=6), solve_stack(Scene.of(SCENE).stack, [0.5, 1.0], Incidence(), 40_000, seed=7)
    assert wide.standard_error is not None
    sigma = np.hypot(disk["fluence_rate"].standard_error, wide.standard_error["fluence_rate"])
    assert np.all(np.abs(disk["fluence_rate"].value - wide.fluence_rate) < 4.5 * sigma)


@pytest.mark.parametrize(("kind", "share"), [("disk", 0.25), ("gaussian", 1.0 - np.exp(-0.5))])
def test_sources_have_their_shape(kind: str, share: float) -> None:
    """Set up: clear slab, so that light leaves where it entered. Expected: the share within half the radius."""
    layer = {"name": "clear", "thickness_mm": 1.0, "absorption_per_mm": 0.0, "scattering_per_mm": 0.0,
             "anisotropy": 0.0, "refractive_index": 1.0}  # fmt: skip
    grid = {"radial_step_mm": 1.0, "radial_bins": 4, "depth_step_mm": 1.0, "depth_bins": 1, "tallies": ["absorbed"]}
    result = simulate({"layers": [layer], "grid": grid, "source": {"kind": kind, "radius_mm": 2.0}}, photons=50_000)
    inner = result["transmitted_by_radius"].value[0] * np.pi
    sigma = result["transmitted_by_radius"].standard_error[0] * np.pi
    assert 0.0 < sigma < 0.01
    assert abs(inner - share) < 4.5 * sigma
    assert result["transmittance_direct"].value == pytest.approx(1.0)
    assert result["transmitted_by_angle"].value[1:].max() == 0.0


def test_oblique_pencil_walks_sideways() -> None:
    """Set up: 60 degrees into clear 1 mm of index 1.5. Expected: it leaves at tan(asin(sin 60 / 1.5)) = 0.7071 mm."""
    layer = {"name": "clear", "thickness_mm": 1.0, "absorption_per_mm": 0.0, "scattering_per_mm": 0.0,
             "anisotropy": 0.0, "refractive_index": 1.5}  # fmt: skip
    grid = {"radial_step_mm": 0.02, "radial_bins": 60, "depth_step_mm": 1.0, "depth_bins": 1, "tallies": ["absorbed"]}
    source = {"kind": "pencil", "incidence": {"kind": "collimated", "angle_deg": 60.0}}
    result = simulate({"layers": [layer], "outside_index_below": 1.5, "grid": grid, "source": source}, photons=2000)
    lit = np.flatnonzero(result["transmitted_by_radius"].value)
    np.testing.assert_array_equal(lit, [int(np.tan(np.arcsin(np.sin(np.pi / 3) / 1.5)) / 0.02)])


def test_modified_phase_function_changes_what_comes_back() -> None:
    """Why: a `phase` must reach the kernel. Expected: with share 1 the same reflectance as without, with 0.6 more."""
    plain = simulate(SCENE, photons=20_000, seed=3)["reflectance_diffuse"]
    answers = []
    for share in (1.0, 0.6):
        phase = {"kind": "modified_henyey_greenstein", "anisotropy": 0.82, "share": share}
        dermis = {key: value for key, value in LAYERS[1].items() if key != "anisotropy"} | {"phase": phase}
        answers.append(
            simulate({**SCENE, "layers": [LAYERS[0], dermis]}, photons=20_000, seed=3)["reflectance_diffuse"]
        )
    assert answers[0].value == pytest.approx(float(plain.value), rel=1e-6)
    assert answers[1].value > plain.value + 10.0 * plain.standard_error
    assert Scene.of({**SCENE, "layers": [LAYERS[0], dermis]}).stack.layers[1].anisotropy == pytest.approx(0.82 * 0.6)


def test_netcdf_holds_values_errors_and_units(tmp_path: Path) -> None:
    xr = pytest.importorskip("xarray")
    result = simulate(SCENE, photons=5000, seed=1)
    path = result.to_netcdf(tmp_path / "skin.nc")
    assert [file.name for file in tmp_path.iterdir()] == ["skin.nc"]
    with xr.open_dataset(path, engine="h5netcdf") as data:
        np.testing.assert_array_equal(data["fluence_rz"].values, result["fluence_rz"].value)
        np.testing.assert_array_equal(data["fluence_rate_standard_error"], result["fluence_rate"].standard_error)
        assert data["fluence_rz"].dims == ("radius_mm", "grid_depth_mm")
        assert data["fluence_rz"].attrs["units"] == "mm-2"
        assert data["radius_mm"].attrs["units"] == "mm"
        assert data.attrs["photons"] == 5000
        assert data.attrs["ended"] == "count"
        assert list(data["layer"].values) == ["epidermis", "dermis"]
    answer = result.to_dict()
    assert answer["tallies"]["absorbed"]["unit"] == "1"
    with pytest.raises(InputError, match="folder"):
        result.to_netcdf(tmp_path / "nowhere" / "x.nc")


def test_interrupted_scene_is_kept_and_marked() -> None:
    def stop(progress: Progress) -> None:
        if progress.photons > 0:
            raise KeyboardInterrupt

    result = simulate(SCENE, photons=10**9, progress=stop)
    assert result.ended == "interrupt"
    assert 0 < result.photons < 10**9
    assert result.to_xarray().attrs["ended"] == "interrupt"
    assert any("Interrupted" in warning for warning in result.warnings)


def test_too_large_a_scene_is_refused_before_it_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    grid = {**GRID, "radial_bins": 2_000_000, "depth_bins": 1000}
    monkeypatch.setattr(simulation, "free_bytes", lambda: 100_000_000_000)
    with pytest.raises(InputError, match="GB of memory"):
        simulate({**SCENE, "grid": grid})
    monkeypatch.undo()
    with pytest.raises(RangeError, match="number of bins"):
        simulate({**SCENE, "grid": {**grid, "radial_bins": 10_000_000}})
    free = simulation.free_bytes()
    assert free is not None
    assert free > 1e6


def test_mcml_input_files_are_read(tmp_path: Path) -> None:
    """The template of MCML's own distribution, in cm there and in mm here."""
    path = tmp_path / "runs.mci"
    path.write_text(MCI)
    first, second = read_mci(path)
    assert (first.name, first.photons, first.angle_bins) == ("temp1", 500, 12)
    assert first.grid is not None
    assert (first.grid.depth_bins, first.grid.radial_bins) == (100, 90)
    assert first.grid.radial_step_mm == pytest.approx(0.02)
    layer = first.stack.layers[1]
    assert (layer.refractive_index, layer.absorption_per_mm, layer.thickness_mm) == (1.44, 0.2, 2.0)
    assert first.stack.outside_index_below == 1.2
    assert simulate(path, run_number=2).photons == 100
    assert second.stack.layers[0].anisotropy == 0.75
    with pytest.raises(InputError, match="2 runs"):
        simulate(path)
    with pytest.raises(RangeError):
        simulate(path, run_number=3)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("1.0                      # file version", "2.0", "version"),
        ("500 ", "many ", "line 8"),
        ("1.44\t2\t10\t0.00\t0.2", "1.44 2 10", "layer 2"),
        ("1.0 10 90 0.75 0.02\n1.0\n", "", "ends where"),
        ("1.44\t2", "1.44\t-2", "absorption_per_mm"),
    ],
)
def test_broken_mcml_files_are_one_sentence(tmp_path: Path, old: str, new: str, says: str) -> None:
    path = tmp_path / "broken.mci"
    assert old in MCI
    path.write_text(MCI.replace(old, new, 1))
    with pytest.raises(InputError, match=re.escape(says)) as caught:
        read_mci(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"voxels": []}, InputError),
        ({"sorce": {}}, UnknownNameError),
        ({"source": {"kind": "laser"}}, UnknownNameError),
        ({"source": {"kind": "disk"}}, RangeError),
        ({"source": {"kind": "disk", "radius_mm": 1.0}, "grid": None}, InputError),
        ({"grid": {**GRID, "radial_bins": 0}}, RangeError),
        ({"grid": {**GRID, "radial_bins": 1.5}}, InputError),
        ({"grid": {**GRID, "tallies": ["heat"]}}, UnknownNameError),
        ({"grid": {"radial_step_mm": 0.1}}, InputError),
        ({"grid": {**GRID, "steps": 1}}, UnknownNameError),
        ({"photons": "many"}, InputError),
        ({"angle_bins": 0}, RangeError),
        ({"layers": [{**LAYERS[0], "phase": {"kind": "mie"}}]}, UnknownNameError),
        ({"layers": [{**LAYERS[0], "phase": {"kind": "table", "cosines": [-1, 1], "values": [1]}}]}, InputError),
        ({"layers": [{**LAYERS[0], "absorption_per_mm": 0.0, "scattering_per_mm": 0.0}]}, InputError),
    ],
)
def test_bad_scenes_are_one_sentence(change: dict[str, Any], error: type[InputError]) -> None:
    with pytest.raises(error) as caught:
        simulate({**SCENE, **change})
    assert "\n" not in str(caught.value)
