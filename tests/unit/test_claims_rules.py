"""Every rule does what its own examples say, alone and in the form the engine compiles."""

import pytest

from photodose.data import load_document
from photodose.data.loader import document_names
from photodose.data.schema_claims import ClaimRule, RuleFile
from photodose.evidence import goals
from photodose.evidence.claims import find_claims, general_answer, rules
from photodose.evidence.claims.patterns import compile_phrases, expression
from photodose.evidence.claims.tokens import normalise
from photodose.quantities import DataError

RULES = list(rules().values())


def _found(text: str, rule: ClaimRule) -> list[str]:
    return [
        claim.polarity
        for claim in find_claims(text, about_light=True)
        if claim.kind == rule.kind and claim.goal == rule.goal
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_finds_its_examples_with_their_polarity(rule):
    for example in rule.examples:
        assert _found(example.text, rule) == [example.polarity], example.text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_leaves_its_counter_examples_alone(rule):
    for text in rule.not_examples:
        assert _found(text, rule) == [], text


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_phrase_of_a_rule_can_match(rule):
    for phrase in (*rule.says, *rule.names, *rule.effects, *rule.unless):
        plainest = " ".join(_plainest(word) for word in phrase.split() if not word.startswith("~"))
        compiled = compile_phrases((phrase,))
        assert compiled is not None
        assert compiled.search(f" {plainest} "), phrase


def _plainest(word: str) -> str:
    first = word.removesuffix("?").split("|")[0]
    return "5" if first == "#" else first.rstrip("*")


def test_phrases_hold_only_words_that_normalising_leaves():
    """A phrase with a capital, hyphen or apostrophe would never match."""
    for name in document_names("evidence/claims"):
        if "/rules_" not in name:
            continue
        for rule in load_document(name, RuleFile).rules:
            for phrase in (*rule.says, *rule.names, *rule.effects, *rule.unless):
                if phrase.startswith("@"):
                    continue
                words = [part.rstrip("*") for word in phrase.split() for part in word.removesuffix("?").split("|")]
                for word in words:
                    assert word.startswith("~") or word == "#" or normalise(word).strip() == word, phrase


def test_every_goal_can_be_found_and_every_kind_has_an_answer():
    assert {goal.id for goal in goals()} <= {rule.goal for rule in RULES}
    for rule in RULES:
        if rule.goal is None:
            assert general_answer(rule.kind, normalise("anything")).verdict


@pytest.mark.parametrize("phrase", ["~3 skin", "skin?", "", "skin-type", "(a", "#!"])
def test_a_broken_phrase_is_refused(phrase):
    with pytest.raises(DataError):
        expression(phrase)


def test_a_gap_has_an_end():
    compiled = compile_phrases(("skin ~2 smooth*",))
    assert compiled is not None
    assert compiled.search(normalise("Skin is so smooth"))
    assert not compiled.search(normalise("Skin is so very much smoother"))
    assert not compiled.search(normalise("Skin; smooth"))
