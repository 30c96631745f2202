"""The generated table of the documentation says what the code says."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from photodose import devices

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("safety_table", ROOT / "scripts" / "safety_table.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows() -> dict[str, list[str]]:
    lines = (ROOT / "docs" / "safety-table.md").read_text(encoding="utf-8").splitlines()
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    return {row[0].split("`")[1]: row for row in cells if "`" in row[0]}


def test_every_device_stands_in_the_table_with_what_the_code_gives(script: ModuleType) -> None:
    found = rows()
    assert list(found) == [unit.id for unit in devices.catalogue()]
    for unit in devices.catalogue():
        assert found[unit.id][: -script.HEAT_COLUMNS] == script.hazard_cells(unit), (
            f"{unit.id}: run scripts/safety_table.py"
        )


@pytest.mark.parametrize("name", ["omnilux-contour-face", "theraface-mask", "joovv-go-2"])
def test_skin_temperatures_of_the_table(script: ModuleType, name: str) -> None:
    """Half a degree is left for the skin model's next fit; more means that the table was forgotten."""
    shown, made = rows()[name][-script.HEAT_COLUMNS :], script.heat_cells(devices.device(name))
    for old, new in zip(shown, made, strict=True):
        assert (old == "—") == (new == "—")
        if new != "—":
            for before, after in zip(numbers(old), numbers(new), strict=True):
                assert after == pytest.approx(before, abs=0.5), f"{name}: run scripts/safety_table.py"


def numbers(cell: str) -> list[float]:
    return [float(text) for text in cell.replace("(", "").replace(")", "").split()]


def test_lasers_recalls_and_standards_are_said(script: ModuleType) -> None:
    page = (ROOT / "docs" / "safety-table.md").read_text(encoding="utf-8")
    for unit in devices.catalogue():
        row = rows()[unit.id]
        assert (row[9] == "no laser") != unit.has_laser
        assert (row[10] == "**yes**") == unit.recalled
        if unit.has_laser:
            assert row[3] == "not assessed"
        for recall in unit.recalls:
            assert recall.reason in page
    assert "IEC 60601-2-83:2019" in page
    assert "IEC 60335-2-113" in page
    assert script.time_cell(None) == "8 h or more"
    assert [script.time_cell(value) for value in (0.4, 59.9, 119.9, 150.0)] == ["under 1 s", "59 s", "119 s", "2 min"]
