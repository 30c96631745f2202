"""Claims made for light in a text: found by readable rules, with negation and hedging understood."""

from photodose.evidence.claims.amounts import Amount, amounts
from photodose.evidence.claims.answers import general_answer
from photodose.evidence.claims.finder import FoundClaim, find_claims, rules, speaks_of_light
from photodose.evidence.claims.sentences import Sentence, split_sentences

__all__ = [
    "Amount",
    "FoundClaim",
    "Sentence",
    "amounts",
    "find_claims",
    "general_answer",
    "rules",
    "speaks_of_light",
    "split_sentences",
]
