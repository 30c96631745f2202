"""The one loader of tables and documents, and the one safe reader of a user's YAML."""

from __future__ import annotations

import csv
import hashlib
import math
import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
import yaml
from numpy.typing import ArrayLike, NDArray
from pydantic import BaseModel, ValidationError

from photodose.data.names import nearest_names
from photodose.data.schema import TableMeta
from photodose.quantities import DataError, InputError, RangeError, UnknownNameError

FloatArray = NDArray[np.float64]
M = TypeVar("M", bound=BaseModel)

MAX_USER_BYTES = 2_000_000
MAX_USER_DEPTH = 30

_ROOT = Path(str(resources.files("photodose.data"))) / "tables"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of numbers with its provenance; columns are read-only float arrays."""

    name: str
    meta: TableMeta
    columns: MappingProxyType[str, FloatArray]

    def __getitem__(self, column: str) -> FloatArray:
        if column not in self.columns:
            raise UnknownNameError(f"column of table {self.name}", column, nearest_names(column, self.columns))
        return self.columns[column]

    def interpolate(self, at: ArrayLike, column: str) -> FloatArray:
        """Linear interpolation of a column over the table's key; outside the table is an error, never extrapolated.

        Parameters
        ----------
        at : array_like
            Values of the key, in the key's unit, inside the table's range.
        column : str
            Name of a column.

        Returns
        -------
        ndarray
            The column's values, same shape as `at`, in the column's unit.

        Raises
        ------
        RangeError
            If any value lies outside the table.
        """
        if self.meta.key is None:
            raise DataError(f"table {self.name} has no key to interpolate over")
        key = self[self.meta.key]
        wanted = np.asarray(at, dtype=float)
        bad = ~((wanted >= key[0]) & (wanted <= key[-1]))
        if bad.any():
            raise RangeError(self.meta.key, float(wanted[bad].flat[0]), key[0], key[-1], f"table {self.name}")
        return np.asarray(np.interp(wanted, key, self[column]))


class _StrictLoader(yaml.CSafeLoader):
    """Safe YAML in which a key may stand only once, and 1e-6 is a number (see below)."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[Hashable] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, Hashable):
                raise yaml.YAMLError("a key must be a plain word")
            if key in seen:
                raise yaml.YAMLError(f"the key {key!r} stands twice")
            seen.add(key)
        return super().construct_mapping(node, deep)


# YAML 1.1 takes 1e-6, 1e4 and 1.0e8 as text: it wants a point and a signed exponent. YAML 1.2 (core schema, 10.3.2)
# reads them as numbers, as everybody does. Only the form with an exponent is added: every other word keeps its type.
_StrictLoader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)[eE][-+]?[0-9]+$"),
    list("-+.0123456789"),
)


