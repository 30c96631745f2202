"""The dose page says what its uncertainty is made of, and what to measure first."""

import itertools
import re

import pytest

import photodose
from photodose.app.templatetags.dose_shares import ADVICE, advice, pieces, whole_percents
from photodose.dosimetry import dose

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "shares",
    [
        {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3},
        {"a": 0.994, "b": 0.003, "c": 0.003},
        {"a": 1.0, "b": 0.0},
        {"a": 0.125, "b": 0.125, "c": 0.75},
    ],
)
def test_whole_percents_add_up_and_stay_near(shares):
    whole = whole_percents(shares)
    assert sum(whole.values()) == 100
    for name, value in shares.items():
        assert abs(whole[name] - 100 * value) < 1


def test_a_bar_is_gapless():
    bar = pieces({"device": 0.4, "melanin": 0.004, "blood": 0.19, "thickness": 0.23, "scattering": 0.176})
    assert bar[0].begins == 0
    for before, after in itertools.pairwise(bar):
        assert after.begins == before.begins + before.percent
    assert bar[-1].begins + bar[-1].percent == 100


def test_advice_follows_the_largest_share_and_what_was_measured():
    person = photodose.skin("thigh", skin_type="II")
    claimed = dose("omnilux-contour-face", person, 10)
    measured = dose("omnilux-contour-face", person, 10, irradiance_mw_cm2={633: 20, 830: 20})
    assert advice(claimed, claimed.at("papillary dermis").variance_share) == ADVICE["device"]
    assert advice(measured, measured.at("papillary dermis").variance_share) == ADVICE["device again"]
    assert advice(claimed, claimed.at("muscle").variance_share) == ADVICE["thickness"]
    assert advice(claimed, {"device": 0.1, "melanin": 0.9}) == ADVICE["melanin"]


def test_the_page_has_a_bar_for_each_target(client):
    page = client.get("/dose/?device=omnilux-contour-face").content.decode()
    section = page[page.index('id="unsure"') : page.index('id="surface"')]
    assert ADVICE["device"].replace("'", "&#x27;") in section
    rows = re.findall(r"<li><span class=\"name\">.*?</li>", section)
    assert len(rows) == len(re.findall(r'class="card target"', page))
    for row in rows:
        widths = [int(width) for width in re.findall(r'width="(\d+)"', row)]
        assert sum(widths) == 100
        assert [int(n) for n in re.findall(r": (\d+)&nbsp;%", row)] == widths


def test_in_german(client):
    page = client.get("/dose/?device=omnilux-contour-face", headers={"accept-language": "de"}).content.decode()
    section = page[page.index('id="unsure"') : page.index('id="surface"')]
    assert "Zuerst messen" in section
    for english in (*ADVICE.values(), "add up to a hundred"):
        assert english.replace("'", "&#x27;") not in section
