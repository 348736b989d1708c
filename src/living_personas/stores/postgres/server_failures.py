"""What PostgreSQL and the way to it answer when something goes wrong, in our words."""

from __future__ import annotations

import psycopg
from psycopg import errors

from living_personas.errors import Location, OutcomeUnknownError, StoreAwayError, StoreError, StoreFullError

__all__ = ["failure", "is_lost"]

_GONE = (
    "nothing of this call was kept: try again once the database answers; `pg_isready` and its log say what is the "
    "matter with it."
)
_BUSY = "another process is writing; wait until it is done, or stop it."
_FULL = "the disk of the database is full: free some space and try again; nothing of this call was kept."
_MAY = "give this user the rights to the schema, or let another create it: docs/how-to/operate.md has the statement."
_UNKNOWN = "send it again: what was kept is recognised by its message ids, and counts once."

_HINTS: tuple[tuple[type[psycopg.Error], str], ...] = (
    (errors.LockNotAvailable, _BUSY),
    (errors.QueryCanceled, _BUSY),
    (errors.DiskFull, _FULL),
    (errors.InsufficientPrivilege, _MAY),
    (errors.ReadOnlySqlTransaction, "this server only reads: name the one that writes."),
    (errors.InvalidPassword, "set PGPASSWORD, or a line in the file that PGPASSFILE names."),
    (errors.InvalidCatalogName, "create the database first: `createdb NAME`."),
)


def failure(error: psycopg.Error, place: str, *, committing: bool = False) -> StoreError:
    """The error that a user meets; ``committing`` says that a commit was on its way when the connection was lost."""
    where = Location(file=place)
    said = str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__
    if is_lost(error):
        if committing:
            return OutcomeUnknownError(
                f"The connection to the database was lost while it committed: {said}.", hint=_UNKNOWN, where=where
            )
        return StoreAwayError(f"The database cannot be reached: {said}.", hint=_GONE, where=where)
    kind = StoreFullError if isinstance(error, errors.DiskFull) else StoreError
    hint = next((hint for type_, hint in _HINTS if isinstance(error, type_)), None)
    return kind(
        f"The database failed: {said}.",
        hint=hint or "this should not happen: please report it with the message above.",
        where=where,
    )


def is_lost(error: psycopg.Error) -> bool:
    """Whether the connection is gone: the server ended it, or the network did."""
    if isinstance(error, errors.LockNotAvailable | errors.QueryCanceled | errors.InvalidPassword):
        return False
    state = error.sqlstate
    if state is None:
        return isinstance(error, psycopg.OperationalError | psycopg.InterfaceError)
    return state.startswith(("08", "57P")) or state == "53300"
