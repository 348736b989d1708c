"""Personas as cards: what matters first, and those that wait for a person before all others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from living_personas.domain.counted import counted, enumerated
from living_personas.domain.goal import Goal
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import Gain, LogEntry, Origin, PersonaReport
from living_personas.domain.value import value
from living_personas.reporting.crowd import crowd, customers, enough, trend
from living_personas.reporting.first_values import FIRST_VALUES
from living_personas.reporting.gain import NOBODY_HELD_OUT, per_month
from living_personas.reporting.plain import persona_headline
from living_personas.reporting.reading import Reading
from living_personas.reporting.what_is_known import verdict

__all__ = ["VERDICTS", "Card", "cards", "gain_words", "overview", "overview_of"]


VERDICTS = {
    "waits": "proven wrong and waiting for you",
    "lost": "without the proof that late data took away",
    "wrong": "proven wrong",
    "turned": "no longer right, as customers turned",
    "right": "proven right",
    "small": "nearly as good as the best",
    "undecided": "beaten, by enough or not",
    "leaning": "leaning",
    "unknown": "not known yet",
    "chosen": "chosen by people or guardrails",
    "held": "held",
}
"""Verdicts as they are counted, in order."""


@value
class Card:
    """One persona on one card."""

    report: PersonaReport
    headline: str
    size: str
    trend: str
    verdicts: tuple[tuple[str, int], ...]
    waiting: int
    last: LogEntry | None


def cards(reading: Reading, waiting: Iterable[Refinement], log: Iterable[LogEntry]) -> tuple[Card, ...]:
    """A card for each persona; ``log`` is oldest first."""
    open_ = Counter(refinement.subject.persona for refinement in waiting)
    last = {entry.persona: entry for entry in log}
    found = [_card(reading, persona, open_[persona.persona], last) for persona in reading.report.personas]
    return tuple(sorted(found, key=lambda card: card.waiting == 0))


def overview(found: Iterable[Card]) -> str:
    """What the workshop was right and wrong about, what turned, what people chose, and what nobody knows.

    What no workshop believed is counted apart: first guesses about discovered personas, and what evidence split by.
    """
    return overview_of(card.report for card in found)


def overview_of(personas: Iterable[PersonaReport]) -> str:
    """The same of personas."""
    found: dict[Origin, Counter[str]] = {origin: Counter() for origin in FIRST_VALUES}
    for persona in personas:
        found[persona.origin].update(map(verdict, persona.attributes))
    said = [
        f"Of {first.whose}{counted(found[origin].total(), first.one, first.several)}, {_listed(found[origin])}."
        for origin, first in FIRST_VALUES.items()
        if found[origin]
    ]
    return " ".join(said) or "No persona has an attribute yet."


def gain_words(gain: Gain | None, goal: Goal) -> str:
    """Living minus static, in words; a group that is no crowd is not compared."""
    if gain is None:
        return "not compared yet"
    if gain.says == NOBODY_HELD_OUT:
        return "not known: nobody is held out"
    if not (enough(gain.living_customers) and enough(gain.static_customers)):
        side = "held out" if gain.static_customers <= gain.living_customers else "customers outside the holdout"
        return f"not yet known: {crowd(min(gain.living_customers, gain.static_customers))} {side} so far"
    if gain.difference is None:
        return "not yet known"
    shown = per_month(gain.difference, goal)
    return shown if gain.difference.excludes_zero else f"not yet known, {shown}"


def _listed(total: Counter[str]) -> str:
    return enumerated([f"{counted(total[word], 'is', 'are')} {text}" for word, text in VERDICTS.items() if total[word]])


def _card(reading: Reading, persona: PersonaReport, waiting: int, last: Mapping[str, LogEntry]) -> Card:
    counted = Counter(verdict(attribute) for attribute in persona.attributes)
    return Card(
        report=persona,
        headline=persona_headline(persona),
        size=customers(persona.members),
        trend=trend(reading.sizes, persona.persona),
        verdicts=tuple((word, counted[word]) for word in VERDICTS if counted[word]),
        waiting=waiting,
        last=last.get(persona.persona),
    )
