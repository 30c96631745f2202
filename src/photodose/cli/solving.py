"""`photodose solve`: raw transport on any layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from photodose.cli.common import JsonOption, emit, escape, number, show_warnings
from photodose.quantities import InputError

if TYPE_CHECKING:
    from rich.console import Console


def _stderr_wish(text: str | None) -> tuple[float, float] | None:
    """`0.01@0.5mm` -> (0.01, 0.5): relative standard error wished at a depth [mm]."""
    if text is None:
        return None
    share, sign, depth = text.partition("@")
    if not sign:
        raise InputError(f"--stderr wants ERROR@DEPTHmm, for example 0.01@0.5mm, not {text[:40]!r}.")
    wish = number(share, "the error in --stderr")
    place = number(depth.strip().removesuffix("mm"), "the depth in --stderr")
    assert wish is not None
    assert place is not None
    if not (0 < wish < 1 and place >= 0):
        raise InputError("--stderr wants an error between 0 and 1 at a depth of 0 mm or more.")
    return wish, place


def solve(
    stack: Annotated[str, typer.Argument(metavar="STACK.yaml", help="Layers, outside indices, incidence, depths.")],
    method: Annotated[str, typer.Option("--method", help="slab or monte-carlo.")] = "slab",
    photons: Annotated[int | None, typer.Option("--photons", help="Monte Carlo: packets to trace.")] = None,
    stderr: Annotated[
        str | None, typer.Option("--stderr", metavar="0.01@0.5mm", help="Monte Carlo: wished error.")
    ] = None,
    backend: Annotated[str, typer.Option("--backend", help="Monte Carlo: cpu or cuda.")] = "cpu",
    seed: Annotated[int, typer.Option("--seed", help="Monte Carlo: seed.")] = 1,
    accuracy: Annotated[str, typer.Option("--accuracy", help="Slab: reference or default (faster).")] = "reference",
    as_json: JsonOption = False,
) -> None:
    """Reflectance, transmittance, absorption and fluence of any plane layers."""
    import photodose
    from photodose.cli.simulate import ProgressLine

    extra: dict[str, Any] = {}
    line = ProgressLine()
    if method == "monte-carlo":
        extra = {"photons": photons, "stderr": _stderr_wish(stderr), "backend": backend, "seed": seed, "progress": line}
    elif photons is not None or stderr is not None:
        raise InputError("--photons and --stderr belong to --method monte-carlo.")
    else:
        extra = {"accuracy": accuracy}
    try:
        answer = photodose.solve(stack, method=method, **extra)
    finally:
        line.close()
    emit(answer, as_json, _render_solution)


def _render_solution(console: Console, answer: Any) -> None:
    from rich.table import Table

    content = answer.to_dict()
    r, t = content["reflectance"], content["transmittance"]
    console.print(
        f"reflectance {r['total']:.6g} (specular {r['specular']:.6g}, diffuse {r['diffuse']:.6g})   "
        f"transmittance {t['total']:.6g} (direct {t['direct']:.6g}, diffuse {t['diffuse']:.6g})"
    )
    layers = Table("layer", "absorbed")
    for name, value in content["absorbed"].items():
        layers.add_row(escape(name), f"{value:.6g}")
    console.print(layers)
    if content["fluence_rate"]:
        depths = Table("depth mm", "fluence rate / incident irradiance")
        for depth, value in zip(content["depths_mm"], content["fluence_rate"], strict=True):
            depths.add_row(f"{depth:g}", f"{value:.6g}")
        console.print(depths)
    show_warnings(console, content)


def register(app: typer.Typer) -> None:
    app.command()(solve)
