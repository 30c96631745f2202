"""The emitting rectangle: energy, limits, and its closed form against brute force."""

import math

import numpy as np
import pytest

from photodose.devices.rectangle import (
    equivalent_order,
    mean_cosine,
    mean_relative_irradiance,
    relative_irradiance,
    view_factor,
)
from photodose.quantities import RangeError

ORDERS = [1.0, 2.0, 4.8, 20.0]


def brute_force(size, distance, x, y, order, cells=800):
    """Literal sum of cos^(m+1)/r^2 over small cells of the rectangle."""
    xs = size[0] * ((np.arange(cells) + 0.5) / cells - 0.5)
    ys = size[1] * ((np.arange(cells) + 0.5) / cells - 0.5)
    r2 = (xs[:, None] - x) ** 2 + (ys[None, :] - y) ** 2 + distance**2
    cell = size[0] * size[1] / cells**2
    return (order + 1) / (2 * math.pi) * np.sum((distance**2 / r2) ** ((order + 1) / 2) / r2) * cell


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("x", "y"), [(0.0, 0.0), (7.0, -3.0), (40.0, 11.0)])
def test_agrees_with_a_literal_sum(order, x, y):
    size, distance = (20.0, 30.0), 5.0
    expected = brute_force(size, distance, x, y, order)
    assert float(relative_irradiance(size, distance, x, y, order)) == pytest.approx(expected, rel=5e-5)


