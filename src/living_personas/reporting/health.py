"""What is wrong with the data, in sentences, the worst first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from living_personas.domain.counted import counted
from living_personas.domain.report import Report, TraitReport
from living_personas.reporting.cap_words import cap_warnings
from living_personas.reporting.crowd import crowd, enough
from living_personas.reporting.labels import health_by_name
from living_personas.reporting.uncounted_words import uncounted_warnings

__all__ = ["SHARES_UNKNOWN", "drifted", "worries"]

LATE_DAYS = 3
SHARES_UNKNOWN = "If the options were drawn, say with which shares: `propensity` under `exposure` of the source."
"""What to do about occasions that prove nothing."""


def worries(report: Report, *, today: date) -> tuple[str, ...]:
    """Everything that somebody should look at; none is good news."""
    return tuple(_worries(report, today))


def drifted(report: Report) -> tuple[tuple[str, TraitReport], ...]:
    """Traits whose members do not bear out what the workshop believed, with the persona's name."""
    return tuple(
        (persona.name, trait)
        for persona in report.personas
        for trait in persona.traits
        if trait.measured is not None
        and enough(trait.customers)
        and not trait.measured.lower <= trait.believed <= trait.measured.upper
    )


def _worries(report: Report, today: date) -> Iterator[str]:
    called = health_by_name(report)
    yield from called.alarms
    yield from uncounted_warnings(called.uncounted, people=crowd)
    yield from cap_warnings(called.capped)
    yield from report.health.shares
    if report.as_of is None:
        yield "No day is closed yet: record events, then run a cycle."
    elif (today - report.as_of).days > LATE_DAYS:
        days = (today - report.as_of).days
        yield f"The last closed day is {days} days ago: is the feed alive, and does `personas run` run?"
    if report.health.quarantined:
        rows = sum(count for _, _, count in report.health.quarantined)
        yield f"Rows that could not be recorded and wait in quarantine: {rows:,}."
    if report.health.observational_units:
        met = counted(report.health.observational_units, "occasion")
        yield f"{met} met an option whose share is unknown: they prove nothing. {SHARES_UNKNOWN}"
