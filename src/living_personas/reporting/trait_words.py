"""A trait as it is measured: never a mean without its interval, and nothing of so few that one could be told."""

from __future__ import annotations

from living_personas.domain.report import TraitReport
from living_personas.reporting.crowd import enough

__all__ = ["measured_words"]


def measured_words(found: TraitReport, *, unit: str | None = None) -> str:
    """The mean in its ``unit`` (that of the trait unless given) with its interval; empty while it is not shown.

    >>> from living_personas.domain.belief import Interval
    >>> mean = Interval(estimate=59.1395, lower=57.12, upper=61.2)
    >>> told = TraitReport(trait="order", unit="EUR", believed=40.0, value=59.0, measured=mean, customers=900)
    >>> measured_words(told)
    '59.14 EUR (57.12 to 61.2)'
    """
    if found.measured is None or not enough(found.customers):
        return ""
    mean = f"{found.measured.estimate:.4g} {found.unit if unit is None else unit}".rstrip()
    return f"{mean} ({found.measured.lower:.4g} to {found.measured.upper:.4g})"
