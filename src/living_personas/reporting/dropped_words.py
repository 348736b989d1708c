"""What was dropped because of its age, and from which day on the rest is counted, in sentences."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from living_personas.domain.names import named
from living_personas.domain.persona import Persona
from living_personas.domain.report import Health
from living_personas.domain.settings import denominator_of
from living_personas.rules.parse import parse

__all__ = ["dropped_words", "incomplete_words", "notes_about"]


def dropped_words(health: Health) -> Iterator[str]:
    """All that there is to say of it; nothing where no event was dropped."""
    if health.kept_from is not None:
        yield (
            f"What customers did before {health.kept_from} was dropped because of its age (`retention`). What was "
            f"counted of it stays; what comes of days before {health.again_from} is too late and goes to quarantine."
        )
        yield _compared(health.kept_from, health.compared_from)
        yield from (incomplete_words(name, day) for name, day in health.counted_from.items())


def notes_about(health: Health, persona: Persona) -> tuple[str, ...]:
    """What must be said of it where one persona is shown: of the features that it uses, and of its gain."""
    if health.kept_from is None:
        return ()
    asked = {name for name, _ in parse(persona.who).columns} | {trait.name for trait in persona.traits}
    used = {name: day for name, day in health.counted_from.items() if asked & {name, denominator_of(name)}}
    said = (incomplete_words(name, day) for name, day in used.items())
    return (*said, _compared(health.kept_from, health.compared_from))


def incomplete_words(feature: str, day: date) -> str:
    """From when on a feature is complete.

    >>> incomplete_words("orders", date(2026, 5, 4))
    "The feature 'orders' is counted from 2026-05-04 on: what was done before was dropped because of its age."
    """
    return (
        f"The feature {named(feature)} is counted from {day} on: what was done before was dropped because of its age."
    )


def _compared(kept: date, compared: date | None) -> str:
    return f"Living and static customers are compared by what they did since {compared or kept}."
