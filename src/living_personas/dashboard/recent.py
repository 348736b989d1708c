"""What happened lately, counted by name: so much within a window of time, and then it has to wait."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from threading import Lock

__all__ = ["Recent"]

REMEMBERED = 10_000


class Recent:
    """Moments of the last ``window``, of the ``REMEMBERED`` names that something happened to last."""

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._moments: OrderedDict[str, list[datetime]] = OrderedDict()
        self._lock = Lock()

    def enter(self, most: Mapping[str, int], *, now: datetime) -> bool:
        """Count one for each name; False, and nothing is counted, if one of them has had its most."""
        with self._lock:
            if any(self._count(name, now) >= limit for name, limit in most.items()):
                return False
            for name in most:
                self._moments.setdefault(name, []).append(now)
                self._moments.move_to_end(name)
            while len(self._moments) > REMEMBERED:
                self._moments.popitem(last=False)
            return True

    def happened(self, name: str, *, now: datetime) -> bool:
        """Whether anything was counted for a name within the window."""
        with self._lock:
            return self._count(name, now) > 0

    def forget(self, name: str) -> None:
        """Forget all that was counted for a name."""
        with self._lock:
            self._moments.pop(name, None)

    def take_back(self, name: str) -> None:
        """Forget the last that was counted for a name."""
        with self._lock:
            if made := self._moments.get(name):
                made.pop()

    def _count(self, name: str, now: datetime) -> int:
        recent = [moment for moment in self._moments.get(name, []) if moment > now - self._window]
        if name in self._moments:
            self._moments[name] = recent
        return len(recent)
