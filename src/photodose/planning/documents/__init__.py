"""A plan on paper, in a calendar, as JSON that comes back, and as the table that a paper must report.

Libraries for PDF and calendars are those of the application (`pip install photodose[app]`) and load when asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from photodose.planning.documents.calendar import plan_ics
from photodose.planning.documents.files import write_whole
from photodose.planning.documents.page import clinician_pdf, plan_pdf, wall_pdf
from photodose.planning.documents.reload import plan_from_json
from photodose.planning.documents.reporting import reporting_csv, reporting_markdown, reporting_rows
from photodose.planning.protocol import Plan
from photodose.planning.several import Together
from photodose.quantities import InputError

ENDINGS = {"pdf": (".pdf",), "ics": (".ics",), "report": (".md", ".csv")}


def check_files(files: Mapping[str, str | None]) -> None:
    """Whether the files asked for can be written, before anything is computed.

    Raises
    ------
    InputError
        For a wrong ending or a folder that is not there.
    """
    for kind, name in files.items():
        if name is None:
            continue
        path = Path(name)
        if path.suffix.lower() not in ENDINGS[kind]:
            raise InputError(f"the file {name} must end in {' or '.join(ENDINGS[kind])}.")
        if not path.parent.is_dir():
            raise InputError(f"the folder {path.parent} does not exist.")


def save_files(plan: Plan, files: Mapping[str, str | None], together: Together | None = None) -> list[str]:
    """Write the files asked for, each whole or not at all; gives their names.

    Parameters
    ----------
    plan : Plan
    files : mapping
        "pdf", "ics", "report" to a path or None.
    together : Together or None
        The session for several goals of which the plan is that of the main one; a report is of one goal.

    Raises
    ------
    InputError
        If a file cannot be written, or a calendar is asked of a plan without a protocol.
    """
    check_files(files)
    made: list[tuple[str, bytes]] = []
    for kind, name in files.items():
        if name is None:
            continue
        if kind == "pdf":
            content = plan_pdf(plan, together)
        elif kind == "ics":
            content = plan_ics(plan, together=together)
        else:
            text = reporting_csv(plan) if name.lower().endswith(".csv") else reporting_markdown(plan)
            content = text.encode()
        made.append((name, content))
    for name, content in made:
        write_whole(name, content)
    return [name for name, _ in made]


__all__ = [
    "check_files",
    "clinician_pdf",
    "plan_from_json",
    "plan_ics",
    "plan_pdf",
    "reporting_csv",
    "reporting_markdown",
    "reporting_rows",
    "save_files",
    "wall_pdf",
    "write_whole",
]
