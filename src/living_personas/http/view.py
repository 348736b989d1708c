"""What requests look at: the desk, and the keys that open the doors; replaced by reference."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from living_personas.domain.key import Key
from living_personas.domain.value import value
from living_personas.errors import LivingPersonasError
from living_personas.http.supervised_thread import LivingThread
from living_personas.loop.context import Context
from living_personas.loop.recording.record import Recorded
from living_personas.loop.recording.value_reading import BACK, intake_of
from living_personas.memory.records import EARLIEST
from living_personas.people.keys import keys_of
from living_personas.reporting.labels import Labels, labels_of
from living_personas.serving.desk import Desk
from living_personas.serving.held_desk import HeldDesk
from living_personas.sources.intake import Intake
from living_personas.wiring import Clock

__all__ = ["View", "Watch"]


@value
class View:
    """All that a request looks at, as of one moment; what the desk knows of customers goes on to be told of events."""

    desk: Desk | None
    keys: tuple[Key, ...]
    intake: Intake
    labels: Labels


class Watch:
    """Holds the newest view, and looks for a newer one several times a second on threads of its own.

    Keys have a thread to themselves, and the files that people write cannot keep it, or the kill switch, from being
    seen: while they hold problems, what they said before goes on.

    Parameters
    ----------
    context
        What people wrote, fresh at each call, and the store to load from.
    asks
        With a store whose connection is free for the short questions of requests.
    first
        What is looked at until the files can be read.
    """

    def __init__(
        self,
        context: Callable[[], Context],
        asks: Context,
        *,
        clock: Clock,
        first: Context | None = None,
        seconds: float = 0.25,
        failed: Callable[[BaseException], object] = lambda _error: None,
    ) -> None:
        self._context = context
        self._asks = asks
        self._clock = clock
        self._failed = failed
        self._wrong = ""
        self._replacing = threading.Lock()
        self._read_by: tuple[object, Context, Intake] | None = None
        self._written = first or context()
        self.held = HeldDesk(asks, at=clock())
        intake, labels = self._intake(self._written, clock()), labels_of(self._written.personas)
        self.view = View(desk=None, keys=(), intake=intake, labels=labels)
        self.look()
        # What is known of a million customers takes seconds to load: a view is late only after ten.
        self.threads = (
            LivingThread("keys", self._look_at_keys, period=seconds, failed=failed),
            LivingThread("view", self._look_at_desk, period=10.0, pause=seconds, failed=failed),
        )

    def start(self) -> None:
        """Begin to look."""
        for each in self.threads:
            each.start()

    def close(self) -> None:
        """Look no more."""
        for each in self.threads:
            each.close()

    def look(self) -> None:
        """Look once; what is newer takes the place of the old in one step."""
        self._look_at_keys()
        self._look_at_desk()

    @property
    def wrong(self) -> str:
        """What is wrong with the files that people write; empty if nothing is."""
        return self._wrong

    def tell(self, recorded: Recorded) -> None:
        """Take note of what was recorded just now."""
        self.held.tell(recorded)

    def _look_at_keys(self) -> None:
        keys = keys_of(self._asks)
        with self._replacing:
            self.view = replace(self.view, keys=keys)

    def _look_at_desk(self) -> None:
        context, now = self._fresh(), self._clock()
        desk, intake = self.held.load(context, at=now), self._intake(context, now)
        with self._replacing:
            self.view = replace(self.view, desk=desk, intake=intake, labels=labels_of(context.personas))

    def _fresh(self) -> Context:
        """What people wrote; what they wrote before, while it cannot be read."""
        try:
            self._written = self._context()
            self._wrong = ""
        except (LivingPersonasError, OSError) as error:
            if str(error) != self._wrong:
                self._failed(error)
            self._wrong = str(error)
        return self._written

    def _intake(self, context: Context, now: datetime) -> Intake:
        """How events are read, found out again when the files, the day or what the first file showed has changed."""
        key = (id(context), context.today(now), EARLIEST.read(context.store))
        if self._read_by is None or self._read_by[0] != key:
            found = intake_of(context, received=now)
            found = replace(found, latest=None, earliest=found.earliest or now - BACK)  # the future is clamped to now
            self._read_by = (key, context, found)
        return self._read_by[2]
