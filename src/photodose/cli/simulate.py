"""`photodose simulate`: Monte Carlo of a scene into a NetCDF file; and the progress line of every packet run."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from photodose.cli.common import JsonOption, emit, escape, show_warnings
from photodose.quantities import InputError

if TYPE_CHECKING:
    from rich.console import Console

    from photodose.transport.monte_carlo import Progress, SimulationResult

INTERRUPTED = 130
_SCALARS = (
    "reflectance_specular",
    "reflectance_diffuse",
    "reflectance_total",
    "transmittance_direct",
    "transmittance_diffuse",
    "transmittance_total",
)


class ProgressLine:
    """Tells on standard error how far a run has come and how long it will take; a new line now and then in a log."""

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self.began = self.told = time.monotonic()
        self.wrote = False

    def __call__(self, progress: Progress) -> None:
        now = time.monotonic()
        if now - self.told < (0.2 if self.live else 10.0):
            return
        self.told = now
        remaining = progress.remaining_seconds
        left = "?" if remaining > 1e7 else time.strftime("%H:%M:%S", time.gmtime(remaining))
        text = f"{progress.fraction:6.1%}  {progress.photons:,} packets  {left} left"
        sys.stderr.write(f"\r{text}\x1b[K" if self.live else f"photodose: {text.strip()}\n")
        sys.stderr.flush()
        self.wrote = True

    def close(self) -> None:
        """Leave the line, so that what follows begins on its own."""
        if self.live and self.wrote:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def simulate(
    scene: Annotated[str, typer.Argument(metavar="SCENE.yaml", help="A scene, or an MCML input file (.mci).")],
    out: Annotated[Path, typer.Option("--out", metavar="F.nc", help="NetCDF file to write.")],
    photons: Annotated[int | None, typer.Option("--photons", help="Packets to trace.")] = None,
    stderr: Annotated[str | None, typer.Option("--stderr", metavar="0.01@0.5mm", help="Wished error.")] = None,
    max_seconds: Annotated[float | None, typer.Option("--max-seconds", help="Stop after this time [s].")] = None,
    seed: Annotated[int | None, typer.Option("--seed", help="Seed; default: the scene's.")] = None,
    backend: Annotated[str, typer.Option("--backend", help="cpu or cuda.")] = "cpu",
    threads: Annotated[int | None, typer.Option("--threads", help="Default: all cores.")] = None,
    run: Annotated[int | None, typer.Option("--run", help="Which run of an .mci file, from 1.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Trace photon packets through a scene and write every tally with its standard error."""
    from photodose.transport.monte_carlo import simulate as trace

    if not out.parent.is_dir():
        raise InputError(f"the folder {out.parent} for {out.name} does not exist.")
    if out.is_dir():
        raise InputError(f"--out {out} is a folder; give a file name.")
    line = ProgressLine()
    try:
        result = trace(
            scene,
            run_number=run,
            photons=photons,
            stderr=stderr,
            max_seconds=max_seconds,
            seed=seed,
            backend=backend,
            threads=threads,
            progress=line,
        )
    finally:
        line.close()
    result.to_netcdf(out)
    emit(_summary(result, out), as_json, _render)
    return INTERRUPTED if result.ended == "interrupt" else 0


def _summary(result: SimulationResult, out: Path) -> dict[str, Any]:
    """What a person or a program wants at once; the file holds the rest."""

    def pair(name: str) -> dict[str, Any]:
        tally = result[name]
        return {"value": tally.value, "standard_error": tally.standard_error}

    return {
        "method": "monte-carlo",
        "name": result.scene.name,
        "out": str(out),
        "photons": result.photons,
        "ended": result.ended,
        "seconds": result.seconds,
        **{name: pair(name) for name in _SCALARS},
        "absorbed": {"layers": result.scene.stack.names, **pair("absorbed")},
        "depths_mm": result.scene.depths_mm,
        "fluence_rate": pair("fluence_rate"),
        "tallies": sorted(result.tallies),
        "sources": [source.model_dump(exclude_none=True) for source in result.sources],
        "warnings": result.warnings,
    }


def _render(console: Console, content: dict[str, Any]) -> None:
    for text, part in (("reflectance", "reflectance_total"), ("transmittance", "transmittance_total")):
        console.print(f"{text} {_plus_minus(content[part]['value'], content[part]['standard_error'])}")
    absorbed = content["absorbed"]
    for name, value, error in zip(absorbed["layers"], absorbed["value"], absorbed["standard_error"], strict=True):
        console.print(f"absorbed in {escape(name)}: {_plus_minus(value, error)}")
    fluence = content["fluence_rate"]
    for depth, value, error in zip(content["depths_mm"], fluence["value"], fluence["standard_error"], strict=True):
        console.print(f"fluence rate at {depth:g} mm: {_plus_minus(value, error)} x irradiance")
    speed = content["photons"] / max(content["seconds"], 1e-9)
    console.print(f"{content['photons']:,} packets in {content['seconds']:.3g} s ({speed:,.0f}/s) -> {content['out']}")
    show_warnings(console, content)


def _plus_minus(value: float, error: float) -> str:
    return f"{value:.5g} +- {error:.2g}"


def register(app: typer.Typer) -> None:
    app.command()(simulate)
