"""What trials say about a goal, from Python and from the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from photodose import evidence, planning
from photodose.cli.run import run
from photodose.quantities import UnknownNameError


@pytest.mark.parametrize("goal", [goal.id for goal in evidence.goals()])
def test_every_goal_answers_as_json(goal: str) -> None:
    content = json.loads(json.dumps(planning.trials(goal).to_dict(), allow_nan=False))
    assert content["goal"] == goal
    assert [row["study"] for row in content["studies"]] == [f.study.id for f in evidence.studies_for(goal)]
    assert bool(content["meta_analysis"]) == (content["why_no_meta_analysis"] is None)
    for row in content["studies"]:
        assert set(row["stated"].values()) <= {True, False}


def test_the_forest_plot_has_a_line_for_each_trial(tmp_path: Path) -> None:
    answer = planning.trials("hair_aga")
    file = tmp_path / "forest.png"
    axes = answer.plot(str(file))
    assert file.read_bytes().startswith(b"\x89PNG")
    names = [text.get_text() for text in axes.get_yticklabels()]
    (pool,) = answer.pooled
    assert len(names) == len(pool.trials) + 2 + len(pool.published)
    for trial, name in zip(pool.trials, names, strict=False):
        assert name.startswith(trial.citation)
    assert "per cm2" in axes.get_xlabel()


def test_without_pooled_trials_the_dose_is_drawn() -> None:
    assert "fluence" in planning.trials("acne").plot().get_xlabel()


def test_an_unknown_goal_names_the_nearest() -> None:
    with pytest.raises(UnknownNameError) as caught:
        planning.trials("hair_agaa")
    assert "hair_aga" in caught.value.nearest


def test_command_prints_trials_the_mean_and_the_prediction(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run(["evidence", "hair_aga", "--plot", str(tmp_path / "f.svg")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "certainty moderate" in said
    assert "p < 0.0001" in said
    assert "A further trial would be expected between" in said
    assert (tmp_path / "f.svg").read_text().lstrip().startswith("<?xml")
    assert run(["evidence", "hair_aga", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    (pool,) = content["meta_analysis"]
    assert pool["prediction_low"] < pool["low"] < pool["mean"] < pool["high"] < pool["prediction_high"]


def test_command_refuses_an_unknown_goal_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evidence", "levitation"]) == 2
    said = capsys.readouterr().err
    assert "levitation" in said
    assert "Traceback" not in said
