"""The screening rules as loaded from the data, the index of their names, and their version."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

from photodose.data import load_document, nearest_names
from photodose.data.loader import document_names
from photodose.data.schema_safety import Condition, ConditionRules, Drug, DrugRules, OtherNames
from photodose.quantities import DataError, UnknownNameError

Kind = Literal["drug", "condition", "other"]

_NOT_WORDS = re.compile(r"[^\w]+|_+")
_APOSTROPHES = re.compile("['\u2019\u2018`\u00b4\u00ae\u2122\u00a9]")


def words(text: str) -> list[str]:
    """The words of a text, lower case, without accents and punctuation.

    Examples
    --------
    >>> words("St. John's-wort (300 mg)")
    ['st', 'johns', 'wort', '300', 'mg']
    """
    stripped = _APOSTROPHES.sub("", text)
    plain = "".join(char for char in unicodedata.normalize("NFKD", stripped) if not unicodedata.combining(char))
    return _NOT_WORDS.sub(" ", plain.casefold()).split()


@dataclass(frozen=True, slots=True)
class Index:
    """Every known name (as words joined by a space) with what it names.

    `entries` maps a name to the rules it stands for; `first_words` are the words that some name begins with;
    `longest` is the number of words of the longest name; `beside` holds, for a name with a rule, the words of longer
    names without a rule that hold it ("oral minoxidil"): no order of the words may turn them into the shorter one.
    """

    entries: Mapping[str, tuple[tuple[Kind, str], ...]]
    first_words: frozenset[str]
    longest: int
    beside: Mapping[str, tuple[frozenset[str], ...]]

    def keys(self, kind: Kind) -> list[str]:
        """All names of one kind."""
        return [name for name, found in self.entries.items() if any(entry[0] == kind for entry in found)]

    def wanted(self, name: str, kind: Kind) -> list[tuple[Kind, str]]:
        """What a name stands for; where it names things of several kinds, those of the wanted kind."""
        found = self.entries[name]
        return [entry for entry in found if entry[0] == kind] or list(found)


@cache
def drug_rules() -> Mapping[str, Drug]:
    """All drug rules by id.

    Raises
    ------
    DataError
        If two files hold the same id.
    """
    found: dict[str, Drug] = {}
    for name in document_names("safety/drugs"):
        for drug in load_document(name, DrugRules).drugs:
            if drug.id in found:
                raise DataError(f"drug {drug.id} stands in two files, one of them {name}.yaml")
            found[drug.id] = drug
    return MappingProxyType(dict(sorted(found.items())))


@cache
def _condition_document() -> ConditionRules:
    return load_document("safety/conditions", ConditionRules)


@cache
def condition_rules() -> Mapping[str, Condition]:
    """All condition rules by id."""
    return MappingProxyType({condition.id: condition for condition in _condition_document().conditions})


@cache
def _site_tags() -> Mapping[str, frozenset[str]]:
    tags: dict[str, frozenset[str]] = {}
    for group in _condition_document().sites:
        for name in (group.site, *group.synonyms):
            tags[" ".join(words(name))] = frozenset(group.tags)
    return MappingProxyType(tags)


def site_tags(site: str) -> frozenset[str]:
    """The tags that a place on the body carries for the rules that depend on it.

    Raises
    ------
    UnknownNameError
        If no such place is known.
    """
    known = _site_tags()
    wanted = " ".join(words(site))
    if wanted not in known:
        raise UnknownNameError("site", site, nearest_names(site, known))
    return known[wanted]


@cache
def index() -> Index:
    """The index of all names of drugs, conditions and medicines without a rule."""
    found: dict[str, list[tuple[Kind, str]]] = {}

    def add(name: str, kind: Kind, rule_id: str) -> None:
        entries = found.setdefault(" ".join(words(name)), [])
        if (kind, rule_id) not in entries:
            entries.append((kind, rule_id))

    for drug in drug_rules().values():
        for name in drug.names():
            add(name, "drug", drug.id)
    for condition in condition_rules().values():
        for name in condition.names():
            add(name, "condition", condition.id)
    for name in load_document("safety/other_medicines", OtherNames).names:
        found.setdefault(" ".join(words(name)), [("other", name)])
    return Index(
        MappingProxyType({name: tuple(entries) for name, entries in found.items()}),
        frozenset(name.partition(" ")[0] for name in found),
        max(name.count(" ") + 1 for name in found),
        MappingProxyType(_beside(found)),
    )


def _beside(found: Mapping[str, list[tuple[Kind, str]]]) -> dict[str, tuple[frozenset[str], ...]]:
    beside: dict[str, tuple[frozenset[str], ...]] = {}
    for name, entries in found.items():
        parts = name.split() if entries[0][0] == "other" else []
        for part in parts:
            if part in found and found[part][0][0] != "other":
                beside[part] = (*beside.get(part, ()), frozenset(parts))
    return beside


@cache
def rules_version() -> str:
    """The version of the rules as written in the data, and a hash of all that they say.

    Two answers with the same rules_version came from the same rules.
    """
    digest = hashlib.sha256()
    for drug in drug_rules().values():
        digest.update(drug.model_dump_json().encode())
    digest.update(_condition_document().model_dump_json().encode())
    for name in sorted(index().entries):
        digest.update(f"{name}\n".encode())
    return f"{_condition_document().meta.version}+{digest.hexdigest()[:12]}"
