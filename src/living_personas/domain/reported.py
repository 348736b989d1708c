"""What browsers reported of what they were given, as it is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from datetime import date

from living_personas.domain.value import value

__all__ = ["Reported", "ReportedShares"]


@value
class ReportedShares:
    """How many customers were given an option on a day, and of how many of them that was reported."""

    reported: int
    given: int


@value
class Reported:
    """The account of one persona's attribute and of whom browsers named (``of``, with a ``Standing``).

    ``days`` are those of decisions, with their options. ``peak`` is the most that the log of the account ever was.
    ``since`` is the day after which decisions count, where somebody acknowledged an alarm.
    """

    of: tuple[str, str, str]
    days: Mapping[date, Mapping[str, ReportedShares]] = field(default_factory=dict)
    peak: float = 0.0
    since: date | None = None

    def with_day(self, day: date, options: Mapping[str, ReportedShares], *, most: int) -> Reported:
        """The account with a day as it is now; only the last days are kept."""
        return replace(self, days=dict(sorted({**self.days, day: options}.items())[-most:]))

    def with_peak(self, peak: float) -> Reported:
        """The account that was once as high as this."""
        return replace(self, peak=peak)
