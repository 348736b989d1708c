"""What the tracking makes of a day: forgeries put in, breakages done, late events held back until they arrive."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.batch import EventBatch
from living_personas.simulate import breakage
from living_personas.simulate.behaviour import ORDER
from living_personas.simulate.spec import Breakage, BreakageKind, Forgery

__all__ = ["Tracking", "broken"]

LATE = timedelta(days=3)
"""How late delayed events come in."""
JUMP = timedelta(days=-2)
"""How far a clock jumps."""


class Tracking:
    """The pipe between the world and whoever learns of it; it remembers the last good day and what is under way."""

    def __init__(self, breakages: tuple[Breakage, ...], forgeries: tuple[Forgery, ...]) -> None:
        self._breakages = breakages
        self._forgeries = forgeries
        self._good: EventBatch | None = None
        self._late: list[pa.Table] = []

    def passed(self, batch: EventBatch, *, day: int, date: date) -> EventBatch:
        """What comes out of the pipe on a day."""
        for forgery in self._forgeries:
            if forgery.first <= day <= forgery.last:
                batch = breakage.forged(
                    batch,
                    event=ORDER,
                    attribute=forgery.attribute,
                    option=forgery.option,
                    share=forgery.share,
                    one_customer=forgery.one_customer,
                )
        now = [each for each in self._breakages if each.first <= day <= each.last]
        self._good = self._good if now else batch
        for each in now:
            batch = broken(batch, each, last=self._good)
        return self._arrived(batch, date, holding=any(each.kind == "delayed" for each in now))

    def _arrived(self, batch: EventBatch, today: date, *, holding: bool) -> EventBatch:
        """The batch without what is under way, and with what has arrived of what was."""
        late = pc.greater(batch.events["day"], pa.scalar(today))
        if holding:
            self._late.append(batch.events.filter(late))
        if not self._late:
            return batch
        kept = batch.events.filter(pc.invert(late)) if holding else batch.events
        waiting = pa.concat_tables(self._late)
        due = pc.less_equal(waiting["day"], pa.scalar(today))
        self._late = [waiting.filter(pc.invert(due))]
        return EventBatch(events=pa.concat_tables([kept, waiting.filter(due)]), exposures=batch.exposures)


def broken(batch: EventBatch, how: Breakage, *, last: EventBatch | None = None) -> EventBatch:
    """A batch as a breakage leaves it; ``last`` is the last good one, which a frozen feed repeats."""
    return _WAYS[how.kind](batch, how, last or batch)


_WAYS: dict[BreakageKind, Callable[[EventBatch, Breakage, EventBatch], EventBatch]] = {
    "zero": lambda batch, how, _: breakage.zero(batch, event=how.event),
    "half": lambda batch, how, _: breakage.half(batch, event=how.event),
    "double": lambda batch, how, _: breakage.double(batch, event=how.event),
    "delayed": lambda batch, how, _: breakage.delayed(batch, event=how.event, by=LATE),
    "channel gone": lambda batch, how, _: breakage.channel_gone(batch, channel=how.channel),
    "renamed": lambda batch, how, _: breakage.renamed(batch, event=how.event),
    "all null": lambda batch, how, _: breakage.all_null(batch, event=how.event),
    "bot burst": lambda batch, how, _: breakage.bot_burst(batch, event=how.event),
    "clock jump": lambda batch, how, _: breakage.clock_jump(batch, event=how.event, by=JUMP),
    "values x100": lambda batch, how, _: breakage.times_100(batch, event=how.event),
    "45/55 split": lambda batch, how, _: breakage.split_45_55(batch, attribute=how.attribute, option=how.option),
    "frozen feed": lambda batch, how, last: breakage.frozen(batch, event=how.event, last=last),
}
