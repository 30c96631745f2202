"""Mutation tests of the safety room: change one small thing in the code and see which test notices.

python scripts/mutants.py                        all modules; exit 1 if a survivor is not explained
python scripts/mutants.py bands screening        some modules
python scripts/mutants.py --only bands_of        functions whose name holds this text
python scripts/mutants.py --write                run nothing; renew docs/methods/mutation.md from the results kept

The changes are those of mutmut (its operators, its numbers). Beyond `mutmut run` they also reach cached functions,
properties, and what stands outside functions (constants, patterns, tables of functions). No file is changed: the tests
are collected once, each mutant is a fork of that process with one code object replaced, and it runs only the tests
that went through the function, the fastest first, until one fails. Settings: [tool.mutmut] in pyproject.toml; the
reasons why a survivor is left: tests/mutation_survivors.yaml.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import functools
import gc
import importlib
import inspect
import json
import os
import signal
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

import coverage
import libcst as cst
import pytest
import yaml
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.file_mutation import MutationVisitor
from mutmut.mutation.mutators import mutation_operators
from mutmut.mutation.pragma_handling import get_ignored_lines

ROOT = Path(__file__).resolve().parents[1]
REASONS = ROOT / "tests" / "mutation_survivors.yaml"
PAGE = ROOT / "docs" / "methods" / "mutation.md"
RESULTS = ROOT / "out" / "mutants.json"
PACKAGE = "photodose.safety"
SOURCES = ROOT / "src" / "photodose" / "safety"
CHILDREN = 2
FACTOR, SPARE_S = 5.0, 3.0
"""A test of a mutant may use five times its usual time and three seconds more."""
SLOW_S = 0.4
"""Tests that take longer are left out [s]."""

TYPES_ONLY = frozenset({"__all__", "Kind", "FloatArray", "Weight"})
"""Names that only type checkers and `import *` read."""


@dataclass(frozen=True)
class Mutant:
    """One change: the statement it stands in, that statement's new source, and what differs."""

    module: str
    where: str
    number: int
    kind: str
    source: str
    before: str
    after: str
    line: int
    span: tuple[int, int]

    @property
    def name(self) -> str:
        return f"{self.where} {self.number}"


@dataclass
class Result:
    module: str
    where: str
    number: int
    outcome: str
    before: str
    after: str
    by: str = ""
    """The first test that failed, or "at import" where the change cannot even be put in place."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.module.removeprefix(f"{PACKAGE}."), self.where, self.before, self.after


# --- the mutants


class _Visitor(MutationVisitor):
    """mutmut's visitor, which here also enters properties and cached functions."""

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef) and node.decorators:
            names = {item.decorator.value for item in node.decorators if isinstance(item.decorator, cst.Name)}
            return not (len(names) == len(node.decorators) and names <= {"property", "cache", "classmethod"})
        return super()._skip_node_and_children(node)


def _owners(module: cst.Module) -> Iterator[tuple[str, str, cst.CSTNode]]:
    """Each statement that can be replaced on its own, with its kind and its name."""
    for statement in module.body:
        if isinstance(statement, cst.FunctionDef):
            yield "function", statement.name.value, statement
        elif isinstance(statement, cst.ClassDef):
            for inner in statement.body.body:
                if isinstance(inner, cst.FunctionDef):
                    yield "method", f"{statement.name.value}.{inner.name.value}", inner
                else:
                    yield "class", statement.name.value, inner
        else:
            target = _target(statement)
            if target is not None and target not in TYPES_ONLY:
                yield "constant", target, statement


def _target(statement: cst.CSTNode) -> str | None:
    """The name that a plain assignment gives; None for anything else."""
    node = ast.parse(cst.Module([statement]).code).body  # type: ignore[list-item]
    if len(node) == 1 and isinstance(node[0], ast.Assign | ast.AnnAssign) and node[0].value is not None:
        target = node[0].targets[0] if isinstance(node[0], ast.Assign) else node[0].target
        names = [item.id for item in ast.walk(target) if isinstance(item, ast.Name)]
        return ", ".join(names)
    return None


