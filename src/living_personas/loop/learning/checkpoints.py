"""Checkpoints: the accounts after earlier days, so that late data replay from the last one that they do not change."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from living_personas.domain.value import value
from living_personas.memory.records import CHECKPOINT_ABOUT, CHECKPOINTS
from living_personas.ports import Store
from living_personas.refining.accounts import Accounts

__all__ = ["Checkpoint", "checkpoint_before", "forget_checkpoints", "keep_checkpoint"]

DAILY, WEEKLY, LONGEST = 7, 70, 70
"""Each day of the last week is kept, each week of the last ten, and of what is older one day in seventy."""


@value
class Checkpoint:
    """The accounts after ``day`` by their wait, and which version of each persona they are ``about``."""

    day: date
    about: Mapping[str, int]
    accounts: Mapping[str, Accounts]


def keep_checkpoint(store: Store, found: Checkpoint, *, closed: date) -> None:
    """Keep a checkpoint if days as old are kept after ``closed``, and forget those that are too many beside it."""
    if not _is_kept(found.day, closed=closed):
        return
    _forget(store, [day for day in _days(store) if day >= found.day or not _is_kept(day, closed=closed)])
    CHECKPOINT_ABOUT.write(store, found.day.isoformat(), dict(found.about))
    CHECKPOINTS.write_all(store, {f"{found.day}/{wait}": accounts for wait, accounts in found.accounts.items()})


def checkpoint_before(store: Store, day: date) -> Checkpoint | None:
    """The last checkpoint of a day before ``day``."""
    last = max((each for each in _days(store) if each < day), default=None)
    about = CHECKPOINT_ABOUT.read(store, last.isoformat()) if last else None
    if last is None or about is None:
        return None
    accounts = {wait: CHECKPOINTS.read(store, f"{last}/{wait}") for wait in _waits_of(store, last)}
    return Checkpoint(day=last, about=about, accounts={wait: each for wait, each in accounts.items() if each})


def forget_checkpoints(store: Store, *, since: date = date.min) -> None:
    """Forget the checkpoints of a day and of all after it: their units are others, or count for another question."""
    _forget(store, [day for day in _days(store) if day >= since])


def _days(store: Store) -> list[date]:
    return [date.fromisoformat(name) for name in CHECKPOINT_ABOUT.names(store)]


def _waits_of(store: Store, day: date) -> list[str]:
    return [name.split("/", 1)[1] for name in CHECKPOINTS.names(store) if name.startswith(f"{day}/")]


def _is_kept(day: date, *, closed: date) -> bool:
    age, number = (closed - day).days, day.toordinal()
    return age <= DAILY or (age <= WEEKLY and number % 7 == 0) or number % LONGEST == 0


def _forget(store: Store, days: list[date]) -> None:
    if days:
        CHECKPOINTS.write_all(store, {f"{day}/{wait}": None for day in days for wait in _waits_of(store, day)})
        for day in days:
            CHECKPOINT_ABOUT.write(store, day.isoformat(), None)
