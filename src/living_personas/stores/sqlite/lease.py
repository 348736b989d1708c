"""The lease that lets one worker at a time run the loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from living_personas.stores.refusals import LONGEST_LEASE, lease_held
from living_personas.stores.sqlite.connection import Connection
from living_personas.stores.sqlite.micros import from_micros, to_micros

__all__ = ["hold_lease"]

_TAKE = """
INSERT INTO lease (name, owner, expires, turn) VALUES ('worker', ?1, ?2, 1)
ON CONFLICT DO UPDATE SET owner = excluded.owner, expires = excluded.expires, turn = turn + 1
WHERE lease.expires <= ?3 OR lease.expires > ?4 OR lease.owner = ?5
RETURNING turn
"""
_RETURN = "UPDATE lease SET expires = 0 WHERE name = 'worker' AND turn = ?"


@contextmanager
def hold_lease(
    connection: Connection, owner: str, *, now: datetime, seconds: float, is_gone: Callable[[str], bool]
) -> Iterator[None]:
    """Hold the worker lease, or raise ``LeaseHeldError``; one that ran out, or whose owner is gone, is taken over.

    A lease that would run for longer than any lease does was taken by a clock that ran ahead, and may be taken over.
    """
    until = to_micros(now + timedelta(seconds=seconds))
    with connection.transaction():
        before = connection.row("SELECT owner FROM lease WHERE name = 'worker'")
        gone = before[0] if before and is_gone(before[0]) else None
        taken = connection.row(_TAKE, (owner, until, to_micros(now), to_micros(now + LONGEST_LEASE), gone))
        if taken is None:
            [(holder, expires)] = connection.rows("SELECT owner, expires FROM lease WHERE name = 'worker'")
            raise lease_held(holder, from_micros(expires))
    try:
        yield
    finally:
        # A lease that was taken over in the meantime has another turn, and stays with its new owner.
        connection.run(_RETURN, (taken[0],))
