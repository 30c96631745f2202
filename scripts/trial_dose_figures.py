"""Draw what trials found into docs/figures.

trial-dose-GOAL.png: dose at the target against effect, for every goal that has a readable trial; forest-GOAL.png: the
forest plot of every goal whose trials are pooled.
"""

from __future__ import annotations

import sys
from pathlib import Path

from photodose import evidence
from photodose.planning.trials import trials

FOLDER = Path(__file__).parent.parent / "docs" / "figures"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for goal in evidence.goals():
        answer = trials(goal.id)
        name = goal.id.replace("_", "-")
        if answer.doses.doses and goal.plannable:
            answer.doses.plot(_path(f"trial-dose-{name}.png"))
        if answer.pooled:
            answer.plot(_path(f"forest-{name}.png"))
        print(f"{goal.id}: {answer.doses.words} {answer.doses.not_pooled or answer.pooled[0].words}")


def _path(name: str) -> str:
    print(name, file=sys.stderr)
    return str(FOLDER / name)


if __name__ == "__main__":
    main()
