"""Spectra, Fresnel, phase functions, incidence and layers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photodose.optics import (
    Incidence,
    LayerStack,
    Spectrum,
    critical_cosine,
    fresnel_reflectance,
    henyey_greenstein,
    henyey_greenstein_moments,
    refracted_cosine,
)
from photodose.quantities import InputError, RangeError, UnknownNameError


def test_gaussian_spectrum_has_its_peak_and_width():
    spectrum = Spectrum.gaussian(660.0, 20.0)
    assert np.trapezoid(spectrum.density_per_nm, spectrum.wavelength_nm) == pytest.approx(1.0)
    half = spectrum.wavelength_nm[spectrum.density_per_nm > spectrum.density_per_nm.max() / 2]
    assert np.ptp(half) == pytest.approx(20.0, abs=0.6)


def test_quadrature_integrates_polynomials_exactly():
    spectrum = Spectrum.gaussian(850.0, 35.0)
    nodes, weights = spectrum.quadrature(5)
    for degree in range(10):
        x, grid = (nodes - 850.0) / 30.0, (spectrum.wavelength_nm - 850.0) / 30.0
        exact = np.trapezoid(grid**degree * spectrum.density_per_nm, spectrum.wavelength_nm)
        assert weights @ x**degree == pytest.approx(exact, abs=1e-9)


def test_tail_outside_the_range_is_renormalised_and_counted():
    spectrum = Spectrum.gaussian(1090.0, 60.0)
    assert spectrum.wavelength_nm[-1] == 1100.0
    assert np.trapezoid(spectrum.density_per_nm, spectrum.wavelength_nm) == pytest.approx(1.0)
    assert 0.3 < spectrum.lost_fraction < 0.4


@pytest.mark.parametrize(("peak", "fwhm"), [(390.0, 20.0), (1101.0, 20.0), (660.0, 0.0), (float("nan"), 20.0)])
def test_spectra_outside_the_tables_are_refused(peak, fwhm):
    with pytest.raises(RangeError):
        Spectrum.gaussian(peak, fwhm)


@pytest.mark.parametrize(
    ("grid", "power"), [([600.0], [1.0]), ([600, 590], [1, 1]), ([600, 610], [1, -1]), ([600, 610], [0, 0])]
)
def test_bad_tables_are_refused(grid, power):
    with pytest.raises(InputError):
        Spectrum.from_table(grid, power)


def test_spectrum_wholly_outside_is_refused():
    with pytest.raises(RangeError):
        Spectrum.from_table([1200.0, 1300.0], [1.0, 1.0])
    with pytest.raises(InputError, match="must lie above 0"):
        Spectrum.from_table([0.0, 660.0, 700.0], [0.0, 1.0, 0.0])


def test_normal_incidence_reflectance():
    assert fresnel_reflectance(1.0, 1.0, 1.5) == pytest.approx(0.04)


@given(st.floats(0.01, 1.0), st.floats(1.0, 2.0), st.floats(1.0, 2.0))
def test_fresnel_is_reciprocal(mu, n1, n2):
    """A surface reflects the same share of a ray whichever way the ray goes along its path."""
    nu = refracted_cosine(mu, n1, n2)
    if nu > 1e-6:
        assert fresnel_reflectance(mu, n1, n2) == pytest.approx(float(fresnel_reflectance(nu, n2, n1)), abs=1e-6)
    else:
        assert fresnel_reflectance(mu, n1, n2) == pytest.approx(1.0, abs=1e-4)


def test_total_reflection_begins_at_the_critical_cosine():
    critical = float(critical_cosine(1.5, 1.0))
    assert critical == pytest.approx(np.sqrt(1 - 1 / 1.5**2))
    assert fresnel_reflectance(critical - 1e-6, 1.5, 1.0) == 1.0
    assert fresnel_reflectance(critical + 1e-3, 1.5, 1.0) < 1.0


@pytest.mark.parametrize("g", [-0.9, 0.0, 0.8, 0.97])
def test_henyey_greenstein_is_normalised_and_has_its_moments(g):
    nodes, weights = np.polynomial.legendre.leggauss(2000)
    phase = 2 * np.pi * henyey_greenstein(nodes, g)
    moments = henyey_greenstein_moments(g, 4)
    for degree in range(4):
        legendre = np.polynomial.legendre.Legendre.basis(degree)(nodes)
        assert weights @ (phase * legendre) == pytest.approx(moments[degree], abs=1e-9)


def test_anisotropy_of_one_is_refused():
    with pytest.raises(RangeError):
        henyey_greenstein(0.5, 1.0)


@pytest.mark.parametrize(
    "incidence",
    [
        Incidence(kind="diffuse"),
        Incidence(kind="lambertian", order=2.6),
        Incidence(kind="table", cosines=(0.2, 0.6, 1.0), radiances=(0.0, 3.0, 1.0)),
    ],
)
def test_radiance_carries_unit_irradiance(incidence):
    mu = np.linspace(0, 1, 200_001)
    radiance = incidence.radiance_per_irradiance(mu)
    assert np.trapezoid(2 * np.pi * mu * radiance, mu) == pytest.approx(1.0, rel=1e-4)


def test_lambertian_order_one_is_diffuse():
    mu = np.linspace(0.05, 1, 20)
    one = Incidence(kind="lambertian", order=1.0).radiance_per_irradiance(mu)
    assert one == pytest.approx(Incidence(kind="diffuse").radiance_per_irradiance(mu))


@pytest.mark.parametrize(
    "content",
    [
        {"kind": "colimated"},
        {"kind": "collimated", "angle_deg": 90},
        {"kind": "collimated", "angle_deg": "steep"},
        {"kind": "lambertian", "order": 0},
        {"kind": "table", "cosines": [0.5, 0.2], "radiances": [1, 1]},
        {"sort": "diffuse"},
        "diffuse",
    ],
)
def test_bad_incidence_is_one_sentence(content):
    with pytest.raises((InputError, RangeError, UnknownNameError)) as caught:
        Incidence.from_mapping(content)
    assert "\n" not in str(caught.value)


LAYER = {
    "name": "a",
    "thickness_mm": 1.0,
    "absorption_per_mm": 0.1,
    "scattering_per_mm": 10.0,
    "anisotropy": 0.8,
    "refractive_index": 1.4,
}


def test_stack_from_the_yaml_form():
    stack = LayerStack.of({"layers": [LAYER, {**LAYER, "name": "b"}], "outside_index": 1.33, "wavelength_nm": 660})
    assert stack.outside_index_below == 1.33
    assert stack.boundaries_mm.tolist() == [0.0, 1.0, 2.0]
    assert stack.layers[0].reduced_scattering_per_mm == pytest.approx(2.0)
    assert LayerStack.of(stack) is stack
    with pytest.raises(AttributeError):
        stack.layers[0].thickness_mm = 2.0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"thickness_mm": 0.0}, "thickness_mm 0 in layer 'a' is outside"),
        ({"thickness_mm": float("nan")}, "thickness_mm nan"),
        ({"absorption_per_mm": -1}, "absorption_per_mm -1"),
        ({"anisotropy": 1.0}, "anisotropy 1"),
        ({"refractive_index": "glass"}, "refractive_index of layer 1 must be a number"),
        ({"absorbtion_per_mm": 1}, "did you mean absorption_per_mm"),
    ],
)
def test_bad_layers_are_one_sentence(change, words):
    with pytest.raises(InputError, match=words):
        LayerStack.of({"layers": [{**LAYER, **change}]})


@pytest.mark.parametrize(
    "content",
    [{}, {"layers": []}, {"layers": [LAYER, LAYER]}, {"layers": [{"name": "a"}]}, {"layers": [3]}, {"layrs": [LAYER]}],
)
def test_bad_stacks_are_refused(content):
    with pytest.raises(InputError):
        LayerStack.of(content)
