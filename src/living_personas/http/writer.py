"""One writer: it takes what waits, records it in one durable transaction, and only then are the requests answered."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from living_personas.channels.weights import tables_of
from living_personas.domain.event import Event, Quarantined
from living_personas.domain.value import value
from living_personas.errors import DiskFailedError, LivingPersonasError, OverloadedError, StoreError
from living_personas.http.supervised_thread import LivingThread
from living_personas.loop.context import Context
from living_personas.loop.recording.receipts import count_robots
from living_personas.loop.recording.record import Recorded, record
from living_personas.wiring import Clock

__all__ = ["Limits", "Mend", "Writer", "Written"]

_MOMENT = 0.5
"""Seconds that the thread waits for work before it looks up."""
_PERIOD = 40.0
"""Seconds that one group may take: another writer may hold the store for 30."""


Mend = Callable[[Context, Sequence[Event]], Sequence[Event]]
"""Makes of events what they are by what is recorded already, in the transaction that records them: as many, in their
order, and after them others that they say."""


@value
class Limits:
    """How much may wait, and how much is recorded at once; bytes are those of the requests."""

    events: int = 20_000
    size: int = 16 << 20
    at_once: int = 2_000


@value
class Written:
    """Which events, and which bad rows, of one request were new, which came too late, and why others were refused."""

    stored: tuple[bool, ...]
    held: tuple[bool, ...]
    late: tuple[bool, ...] = ()
    refused: tuple[str, ...] = ()
    refused_rows: tuple[str, ...] = ()


@dataclass(slots=True)
class _Asked:
    events: Sequence[Event]
    rows: Sequence[Quarantined]
    size: int
    mend: Mend | None
    also: Callable[[Context], object] | None
    loop: asyncio.AbstractEventLoop
    answer: asyncio.Future[Written] = field(init=False)

    def __post_init__(self) -> None:
        self.answer = self.loop.create_future()

    def __len__(self) -> int:
        return len(self.events) + len(self.rows)


class Writer:
    """Queues what requests bring, and records it in groups on a thread of its own.

    Parameters
    ----------
    context
        With a store that nobody else uses: its connection is this thread's.
    failed
        Called with the failure and how many waited when a group could not be recorded.
    broken
        Called once when the disk failed: what was acknowledged is safe, and nothing more may be acknowledged until the
        store has been opened again.
    told
        Called with what became of each group, once it is on disk and before anybody is answered.

    ``is_failing`` says that the last group could not be recorded, as on a full disk; ``is_broken`` that none can be.
    """

    def __init__(
        self,
        context: Context,
        *,
        clock: Clock,
        limits: Limits | None = None,
        failed: Callable[[BaseException, int], object] = lambda _error, _count: None,
        broken: Callable[[], object] = lambda: None,
        told: Callable[[Recorded], object] = lambda _recorded: None,
    ) -> None:
        self._context = context
        self._clock = clock
        self._limits = limits or Limits()
        self._failed = failed
        self._broken = broken
        self._told = told
        self._queue: deque[_Asked] = deque()
        self._waiting = self._size = 0
        self._changed = threading.Condition()
        self._closing = False
        self.thread = LivingThread(
            "writer",
            self._take_group,
            period=_PERIOD,
            pause=0.0,
            failed=lambda error: failed(error, 0),
            last=self._rest,
        )
        self.is_broken = self.is_failing = False
        self.groups = 0

    def start(self) -> None:
        """Begin to record."""
        self.thread.start()

    def close(self) -> None:
        """Record what waits, and end."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        self.thread.close()

    @property
    def waiting(self) -> int:
        """How many events wait to be recorded."""
        return self._waiting

    def check(self) -> None:
        """Refuse at once, before a request is read, what could not be recorded anyway.

        Raises
        ------
        OverloadedError
            If too much is waiting.
        StoreError
            If the disk has failed, or the service is stopping.
        """
        if self.is_broken or self._closing:
            raise StoreError("Nothing is recorded any more.", hint="send it again once the service is back.")
        if self._waiting >= self._limits.events or self._size >= self._limits.size:
            raise OverloadedError(
                f"{self._waiting} events are waiting to be recorded.", hint="send it again in a few seconds."
            )

    def note_failure(self, error: BaseException, count: int = 0) -> None:
        """Tell of a failure to record ``count`` events, here or beside; once the disk failed, nothing is recorded."""
        if isinstance(error, DiskFailedError) and not self.is_broken:
            self.is_broken = True
            self._broken()
        self._failed(error, count)

    async def write(
        self, events: Sequence[Event], rows: Sequence[Quarantined] = (), *, size: int = 0, mend: Mend | None = None
    ) -> Written:
        """Record events and bad rows, the events as ``mend`` makes them; when this returns they are on disk.

        Raises
        ------
        OverloadedError
            If too much is waiting: nothing of it was recorded.
        StoreError
            If it is unknown whether it was recorded.
        """
        return await self._asked(
            _Asked(events=events, rows=rows, size=size, mend=mend, also=None, loop=asyncio.get_running_loop())
        )

    async def ignore(self, count: int) -> None:
        """Count events of robots, which are kept nowhere; when this returns the number is on disk."""
        await self.beside(lambda context: count_robots(context, count, received=self._clock()))

    async def beside(self, also: Callable[[Context], object]) -> None:
        """Write something else in the transaction of the next group; when this returns it is on disk."""
        loop = asyncio.get_running_loop()
        await self._asked(_Asked(events=(), rows=(), size=0, mend=None, also=also, loop=loop))

    async def _asked(self, asked: _Asked) -> Written:
        with self._changed:
            self.check()
            self._queue.append(asked)
            self._waiting += len(asked)
            self._size += asked.size
            self._changed.notify()
        return await asked.answer

    def _rest(self) -> None:
        """Record what waits when the end has come."""
        while self._queue:
            self._take_group()

    def _take_group(self) -> None:
        """Record what waits, or comes within a moment; whoever brought it is answered, whatever happens."""
        group = self._take()
        if not group:
            return
        try:
            answers = self._record(group, received=self._clock())
        except BaseException as error:  # noqa: BLE001 - whatever it is, those who wait must be told, and others served
            self._refuse(group, error)
        else:
            self._tell(group, answers)
            self.groups += 1

    def _take(self) -> list[_Asked]:
        """What waits, up to the most that is recorded at once; nothing if nothing comes for a moment."""
        with self._changed:
            if not self._queue and not self._closing:
                self._changed.wait(_MOMENT)
            group: list[_Asked] = []
            count = 0
            while self._queue and (not group or count + len(self._queue[0]) <= self._limits.at_once):
                group.append(self._queue.popleft())
                count += len(group[-1])
            return group

    def _record(self, group: list[_Asked], *, received: datetime) -> list[Written]:
        rows = [row for asked in group for row in asked.rows]
        if self.is_broken:
            raise StoreError("Nothing is recorded any more.", hint="send it again once the service is back.")
        with self._context.store.commit():
            each = [self._mended(asked) for asked in group]
            events = [event for mended in each for event in mended]
            recorded = record(self._context, events, rows, received=received, policies=tables_of(events))
            for asked in group:
                if asked.also is not None:
                    asked.also(self._context)
        self._told(recorded)
        answers, first, first_row = [], 0, 0
        for asked, mended in zip(group, each, strict=True):
            last, last_row = first + len(asked.events), first_row + len(asked.rows)
            answers.append(
                Written(
                    stored=recorded.stored[first:last],
                    held=recorded.held[first_row:last_row],
                    late=recorded.late[first:last],
                    refused=recorded.refused[first:last],
                    refused_rows=recorded.refused_rows[first_row:last_row],
                )
            )
            first, first_row = first + len(mended), last_row
        return answers

    def _mended(self, asked: _Asked) -> Sequence[Event]:
        return asked.mend(self._context, asked.events) if asked.mend and asked.events else asked.events

    def _tell(self, group: list[_Asked], answers: list[Written]) -> None:
        self.is_failing = False
        self._gone(group)

        def tell() -> None:
            for asked, written in zip(group, answers, strict=True):
                _settle(asked, written=written)

        _on_its_loop(group, tell)

    def _refuse(self, group: list[_Asked], error: BaseException) -> None:
        told = error if isinstance(error, LivingPersonasError) else StoreError(str(error), hint="see the log.")
        self.is_failing = isinstance(told, StoreError)
        self._gone(group)

        def tell() -> None:
            for asked in group:
                _settle(asked, error=told)

        try:
            self.note_failure(error, sum(map(len, group)))
        finally:  # a log that cannot be written keeps nobody waiting
            _on_its_loop(group, tell)

    def _gone(self, group: list[_Asked]) -> None:
        with self._changed:
            self._waiting -= sum(map(len, group))
            self._size -= sum(asked.size for asked in group)


def _on_its_loop(group: list[_Asked], action: Callable[[], object]) -> None:
    if not group[0].loop.is_closed():  # a service that was torn down has nobody to tell
        group[0].loop.call_soon_threadsafe(action)


def _settle(asked: _Asked, *, written: Written | None = None, error: LivingPersonasError | None = None) -> None:
    if asked.answer.done():  # whoever asked has gone away
        return
    if written is not None:
        asked.answer.set_result(written)
    elif error is not None:
        asked.answer.set_exception(error)
