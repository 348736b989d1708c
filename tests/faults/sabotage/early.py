"""Control C2: events are acknowledged when they are queued, so whatever kills the process loses some."""

import asyncio
from collections.abc import Sequence

from living_personas.domain.event import Event, Quarantined
from living_personas.http.writer import Mend, Writer, Written

_recorded = Writer.write
_LATER = 0.2
_tasks: set[asyncio.Task[object]] = set()


async def _write(
    self: Writer, events: Sequence[Event], rows: Sequence[Quarantined] = (), *, size: int = 0, mend: Mend | None = None
) -> Written:
    async def later() -> None:
        await asyncio.sleep(_LATER)
        await _recorded(self, events, rows, size=size, mend=mend)

    task: asyncio.Task[object] = asyncio.ensure_future(later())
    _tasks.add(task)
    return Written(stored=(True,) * len(events), held=(True,) * len(rows))


setattr(Writer, "write", _write)  # noqa: B010 - sabotage: no type checker would let it pass
