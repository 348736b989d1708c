"""What living personas were worth to a workspace, in outcomes or in money, beside the customers who were held out."""

from __future__ import annotations

from datetime import date

from living_personas.domain.belief import Interval
from living_personas.domain.value import value

__all__ = ["Worth"]


@value
class Worth:
    """Living minus static over all personas that are judged by one outcome, from ``since`` to the end of ``day``.

    ``event`` is the outcome; ``value`` its numeric property and ``currency`` that of the sum, if it is a sum. ``days``
    are the days that living customers were there, each customer counted. ``daily`` is the difference per customer and
    day with its interval; None while it is not known: then ``missing`` says what is missing.
    """

    event: str
    value: str | None
    currency: str | None
    since: date
    day: date
    living_customers: int
    static_customers: int
    days: float
    daily: Interval | None
    missing: str = ""

    @property
    def total(self) -> Interval | None:
        """What all living customers together did more than they would have done as held out."""
        if self.daily is None:
            return None
        estimate, lower, upper = (self.days * end for end in (self.daily.estimate, self.daily.lower, self.daily.upper))
        return Interval(estimate=estimate, lower=lower, upper=upper)
