"""Guessing passwords is slow: after some failures a name, and after many an address, has to wait."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from threading import Lock

__all__ = ["Attempts"]

WINDOW = timedelta(minutes=15)
PER_NAME, PER_ADDRESS = 5, 30
"""Failures within the window after which a name (from one address), or an address, has to wait."""

REMEMBERED = 10_000


class Attempts:
    """Failed sign-ins of the last minutes, at most ``REMEMBERED`` names and addresses."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, list[datetime]] = OrderedDict()
        self._lock = Lock()

    def must_wait(self, name: str, address: str, *, now: datetime) -> bool:
        """Whether this name from this address, or this address, failed too often lately."""
        with self._lock:
            return (
                self._count(f"name|{name}|{address}", now) >= PER_NAME
                or self._count(f"address|{address}", now) >= PER_ADDRESS
            )

    def failed(self, name: str, address: str, *, now: datetime) -> None:
        """Remember a failure."""
        with self._lock:
            for key in (f"name|{name}|{address}", f"address|{address}"):
                self._failed.setdefault(key, []).append(now)
                self._failed.move_to_end(key)
            while len(self._failed) > REMEMBERED:
                self._failed.popitem(last=False)

    def succeeded(self, name: str, address: str) -> None:
        """Forget the failures of a name that signed in."""
        with self._lock:
            self._failed.pop(f"name|{name}|{address}", None)

    def _count(self, key: str, now: datetime) -> int:
        recent = [moment for moment in self._failed.get(key, []) if moment > now - WINDOW]
        if key in self._failed:
            self._failed[key] = recent
        return len(recent)
