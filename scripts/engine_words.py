"""Collect what the engine says, for translators: the messages of engine.po from its source and its data.

The engine knows nothing of languages. This script walks its source (a string, or an f-string with its values as
`{name}`) and the sentences of its data; `photodose.app.sentences` finds them again in what was computed or stored.
A value written as a number is `{name:n}`.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import yaml

PACKAGE = Path(__file__).parents[1] / "src" / "photodose"
TABLES = PACKAGE / "data" / "tables"

ROOMS = ("planning", "safety", "evidence", "outcomes", "dosimetry", "devices", "tissue", "data", "quantities")
NOT_SAID = {
    "data/loader.py",  # faults of our own files, and of files given on the command line
    "data/seal.py",
    "devices/array.py",
    "devices/reading.py",
    "devices/rectangle.py",
    "devices/uniformity.py",
    "dosimetry/heat.py",
    "dosimetry/heat_grid.py",
    "dosimetry/heat_solver.py",
    "dosimetry/sampled.py",  # studies of many people, on the command line alone
    "dosimetry/shares.py",
    "dosimetry/plot.py",  # axes of figures, which no page shows
    "evidence/catalogue.py",
    "evidence/claims/amounts.py",  # words that are looked for in adverts
    "evidence/claims/answers.py",
    "evidence/claims/finder.py",
    "evidence/claims/patterns.py",
    "evidence/claims/sentences.py",
    "evidence/claims/tokens.py",
    "planning/claims_page.py",  # the command's own page; the application has another
    "planning/documents/__init__.py",
    "planning/documents/calendar.py",
    "planning/documents/files.py",
    "planning/documents/libraries.py",
    "planning/documents/reload.py",
    "planning/inputs.py",
    "planning/trialdose.py",  # a study for researchers, on the command line alone
    "planning/walt.py",
    "quantities/errors.py",  # see MORE
    "quantities/values.py",
    "safety/__init__.py",
    "safety/matching.py",
    "tissue/calibrate.py",
    "tissue/calibrate_figures.py",
    "tissue/calibration.py",
    "tissue/infer.py",
}
"""Files none of whose strings reaches a page of the application."""
LABELS = {"planning/documents/page.py", "planning/documents/reporting.py"}
"""Files whose single words are said too."""
MORE = (
    "Unknown {what} {name}.",
    "Unknown {what} {name}; did you mean {nearest}?",
    "{what} {value:n} is outside its range {low:n} to {high:n}.",
    "{what} {value:n} must be above {low:n} and at most {high:n}.",
    "Did you mean {nearest}? If so, type that name. If not, ask a pharmacist or doctor before you use the light.",
    "Did you mean {nearest}? If so, type that name. If not, ask a doctor before you use the light.",
    "{value:n} minute",
    "{value:n} minutes",
    *("and", "or", "open", "closed", "shielded", "clear", "caution", "ask", "stop", "exempt"),
    *("mask", "panel", "bed", "cap", "handheld", "laser", "drug", "condition", "blue", "red", "nir"),
    *(
        "all",
        "acne",
        "wrinkles",
        "anti-aging",
        "face",
        "back",
        "shoulder",
        "upper arm",
        "elbow",
        "hand",
        "wrist",
        "hip",
    ),
    *("ankle", "foot"),
    *(
        "irradiance",
        "minutes",
        "infrared",
        "nothing",
        "knee",
        "periorbital",
        "finger joint",
        "lower back",
        "upper back",
    ),
    *("wavelength", "power", "irradiation time", "beam area at the skin", "pulse parameters", "anatomical location"),
    *("number of treatments", "interval between treatments", "device", "distance", "incidence", "radiant exposure"),
    *("fluence", "sham", "control", "baseline", "active", "diffuse", "normal", "LED", "light"),
    "{value:n} ({low:n} to {high:n})",
    "{peak:n} nm: {value:n} ({low:n} to {high:n})",
    "{peak:n} nm: {value:n} ({low:n} to {high:n}) {basis}",
    *("actinic_uv", "uva_eye", "blue_light", "blue_light_small", "retinal_thermal", "retinal_thermal_weak_visual"),
    *("ir_eye", "skin_thermal", "peel", "microneedling", "surgery", "dermabrasion", "IPL"),
    *("claimed", "measured", "assumed", "positive", "negative", "mixed", "unclear"),
)
"""What the error classes and small helpers put together, which no walk of the source can see; a test says each."""
SPOKEN = {
    "safety/conditions": ("name", "group", "why", "still_possible", "reason", "text"),
    "safety/drugs/*": ("name", "why", "still_possible", "reason", "text"),
    "safety/limits/*/limits": ("name",),
    "evidence/indications/*": ("goal", "verdict", "no_plan", "note", "reason", "outcome", "weight_note", "target"),
    "evidence/studies/*": ("outcome", "measure", "unit"),
    "evidence/claims/answers": ("verdict",),
    "tissue/targets": ("name", "description"),
    "tissue/sites": ("name",),
    "devices/catalogue/*": ("eye_protection", "reason"),
    "devices/claimed_to_true": ("reasons",),
}
"""Documents of the data, and the keys under which they hold words for people. Quotations and sources stay."""
UNSPOKEN = {"sources", "source", "meta", "forms_of", "weeks_until_fair_judgement", "risk_of_bias"}
NUMBERS = {"short", "short_down", "len", "round"}
"""Functions that write a number."""
MOST_FORMS = 24
ENDING = re.compile(r"[a-z,:(]|\.$| \(")
"""What goes on with a sentence instead of beginning one."""
WORD = re.compile(r"[A-Za-z][A-Za-z'’-]+")
HOLDER = re.compile(r"\{(\w*)(:n)?\}")


class Inner(str):
    """A part of a text that has values of its own."""


class Speech:
    """The templates that one function or module holds."""

    def __init__(self, tree: ast.Module, labels: bool) -> None:
        self.labels = labels
        self.found: dict[str, None] = {}
        self.values: dict[str, list[ast.expr]] = {}
        self.inside: set[int] = set()
        self.followed: set[int] = set()
        self.skip = self._unsaid(tree)
        self._read(tree)

    def _unsaid(self, tree: ast.Module) -> set[int]:
        """Docstrings, annotations, patterns, keys and names: strings that nobody is told."""
        skip: set[int] = set()
        for node in ast.walk(tree):
            unsaid: list[ast.AST | None] = []
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
                unsaid.append(node.value)
            elif isinstance(node, ast.AnnAssign | ast.arg):
                unsaid.append(node.annotation)
            elif isinstance(node, ast.FunctionDef):
                unsaid += [node.returns, *node.decorator_list]
            elif isinstance(node, ast.Call) and _called(node) in {"compile", "getLogger", "AssertionError", "Literal"}:
                unsaid.append(node)
            elif isinstance(node, ast.Dict):
                unsaid += node.keys
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                unsaid.append(node.slice)
            elif isinstance(node, ast.Compare):
                unsaid += [part for part in [node.left, *node.comparators] if isinstance(part, ast.Constant)]
            elif isinstance(node, ast.Assign) and any(_name(t) == "__all__" for t in node.targets):
                unsaid.append(node.value)
            for part in unsaid:
                skip |= {id(inner) for inner in ast.walk(part)} if part is not None else set()
        return skip

    def _read(self, tree: ast.Module) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.Module):
                self.values = _assigned(node)
                own = list(_own_nodes(node))
                self._grown(own)
                for part in own:
                    self._take(part)

    def _grown(self, nodes: list[ast.AST]) -> None:
        """Sentences that grow: `words = "..."`, then `words += ", but ..."`. The last whole part with each end."""
        started: dict[str, list[str]] = {}
        for node in nodes:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and _is_text(node.value):
                started[node.targets[0].id] = self._forms(node.value)
            if not isinstance(node, ast.AugAssign) or not isinstance(node.target, ast.Name):
                continue
            forms = [form for leaf in _leaves(node.value) if _is_text(leaf) for form in self._forms(leaf)]
            if not forms:
                continue
            if not any(ENDING.match(form) for form in forms):
                started[node.target.id] = forms
                continue
            self.inside |= {id(part) for leaf in _leaves(node.value) for part in _parts_of_text(leaf)}
            for before, after in product(started.get(node.target.id, ()), forms):
                self._add(before + _renamed(before, after), said=True)

    def _take(self, node: ast.AST) -> None:
        if id(node) in self.skip or id(node) in self.inside:
            return
        if isinstance(node, ast.Call) and _called(node) == "join" and isinstance(node.func, ast.Attribute):
            between = node.func.value
            if (
                isinstance(between, ast.Constant)
                and isinstance(between.value, str)
                and between.value.strip() not in MORE
            ):
                self.inside.add(id(between))
                self._add("{first}" + between.value + "{next}", said=bool(WORD.search(between.value)))
            return
        if _is_text(node):
            assert isinstance(node, ast.expr)
            self.inside |= {id(part) for part in _parts_of_text(node)}
            for form in self._forms(node):
                self._add(form, said=False)

    def _add(self, form: str, said: bool) -> None:
        text = re.sub(r"^(?:\{\w+\})?\. |^\{\w+\} (?=[A-Z][a-z]+ .*\.$)", "", form.strip())  # what follows a sentence
        text = re.sub(r"(\{\w+\})(?:\{\w+\})+", r"\1", text)
        literal = HOLDER.sub(" ", text)
        words = WORD.findall(literal)
        wanted = said or len(words) >= 2 or (self.labels and len(words) == 1 and text[:1].isupper())
        holders = [match.group(1) for match in HOLDER.finditer(text)]
        if holders and len(words) == 1 and len(words[0]) >= 3 and " " in text and not text.startswith(("{what}", "(")):
            wanted = True
        if HOLDER.fullmatch(text) or not words or not wanted or (holders and len("".join(words)) < 3 and not said):
            return
        if re.search(r"[_<>\\]|^[a-z]+/|\.(?:yaml|csv|typ)\b", literal):
            return
        self.found.setdefault(text)

    def _forms(self, node: ast.expr) -> list[str]:
        """Every form that an expression can take, values as holders."""
        pieces = self._pieces(node)
        forms = []
        for chosen in product(*pieces):
            names: dict[str, int] = {}
            text = ""
            for piece in chosen:
                if isinstance(piece, Inner):
                    text += _renamed(text, piece)
                elif isinstance(piece, str):
                    text += piece.replace("{", "").replace("}", "")
                else:
                    name, number = piece
                    names[name] = names.get(name, 0) + 1
                    name += str(names[name]) if names[name] > 1 else ""
                    text += "{" + name + (":n" if number else "") + "}"
            forms.append(text)
        return forms[:MOST_FORMS]

    def _pieces(self, node: ast.expr) -> list[list[Any]]:
        """The parts of a text, each with its alternatives: a str, or the name of a value and whether it is a number."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return [[node.value]]
        if isinstance(node, ast.JoinedStr):
            return [piece for part in node.values for piece in self._pieces(part)]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return [*self._pieces(node.left), *self._pieces(node.right)]
        if isinstance(node, ast.IfExp):
            return [[form for part in (node.body, node.orelse) for form in self._alternative(part)]]
        if isinstance(node, ast.FormattedValue):
            spec = _spec(node)
            if spec is None and isinstance(node.value, ast.IfExp) and node.conversion == -1:
                return self._pieces(node.value)
            given = self.values.get(node.value.id, []) if isinstance(node.value, ast.Name) else []
            if len(given) == 1 and any(
                isinstance(leaf, ast.Constant) and leaf.value == "" for leaf in _leaves(given[0])
            ):
                name = node.value.id
                del self.values[name]  # a value may be made of itself
                pieces = self._pieces(given[0])
                self.values[name] = given
                return pieces
            self._words_of(node.value)
            return [[(_holder(node.value), spec is not None or _called(node.value) in NUMBERS)]]
        self._words_of(node)
        return [[(_holder(node), _called(node) in NUMBERS)]]

    def _alternative(self, node: ast.expr) -> list[Any]:
        """One branch of a choice: its text if it is one without values, else a holder (its text is found by itself)."""
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return [node.value]
        if isinstance(node, ast.IfExp):
            return [*self._alternative(node.body), *self._alternative(node.orelse)]
        if isinstance(node, ast.JoinedStr):
            forms = self._forms(node)
            if not any(re.match(r" ?[A-Z]", form) for form in forms):
                return [Inner(form) for form in forms]
            for form in forms:  # a sentence of its own
                self._add(form, said=True)
        return [(_holder(node), _called(node) in NUMBERS)]

    def _words_of(self, node: ast.expr) -> None:
        """What a local name was given as text is said, even as a single word."""
        for value in self.values.get(node.id, []) if isinstance(node, ast.Name) else []:
            for leaf in _leaves(value):
                if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str) and WORD.search(leaf.value):
                    self._add(leaf.value, said=True)
                elif isinstance(leaf, ast.JoinedStr) and id(leaf) not in self.followed:
                    self.followed.add(id(leaf))
                    for form in self._forms(leaf):
                        self._add(form, said=True)


