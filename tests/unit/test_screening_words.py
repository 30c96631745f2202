"""Every reason is in plain words: Flesch-Kincaid grade 7 or lower, names of drugs and illnesses apart."""

from __future__ import annotations

import re

import pytest

from photodose.data.schema_safety import Condition, Drug, Rule
from photodose.safety import screen
from photodose.safety.catalogue import condition_rules, drug_rules
from photodose.safety.rules import UNVERIFIED_NOTE

HIGHEST_GRADE = 7.0
RULES: list[Rule] = [*drug_rules().values(), *condition_rules().values()]


def syllables(word: str) -> int:
    """Groups of vowels, less a silent final e or -ed; every word has one."""
    if word == "infrared":
        return 3
    groups = len(re.findall(r"[aeiouy]+", word))
    if word.endswith("e") and not word.endswith(("le", "ee", "ye")) and groups > 1:
        groups -= 1
    if word.endswith("ed") and not word.endswith(("ted", "ded")) and groups > 1:
        groups -= 1
    return max(groups, 1)


def grade(text: str) -> float:
    """Flesch-Kincaid grade level (Kincaid et al. 1975): 0.39 words/sentence + 11.8 syllables/word - 15.59."""
    sentences = [part for part in re.split(r"[.!?:]+(?:\s|$)", text) if re.search(r"[a-z]", part, re.IGNORECASE)]
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())
    total = sum(syllables(word.replace("'", "")) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * total / len(words) - 15.59


def without_names(text: str, rule: Rule) -> str:
    """Names of drugs and illnesses are apart from the grade: each stands for one plain word."""
    names = sorted(rule.names(), key=len, reverse=True) if isinstance(rule, Drug | Condition) else []
    for name in names:
        if len(name) > 3:
            text = re.sub(rf"\b{re.escape(name)}\b", "it", text, flags=re.IGNORECASE)
    return text


def texts(rule: Rule) -> list[str]:
    """What a person may read of a rule: each why with each of its band reasons, and what may still be done."""
    found = [rule.still_possible]
    if isinstance(rule, Drug) and rule.washout is not None:
        found.append(rule.washout.text)
    note = [] if rule.verified else [UNVERIFIED_NOTE]
    for verdicts in rule.verdict_sets():
        found += [" ".join([rule.why, band.reason, *note]) for band in (verdicts.blue, verdicts.red, verdicts.nir)]
    return found


def test_the_measure_itself() -> None:
    """Against known texts: a child's sentence is low, a sentence of a law is high."""
    assert grade("The cat sat on the mat. It was a fat cat.") < 1.0
    assert grade("Notwithstanding the aforementioned contraindications, administration is inadvisable.") > 15.0
    assert syllables("light") == 1
    assert syllables("table") == 2
    assert syllables("infrared") == 3


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_reasons_are_plain(rule: Rule) -> None:
    for text in texts(rule):
        assert grade(without_names(text, rule)) <= HIGHEST_GRADE, (round(grade(without_names(text, rule)), 1), text)


@pytest.mark.parametrize("rule", [rule for rule in RULES if isinstance(rule, Condition)], ids=lambda rule: rule.id)
def test_reasons_of_how_long_ago_it_was_are_plain(rule: Condition) -> None:
    """A day ago and a hundred years ago, on every band: what the new event and the old one say."""
    for said in ("1 day ago", "99 years ago"):
        reasons = screen(conditions=[f"{rule.id.replace('-', ' ')} {said}"]).reasons
        assert rule.id in [reason.rule_id for reason in reasons]
        for reason in reasons:
            assert grade(without_names(reason.why, rule)) <= HIGHEST_GRADE, reason.why


@pytest.mark.parametrize("rule", [rule for rule in RULES if isinstance(rule, Drug)], ids=lambda rule: rule.id)
def test_reasons_of_a_guess_are_plain(rule: Drug) -> None:
    """A slip of the pen in every long name: what was read, and that it was a guess; names of drugs apart."""
    longest = max((name for name in rule.names() if name.isalpha()), key=len, default="")
    for reason in screen(drugs=[longest[:-1] + "q"]).reasons if len(longest) > 8 else ():
        if reason.match == "spelling":
            text = re.sub(
                r"^(We read|\S+) .*? (as|could be) .*?\.", r"We read it as it.", without_names(reason.why, rule)
            )
            assert grade(text) <= HIGHEST_GRADE, text


def test_texts_that_the_code_writes_are_plain() -> None:
    answer = screen(drugs=["zzqqx"], conditions=["zzqqx"], age=12, skin_type="V", recalls=["a cut"])
    for reason in answer.reasons:
        assert grade(reason.why.replace("zzqqx", "it")) <= HIGHEST_GRADE, reason.why
        assert grade(reason.still_possible) <= HIGHEST_GRADE, reason.still_possible
    for warning in {*answer.warnings, *screen().warnings, *screen(drugs=["amiodorone"]).warnings}:
        assert grade(warning) <= HIGHEST_GRADE, warning
