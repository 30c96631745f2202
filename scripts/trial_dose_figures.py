"""Draw dose at the target against effect for every goal that has a readable trial: docs/figures/trial-dose-GOAL.png."""

from __future__ import annotations

import sys
from pathlib import Path

from photodose import evidence
from photodose.planning.trialdose import trial_doses

FOLDER = Path(__file__).parent.parent / "docs" / "figures"


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for goal in evidence.goals():
        found = trial_doses(goal.id)
        if found.doses and goal.plannable:
            path = FOLDER / f"trial-dose-{goal.id.replace('_', '-')}.png"
            found.plot(str(path))
            print(path.name, file=sys.stderr)
        print(f"{goal.id}: {found.words} {found.not_pooled or found.pooled[0].words}")


if __name__ == "__main__":
    main()
