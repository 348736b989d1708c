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
    is_open
        Whether what was written is surely not on disk yet.
    """

    def __init__(
        self,
        *,
        run: Callable[[str], object],
        take_back: Callable[[str | None], object],
        is_open: Callable[[], bool],
    ) -> None:
        self._run = run
        self._take_back = take_back
        self._is_open = is_open
        self._when_rolled_back: list[Callable[[], object]] = []
        self._when_committed: list[Callable[[], object]] = []
        self.depth = 0

    def when_rolled_back(self, action: Callable[[], object]) -> None:
        """Do something if the outermost transaction is taken back; not if it may be on disk for all that failed."""
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
        depth, name, is_ending = self.depth, f"level_{self.depth}", False
        done: list[Callable[[], object]] = []
        try:
            if depth:
                self._run(f"SAVEPOINT {name}")
            else:
                begin()
            self.depth = depth + 1
            yield
            if depth:
                self._run(f"RELEASE SAVEPOINT {name}")
            else:
                before_end()
                is_ending = True
                end()
                done = self._when_committed
        except BaseException:
            self._fail(name if depth else None, may_have_ended=is_ending)
            raise
        finally:
            self.depth = depth
            if not depth:
                self._when_rolled_back, self._when_committed = [], []
        for action in done:
            action()

    def _fail(self, level: str | None, *, may_have_ended: bool) -> None:
        """Take back a level, and before that, while nobody else can write, what it did beside the database.

        Whoever is interrupted while a transaction ends, or loses the connection, may find all of it on disk.
        """
        try:
            if level is None and (not may_have_ended or self._is_open()):
                for action in self._when_rolled_back:
                    action()
        finally:
            self._take_back(level)
