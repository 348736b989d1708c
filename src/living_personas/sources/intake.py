"""How the values of a workspace's events are read, whichever door they come through."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from living_personas.domain.customer_id import NOBODY
from living_personas.domain.event import Event
from living_personas.domain.money import Money
from living_personas.domain.number_uses import NumberUses
from living_personas.domain.value import value
from living_personas.errors import BadValueError
from living_personas.sources.rows import BadRowError

__all__ = ["Intake"]


@value
class Intake:
    """Words that name nobody; which properties are numbers, in which currency; when an event may have happened."""

    nobody: frozenset[str] = NOBODY
    numbers: NumberUses = NumberUses(by_event={})
    money: Money = Money()
    earliest: datetime | None = None
    latest: datetime | None = None

    def read(self, event: Event) -> Event:
        """The event, with numbers where numbers are used and sums in their currency, if it may have happened then.

        Raises
        ------
        BadRowError
            ``bad time`` or ``bad number``.
        """
        self.check_time(event.time)
        if not event.properties:
            return event
        try:
            numbers = self.numbers.read(event.name, event.properties)
        except BadValueError as error:
            raise BadRowError("bad number", error.in_sentences) from error
        properties = self.money.read(event.name, numbers, said=event.properties)
        return event if properties is event.properties else replace(event, properties=properties)

    def check_time(self, time: datetime) -> None:
        """Refuse what cannot have happened then.

        Raises
        ------
        BadRowError
            ``bad time``.
        """
        if self.latest is not None and time > self.latest:
            raise BadRowError("bad time", f"{_shown(time)} lies more than a day ahead of when it was received")
        if self.earliest is not None and time < self.earliest:
            day = self.earliest.date().isoformat()
            raise BadRowError("bad time", f"{_shown(time)} lies before {day}, the `earliest` of the workspace")


def _shown(time: datetime) -> str:
    return time.isoformat(timespec="seconds")
