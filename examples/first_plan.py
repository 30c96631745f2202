"""The main job on embedded defaults: a red and near-infrared mask, ten minutes, cheek, skin type III, fine lines.

Run it with `make demo`. It prints the plan, saves the picture of what ten minutes deliver, and says what to try next.
"""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

import photodose
from photodose.cli.planning import render_plan
from photodose.quantities import short

DEVICE = "omnilux-contour-face"
MINUTES = 10.0
PICTURE = Path("out/first_plan.png")


def main() -> None:
    console = Console(highlight=False)
    device = photodose.device(DEVICE)
    unread = [f"{band.peak_nm:g} nm" for band in device.bands if band.source is None or band.basis == "unverified"]
    if unread:
        console.print(
            f"[red]The irradiance at {', '.join(unread)} was not read in a source: take what follows with care.[/]"
        )
    else:
        console.print(f"The numbers of this device were read in: {device.bands[0].source.citation}", style="dim")
    skin = photodose.skin("cheek", skin_type="III")
    plan = photodose.plan("fine_lines_wrinkles", device, skin, minutes=MINUTES, per_week=5)
    render_plan(console, plan)
    PICTURE.parent.mkdir(exist_ok=True)
    dose = photodose.dose(device, skin, minutes=MINUTES)
    dose.plot(str(PICTURE))
    target = dose.at("papillary dermis")
    value = target.fluence_j_cm2
    console.print(
        f"\nTen minutes give the papillary dermis [bold]{short(value.value)} J/cm²[/] "
        f"({short(value.low)} to {short(value.high)}, 90 % interval); the picture is [bold]{PICTURE}[/]."
    )
    console.print(
        "Try next:\n"
        "  .venv/bin/photodose plan --goal acne --device theraface-mask --site cheek --skin-type III\n"
        "  .venv/bin/photodose dose omnilux-contour-face --site cheek --skin-type VI --minutes 10 --plot out/vi.png\n"
        "  .venv/bin/photodose screen --drug doxycycline --device omnilux-contour-face\n"
        "  .venv/bin/photodose goals"
    )


if __name__ == "__main__":
    main()
