"""Who must agree before a thread commits: a worker that has lost its lease commits nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import get_ident

__all__ = ["Guards"]


class Guards:
    """Who must agree before a thread commits."""

    def __init__(self) -> None:
        self._checks: dict[int, list[Callable[[], object]]] = {}

    @contextmanager
    def held(self, check: Callable[[], object]) -> Iterator[None]:
        """While it is open, this thread commits nothing to which ``check`` objects."""
        mine = get_ident()
        self._checks.setdefault(mine, []).append(check)
        try:
            yield
        finally:
            left = self._checks[mine]
            left.remove(check)
            if not left:
                del self._checks[mine]

    def ask(self) -> None:
        """Ask whoever guards this thread: the last who began to, as what it holds now is what counts."""
        for check in self._checks.get(get_ident(), ())[-1:]:
            check()
