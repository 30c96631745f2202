"""The routine is in plain words: Flesch-Kincaid grade 7 or lower (Kincaid and others 1975)."""

import re

import pytest

import photodose
from photodose.planning import screen
from photodose.planning.documents.page import EYES_WORDS, STOP_RULES
from photodose.planning.routine import routine
from photodose.planning.words import minutes_words

HIGHEST_GRADE = 7.0
DEVICES = (
    "omnilux-contour-face", "hooga-hg500", "novothor", "theraface-pro-led", "capillus-82",
    "neutrogena-light-therapy-acne-mask",
)  # fmt: skip


def syllables(word):
    """Groups of vowels, less a silent final e or -ed; every word has one."""
    groups = len(re.findall(r"[aeiouy]+", word))
    if word.endswith("e") and not word.endswith(("le", "ee", "ye")) and groups > 1:
        groups -= 1
    if word.endswith("ed") and not word.endswith(("ted", "ded")) and groups > 1:
        groups -= 1
    return max(groups, 1)


def grade(text):
    """0.39 words a sentence + 11.8 syllables a word - 15.59."""
    sentences = [part for part in re.split(r"[.!?:]+(?:\s|$)", text) if re.search(r"[a-z]", part, re.IGNORECASE)]
    words = re.findall(r"[a-z]+(?:'[a-z]+)?", text.lower())
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def test_the_measure_itself():
    assert grade("The cat sat on the mat. It was a fat cat.") < 1.0
    assert grade("Notwithstanding the aforementioned contraindications, administration is inadvisable.") > 15.0


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("site", ["cheek", "scalp", "thigh", "periorbital", "sole"])
@pytest.mark.parametrize("needed", [True, False])
def test_every_step_is_plain(name, site, needed):
    skin = photodose.skin(site, skin_type="II")
    for turns in ((), (("415 nm", 12.0), ("633 nm", 15.5))):
        steps = routine(
            photodose.device(name), skin, 11.0, screen(), shields_needed=needed,
            eyes="shielded" if needed else "open", turns=turns,
        )  # fmt: skip
        for step in steps:
            assert grade(step.detail) <= HIGHEST_GRADE, step
            assert grade(f"{step.title}. {step.detail}") <= HIGHEST_GRADE, step


@pytest.mark.parametrize("text", [*STOP_RULES, *EYES_WORDS.values()])
def test_rules_on_the_wall_are_plain(text):
    assert grade(text) <= HIGHEST_GRADE


@pytest.mark.parametrize(
    ("minutes", "words"), [(11.0, "11 min"), (2.5, "2 min 30 s"), (0.5, "30 s"), (1.9999, "2 min"), (0.001, "0 s")]
)
def test_minutes_in_words(minutes, words):
    assert minutes_words(minutes) == words
