"""Transactions inside transactions on one session, and what is done when the outermost one ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Nesting"]


class Nesting:
    """How deep a session is in transactions.

    Parameters
    ----------
    run
        Runs one statement on the session.
    take_back
        Takes back everything of the outermost transaction, or of the level of a name.
    """

    def __init__(self, *, run: Callable[[str], object], take_back: Callable[[str | None], object]) -> None:
        self._run = run
        self._take_back = take_back
        self._when_rolled_back: list[Callable[[], object]] = []
        self._when_committed: list[Callable[[], object]] = []
        self.depth = 0

    def when_rolled_back(self, action: Callable[[], object]) -> None:
        """Do something if the outermost transaction is taken back."""
        self._when_rolled_back.append(action)

    def when_committed(self, action: Callable[[], object]) -> None:
        """Do something once the outermost transaction is on disk; once, however often it is asked for."""
        if action not in self._when_committed:
            self._when_committed.append(action)

    @contextmanager
    def level(
        self, begin: Callable[[], object], *, end: Callable[[], object], before_end: Callable[[], object]
    ) -> Iterator[None]:
        """One level: ``begin`` and ``end`` are those of the outermost, ``before_end`` may refuse to end it well."""
        depth, name = self.depth, f"level_{self.depth}"
        if depth:
            self._run(f"SAVEPOINT {name}")
        else:
            begin()
        self.depth = depth + 1
        done: list[Callable[[], object]] = []
        try:
            yield
            if depth:
                self._run(f"RELEASE SAVEPOINT {name}")
            else:
                before_end()
                end()
                done = self._when_committed
        except BaseException:
            self._take_back(name if depth else None)
            for action in () if depth else self._when_rolled_back:
                action()
            raise
        finally:
            self.depth = depth
            if not depth:
                self._when_rolled_back, self._when_committed = [], []
        for action in done:
            action()
