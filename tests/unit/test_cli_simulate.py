"""`photodose simulate` and `solve --method monte-carlo`: what is printed, what is written, what is refused."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from photodose.cli.run import run
from photodose.cli.simulate import ProgressLine
from photodose.transport.monte_carlo import Progress

SCENE = """
name: two layers
refractive_index: 1.4
layers:
  - {name: epidermis, thickness_mm: 0.1, absorption_per_mm: 0.3, scattering_per_mm: 20, anisotropy: 0.8}
  - {name: dermis, thickness_mm: 1, absorption_per_mm: 0.1, scattering_per_mm: 18, anisotropy: 0.82}
source: {kind: disk, radius_mm: 2}
depths_mm: [0.5]
grid: {radial_step_mm: 0.5, radial_bins: 8, depth_step_mm: 0.1, depth_bins: 11}
"""


@pytest.fixture
def scene(tmp_path: Path) -> Path:
    path = tmp_path / "scene.yaml"
    path.write_text(SCENE)
    return path


def test_simulate_writes_netcdf_and_prints_one_object(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = scene.with_name("f.nc")
    assert run(["simulate", str(scene), "--out", str(out), "--photons", "2000", "--json"]) == 0
    printed, _ = capsys.readouterr()
    assert printed.count("\n") == 1
    content = json.loads(printed)
    assert content["photons"] == 2000
    assert content["out"] == str(out)
    assert content["absorbed"]["layers"] == ["epidermis", "dermis"]
    assert 0.0 < content["fluence_rate"]["standard_error"][0] < 0.5 * content["fluence_rate"]["value"][0]
    assert content["sources"]
    assert content["warnings"] == []
    assert out.stat().st_size > 1000
    assert run(["simulate", str(scene), "--out", str(out), "--photons", "2000"]) == 0
    assert "absorbed in dermis" in capsys.readouterr().out


def test_solve_by_packets_has_errors(scene: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stack = scene.with_name("stack.yaml")
    stack.write_text(
        "\n".join(line for line in SCENE.splitlines() if line.split(":")[0] not in {"name", "source", "grid"})
    )
    arguments = ["solve", str(stack), "--method", "monte-carlo", "--stderr", "0.03@0.5mm", "--json"]
    assert run(arguments) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["standard_error"]["fluence_rate"][0] <= 0.03 * content["fluence_rate"][0]
    assert content["photons"] > 0


@pytest.mark.parametrize(
    ("extra", "says"),
    [
        (["--out", "/nowhere/f.nc"], "folder"),
        (["--out", "f.nc", "--backend", "cuda"], "not part of this version"),
        (["--out", "f.nc", "--photons", "0"], "photons"),
        (["--out", "f.nc", "--stderr", "1%"], "0.01@0.5mm"),
        (["--out", "."], "folder"),
    ],
)
def test_refusals_are_one_sentence(
    scene: Path, extra: list[str], says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(scene.parent)
    assert run(["simulate", str(scene), *extra]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert says in err
    assert err.count("\n") == 1
    assert sorted(file.name for file in scene.parent.iterdir()) == ["scene.yaml"]


def test_progress_goes_to_standard_error_with_the_time_that_remains(capsys: pytest.CaptureFixture[str]) -> None:
    line = ProgressLine()
    line.live, line.told = True, line.told - 1.0
    line(Progress(1_000_000, 10.0, 0.25, 3690.0))
    line.close()
    out, err = capsys.readouterr()
    assert out == ""
    assert "25.0%  1,000,000 packets  01:01:30 left" in err


@pytest.mark.skipif(os.name == "nt", reason="signals differ")
def test_ctrl_c_keeps_what_was_gained(scene: Path) -> None:
    """Set up: a run of hours, and an interrupt once it is under way. Expected: exit 130, a file, marked."""
    xr = pytest.importorskip("xarray")
    out = scene.with_name("kept.nc")
    code = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from photodose.cli.run import run; from photodose.cli.simulate import ProgressLine; "
        "ProgressLine.__call__ = lambda line, progress: progress.photons and print('under way', flush=True); "
        f"sys.exit(run(['simulate', {str(scene)!r}, '--out', {str(out)!r}, "
        "'--photons', '1000000000000']))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "under way\n"  # however long compiling took, packets have been traced
    process.send_signal(signal.SIGINT)
    printed, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert process.returncode == 130
    with xr.open_dataset(out, engine="h5netcdf") as data:
        assert data.attrs["ended"] == "interrupt"
        assert data.attrs["photons"] > 0
    assert "Interrupted" in printed