def test_quadrature_of_order_one_is_the_closed_form():
    # an order next to 1 goes through the quadrature, order 1 through the configuration factor
    x, y = np.meshgrid(np.linspace(-30, 30, 7), np.linspace(-50, 50, 7))
    for distance in (0.3, 3.0, 30.0):
        closed = relative_irradiance((22.0, 90.0), distance, x, y, 1.0)
        quadrature = relative_irradiance((22.0, 90.0), distance, x, y, 1.0 + 1e-9)
        assert quadrature == pytest.approx(closed, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("order", ORDERS)
def test_all_power_arrives_on_a_large_plane(order):
    """Energy: the integral of E over the whole plane is the exitance times the emitting area.

    The plane is covered out to 40 distances with y = z sinh(u), which spreads the nodes evenly over the tails; what
    lies beyond is at most (z/R)^2 = 1/1600 of a Lambertian emitter's power.
    """
    size, distance = (10.0, 16.0), 12.0
    u, weight = np.polynomial.legendre.leggauss(80)
    top = math.asinh(40.0)
    x, dx = distance * np.sinh(top * u), weight * top * distance * np.cosh(top * u)
    field = relative_irradiance(size, distance, x[:, None], x[None, :], order)
    power = float(dx @ field @ dx) / (size[0] * size[1])
    assert 1.0 - 1.1e-3 < power < 1.0 + 1e-6


@pytest.mark.parametrize("order", ORDERS)
def test_far_away_it_is_a_point_source_of_inverse_square(order):
    size = (10.0, 10.0)
    far = float(relative_irradiance(size, 400.0, order=order))
    assert far == pytest.approx((order + 1) / (2 * math.pi) * 100.0 / 400.0**2, rel=3e-3)
    assert far / float(relative_irradiance(size, 800.0 / 2 * 1.25, order=order)) == pytest.approx(1.25**2, rel=3e-3)


def test_close_to_a_panel_the_inverse_square_is_wrong():
    """A 23 x 90 cm panel from 10 to 20 cm loses far less than the factor four of a point."""
    size = (23.0, 90.0)
    ratio = float(relative_irradiance(size, 10.0) / relative_irradiance(size, 20.0))
    assert 1.2 < ratio < 2.0


def test_touching_the_surface_gives_its_exitance():
    assert float(relative_irradiance((10.0, 10.0), 0.0)) == 1.0
    assert float(relative_irradiance((10.0, 10.0), 0.0, 5.0, 0.0)) == 0.5
    assert float(relative_irradiance((10.0, 10.0), 0.0, 6.0, 0.0)) == 0.0
    for order in ORDERS:
        assert float(relative_irradiance((10.0, 10.0), 1e-3, order=order)) == pytest.approx(1.0, abs=1e-3)


def test_view_factor_of_the_textbook_squares():
    """Howell C-11, two unit squares one side apart: 0.19982; and a long way apart A / (pi z^2)."""
    assert view_factor((1.0, 1.0), 1.0) == pytest.approx(0.19982, abs=1e-5)
    assert view_factor((1.0, 1.0), 100.0) == pytest.approx(1.0 / (math.pi * 1e4), rel=1e-3)
    assert view_factor((20.0, 20.0), 0.0) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("distance", [0.5, 5.0, 50.0])
def test_mean_over_the_shadow_against_midpoints(order, distance):
    size, cells = (20.0, 40.0), 100
    x = size[0] * ((np.arange(cells) + 0.5) / cells - 0.5)
    y = size[1] * ((np.arange(cells) + 0.5) / cells - 0.5)
    expected = float(relative_irradiance(size, distance, x[:, None], y[None, :], order).mean())
    assert mean_relative_irradiance(size, distance, order) == pytest.approx(expected, rel=4e-3)


@pytest.mark.parametrize("size", [(20.0, 20.0), (10.0, 100.0), (0.5, 0.3)])
@pytest.mark.parametrize("distance", [0.02, 1.0, 15.0, 100.0, 500.0])
def test_mean_over_the_shadow_in_closed_form(size, distance):
    """Howell, Catalog of Radiation Heat Transfer Configuration Factors, C-11: identical, parallel, directly opposed."""
    x, y = (side / distance for side in size)
    along, across = math.hypot(1.0, x), math.hypot(1.0, y)
    terms = (
        0.5 * math.log1p(x * x * y * y / (1.0 + x * x + y * y)),
        x * across * math.atan(x / across) + y * along * math.atan(y / along),
        -x * math.atan(x) - y * math.atan(y),
    )
    expected = 2.0 / (math.pi * x * y) * math.fsum(terms)
    # far away the closed form itself loses digits: its terms are about (distance / side)^2 times their sum
    lost = 4e-16 * (1.0 + (distance / min(size)) ** 2)
    assert mean_relative_irradiance(size, distance) == pytest.approx(expected, rel=1e-10 + lost)


@pytest.mark.parametrize("order", [0.5, 2.0, 4.8, 100.0])
def test_mean_over_the_shadow_by_two_integrations(order):
    """The pointwise irradiance, integrated over a quarter of the shadow by many nodes."""
    size, distance = (20.0, 40.0), 5.0
    nodes, weights = np.polynomial.legendre.leggauss(80)
    x, y = (0.25 * side * (nodes + 1.0) for side in size)
    expected = 0.25 * float(weights @ relative_irradiance(size, distance, x[:, None], y[None, :], order) @ weights)
    assert mean_relative_irradiance(size, distance, order) == pytest.approx(expected, rel=1e-9)


def test_mean_cosine_of_an_endless_emitter_and_of_a_far_point():
    for order in ORDERS:
        assert mean_cosine((500.0, 500.0), 0.05, order) == pytest.approx((order + 1) / (order + 2), rel=2e-3)
        assert mean_cosine((1.0, 1.0), 100.0, order) == pytest.approx(1.0, abs=1e-4)
        assert equivalent_order((order + 1) / (order + 2)) == pytest.approx(order)


def test_ranges_are_named():
    with pytest.raises(RangeError, match="distance_cm"):
        relative_irradiance((1.0, 1.0), -1.0)
    with pytest.raises(RangeError, match="lambertian_order"):
        relative_irradiance((1.0, 1.0), 1.0, order=0.1)
    with pytest.raises(RangeError, match="size_cm"):
        relative_irradiance((0.0, 1.0), 1.0)
    with pytest.raises(RangeError, match="mean cosine"):
        equivalent_order(1.0)