def mutants_of(path: Path, module: str, only: str = "") -> list[Mutant]:
    """All mutants of one file, or those of functions whose name holds a text."""
    code = path.read_text(encoding="utf-8")
    wrapper = MetadataWrapper(cst.parse_module(code))
    visitor = _Visitor(mutation_operators, get_ignored_lines(str(path), code, wrapper))
    wrapper.visit(visitor)
    positions = wrapper.resolve(PositionProvider)
    owner_of = {id(node): (kind, name, owner) for kind, name, owner in _owners(wrapper.module) for node in _walk(owner)}
    classes = {item.name.value: item for item in wrapper.module.body if isinstance(item, cst.ClassDef)}
    numbers: Counter[str] = Counter()
    found = []
    for mutation in visitor.mutations:
        if id(mutation.original_node) not in owner_of:
            continue
        kind, name, owner = owner_of[id(mutation.original_node)]
        numbers[name] += 1
        if only not in name:
            continue
        changed = owner.deep_replace(mutation.original_node, mutation.mutated_node)
        whole = classes[name].deep_replace(owner, changed) if kind == "class" else changed
        old, new = (cst.Module([item]).code for item in (owner, changed))
        before, after = _difference(old, new)
        span = positions[owner]
        line = positions[mutation.original_node].start.line if mutation.original_node in positions else span.start.line
        source = cst.Module([whole.with_changes(leading_lines=[])]).code
        found.append(
            Mutant(module, name, numbers[name], kind, source, before, after, line, (span.start.line, span.end.line))
        )
    return found


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _difference(old: str, new: str) -> tuple[str, str]:
    """The lines that differ, on one line each side."""
    lines = list(difflib.ndiff(old.splitlines(), new.splitlines()))
    return tuple(" ".join(line[2:].strip() for line in lines if line.startswith(sign)) for sign in "-+")  # type: ignore[return-value]


# --- putting one in place


def install(mutant: Mutant) -> None:
    """Replace the statement by its mutated form in this process, wherever it is used."""
    module = importlib.import_module(mutant.module)
    scratch = dict(vars(module))
    code = _compiled(mutant.source, module)
    if mutant.kind in ("function", "method"):
        scope, _, name = mutant.where.rpartition(".")
        exec(_compiled(_undecorated(mutant.source), module), scratch)
        held = vars(getattr(module, scope))[name] if scope else getattr(module, name)
        target: Any = getattr(held, "fget", None) or getattr(held, "__func__", None) or inspect.unwrap(held)
        target.__code__ = scratch[name].__code__
        target.__defaults__, target.__kwdefaults__ = scratch[name].__defaults__, scratch[name].__kwdefaults__
    elif mutant.kind == "class":
        exec(code, scratch)
        old, new = getattr(module, mutant.where), scratch[mutant.where]
        if hasattr(old, "__dataclass_fields__"):
            for method in ("__init__", "__hash__", "__eq__"):
                setattr(old, method, getattr(new, method))
        else:
            _replace(mutant.where, old, new)
    else:
        _constant(mutant, module, code)
    _forget()


def _compiled(source: str | ast.Module, module: ModuleType) -> Any:
    """Compiled as a part of this module, annotations left unread."""
    return compile(source, module.__file__ or "?", "exec", annotations.compiler_flag, True)


def _undecorated(source: str) -> ast.Module:
    tree = ast.parse(source)
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.decorator_list = []
    return tree


def _constant(mutant: Mutant, module: ModuleType, code: Any) -> None:
    """Assign again, and assign all that stands below it in the module again too."""
    held = dict(vars(module))
    exec(code, vars(module))
    path = Path(module.__file__ or "")
    for statement in ast.parse(path.read_text(encoding="utf-8")).body:
        if statement.lineno > mutant.span[1] and isinstance(statement, ast.Assign | ast.AnnAssign):
            exec(_compiled(ast.Module([statement], []), module), vars(module))
    for name, new in list(vars(module).items()):
        if name in held and held[name] is not new and not name.startswith("__"):
            _replace(name, held[name], new)


def _replace(name: str, old: Any, new: Any) -> None:
    for module in list(sys.modules.values()):
        if getattr(module, "__dict__", {}).get(name) is old:
            setattr(module, name, new)


def _forget() -> None:
    """Empty the caches of the room, and of the tests, so that nothing made by the unchanged code is left."""
    for name, module in list(sys.modules.items()):
        if name.startswith(PACKAGE) or "test_s" in name:
            for item in list(vars(module).values()):
                if hasattr(item, "cache_clear"):
                    item.cache_clear()


# --- running


