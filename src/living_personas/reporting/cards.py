"""Personas as cards: what matters first, and those that wait for a person before all others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from living_personas.domain.goal import Goal
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import Gain, LogEntry, PersonaReport
from living_personas.domain.value import value
from living_personas.reporting.crowd import crowd, enough, trend
from living_personas.reporting.gain import per_month
from living_personas.reporting.plain import persona_headline, verdict
from living_personas.reporting.reading import Reading

__all__ = ["Card", "cards", "gain_words", "overview"]


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
    """What the workshop was right and wrong about, and what nobody knows, over all personas."""
    total: Counter[str] = Counter()
    for card in found:
        total.update(dict(card.verdicts))
    if not total:
        return "No persona has an attribute yet."
    words = (("wrong", "proven wrong"), ("right", "proven right"), ("leaning", "leaning"), ("unknown", "not known yet"))
    said = [_are(total[word], text) for word, text in words if total[word]]
    other = sum(count for word, count in total.items() if word not in dict(words))
    said += [_are(other, "held")] if other else []
    listed = said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"
    beliefs = total.total()
    return f"Of the workshop's {beliefs} belief{'s' if beliefs != 1 else ''}, {listed}."


def gain_words(gain: Gain | None, goal: Goal) -> str:
    """Living minus static, in words; a group that is no crowd is not compared."""
    if gain is None:
        return "not compared yet"
    if not (enough(gain.living_customers) and enough(gain.static_customers)):
        return f"not yet known: {crowd(min(gain.living_customers, gain.static_customers))} held out so far"
    if gain.difference is None:
        return "not yet known: nobody of the holdout was met" if not gain.static_customers else "not yet known"
    shown = per_month(gain.difference, goal)
    return shown if gain.difference.excludes_zero else f"not yet known, {shown}"


def _are(count: int, text: str) -> str:
    return f"{count} {'is' if count == 1 else 'are'} {text}"


def _card(reading: Reading, persona: PersonaReport, waiting: int, last: Mapping[str, LogEntry]) -> Card:
    counted = Counter(verdict(attribute) for attribute in persona.attributes)
    order = ("wrong", "right", "held", "leaning", "unknown", "pinned")
    return Card(
        report=persona,
        headline=persona_headline(persona),
        size=crowd(persona.members),
        trend=trend(reading.sizes, persona.persona),
        verdicts=tuple((word, counted[word]) for word in order if counted[word]),
        waiting=waiting,
        last=last.get(persona.persona),
    )
