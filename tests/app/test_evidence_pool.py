"""The evidence page shows trials taken together where three or more measured the same."""

from __future__ import annotations

import re

import pytest

from photodose import evidence
from photodose.app.pages.evidence.views import FOREST_WIDTH, forest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("goal", sorted(goal.id for goal in evidence.goals()))
def test_a_pooled_goal_shows_its_forest_and_another_none(client, goal):
    page = client.get(f"/evidence/{goal}/").content.decode()
    pools = evidence.pooled(goal)
    assert ("Trials taken together" in page) == bool(pools)
    for pool in pools:
        for trial in pool.trials:
            assert trial.citation in page


def test_every_bar_lies_inside_the_picture_and_none_is_turned_round():
    (pool,) = evidence.pooled("hair_aga")
    drawn = forest(pool)
    assert 0 <= drawn["zero"] <= FOREST_WIDTH
    assert len(drawn["rows"]) == len(pool.trials) + 2 + len(pool.published)
    for row in drawn["rows"]:
        assert -1e-9 <= row["from"] <= row["at"] <= row["to"] <= FOREST_WIDTH + 1e-9
        share = (row["to"] - row["from"]) / (row["high"] - row["low"])
        assert share == pytest.approx(FOREST_WIDTH / max(other["high"] for other in drawn["rows"]))


def test_the_page_in_german_draws_with_points_and_writes_with_commas(client):
    page = client.get("/evidence/hair_aga/", HTTP_ACCEPT_LANGUAGE="de").content.decode()
    assert "Studien zusammengefasst" in page
    lines = re.findall(r'<line x1="([^"]+)"', page)
    assert lines
    assert all(re.fullmatch(r"-?\d+\.\d", number) for number in lines)
