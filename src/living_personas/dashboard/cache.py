"""What is dear to reckon is reckoned once, beside the requests, and kept while it stays true."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Condition, Lock, Thread
from typing import Generic, TypeVar

__all__ = ["Shelf", "Shelves"]

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class Shelf(Generic[K, T]):
    """The newest answer, by the key that it is true for.

    Parameters
    ----------
    patience
        Seconds that a request waits for a new answer before it is given the one before, or nothing.
    """

    def __init__(self, *, patience: float = 2.0) -> None:
        self._patience = patience
        self._changed = Condition()
        self._held: tuple[K, T] | None = None
        self._wanted: K | None = None
        self._failed: tuple[K, Exception] | None = None

    def get(self, key: K, build: Callable[[], T]) -> T | None:
        """The answer for ``key``, the one before it while it is still being reckoned, or None if there is none yet.

        Raises
        ------
        LivingPersonasError
            If reckoning failed for this key; other failures are raised as they were.
        """
        with self._changed:
            if self._held is not None and self._held[0] == key:
                return self._held[1]
            if self._wanted != key:
                self._wanted, self._failed = key, None
                Thread(target=self._reckon, args=(key, build), daemon=True, name="dashboard-shelf").start()
            self._changed.wait_for(lambda: self._is_settled(key), timeout=self._patience)
            if self._failed is not None and self._failed[0] == key:
                self._wanted = None  # the next request tries again
                raise self._failed[1]
            return self._held[1] if self._held is not None else None

    def _is_settled(self, key: K) -> bool:
        return (self._held is not None and self._held[0] == key) or (
            self._failed is not None and self._failed[0] == key
        )

    def _reckon(self, key: K, build: Callable[[], T]) -> None:
        try:
            answer = build()
        except Exception as error:  # noqa: BLE001 - whoever waits for it is told, whatever it is
            with self._changed:
                self._failed = (key, error)
                self._changed.notify_all()
            return
        with self._changed:
            if self._wanted == key:
                self._held = (key, answer)
            self._changed.notify_all()


class Shelves(Generic[K, T]):
    """A shelf for each name, of the ``most`` names that were asked for last.

    Parameters
    ----------
    patience
        As of a ``Shelf``.
    """

    def __init__(self, *, most: int = 64, patience: float = 2.0) -> None:
        self._most, self._patience = most, patience
        self._lock = Lock()
        self._by_name: dict[str, Shelf[K, T]] = {}

    def of(self, name: str) -> Shelf[K, T]:
        """The shelf of a name."""
        with self._lock:
            found = self._by_name.pop(name, None) or Shelf(patience=self._patience)
            self._by_name[name] = found
            while len(self._by_name) > self._most:
                del self._by_name[next(iter(self._by_name))]
            return found
