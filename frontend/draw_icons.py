"""Draw the app's PNG icons (the same figure as static/photodose/icon.svg); run once after a change of the figure."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

TARGET = Path(__file__).resolve().parents[1] / "src/photodose/app/static/photodose"
STOPS = ((0.0, (232, 86, 58)), (0.55, (142, 29, 44)), (1.0, (42, 15, 22)))
SIZE = 1024


def figure() -> Image.Image:
    """The icon, filled to its edges so that any mask fits."""
    y, x = np.mgrid[0:SIZE, 0:SIZE] / SIZE
    distance = np.clip(np.hypot(x - 0.5, y - 0.45) / 0.75, 0, 1)
    places = [place for place, _ in STOPS]
    channels = [np.interp(distance, places, [colour[i] for _, colour in STOPS]) for i in range(3)]
    image = Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8), "RGB")
    pen = ImageDraw.Draw(image)
    white, unit = (255, 241, 234), SIZE / 64
    pen.ellipse([23 * unit, 23 * unit, 41 * unit, 41 * unit], fill=white)
    for ray in range(8):
        along = (math.cos(ray * math.pi / 4), math.sin(ray * math.pi / 4))
        ends = [(32 + r * along[0], 32 + r * along[1]) for r in (15, 20)]
        pen.line([(px * unit, py * unit) for px, py in ends], fill=white, width=round(3.6 * unit))
        for px, py in ends:
            pen.ellipse([(px - 1.8) * unit, (py - 1.8) * unit, (px + 1.8) * unit, (py + 1.8) * unit], fill=white)
    return image


if __name__ == "__main__":
    whole = figure()
    for side in (192, 512):
        whole.resize((side, side), Image.Resampling.LANCZOS).quantize(96).save(
            TARGET / f"icon-{side}.png", optimize=True
        )
