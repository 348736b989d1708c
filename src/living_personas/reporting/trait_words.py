"""A trait as it is measured: never a mean without its interval, and nothing of so few that one could be told."""

from __future__ import annotations

from living_personas.domain.report import TraitReport
from living_personas.domain.told_number import amount_words
from living_personas.loop.corrections.trait_drift import rounded
from living_personas.reporting.crowd import enough
from living_personas.reporting.words import mean_ends

__all__ = ["believed_words", "held_words", "measured_words"]


def measured_words(found: TraitReport, *, unit: str | None = None) -> str:
    """The mean in its ``unit`` (that of the trait unless given) with its interval; empty while it is not shown.

    >>> from living_personas.domain.belief import Interval
    >>> mean = Interval(estimate=59.1395, lower=57.12, upper=61.2)
    >>> told = TraitReport(trait="order", unit="EUR", believed=40.0, value=59.0, measured=mean, customers=900)
    >>> measured_words(told)
    '59.1 EUR (57.1 to 61.2)'
    """
    if found.measured is None or not enough(found.customers):
        return ""
    mean, low, high = mean_ends(found.measured, percent=False)
    return f"{f'{mean} {found.unit if unit is None else unit}'.rstrip()} ({low} to {high})"


def believed_words(found: TraitReport, *, unit: str | None = None) -> str:
    """What was believed at first, in its unit."""
    return f"{amount_words(found.believed)} {found.unit if unit is None else unit}".rstrip()


def held_words(found: TraitReport) -> str:
    """What the newest version holds: what was believed, or a mean as the log says it.

    >>> held_words(TraitReport(trait="order", unit="EUR", believed=40.0, value=59.1395, measured=None, customers=0))
    '59.14 EUR'
    """
    if found.value == found.believed:
        return believed_words(found)
    return f"{rounded(found.value, found.believed)} {found.unit}".rstrip()
