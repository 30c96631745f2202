"""What the engine says, in the reader's language.

The engine composes English sentences and knows nothing of languages. Each is found again by its template (the messages
of locale/*/LC_MESSAGES/engine.po, which scripts/engine_words.py collects from the engine's source and data): the
template is translated, its values too, numbers as the reader writes them. So old plans, stored in English, are read in
any language. What no template fits stays English, and is marked as such.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final

from django.utils.formats import get_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from photodose import devices, evidence

LOCALE: Final = Path(__file__).parent / "locale"
DOMAIN: Final = "engine"
HOLDER: Final = re.compile(r"\{(\w+)(:n)?\}")
NUMBER: Final = r"[-+−–]?\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?%?"
_SENTENCE_END: Final = re.compile(r"(?<=[.!?])(?<! al\.)\s+")
_FIGURES: Final = re.compile(NUMBER)
_NO_WORDS: Final = re.compile(r"^(?:[^A-Za-z]|\b(?:min|s|h|nm|mm|cm2?|J|mW|W|C|ITA|IEC|RG\d|n|p|SD|[IV]{1,3})\b)*$")
_LISTS: Final = (" · ", "; ", ": ", ", ", " or ", " and ")
_ENGLISH: Final = re.compile(r"\b(?:the|of|is|are|and|with|that|its|your|for|from|than|by|or|on|to|it|this|no|not)\b")
LONGEST: Final = 12
"""Sentences that one template may span."""
KEPT: Final = 4096


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text in the reader's language, or, where nothing fits, as the engine said it."""

    text: str
    translated: bool


@dataclass(frozen=True)
class Template:
    """A sentence with values: `{name}`, or `{name:n}` for a number."""

    message: str
    translation: str

    @cached_property
    def literals(self) -> list[str]:
        return HOLDER.split(self.message)[::3]

    @cached_property
    def weight(self) -> int:
        """Letters that are no values: the more, the more surely it is this one."""
        return sum(len(part) for part in self.literals)

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        parts = HOLDER.split(self.message)
        found = re.escape(parts[0])
        for name, number, literal in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
            found += f"(?P<{name}>{NUMBER if number else '.*?'})" + re.escape(literal)
        return re.compile(found, re.DOTALL)

    @cached_property
    def last(self) -> str:
        """The name of the last value."""
        return HOLDER.split(self.message)[-3]

    @cached_property
    def introduces(self) -> bool:
        """Whether it ends with a value, after a colon, in both languages: sentences of their own may follow there."""
        end = f"{{{self.last}}}"
        return self.message.endswith(": " + end) and self.translation.endswith(end)

    @cached_property
    def several(self) -> bool:
        """Whether it is more than one sentence."""
        return re.search(r"[.!?][\s{]", self.message) is not None

    @cached_property
    def beginning(self) -> re.Pattern[str]:
        """An introduction without what it introduces."""
        return re.compile(self.pattern.pattern.removesuffix(f"(?P<{self.last}>.*?)").replace(".*?", "[^.]*?"))

    @cached_property
    def greedy(self) -> re.Pattern[str]:
        """The same with values as long as can be, where a name holds what stands between two values."""
        return re.compile(self.pattern.pattern.replace(".*?", ".*"), re.DOTALL)

    def matches(self, text: str) -> Iterator[dict[str, str]]:
        """The values in a text of this form, in the ways in which it can be cut."""
        first, last = self.literals[0], self.literals[-1]
        if not text.startswith(first) or not text.endswith(last) or any(part not in text for part in self.literals):
            return
        found = self.pattern.fullmatch(text)
        if found:
            yield found.groupdict()
            other = self.greedy.fullmatch(text)
            if other and other.groupdict() != found.groupdict():
                yield other.groupdict()


@dataclass(frozen=True, slots=True)
class Said:
    """Some text in another language, and what of it no message covers: sentences, or values such as names."""

    text: str
    unknown: tuple[str, ...] = ()


Passage = tuple[tuple[Piece, ...], tuple[str, ...]]
"""A text piece by piece, and what of it no message covers."""