def _renamed(before: str, after: str) -> str:
    """The second of two parts of one sentence, no name of a value twice."""
    names = {match.group(1) for match in HOLDER.finditer(before)}
    return HOLDER.sub(
        lambda match: "{" + match.group(1) + ("_" * (match.group(1) in names)) + (match.group(2) or "") + "}", after
    )


def _own_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope, outer before inner, without those of functions in it."""
    for child in ast.iter_child_nodes(scope):
        if not isinstance(child, ast.FunctionDef):
            yield child
            yield from _own_nodes(child)


def _assigned(scope: ast.AST) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for node in _own_nodes(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                pairs = [(target, node.value)]
                if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
                    pairs = list(zip(target.elts, node.value.elts, strict=False))
                for one, value in pairs:
                    if isinstance(one, ast.Name):
                        found.setdefault(one.id, []).append(value)
    return found


def _leaves(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.IfExp):
        yield from _leaves(node.body)
        yield from _leaves(node.orelse)
    else:
        yield node


def _is_text(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return any(_is_text(part) or _holds_text(part) for part in (node.left, node.right))
    return isinstance(node, ast.JoinedStr)


def _holds_text(node: ast.expr) -> bool:
    return isinstance(node, ast.IfExp) and any(_is_text(part) for part in (node.body, node.orelse))


def _parts_of_text(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes that a text's own forms already cover; what stands in its values is looked at by itself."""
    yield node
    if isinstance(node, ast.JoinedStr):
        for part in node.values:
            yield part
            if isinstance(part, ast.FormattedValue):
                if part.format_spec is not None:
                    yield from ast.walk(part.format_spec)
                if isinstance(part.value, ast.IfExp):
                    yield from _parts_of_text(part.value)
    elif isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            if _is_text(side) or isinstance(side, ast.IfExp):
                yield from _parts_of_text(side)
    elif isinstance(node, ast.IfExp):
        for side in (node.body, node.orelse):
            if _is_text(side) or isinstance(side, ast.IfExp):
                yield from _parts_of_text(side)


