"""Progress bars on stderr, where somebody watches: what a pipe reads stays clean."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from living_personas.loop import context

__all__ = ["watched"]


@contextmanager
def watched() -> Iterator[context.Progress]:
    """What long steps tell how far they are; a bar for each of them, gone when the work is done."""
    if not sys.stderr.isatty():
        yield context.silent
        return
    # What goes to stdout stays there: rich would draw it above the bars, on stderr.
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    bars = _Bars(Progress(*columns, console=console, transient=True, redirect_stdout=False, redirect_stderr=False))
    try:
        yield bars
    finally:
        bars.clear()


class _Bars:
    """A bar for what is being done; none when it is done, so that an answer is written on a clean line."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def __call__(self, done: int, total: int, what: str) -> None:
        if done >= total:
            self.clear()
            return
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
        self._bars.start()
        self._bars.update(self._tasks[what], completed=done, total=total)

    def clear(self) -> None:
        """Take all bars away."""
        self._bars.stop()
        for task in self._tasks.values():
            self._bars.remove_task(task)
        self._tasks.clear()
