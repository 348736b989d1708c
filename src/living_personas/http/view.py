"""What requests look at: the desk, and the keys that open the doors; replaced whole and by reference."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from living_personas.domain.key import Key
from living_personas.domain.value import value
from living_personas.errors import LivingPersonasError
from living_personas.loop.context import Context
from living_personas.loop.record import Recorded
from living_personas.loop.value_reading import BACK, intake_of
from living_personas.memory.records import EARLIEST
from living_personas.people.keys import keys_of
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


class Watch:
    """Holds the newest view, and looks for a newer one several times a second on a thread of its own.

    Parameters
    ----------
    context
        What people wrote, fresh at each call, and the store to load from.
    asks
        With a store whose connection is free for the short questions of requests.
    """

    def __init__(
        self,
        context: Callable[[], Context],
        asks: Context,
        *,
        clock: Clock,
        seconds: float = 0.25,
        failed: Callable[[Exception], object] = lambda _error: None,
    ) -> None:
        self._context = context
        self._clock = clock
        self._seconds = seconds
        self._failed = failed
        self._wrong = ""
        self._read_by: tuple[object, Context, Intake] | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="watch", daemon=True)
        self.held = HeldDesk(asks, at=clock())
        self.view = self._loaded()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self) -> None:
        """Look once; a newer view takes the place of the old one in one step."""
        self.view = self._loaded()

    def tell(self, recorded: Recorded) -> None:
        """Take note of what was recorded just now."""
        self.held.tell(recorded)

    def _work(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self.look()
                self._wrong = ""
            except LivingPersonasError as error:  # the view that is there goes on
                if error.message != self._wrong:
                    self._failed(error)
                self._wrong = error.message

    def _loaded(self) -> View:
        context = self._context()
        now = self._clock()
        return View(desk=self.held.load(context, at=now), keys=keys_of(context), intake=self._intake(context, now))

    def _intake(self, context: Context, now: datetime) -> Intake:
        """How events are read, found out again when the files, the day or what the first file showed has changed."""
        key = (id(context), context.today(now), EARLIEST.read(context.store))
        if self._read_by is None or self._read_by[0] != key:
            found = intake_of(context, received=now)
            found = replace(found, latest=None, earliest=found.earliest or now - BACK)  # the future is clamped to now
            self._read_by = (key, context, found)
        return self._read_by[2]
