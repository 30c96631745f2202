"""Arrays: one emitter by hand, energy, the dense array as a rectangle, and a literal double loop."""

import math

import numpy as np
import pytest

from photodose.devices import array
from photodose.devices.model import Emitter
from photodose.devices.rectangle import mean_relative_irradiance, relative_irradiance
from photodose.quantities import InputError, RangeError

UP = (0.0, 0.0, 1.0)
FACING = (0.0, 0.0, -1.0)


def literal(emitters, point, normal, peak):
    """The sum written out, one emitter at a time [mW/cm2]."""
    total = 0.0
    for e in emitters:
        if e.band_nm != peak:
            continue
        ray = [p - q for p, q in zip(point, e.position_mm, strict=True)]
        r = math.sqrt(sum(c * c for c in ray))
        leaving = sum(c * d for c, d in zip(ray, e.direction, strict=True)) / r
        arriving = -sum(c * d for c, d in zip(ray, normal, strict=True)) / r
        if leaving > 0 and arriving > 0:
            m = e.lambertian_order
            total += e.radiant_power_mw * (m + 1) / (2 * math.pi) * leaving**m * arriving / r**2 * 100.0
    return total


def test_one_emitter_on_its_axis():
    """10 mW Lambertian at 50 mm: P / (pi r^2) = 10 / (pi 25 cm2)."""
    lamp = Emitter((0.0, 0.0, 0.0), UP, 10.0, 1.0, 660.0)
    matrix = array.irradiance([lamp], [[0.0, 0.0, 50.0]], FACING)
    assert float(matrix[0, 0] * 10.0) == pytest.approx(10.0 / (math.pi * 25.0))


def test_matrix_times_powers_is_the_literal_sum():
    rng = np.random.default_rng(3)
    emitters = []
    for i in range(40):
        direction = rng.normal(size=3) + np.array([0.0, 0.0, 2.0])
        direction /= np.linalg.norm(direction)
        emitters.append(
            Emitter(
                (*rng.uniform(-60, 60, 2), 0.0),
                tuple(direction),
                float(rng.uniform(1, 20)),
                float(rng.uniform(1, 10)),
                (630.0, 850.0)[i % 2],
            )
        )
    points = np.column_stack([rng.uniform(-80, 80, (25, 2)), rng.uniform(5, 90, 25)])
    normals = rng.normal(size=(25, 3))
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    peaks, powers = array.channels(emitters)
    assert peaks == (630.0, 850.0)
    field = array.irradiance(emitters, points, normals) * powers
    for row, (point, normal) in enumerate(zip(points, normals, strict=True)):
        for column, peak in enumerate(peaks):
            expected = literal(emitters, point, normal, peak)
            assert field[row, column] == pytest.approx(expected, rel=1e-12, abs=1e-15)


@pytest.mark.parametrize("order", [1.0, 3.0, 12.0])
def test_an_emitters_power_all_arrives_on_a_sphere(order):
    lamp = Emitter((0.0, 0.0, 0.0), UP, 7.0, order, 660.0)
    mu, weight = np.polynomial.legendre.leggauss(40)
    theta = np.arccos(mu)
    points = 100.0 * np.column_stack([np.sin(theta), np.zeros(40), mu])
    field = array.irradiance([lamp], points, -points)[:, 0] * 7.0
    upper = mu > 0  # the power all leaves into the upper half
    mu_half, w_half = 0.5 * (mu + 1), 0.5 * weight
    points = 100.0 * np.column_stack([np.sqrt(1 - mu_half**2), np.zeros(40), mu_half])
    field_half = array.irradiance([lamp], points, -points)[:, 0] * 7.0
    assert field[~upper].max() == 0.0
    assert 2 * math.pi * float(w_half @ field_half) * 100.0 == pytest.approx(7.0)  # r^2 = 100 cm2


