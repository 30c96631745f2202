"""Light lost beside the port of an instrument: fast layered diffusion against Monte Carlo, and its limits."""

import numpy as np
import pytest

from photodose.tissue import skin
from photodose.tissue.instrument import boundary_factor, lost_share
from photodose.transport import monte_carlo


@pytest.mark.parametrize("ita", [50.0, -10.0])
@pytest.mark.parametrize("wavelength", [550.0, 633.0, 850.0])
@pytest.mark.parametrize("port", [10.0, 15.0, 25.0])
def test_fast_port_agrees_with_monte_carlo(ita, wavelength, port):
    """Within 0.004 of packets traced through the same seven layers (4 standard errors of theirs allowed besides)."""
    person = skin("forearm", ita_deg=ita)
    fast = person.reflectance(wavelength, spot_mm=5.0, port_mm=port)[0]
    traced, error = monte_carlo.port_reflectance(person.layer_stack(wavelength), 5.0, port, photons=40_000, seed=11)
    assert fast == pytest.approx(traced, abs=0.004 + 4 * error)


def test_a_wide_port_loses_nothing_and_a_tighter_one_more():
    person = skin("forearm", ita_deg=45.0)
    grid = np.array([450.0, 633.0, 850.0])
    whole = person.reflectance(grid)
    seen = [person.reflectance(grid, spot_mm=5.0, port_mm=port) for port in (10.0, 15.0, 25.0, 50.0, 500.0)]
    assert np.all(np.diff(np.array([*seen, whole]), axis=0) > -1e-4)
    assert seen[-1] == pytest.approx(whole, abs=5e-4)
    assert whole[0] - seen[0][0] < 0.005 < whole[2] - seen[0][2]  # deep red spreads, blue does not


def test_specular_light_counts_or_not():
    person = skin("forearm", ita_deg=45.0)
    with_it = person.reflectance([633.0], spot_mm=5.0, port_mm=20.0)
    without = person.reflectance([633.0], spot_mm=5.0, port_mm=20.0, specular=False)
    face = ((1.53 - 1.0) / (1.53 + 1.0)) ** 2
    assert with_it - without == pytest.approx(face, abs=1e-6)


def test_boundary_factor_of_an_index_step():
    """1 without a step; 2.95 at 1.4 (Haskell et al. 1994, J Opt Soc Am A 11:2727: effective reflection 0.493)."""
    assert boundary_factor(1.0) == pytest.approx(1.0, abs=1e-6)
    assert boundary_factor(1.4) == pytest.approx((1 + 0.493) / (1 - 0.493), rel=0.01)


def test_absorbing_skin_loses_less():
    absorption, reduced, thickness = np.array([[0.01], [0.1]]), np.full((2, 1), 2.0), np.full((2, 1), 30.0)
    pale, dark = lost_share(absorption, reduced, thickness, 5.0, 12.0)
    assert 0 < dark < pale < 0.5
