"""Where a story is told while it happens: sentences on stdout, wrapped, and a bar that never mixes with them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import wrap

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from living_personas.cli.pasted import pasted

__all__ = ["Stage", "staged"]

WIDTH = 100
"""Columns of a story that is piped; a terminal has as many as it has."""


class Stage:
    """Tells a story: ``tell`` for sentences, ``at`` for how far it is."""

    def __init__(self, console: Console, bar: Progress | None) -> None:
        self._console = console
        self._bar = bar
        self._task = bar.add_task("", total=None) if bar is not None else None

    def tell(self, text: str = "", *, label: str = "", bold: bool = False) -> None:
        """A sentence, behind a label that its further lines are set in by."""
        room = max(self._console.width - len(label) - 1, 20)
        for number, line in enumerate(wrap(pasted(text), room, break_long_words=False, break_on_hyphens=False) or [""]):
            behind = label if number == 0 else " " * len(label)
            self._console.print(Text(f"{behind}{line}", style="bold" if bold else ""), soft_wrap=True)

    def at(self, done: int, total: int, what: str) -> None:
        """Show how far the story is."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=done, total=total, description=what)


@contextmanager
def staged() -> Iterator[Stage]:
    """A stage; the bar is on the terminal that the story is on, else on stderr if somebody watches there."""
    on_terminal = sys.stdout.isatty()
    width = None if on_terminal or "COLUMNS" in os.environ else WIDTH
    console = Console(highlight=False, width=width)
    if not (on_terminal or sys.stderr.isatty()):
        yield Stage(console, None)
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    # On one terminal both go through one console, which draws sentences above the bar.
    shared = console if on_terminal else Console(stderr=True)
    with Progress(*columns, console=shared, transient=True, redirect_stdout=False, redirect_stderr=False) as bar:
        yield Stage(console, bar)
