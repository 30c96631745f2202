"""MCML input files (`.mci`, version 1.0), so that its users can bring their scenes.

Format: Wang and Jacques 1992, Monte Carlo modeling of light transport in multi-layered tissues in standard C (the MCML
manual); lengths are cm, coefficients 1/cm, `#` begins a comment.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from photodose.optics import LayerStack
from photodose.quantities import InputError
from photodose.transport.monte_carlo.medium import Grid
from photodose.transport.monte_carlo.scene import Scene

MAX_BYTES = 2_000_000
MM_PER_CM = 10.0


class _Lines:
    """The file's lines that say something, read one after another."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.number = path, 0
        rows = [(number, line.split("#", 1)[0].split()) for number, line in enumerate(text.splitlines(), 1)]
        self.rows = [(number, words) for number, words in rows if words]

    def words(self, count: int, what: str) -> list[str]:
        if not self.rows:
            raise InputError(f"{self.path} ends where {what} should stand.")
        self.number, words = self.rows.pop(0)
        if len(words) < count:
            raise InputError(f"line {self.number} of {self.path} should hold {what}.")
        return words[:count]

    def values(self, count: int, what: str, kind: Callable[[str], float] = float) -> list[float]:
        words = self.words(count, what)
        try:
            return [kind(word) for word in words]
        except ValueError:
            raise InputError(
                f"line {self.number} of {self.path} should hold {what}, not {' '.join(words)!r}."
            ) from None

    def whole(self, count: int, what: str) -> list[int]:
        values = self.values(count, what)
        if any(not value.is_integer() or value < 1 for value in values):
            raise InputError(f"line {self.number} of {self.path} should hold {what}: whole numbers from 1.")
        return [int(value) for value in values]


def read_mci(path: str | Path) -> tuple[Scene, ...]:
    """The runs of an MCML input file as scenes, in their order.

    Parameters
    ----------
    path : str or Path
        An `.mci` file of version 1.0: pencil beam on layers with tallies on (r, z) and by angle.

    Returns
    -------
    tuple of Scene
        One per run, named after its output file; photons, grid and layers as given, in mm.

    Raises
    ------
    InputError
        In one sentence with the line, if the file is missing or not what it should be.
    """
    file = Path(path)
    try:
        if file.stat().st_size > MAX_BYTES:
            raise InputError(f"{file} is larger than {MAX_BYTES // 1_000_000} MB; give an MCML input file.")
        text = file.read_text(encoding="latin-1")
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}.") from None
    lines = _Lines(file, text)
    version = lines.words(1, "the file version 1.0")[0]
    if version != "1.0":
        raise InputError(f"{file} has version {version[:20]}; only MCML's version 1.0 is read.")
    (runs,) = lines.whole(1, "the number of runs")
    return tuple(_run(lines) for _ in range(runs))


def _run(lines: _Lines) -> Scene:
    name = lines.words(1, "the output file's name")[0]
    (photons,) = lines.whole(1, "the number of photons")
    dz, dr = lines.values(2, "dz and dr [cm]")
    depth_bins, radial_bins, angle_bins = lines.whole(3, "the numbers of dz, dr and da")
    (count,) = lines.whole(1, "the number of layers")
    (above,) = lines.values(1, "the refractive index of the medium above")
    layers = []
    for number in range(1, count + 1):
        n, mua, mus, g, d = lines.values(5, f"n, mua, mus, g and d of layer {number}")
        layers.append(
            {
                "name": f"layer {number}",
                "thickness_mm": d * MM_PER_CM,
                "absorption_per_mm": mua / MM_PER_CM,
                "scattering_per_mm": mus / MM_PER_CM,
                "anisotropy": g,
                "refractive_index": n,
            }
        )
    (below,) = lines.values(1, "the refractive index of the medium below")
    stack = LayerStack.from_mapping({"layers": layers, "outside_index": above, "outside_index_below": below})
    grid = Grid(dr * MM_PER_CM, radial_bins, dz * MM_PER_CM, depth_bins, absorbed=True, fluence=False)
    return Scene(stack, grid=grid, angle_bins=angle_bins, photons=photons, name=Path(name).stem)