def test_a_dense_array_is_an_emitting_rectangle():
    pitch, columns, rows = 5.0, 40, 60
    xs = pitch * (np.arange(columns) - (columns - 1) / 2)
    ys = pitch * (np.arange(rows) - (rows - 1) / 2)
    emitters = [Emitter((x, y, 0.0), UP, 1.0, 2.0, 660.0) for x in xs for y in ys]
    exitance = 1.0 / 0.25  # mW per 0.25 cm2 cell
    size = (20.0, 30.0)
    for x, y, z in ((0.0, 0.0, 3.0), (6.0, 4.0, 10.0), (25.0, 0.0, 15.0)):
        got = float(array.irradiance(emitters, [[10 * x, 10 * y, 10 * z]], FACING)[0, 0]) * 2400.0
        assert got == pytest.approx(exitance * float(relative_irradiance(size, z, x, y, 2.0)), rel=2e-3)
    _, mean, peak = array.plane_statistics(emitters, size, 10.0)
    assert mean[0] == pytest.approx(exitance * mean_relative_irradiance(size, 10.0, 2.0), rel=3e-3)
    assert peak[0] == pytest.approx(exitance * float(relative_irradiance(size, 10.0, order=2.0)), rel=3e-3)


def test_light_from_behind_and_behind_the_emitter_counts_nothing():
    lamp = Emitter((0.0, 0.0, 0.0), UP, 1.0, 1.0, 660.0)
    assert array.irradiance([lamp], [[0.0, 0.0, 10.0]], UP)[0, 0] == 0.0
    assert array.irradiance([lamp], [[0.0, 0.0, -10.0]], UP)[0, 0] == 0.0


def test_lattice_peak_to_mean():
    """Far from the lattice the field is even; close to it one emitter alone counts: (m+1)/(2 pi) pitch^2 / h^2."""
    assert array.lattice_peak_to_mean(10.0, 40.0) == pytest.approx(1.0, abs=2e-3)
    assert array.lattice_peak_to_mean(20.0, 1.0) == pytest.approx(400.0 / math.pi, rel=1e-3)
    assert array.lattice_peak_to_mean(20.0, 5.0) == pytest.approx(literal_lattice(20.0, 5.0), rel=1e-3)


def literal_lattice(pitch, height):
    reach = range(-60, 61)
    peak = (
        sum(height**2 / ((i * pitch) ** 2 + (j * pitch) ** 2 + height**2) ** 2 for i in reach for j in reach) / math.pi
    )
    return peak * pitch**2


@pytest.mark.parametrize(
    ("points", "normals", "text"),
    [
        ([[0.0, 0.0, 0.0]], FACING, "lies on an emitter"),
        ([[0.0, 0.0, 1.0]], (0.0, 0.0, 0.0), "normals"),
        ([[0.0, float("nan"), 1.0]], FACING, "points_mm"),
    ],
)
def test_wrong_geometry_is_one_sentence(points, normals, text):
    with pytest.raises(InputError, match=text):
        array.irradiance([Emitter((0.0, 0.0, 0.0), UP, 1.0, 1.0, 660.0)], points, normals)
    with pytest.raises(InputError, match="at least one"):
        array.irradiance([], points, normals)


def test_contrast_gives_back_the_lattice():
    """A lattice whose contrast is computed literally is found again from that contrast alone."""
    pitch, height = 20.0, 5.0
    reach = range(-60, 61)
    middle = (
        sum(
            height**2 / (((i + 0.5) * pitch) ** 2 + ((j + 0.5) * pitch) ** 2 + height**2) ** 2
            for i in reach
            for j in reach
        )
        / math.pi
        * pitch**2
    )
    contrast = literal_lattice(pitch, height) / middle
    assert array.peak_to_mean_of_contrast(contrast) == pytest.approx(literal_lattice(pitch, height), rel=5e-3)
    with pytest.raises(RangeError, match="contrast"):
        array.peak_to_mean_of_contrast(1.0)
