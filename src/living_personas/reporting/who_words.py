"""Who belongs to a persona, for people who read no formulas."""

from __future__ import annotations

from living_personas.domain.candidate import SAID_WELL
from living_personas.domain.report import PersonaReport
from living_personas.rules.rule_words import rule_words

__all__ = ["who_words"]


def who_words(persona: PersonaReport) -> tuple[str, str]:
    """Who belongs to a persona, in words, and of a discovered one how well they say it; empty where none say it well.

    A discovered persona is assigned by a formula, and said by its short rule.
    """
    if persona.short_f1 is None:
        words, fits = rule_words(persona.who), ""
    elif persona.short_f1 >= SAID_WELL:
        words, fits = rule_words(persona.short_rule) or persona.short_rule, f"F1 {persona.short_f1:.2f}"
    else:
        words, fits = "", f"no short rule says it well: the best has an F1 of {persona.short_f1:.2f}"
    return words[:1].upper() + words[1:], fits
