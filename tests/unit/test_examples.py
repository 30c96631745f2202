"""What the documentation shows runs: the README's Python, the examples in docstrings, the YAML of the guide."""

import contextlib
import doctest
import importlib
import io
import re
from pathlib import Path

import pytest

import photodose
from photodose import devices
from photodose.data import read_user_yaml

ROOT = Path(__file__).parents[2]


def modules():
    """Every module below the application."""
    source = ROOT / "src"
    names = [".".join(path.relative_to(source).with_suffix("").parts) for path in source.rglob("*.py")]
    names = [name.removesuffix(".__init__") for name in names]
    return sorted(name for name in names if not name.startswith("photodose.app") and not name.endswith("__main__"))


def blocks(file, language):
    return re.findall(rf"```{language}\n(.*?)```", (ROOT / file).read_text(encoding="utf-8"), flags=re.DOTALL)


@pytest.mark.parametrize("name", modules())
def test_examples_in_docstrings(name):
    assert doctest.testmod(importlib.import_module(name), raise_on_error=False).failed == 0


def test_the_python_of_the_readme(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (code,) = blocks("README.md", "python")
    assert len([line for line in code.splitlines() if line.strip()]) <= 12
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "README.md", "exec"), {})
    assert "caution" in printed.getvalue()
    assert (tmp_path / "dose.png").stat().st_size > 10_000


def test_the_files_of_the_guide(tmp_path):
    mask, stack = blocks("docs/guide.md", "yaml")
    path = tmp_path / "my-mask.yaml"
    path.write_text(mask, encoding="utf-8")
    assert devices.check(path) == []
    path.write_text(stack, encoding="utf-8")
    answer = photodose.solve(read_user_yaml(path))
    assert len(answer.fluence_rate) == 4
