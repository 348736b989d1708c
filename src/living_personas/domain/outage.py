"""Events that ceased on one day, for everybody or where some field has one value, while all else went on."""

from __future__ import annotations

from datetime import date

from living_personas.domain.names import named
from living_personas.domain.told_number import share_words
from living_personas.domain.value import value

__all__ = ["Outage"]


@value
class Outage:
    """Kinds of ``events`` that have not come since a day from customers of whom ``field`` is ``of``.

    ``field`` is empty where they come from nobody any more. ``share`` is how many of the customers who did them in the
    four weeks before have done none since.
    """

    events: tuple[str, ...]
    field: str
    of: str
    since: date
    share: float

    def __str__(self) -> str:
        names = " and ".join(map(named, self.events))
        where = f"from {self.field} {named(self.of)}" if self.field else "from everybody"
        return (
            f"{names} {where} stopped on {self.since}: {share_words(self.share)} of the customers who did so in the "
            "four weeks before have not since, and all else goes on. Is tracking broken?"
        )