def _refuse_bombs(text: str) -> None:
    """Refuse aliases (they can grow without bound) and runaway nesting before anything is built."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise yaml.YAMLError("aliases (*name) are not allowed")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_USER_DEPTH:
                raise yaml.YAMLError(f"nested deeper than {MAX_USER_DEPTH} levels")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _parse_yaml(text: str) -> Any:
    return yaml.load(text, Loader=_StrictLoader)


def read_user_yaml(path: str | Path, what: str = "file") -> dict[str, Any]:
    """Read a YAML mapping that a user wrote; anything wrong with it is one sentence.

    Parameters
    ----------
    path : str or Path
        File to read, at most 2 MB of UTF-8 text.
    what : str
        What the file describes, used in messages ("device file", "layer stack").

    Raises
    ------
    InputError
        If the file is missing, too large, binary, empty, not YAML, or not a mapping.
    """
    file = Path(path)
    try:
        if file.is_dir():
            raise InputError(f"{what} {file} is a folder; give a YAML file.")
        with file.open("rb") as handle:
            raw = handle.read(MAX_USER_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{what} {file} does not exist.") from None
    except OSError as error:
        raise InputError(f"{what} {file} cannot be read: {error.strerror}.") from None
    if len(raw) > MAX_USER_BYTES:
        raise InputError(f"{what} {file} is larger than {MAX_USER_BYTES // 1_000_000} MB; give a smaller file.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{what} {file} is not text (UTF-8); give a YAML file.") from None
    try:
        _refuse_bombs(text)
        content = _parse_yaml(text)
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise InputError(f"{what} {file} is not valid YAML: {_yaml_problem(error)}.") from None
    if content is None:
        raise InputError(f"{what} {file} is empty.")
    if not isinstance(content, dict):
        raise InputError(f"{what} {file} must hold 'key: value' lines, not a {type(content).__name__}.")
    return {str(key): value for key, value in content.items()}


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error).splitlines()[0]
    return f"{problem} (line {mark.line + 1})" if mark is not None else str(problem)


def validate(content: Any, model: type[M], where: str) -> M:
    """Validate plain values against a schema; the first problem becomes one sentence (InputError)."""
    try:
        return model.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "top level"
        more = error.error_count() - 1
        rest = f" (and {more} more)" if more else ""
        message = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise InputError(f"{where}: {place}: {message}{rest}.") from None


def _locate(name: str, suffix: str) -> Path:
    path = (_ROOT / f"{name}{suffix}").resolve()
    if not path.is_relative_to(_ROOT.resolve()) or not path.is_file():
        raise DataError(f"data file {name}{suffix} is missing from this installation")
    return path


@cache
def load_table(name: str) -> Table:
    """Load a table shipped with photodose.

    Parameters
    ----------
    name : str
        Path below the data folder without suffix, for example "optics/hemoglobin".

    Raises
    ------
    DataError
        If the table is missing or breaks its own schema.
    """
    meta = load_document(name, TableMeta)
    names = [column.name for column in meta.columns]
    with _locate(name, ".csv").open(encoding="utf-8", newline="") as handle:
        rows = list(csv.reader(handle))
    if rows[0] != names:
        raise DataError(f"table {name}: header {rows[0]} differs from its schema {names}")
    try:
        values = np.array([[float(cell) if cell else math.nan for cell in row] for row in rows[1:]], dtype=float)
    except ValueError as error:
        raise DataError(f"table {name}: {error}") from None
    values.setflags(write=False)
    return Table(name, meta, MappingProxyType({column: values[:, i] for i, column in enumerate(names)}))


def load_document(name: str, model: type[M]) -> M:
    """Load and validate a YAML document shipped with photodose; a breach of its schema is our fault (DataError)."""
    try:
        return model.model_validate(_parse_yaml(_locate(name, ".yaml").read_text(encoding="utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise DataError(f"data file {name}.yaml breaks its schema: {error}") from error


def document_names(folder: str) -> list[str]:
    """Names (for `load_document`) of all YAML documents in a folder of the data, sorted."""
    root = _ROOT / folder
    return sorted(f"{folder}/{path.stem}" for path in root.glob("*.yaml"))


def table_names() -> list[str]:
    """Names (for `load_table`) of all CSV tables, sorted."""
    return sorted(str(path.relative_to(_ROOT).with_suffix("")) for path in _ROOT.rglob("*.csv"))


def data_files() -> Iterator[Path]:
    """Every data file that is shipped, in a fixed order."""
    return iter(sorted(path for path in _ROOT.rglob("*") if path.suffix in {".csv", ".yaml"}))


def checksums() -> dict[str, str]:
    """sha256 of every data file as it is on disk, by its path below the data folder."""
    return {path.relative_to(_ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in data_files()}


def recorded_checksums() -> dict[str, str]:
    """The checksums recorded in SHA256SUMS when the data were sealed (`python -m photodose.data.seal`)."""
    lines = (_ROOT / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


@cache
def data_hash() -> str:
    """A short hash that names the state of all data, stored with every result that is kept."""
    return hashlib.sha256((_ROOT / "SHA256SUMS").read_bytes()).hexdigest()[:16]