def _spec(node: ast.FormattedValue) -> str | None:
    if node.format_spec is None:
        return None
    text = ast.unparse(node.format_spec)
    return text if re.search(r"[gfed%]'?$|,", text) else None


def _called(node: ast.AST) -> str:
    return (_name(node.func) or "") if isinstance(node, ast.Call) else ""


def _name(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


def _holder(node: ast.expr) -> str:
    """A name for a value, from the expression that gives it."""
    if isinstance(node, ast.Call):
        called = _called(node)
        if called in {"join", "lower", "strip", "replace", "upper"} and isinstance(node.func, ast.Attribute):
            inner = node.args[0] if called == "join" and node.args else node.func.value
            return _holder(inner)
        return _holder(node.args[0]) if node.args else called or "value"
    if isinstance(node, ast.Name | ast.Attribute):
        name = (_name(node) or "value").strip("_")
        if name in {"value", "name", "id"} and isinstance(node, ast.Attribute):
            return _holder(node.value)
        return name
    if isinstance(node, ast.Subscript):
        key = node.slice
        return key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else _holder(node.value)
    if isinstance(node, ast.BinOp):
        inner = node.right if isinstance(node.left, ast.Constant) else node.left
        return _holder(inner) if not isinstance(inner, ast.Constant) else "value"
    if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp):
        return _holder(node.elt)
    if isinstance(node, ast.JoinedStr):
        held = [part for part in node.values if isinstance(part, ast.FormattedValue)]
        return _holder(held[0].value) if held else "value"
    return "value"


