"""A process that is started, and started again if it ends by itself."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Sequence

from living_personas.http.listening import DRAIN_SECONDS

__all__ = ["KeptRunning"]


class KeptRunning:
    """A process that is started, and started again if it ended by itself; each of those ends is a failure.

    Parameters
    ----------
    files
        Open files that it is handed on, by their numbers.
    least
        Seconds between two of its starts: one that cannot live is no reason to do nothing else.
    clock
        Seconds of a clock that never goes back.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        files: Sequence[int] = (),
        least: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = command
        self._files = tuple(files)
        self._least = least
        self._clock = clock
        self._process: subprocess.Popen[bytes] | None = None
        self._started = clock()

    def look(self) -> None:
        """Start it unless it runs.

        Raises
        ------
        ChildProcessError
            If it had ended; it runs again.
        """
        before = self._process
        if before is not None and (before.poll() is None or self._clock() < self._started + self._least):
            return
        self._process = subprocess.Popen(self._command, pass_fds=self._files)  # noqa: S603 - our own words
        self._started = self._clock()
        if before is not None:
            raise ChildProcessError(f"it ended with {before.returncode}")

    @property
    def ended_with(self) -> int | None:
        """With what it ended by itself; None while it runs. A signal is a negative number."""
        return None if self._process is None else self._process.poll()

    def tell(self) -> None:
        """Tell it to end, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def end(self, *, seconds: float = DRAIN_SECONDS) -> None:
        """Tell it to end, and wait until it has, or for so long: interrupted anywhere, it goes on the next time."""
        self.tell()
        if self._process is not None:
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
