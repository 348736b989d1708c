"""How the members of a segment answered, next to the others of their persona."""

from __future__ import annotations

from datetime import date

from living_personas.domain.belief import Interval
from living_personas.domain.value import value

__all__ = ["Response", "Responses"]


@value
class Response:
    """How customers answered to one option of an attribute; to all of them together where ``option`` is empty.

    ``difference`` is in outcomes per unit, members minus others, None while either are too few; ``members`` and
    ``others`` count customers.
    """

    attribute: str
    option: str
    members: int
    others: int
    difference: Interval | None


@value
class Responses:
    """Everything that was asked about a segment's answers at once: the intervals hold together, and at every time.

    Members are those whom the segment's rule held before the day ``since``; what counts are the units of the days
    ``since`` to ``through``. ``missing`` says why nothing was asked.
    """

    since: date | None = None
    through: date | None = None
    is_value: bool = False
    found: tuple[Response, ...] = ()
    missing: str = ""