@dataclass
class Runner:
    """A pytest plugin that runs the collected tests once, and then those of each mutant in a fork."""

    mutants: list[Mutant]
    sources: dict[str, str]
    results: list[Result] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    tests_by_line: dict[str, dict[int, set[str]]] = field(default_factory=dict)
    failed: bool = False
    killers: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed |= report.failed

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Property tests draw at random and slow ones cost too much: what they alone catch is not pinned."""
        items[:] = [item for item in items if not getattr(getattr(item, "obj", None), "hypothesis", None)]

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        session.config.pluginmanager.unregister(name="terminalreporter")
        self._watch(items)
        if code := os.waitstatus_to_exitcode(os.waitpid(self._fork(None, self._quick(items)), 0)[1]):
            raise SystemExit(f"the unchanged code fails in a fork ({code})")
        gc.collect()
        gc.freeze()  # what stands now is shared by all forks
        waiting, running = list(self.mutants), {}  # type: ignore[var-annotated]
        while waiting or running:
            while waiting and len(running) < CHILDREN:
                mutant = waiting.pop(0)
                chosen = self._chosen(mutant)
                running[self._fork(mutant, [items[name] for name in chosen])] = (mutant, chosen)
            pid, status = os.wait()
            if pid in running:
                self._note(*running.pop(pid), status)
        return True

    def _watch(self, items: dict[str, pytest.Item]) -> None:
        """Run all tests on the unchanged code: which lines each goes through, and how long it takes."""
        watcher = coverage.Coverage(data_file=None, branch=True, include=list(self.sources), config_file=False)
        watcher.start()
        for name, item in items.items():
            watcher.switch_context(name)
            _forget()
            before = time.process_time()
            _run(item)
            self.seconds[name] = time.process_time() - before
            if self.failed:
                raise SystemExit(f"{name} fails on the unchanged code")
        self.seconds = {name: seconds for name, seconds in self.seconds.items() if seconds <= SLOW_S}
        watcher.stop()
        data = watcher.get_data()
        for path in data.measured_files():
            lines = data.contexts_by_lineno(path).items()
            self.tests_by_line[self.sources[path]] = {line: set(names) - {""} for line, names in lines}
        print(f"{len(items)} tests, {sum(self.seconds.values()):.0f} s", file=sys.stderr)

    def _chosen(self, mutant: Mutant) -> list[str]:
        """The tests that go through the function: first those that killed its neighbours, its own line's, fast ones."""
        by_line = self.tests_by_line.get(mutant.module, {})
        inside = range(mutant.span[0] + 1, mutant.span[1] + 1) if mutant.kind in ("function", "method") else by_line
        names = set().union(*(by_line.get(line, set()) for line in inside)) & set(self.seconds)
        if mutant.kind in ("constant", "class"):
            names = set(self.seconds)
        exact, known = by_line.get(mutant.line) or set().union(*by_line.values()), self.killers[mutant.where]
        return sorted(names, key=lambda name: (-known[name], name not in exact, self.seconds[name]))

    def _quick(self, items: dict[str, pytest.Item]) -> list[pytest.Item]:
        return [item for name, item in items.items() if name in self.seconds]

    def _fork(self, mutant: Mutant | None, items: list[pytest.Item]) -> int:
        pid = os.fork()
        if pid:
            return pid
        try:
            os.dup2(os.open(os.devnull, os.O_RDWR), 1)
            os.dup2(1, 2)
            signal.setitimer(signal.ITIMER_PROF, SPARE_S)
            if mutant is None:
                _forget()
            else:
                install(mutant)
            for i, item in enumerate(items):
                signal.setitimer(signal.ITIMER_PROF, FACTOR * self.seconds[item.nodeid] + SPARE_S)
                _run(item)
                if self.failed:
                    os._exit(1 + i % 200)
            os._exit(0)
        except BaseException:
            os._exit(250)  # it cannot even be put in place
        finally:
            os._exit(251)

    def _note(self, mutant: Mutant, chosen: list[str], status: int) -> None:
        code = os.waitstatus_to_exitcode(status)
        outcome = "survived" if code == 0 else "timeout" if code in (-signal.SIGPROF, -signal.SIGKILL) else "killed"
        outcome = "no tests" if not chosen else outcome
        by = "" if code <= 0 else "at import" if code >= 250 else chosen[code - 1] if len(chosen) < 200 else ""
        if by and by != "at import":
            self.killers[mutant.where][by] += 1
        made = Result(mutant.module, mutant.where, mutant.number, outcome, mutant.before, mutant.after, by)
        self.results.append(made)
        if len(self.results) % 100 == 0:
            print(f"{len(self.results)} of {len(self.mutants)}", file=sys.stderr)
        if outcome != "killed":
            place = f"{mutant.module.rpartition('.')[2]}.{mutant.name}"
            print(f"{outcome}: {place}\n  - {mutant.before}\n  + {mutant.after}", file=sys.stderr)


def _run(item: pytest.Item) -> None:
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


