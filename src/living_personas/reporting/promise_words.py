"""What is promised of corrections, in a sentence."""

from __future__ import annotations

from living_personas.domain.settings import Promise
from living_personas.domain.told_number import share_words

__all__ = ["promise_sentence"]


def promise_sentence(promise: Promise, *, beliefs: int, error_budget: float) -> str:
    """What the error budget bounds for so many beliefs.

    >>> promise_sentence("each", beliefs=3, error_budget=0.05)
    'Each belief is wrongly changed with a chance of at most 5 % in its first year.'
    >>> promise_sentence("each", beliefs=300, error_budget=0.05)
    'Each belief is wrongly changed with a chance of at most 5 % in its first year; with 300 beliefs expect up to 15.'
    """
    share = share_words(error_budget, None)
    if promise == "all":
        more = f"{share_words(error_budget / 5, None)} more in each further year"
        return (
            f"Of all changes made so far, at most {share} are expected to be wrong in the first year ({more}), "
            "on whatever day you look."
        )
    expected = beliefs * error_budget
    many = f"; with {beliefs:,} beliefs expect up to {expected:.0f}" if expected >= 1 else ""
    return f"Each belief is wrongly changed with a chance of at most {share} in its first year{many}."