def said_in_code() -> dict[str, set[str]]:
    """Templates of the engine's source, with the files that say them."""
    found: dict[str, set[str]] = {}
    for room in ROOMS:
        for path in sorted((PACKAGE / room).rglob("*.py")):
            name = path.relative_to(PACKAGE).as_posix()
            if name not in NOT_SAID and not path.name.startswith("schema"):
                for text in Speech(ast.parse(path.read_text("utf-8")), name in LABELS).found:
                    found.setdefault(text, set()).add(name)
    return found


def said_in_data() -> dict[str, set[str]]:
    """Sentences and names of the engine's data, with the documents that hold them."""
    found: dict[str, set[str]] = {}
    for pattern, keys in SPOKEN.items():
        for path in sorted(TABLES.glob(pattern + ".yaml")):
            name = "data/tables/" + path.relative_to(TABLES).as_posix()
            for text in _spoken(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader), keys):
                found.setdefault(text, set()).add(name)
    return found


def _spoken(content: Any, keys: tuple[str, ...], key: str = "") -> Iterator[str]:
    if isinstance(content, dict):
        for inner, value in content.items():
            if inner not in UNSPOKEN:
                yield from _spoken(value, keys, key if key in keys else str(inner))
    elif isinstance(content, list):
        for value in content:
            yield from _spoken(value, keys, key)
    elif isinstance(content, str) and key in keys and WORD.search(content):
        yield " ".join(content.split())


def collected() -> dict[str, str]:
    """Everything that the engine says, each once, with where it is said."""
    found: dict[str, set[str]] = {text: {"quantities/errors.py"} for text in MORE}
    for part in (said_in_code(), said_in_data()):
        for text, places in part.items():
            found.setdefault(text, set()).update(places)
    return {text: " ".join(sorted(places)) for text, places in found.items()}


def pot() -> str:
    """The template for translators."""
    lines = ['msgid ""', 'msgstr ""', '"Project-Id-Version: photodose\\n"', '"MIME-Version: 1.0\\n"',
             '"Content-Type: text/plain; charset=UTF-8\\n"', '"Content-Transfer-Encoding: 8bit\\n"']  # fmt: skip
    for text, place in collected().items():
        lines += ["", f"#. {place}", f"msgid {json.dumps(text, ensure_ascii=False)}", 'msgstr ""']
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(pot())
