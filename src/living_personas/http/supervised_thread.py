"""Threads that must live: whatever fails in one is counted and tried again, and who has not succeeded is named."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

__all__ = ["LivingThread"]

PERIODS = 3
"""Without a success for so many periods a thread is not well."""


class LivingThread:
    """Takes a step again and again until it is closed, on a thread that no failure ends.

    Parameters
    ----------
    step
        What is done. It may wait by itself, at most for about a period.
    period
        Seconds within which a step is expected to succeed.
    pause
        Seconds between two steps.
    failed
        Called with each failure that is another than the one before, and with the first after a success.
    last
        Called on the thread once it was closed.
    clock
        Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        name: str,
        step: Callable[[], object],
        *,
        period: float,
        pause: float | None = None,
        failed: Callable[[BaseException], object] = lambda _error: None,
        last: Callable[[], object] = lambda: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self._step, self._failed, self._last, self._clock = step, failed, last, clock
        self._period, self._pause = period, period if pause is None else pause
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._said = ""
        self._succeeded = clock()
        self.failures = 0

    def start(self) -> None:
        """Begin; from now on a success is due."""
        self._succeeded = self._clock()
        self._thread.start()

    def close(self) -> None:
        """End after the step that is under way."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    @property
    def seconds_since(self) -> float:
        """Seconds since the last success, or since it began."""
        return self._clock() - self._succeeded

    @property
    def is_well(self) -> bool:
        """Whether it lives, and succeeded within the last periods; before it begins, and once it is closed, it is."""
        if self._thread.ident is None or self._stop.is_set():
            return True
        return self._thread.is_alive() and self.seconds_since <= PERIODS * self._period

    def _run(self) -> None:
        while not self._stop.is_set():
            self._once()
            self._stop.wait(self._pause)
        self._guarded(self._last)

    def _once(self) -> None:
        try:
            self._step()
        except BaseException as error:  # noqa: BLE001 - nobody else would do its work
            self.failures += 1
            said, self._said = self._said, repr(error)
            if self._said != said:
                self._guarded(partial(self._failed, error))
        else:
            self._said = ""
            self._succeeded = self._clock()

    def _guarded(self, action: Callable[[], object]) -> None:
        """Telling of a failure may fail for the same reason, such as no room for the log."""
        try:
            action()
        except BaseException:  # noqa: BLE001 - as above
            self.failures += 1