class Book:
    """All messages of one language.

    Parameters
    ----------
    messages : mapping of what the engine says to its translation
    names : names that stay as they are, such as those of devices and the citations of studies
    decimal, thousands : str
        Of numbers.
    """

    def __init__(
        self, messages: dict[str, str], names: Iterable[str] = (), decimal: str = ".", thousands: str = ","
    ) -> None:
        self.decimal, self.thousands = decimal, thousands
        self.names = frozenset(names)
        self.exact = {message: said for message, said in messages.items() if not HOLDER.search(message)}
        self.loose = {message.casefold(): said for message, said in reversed(self.exact.items())}
        self.introductions: list[Template] = []
        self._values: dict[str, Said] = {}
        self._sentences: dict[str, Said | None] = {}
        self.by_word: dict[str, list[Template]] = {}
        templates = [Template(message, said) for message, said in messages.items() if HOLDER.search(message)]
        for template in sorted(templates, key=lambda item: -item.weight):
            first = template.literals[0].split(" ")
            self.by_word.setdefault(first[0] if len(first) > 1 else "", []).append(template)
            if template.introduces:
                self.introductions.append(template)

    def say(self, text: str) -> Passage:
        """A text in this language sentence by sentence, and what of it no message covers.

        Of all ways to cut the text into messages that which leaves the least unknown; of equal ones the first.
        """
        whole = self._known(text)
        if whole is not None:
            return (Piece(whole, True),), ()
        sentences = _SENTENCE_END.split(text)
        count = len(sentences)
        rest: list[Passage] = [((), ())] * (count + 1)
        for start in range(count - 1, -1, -1):
            rest[start] = self._begun(sentences, start, rest)
        return rest[0]

    def _begun(self, sentences: list[str], start: int, rest: list[Passage]) -> Passage:
        """The best way to say what begins with one of some sentences, given those for all that begin later."""
        own = Said(sentences[start], (sentences[start].rstrip(".!?"),))
        if len(sentences) == 1:  # names, or a list of them
            listed = self._value(sentences[start])
            own = own if listed.unknown else listed
        best: Passage = ((Piece(own.text, not own.unknown), *rest[start + 1][0]), (*own.unknown, *rest[start + 1][1]))
        for end in range(start + 1, min(len(sentences), start + LONGEST) + 1):
            said = self._sentence(" ".join(sentences[start:end]))
            if said is None:
                continue
            found: Passage = ((Piece(said.text, True), *rest[end][0]), (*said.unknown, *rest[end][1]))
            if _cost(found) < _cost(best):
                best = found
            if not said.unknown and not rest[end][1]:
                return best
        if best[1]:
            introduced = self._introduced(" ".join(sentences[start:]))
            if introduced is not None and _cost(introduced) < _cost(best):
                return introduced
        return best

    def _introduced(self, text: str) -> Passage | None:
        """A paragraph that begins with a message such as `Ask first: {why}` and goes on with others."""
        for template in self.introductions:
            found = template.beginning.match(text)
            if found is None:
                continue
            begun = self._filled(template, found.groupdict() | {template.last: ""})
            pieces, unknown = self.say(text[found.end() :])
            first = pieces[0]
            joined = (
                [Piece(f"{begun.text.rstrip()} {first.text}", True)]
                if first.translated
                else [
                    Piece(begun.text.rstrip(), True),
                    first,
                ]
            )
            return (*joined, *pieces[1:]), (*begun.unknown, *unknown)
        return None

    def _known(self, text: str) -> str | None:
        """What is said as it stands, whatever its first letter, with or without its full stop."""
        if text in self.exact:
            return self.exact[text]
        bare = text[:-1] if text.endswith(".") else text
        said = self.loose.get(text.casefold()) or self.loose.get(bare.casefold())
        return said if said is None or bare is text or said.endswith((".", "!", "?")) else said + "."

    def _sentence(self, text: str) -> Said | None:
        """A sentence, or a few that are one message; remembered, since longer ones ask for it again."""
        if text not in self._sentences:
            if len(self._sentences) >= KEPT:
                self._sentences.clear()
            self._sentences[text] = self._found(text)
        return self._sentences[text]

    def _found(self, text: str) -> Said | None:
        said = self._known(text)
        if said is not None:
            return Said(said)
        if _NO_WORDS.match(_FIGURES.sub("0", text)):
            return Said(self._figures(text))
        best = self._filled_best(text)
        if best is None and text.endswith("."):
            best = self._filled_best(text[:-1])
            return None if best is None else Said(best.text + ".", best.unknown)
        return best

    def _filled_best(self, text: str) -> Said | None:
        word = text.split(" ", 1)[0]
        best: Said | None = None
        several = _SENTENCE_END.search(text) is not None
        for template in (*self.by_word.get(word, ()), *self.by_word.get("", ())):
            if several and (template.introduces or not template.several):
                continue
            for values in template.matches(text):
                found = self._filled(template, values)
                if not found.unknown:
                    return found
                if best is None or len("".join(found.unknown)) < len("".join(best.unknown)):
                    best = found
        return best

    def _filled(self, template: Template, values: dict[str, str]) -> Said:
        said = {name: self.value(value) for name, value in values.items()}
        text = HOLDER.sub(lambda holder: said[holder.group(1)].text, template.translation)
        return Said(text, tuple(name for value in said.values() for name in value.unknown))

    def value(self, text: str) -> Said:
        """A value inside a sentence: a number, a known word, sentences of their own, a list of those, or a name."""
        core = text.strip()
        if not core:
            return Said(text)
        found = self._value(core)
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        return Said(before + found.text + after, found.unknown)

    def _value(self, core: str) -> Said:
        if core not in self._values:
            if len(self._values) >= KEPT:
                self._values.clear()
            self._values[core] = self._best_value(core)
        return self._values[core]

    def _best_value(self, core: str) -> Said:
        if core in self.names:
            return Said(core)
        if len(core) > 2 and core[0] == core[-1] == "'":
            inner = self._value(core[1:-1])
            return Said(f"'{inner.text}'", inner.unknown)
        best = self._sentence(core)
        if best is not None and not best.unknown:
            return best
        found = [] if best is None else [best]
        if _SENTENCE_END.search(core):
            pieces, unknown = self.say(core)
            found.append(Said(" ".join(piece.text for piece in pieces), unknown))
        else:
            found += self._listed(core)
        own = Said(core, (core,))
        return min([own, *found], key=lambda said: sum(len(name) for name in said.unknown))

    def _listed(self, core: str) -> Iterator[Said]:
        """A value as a list, by each mark that may stand between its items, until one leaves nothing unknown."""
        for between in _LISTS:
            if between in core:
                parts = [self._value(part) for part in core.split(between)]
                word = self.exact.get(between.strip())
                unknown = tuple(name for part in parts for name in part.unknown)
                yield Said((f" {word} " if word else between).join(part.text for part in parts), unknown)
                if not unknown:
                    return

    def _figures(self, text: str) -> str:
        """Numbers as this language writes them."""
        swap = {".": self.decimal, ",": self.thousands}
        return _FIGURES.sub(lambda match: "".join(swap.get(letter, letter) for letter in match.group()), text)


