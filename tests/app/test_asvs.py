"""The tables of asvs.md, threat-model.md and hazards.md: what they name exists, what they count is right."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCS = ("asvs.md", "threat-model.md", "hazards.md")
NAMED = re.compile(r"`([^`\n]+)`")
A_FILE = re.compile(r"^[\w./-]+\.(py|md|ts|html|toml|txt|json|css|mjs)$")
PLACES = ("", "src/photodose/app", "src/photodose/app/middleware", "docs", "tests/app", "tests/browser")
STATES = ("met", "met off loopback", "not applicable", "open")


@cache
def known_tests() -> frozenset[str]:
    """Names of all test functions."""
    return frozenset(
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def rows(name: str) -> list[list[str]]:
    """The cells of each row of the tables of a document."""
    lines = [line for line in (ROOT / "docs" / name).read_text().splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def named(text: str) -> list[tuple[str, bool]]:
    """Tests and files that a text names in backticks, each with whether it exists."""
    found = []
    for word in NAMED.findall(text):
        path, _, function = word.rpartition("::")
        if path:
            found.append((path, any((ROOT / place / path).is_file() for place in PLACES)))
            found.append((function, function in known_tests()))
        elif re.fullmatch(r"test_\w+", word):
            found.append((word, word in known_tests()))
        elif A_FILE.match(word):
            found.append((word, any((ROOT / place / word).is_file() for place in PLACES)))
        elif re.fullmatch(r"(src|docs|frontend|tests)/[\w./-]+", word):
            found.append((word, (ROOT / word).exists()))
    return found


@pytest.mark.parametrize("document", DOCS)
def test_each_test_and_file_that_a_table_names_exists(document):
    found = named((ROOT / "docs" / document).read_text())
    assert len(found) > 10
    assert [name for name, exists in found if not exists] == []


def test_every_requirement_has_one_state_and_the_counts_are_right():
    table = [row for row in rows("asvs.md") if re.fullmatch(r"\d+\.\d+\.\d+", row[0])]
    assert len(table) == len({row[0] for row in table}) == 70
    assert {row[1] for row in table} <= set(STATES)
    assert all(len(row) == 3 and len(row[2]) > 3 for row in table), "each says how, or why not"
    states = Counter("met" if row[1].startswith("met") else row[1] for row in table)
    head = (ROOT / "docs/asvs.md").read_text().split("| requirement")[0]
    told = re.search(r"(\d+) met, (\d+) not\s+applicable,\s+(\d+) open", head)
    assert [states["met"], states["not applicable"], states["open"]] == [int(n) for n in told.groups()]


def test_a_name_that_does_not_exist_is_found():
    text = "`test_no_such_thing`, `nothing.py`, `settings.py`, `test_asvs.py::test_no_such_thing`, `SameSite`"
    assert named(text) == [
        ("test_no_such_thing", False), ("nothing.py", False), ("settings.py", True), ("test_asvs.py", True),
        ("test_no_such_thing", False),
    ]  # fmt: skip


def test_every_hazard_and_answered_threat_names_a_test():
    for document in ("hazards.md", "threat-model.md"):
        table = [row for row in rows(document) if re.fullmatch(r"[HT]\d+", row[0])]
        assert len(table) > 10
        for row in table:
            assert row[-1].startswith("open") or named(row[-1]) or row[-1].startswith("every"), (document, row[0])
