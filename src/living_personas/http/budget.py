"""How many bytes a key may bring on a day: what one key sends is no reason to fill the disk."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from living_personas.domain.key import Key
from living_personas.http.problems import ProblemError

__all__ = ["DAILY_BYTES", "Budget"]

DAILY_BYTES = 4 << 30
"""Bytes that a key of a page may bring on a day (UTC), inflated; a secret key sixteen times as much."""

_SECRET_TIMES = 16


class Budget:
    """What each key has brought today, as long as the process runs; ``daily`` bytes are those of a key of a page."""

    def __init__(self, daily: int = DAILY_BYTES) -> None:
        self._daily = daily
        self._day = date.min
        self._spent: dict[str, int] = {}

    def spend(self, key: Key, size: int, *, now: datetime) -> None:
        """Count bytes of a body against the key that brought it.

        Raises
        ------
        ProblemError
            429, with the seconds until the next day, if the key has brought as much as it may.
        """
        today = now.astimezone(UTC)
        if today.date() != self._day:
            self._day, self._spent = today.date(), {}
        most = self._daily * (1 if key.kind == "publishable" else _SECRET_TIMES)
        spent = self._spent.get(key.id, 0) + size
        if spent > most:
            midnight = datetime.combine(self._day + timedelta(days=1), time(), UTC)
            raise ProblemError(
                429,
                f"The key {key.id!r} has brought {most:,} bytes today, which is as much as it may.",
                hint="nothing of it was kept: send it tomorrow (UTC), or allow more by `personas serve --daily-bytes`.",
                headers={"Retry-After": str(int((midnight - today).total_seconds()) + 1)},
            )
        self._spent[key.id] = spent
