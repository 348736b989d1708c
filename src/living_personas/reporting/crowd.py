"""Numbers about people as pages show them: in whole groups, and below the smallest group a word and no number."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from living_personas.domain.head_count import SMALLEST, head_count, head_words
from living_personas.errors import InvalidDecisionError

__all__ = ["FEW", "crowd", "customers", "enough", "occasions", "refuse_few", "told_sizes", "trend"]

FEW = f"Fewer than {SMALLEST} customers: nothing about them is shown."

_MONTH = timedelta(days=28)


def enough(count: int | None) -> bool:
    """Whether so many customers may be described by numbers; those whom nobody has counted yet may, too."""
    return count is None or count >= SMALLEST


def refuse_few(*, shown: bool) -> None:
    """Refuse to tell of so few, unless they are ``shown``.

    Raises
    ------
    InvalidDecisionError
        If they are not.
    """
    if not shown:
        raise InvalidDecisionError(FEW, hint="wait for more.")


def crowd(people: int | None) -> str:
    """A number of customers, rounded down to whole groups, or a word.

    >>> crowd(1_249), crowd(49), crowd(0), crowd(None)
    ('1,200', 'fewer than 50', 'fewer than 50', 'not counted yet')
    """
    return "not counted yet" if people is None else head_words(people)


def customers(people: int | None) -> str:
    """The same with its noun.

    >>> customers(1_249), customers(49), customers(None)
    ('1,200 customers', 'fewer than 50 customers', 'customers not counted yet')
    """
    return "customers not counted yet" if people is None else f"{head_words(people)} customers"


def occasions(count: int) -> str:
    """A number of occasions: exact, as effects are read beside it, or a word where they are those of few customers.

    >>> occasions(1_249), occasions(49), occasions(0)
    ('1,249', 'fewer than 50', '0')
    """
    return f"{count:,}" if count == 0 or count >= SMALLEST else f"fewer than {SMALLEST}"


def told_sizes(sizes: Mapping[date, Mapping[str, int]], persona: str) -> list[tuple[date, int]]:
    """How many customers a persona held in whole groups, oldest first; days of fewer than one are left out.

    >>> told_sizes({date(2026, 1, 1): {"a": 1049}, date(2026, 1, 2): {"a": 49}}, "a")
    [(datetime.date(2026, 1, 1), 1000)]
    """
    counts = ((day, head_count(sizes[day].get(persona))) for day in sorted(sizes))
    return [(day, count) for day, count in counts if count is not None]


def trend(sizes: Mapping[date, Mapping[str, int]], persona: str) -> str:
    """What a persona's size was four weeks before, in whole groups: of a share one could not tell how far off it is.

    >>> trend({date(2026, 1, 1): {"a": 1000}, date(2026, 1, 20): {"a": 1149}}, "a")
    'up from 1,000 in 19 days'
    """
    if not sizes:
        return ""
    last = max(sizes)
    first = min((day for day in sizes if day >= last - _MONTH), default=last)
    before, now = (head_count(sizes[day].get(persona, 0)) for day in (first, last))
    if first == last or before is None or now is None:
        return ""
    days = (last - first).days
    if before == now:
        return f"as {days} days before"
    return f"{'up' if now > before else 'down'} from {before:,} in {days} days"
