"""How well a persona's rule says who acts like its customers."""

from __future__ import annotations

from datetime import date

from living_personas.domain.value import value

__all__ = ["RuleFit"]


@value
class RuleFit:
    """The best F1 of the rule ``who`` against the customers who are at home with the persona, and the day it was so."""

    who: str
    best: float
    on: date