def _cost(found: Passage) -> int:
    """What is lost in a way to say a text: the letters that no message covers."""
    return sum(len(name) for name in found[1])


@lru_cache(maxsize=8)
def book(language: str) -> Book | None:
    """The messages of a language; None where nobody translated any."""
    path = LOCALE / language / "LC_MESSAGES" / f"{DOMAIN}.mo"
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        catalogue: dict[Any, str] = gettext.GNUTranslations(stream)._catalog  # type: ignore[attr-defined]
    messages = {message: said for message, said in catalogue.items() if isinstance(message, str) and message}
    marks = (get_format(f"{name}_SEPARATOR", language, use_l10n=True) for name in ("DECIMAL", "THOUSAND"))
    return Book(messages, proper_names(), *marks)


def proper_names() -> frozenset[str]:
    """What no language changes: devices, citations of studies, authorities."""
    units = devices.catalogue()
    found = {unit.name for unit in units} | {unit.id for unit in units}
    found |= {mode.name for unit in units for mode in unit.modes if mode.name[:1].isupper()}  # the maker's own
    found |= {recall.authority for unit in units for recall in unit.recalls}
    return frozenset(found | {study.citation for study in evidence.studies().values()})


def pieces(text: object) -> tuple[Piece, ...]:
    """What the engine said, in the reader's language, each piece with whether it could be translated."""
    return _pieces(get_language() or "en", str(text or ""))


@lru_cache(maxsize=KEPT)
def _pieces(language: str, text: str) -> tuple[Piece, ...]:
    own = book(language.split("-")[0])
    return (Piece(text, True),) if own is None or not text else own.say(text)[0]


def in_words(text: object) -> str:
    """What the engine said as plain text in the reader's language, for documents and the player."""
    return " ".join(piece.text for piece in pieces(text))


def marked(text: object) -> SafeString:
    """The same for pages: what nobody translated is marked as English, for screen readers."""
    return format_html_join(" ", "{}", ((in_language(piece),) for piece in pieces(text)))


def in_language(piece: Piece) -> str | SafeString:
    """A piece, marked where it stayed English; names and what the application itself said are left alone."""
    if piece.translated or not _ENGLISH.search(piece.text):
        return piece.text
    return format_html('<span lang="en">{}</span>', piece.text)


def untranslated(texts: Iterable[str], language: str) -> list[str]:
    """What of some texts no message of a language covers: sentences and values, names of things among them."""
    own = book(language)
    if own is None:
        return list(texts)
    return list(dict.fromkeys(name for text in texts for name in own.say(text)[1]))
