"""The lease that lets one worker at a time run the loop, and keeps one that lost it from writing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from living_personas.stores.refusals import LONGEST_LEASE, lease_held, lease_lost
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.micros import from_micros, to_micros

__all__ = ["hold_lease"]

_TAKE = """
INSERT INTO lease (name, owner, expires, turn) VALUES ('worker', ?1, ?2, 1)
ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, expires = excluded.expires, turn = lease.turn + 1
WHERE lease.expires <= ?3 OR lease.expires > ?4 OR lease.owner = ?5
RETURNING turn
"""
_RETURN = "UPDATE lease SET expires = 0 WHERE name = 'worker' AND turn = ?"


@contextmanager
def hold_lease(
    connection: Database, owner: str, *, now: datetime, seconds: float, is_gone: Callable[[str], bool]
) -> Iterator[None]:
    """Hold the worker lease, or raise ``LeaseHeldError``; one that ran out, or whose owner is gone, is taken over.

    A lease that would run for longer than any lease does was taken by a clock that ran ahead, and may be taken over.
    The turn of the lease is a fencing token (Kleppmann 2016): while it is held, whatever this thread commits is
    committed only if nobody took the lease over meanwhile; otherwise ``LeaseLostError``, and nothing is kept.
    """
    until = to_micros(now + timedelta(seconds=seconds))
    with connection.guard(lambda: None), connection.transaction():  # whoever lost a lease may take it again
        before = connection.row("SELECT owner FROM lease WHERE name = 'worker'")
        gone = before[0] if before and is_gone(before[0]) else None
        taken = connection.row(_TAKE, (owner, until, to_micros(now), to_micros(now + LONGEST_LEASE), gone))
        if taken is None:
            [(holder, expires)] = connection.rows("SELECT owner, expires FROM lease WHERE name = 'worker'")
            raise lease_held(holder, from_micros(expires))
    turn = taken[0]
    try:
        with connection.guard(lambda: _check(connection, turn)):
            yield
    finally:
        # A lease that was taken over in the meantime has another turn, and stays with its new owner.
        connection.run(_RETURN, (turn,))


def _check(connection: Database, turn: int) -> None:
    [(held, holder)] = connection.rows("SELECT turn, owner FROM lease WHERE name = 'worker'")
    if held != turn:
        raise lease_lost(holder)
