"""What living personas were worth, in words: never a number without its interval."""

from __future__ import annotations

from living_personas.domain.belief import Interval
from living_personas.domain.told_number import with_minus
from living_personas.domain.value import value
from living_personas.domain.worth import Worth
from living_personas.reporting.crowd import crowd, enough

__all__ = ["WorthSaid", "worth_ends", "worth_said", "worth_unit"]


@value
class WorthSaid:
    """One outcome: what is counted, the answer in a few words, what stands behind it, and whether the sign is known."""

    unit: str
    answer: str
    behind: str
    is_known: bool


def worth_said(found: Worth) -> WorthSaid:
    """What was gained or lost in all, or that it is not known yet, and what is missing."""
    unit = worth_unit(found)
    if not (enough(found.living_customers) and enough(found.static_customers)):
        few = crowd(min(found.living_customers, found.static_customers))
        return WorthSaid(
            unit=unit, answer="not known yet", behind=f"{few} customers on one side so far", is_known=False
        )
    total = found.total
    if total is None:
        return WorthSaid(unit=unit, answer="not known yet", behind=found.missing, is_known=False)
    beside = f"{crowd(found.living_customers)} customers beside {crowd(found.static_customers)} who were held out"
    if total.excludes_zero:
        return WorthSaid(unit=unit, answer=worth_ends(total), behind=beside, is_known=True)
    return WorthSaid(unit=unit, answer="not known yet", behind=f"{worth_ends(total)}; {beside}", is_known=False)


def worth_unit(found: Worth) -> str:
    """What is counted or summed.

    >>> from dataclasses import replace
    >>> from datetime import date
    >>> orders = Worth(
    ...     event="Order Completed", value=None, currency=None, since=date(2026, 3, 1), day=date(2026, 3, 9),
    ...     living_customers=900, static_customers=90, days=8_100.0, daily=None,
    ... )
    >>> worth_unit(orders), worth_unit(replace(orders, value="revenue", currency="EUR"))
    ('Order Completed', 'EUR of revenue')
    """
    if found.value is None:
        return found.event
    return f"{found.currency or 'sum'} of {found.value}"


def worth_ends(total: Interval) -> str:
    """A total with its interval.

    >>> worth_ends(Interval(estimate=57.0, lower=12.1, upper=252.1))
    '+57 (between +12 and +252)'
    """
    mean, low, high = (with_minus(f"{end:+,.0f}") for end in (total.estimate, total.lower, total.upper))
    return f"{mean} (between {low} and {high})"
