"""The picture of a dose: jumps where the index jumps, leader lines that do not cross."""

import itertools

import numpy as np
import pytest

import photodose
from photodose.dosimetry.delivered import JUST_BELOW_MM, dose, profile_depths_mm
from photodose.dosimetry.plot import figure
from photodose.tissue.sites import sites


@pytest.fixture(scope="module")
def light():
    return dose("omnilux-contour-face", photodose.skin("hand-dorsum", skin_type="III"), 10)


def test_the_profile_jumps_where_the_refractive_index_does(light):
    """Fluence on a boundary and just below it differ by the jump of the index; between equal indices they agree.

    Radiance over the square of the index is continuous but for Fresnel's losses, so fluence falls where the index falls
    and rises where it rises.
    """
    index = light.skin.optical(850.0).refractive_index[0, 0]
    edges = np.cumsum(light.skin.arrays.thickness_mm[0])[:-1]
    for layer, edge in enumerate(edges[edges < 20.0]):
        above, below = np.searchsorted(light.depth_mm, [edge, edge + JUST_BELOW_MM])
        assert (light.depth_mm[above], light.depth_mm[below]) == (edge, edge + JUST_BELOW_MM)
        for band in light.profile_j_cm2:
            jump = np.log(band[below] / band[above])
            step = np.log(index[layer + 1] / index[layer])
            if abs(step) < 1e-6:
                assert abs(jump) < 1e-4
            else:
                assert 0.5 < jump / (2.0 * step) < 1.5


def test_profile_depths_rise_and_stay_inside_at_every_site():
    for site in sites():
        depths = profile_depths_mm(photodose.skin(site.id, ita_deg=30))
        assert depths[0] == 0.0
        assert depths[-1] == pytest.approx(20.0)
        assert np.all(np.diff(depths) > 0.0)


@pytest.mark.parametrize("site", ["cheek", "hand-dorsum", "knee", "scalp"])
def test_leader_lines_do_not_cross(site):
    names = figure(dose("omnilux-contour-face", photodose.skin(site, skin_type="III"), 10)).axes[1]
    leaders = [line.get_xydata() for line in names.lines if len(line.get_xdata()) == 3]
    assert len(leaders) >= 4
    for one, other in itertools.combinations(leaders, 2):
        grid = np.linspace(max(one[0, 0], other[0, 0]), min(one[-1, 0], other[-1, 0]), 200)
        apart = np.interp(grid, one[:, 0], one[:, 1]) - np.interp(grid, other[:, 0], other[:, 1])
        assert np.all(apart > 0.0) or np.all(apart < 0.0)