# --- what is said


def explained() -> dict[tuple[str, str, str, str], str]:
    """The reason for each survivor that is left, by module, place, and the lines before and after."""
    groups = yaml.safe_load(REASONS.read_text(encoding="utf-8"))
    return {
        (group["module"], one["where"], one["before"], one["after"]): group["why"]
        for group in groups
        for one in group["mutants"]
    }


def summary(results: list[Result]) -> list[str]:
    """The table of modules, in Markdown."""
    rows = ["| module | mutants | killed | timeout | survived |", "|---|---|---|---|---|"]
    by_module: dict[str, Counter[str]] = defaultdict(Counter)
    for result in results:
        by_module[f"`{result.key[0]}`"][result.outcome] += 1
        by_module["**all**"][result.outcome] += 1
    for name in sorted(by_module, key=lambda name: (name == "**all**", name)):
        count = by_module[name]
        left = count["survived"] + count["no tests"]
        rows.append(f"| {name} | {count.total()} | {count['killed']} | {count['timeout']} | {left} |")
    return rows


def survivors(results: list[Result]) -> list[str]:
    """Each survivor and each timeout with its change and the reason why it is left, in Markdown."""
    reasons = explained()
    rows = ["| where | before | after | why it is left |", "|---|---|---|---|"]
    for result in sorted(results, key=lambda item: (item.module, item.where, item.number)):
        if result.outcome != "killed":
            why = "timeout: it never ends, which is noticed" if result.outcome == "timeout" else reasons[result.key]
            before, after = (f"`` {text} ``".replace("|", "\\|") for text in (result.before, result.after))
            rows.append(f"| `{result.key[0]}.{result.where}` {result.number} | {before} | {after} | {why} |")
    return rows


def write(results: list[Result]) -> None:
    """Renew the tables of the page, between its two marks."""
    head, mark, _ = PAGE.read_text(encoding="utf-8").partition("<!-- written by scripts/mutants.py -->\n")
    body = ["## What was run", "", *summary(results), "", "## What survived, one by one", "", *survivors(results)]
    PAGE.write_text(head + mark + "\n".join(["", *body, ""]), encoding="utf-8")


def _kept(results: list[Result], modules: set[str], where: Path) -> list[Result]:
    """The results of this run with those of the last one for all other modules."""
    old = json.loads(where.read_text(encoding="utf-8")) if where.exists() else []
    return [*(Result(**item) for item in old if item["module"] not in modules), *results]


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("modules", nargs="*", help="last parts of module names, such as bands")
    parser.add_argument("--only", default="", metavar="TEXT", help="functions whose name holds this text; kept nowhere")
    parser.add_argument("--write", action="store_true", help="only renew the page from the results kept")
    options = parser.parse_args()
    if options.write:
        write(_kept([], set(), RESULTS))
        return 0
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["mutmut"]
    sources = {str(path): _module(path) for path in sorted(SOURCES.rglob("*.py"))}
    wanted = {path: name for path, name in sources.items() if _wanted(name, options.modules)}
    runner = Runner(
        [one for path, name in wanted.items() for one in mutants_of(Path(path), name, options.only)], sources
    )
    os.chdir(ROOT)
    _remember_documents()
    selection = [*settings["pytest_add_cli_args"], *settings["pytest_add_cli_args_test_selection"]]
    if pytest.main(["-q", "-s", "--no-header", *selection], plugins=[runner]) not in (0, 1):
        return 2
    results = runner.results
    if not options.only:
        results = _kept(results, set(wanted.values()), RESULTS)
        RESULTS.parent.mkdir(exist_ok=True)
        RESULTS.write_text(json.dumps([asdict(item) for item in results], indent=1), encoding="utf-8")
    reasons = explained()
    open_ = [item for item in runner.results if item.outcome in ("survived", "no tests") and item.key not in reasons]
    print("\n".join(summary(results)))
    print(f"{len(open_)} survivors of this run are not explained in {REASONS.relative_to(ROOT)}")
    return bool(open_)


def _remember_documents() -> None:
    """Parse each data file once: the room's own caches are emptied for every mutant."""
    for room in (importlib.import_module("photodose.data.loader"), importlib.import_module("photodose.data")):
        vars(room)["load_document"] = functools.cache(inspect.unwrap(vars(room)["load_document"]))


def _wanted(module: str, names: list[str]) -> bool:
    return not names or module.rpartition(".")[2] in names


def _module(path: Path) -> str:
    parts = path.relative_to(ROOT / "src").with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


if __name__ == "__main__":
    sys.exit(main())
