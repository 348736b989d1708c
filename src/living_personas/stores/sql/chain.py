"""Documents in hash chains: each one's SHA-256 covers the one before it, so that no change goes unseen."""

from __future__ import annotations

from collections.abc import Callable

from living_personas.errors import Location, StoreError
from living_personas.stores.hash_chain import chained
from living_personas.stores.refusals import check_next
from living_personas.stores.sql.database import Database, Row

__all__ = ["append", "head", "held", "newest", "read", "verify"]


def append(
    connection: Database,
    kind: str,
    name: str,
    number: int,
    body: bytes,
    *,
    what: str,
    moved: Callable[[], object],
) -> None:
    """Add the next document of a chain; ``moved`` is called once it is on disk."""
    with connection.transaction():
        last = connection.row("SELECT number, sha256 FROM head WHERE kind = ? AND name = ?", (kind, name))
        before, previous = last or (0, b"")
        check_next(what, number, held=before)
        digest = chained(previous, body)
        connection.run("INSERT INTO document VALUES (?, ?, ?, ?, ?)", (kind, name, number, body, digest))
        connection.run(_MOVE if before else _START, (number, digest, kind, name))
        connection.when_committed(moved)


def held(connection: Database, kind: str, name: str) -> int:
    """How many documents a chain has."""
    row = connection.row("SELECT number FROM head WHERE kind = ? AND name = ?", (kind, name))
    return int(row[0]) if row else 0


def head(connection: Database, kind: str, name: str) -> bytes:
    """The hash that covers every document of a chain; empty if it has none."""
    row = connection.row("SELECT sha256 FROM head WHERE kind = ? AND name = ?", (kind, name))
    return bytes(row[0]) if row else b""


def read(connection: Database, kind: str, name: str, *, number: int | None = None) -> tuple[bytes, ...]:
    """The documents of a chain, or the one of that number, each checked against the one before it."""
    wanted = " WHERE d.kind = ?1 AND d.name = ?2 AND (CAST(?3 AS INTEGER) IS NULL OR d.number = ?3) ORDER BY d.number"
    rows = connection.rows(_SELECT + wanted, (kind, name, number))
    return tuple(_body(connection, row) for row in rows)


def newest(connection: Database, kind: str) -> tuple[bytes, ...]:
    """The last document of every chain of this kind, in order of name."""
    wanted = (
        " JOIN head h ON h.kind = d.kind AND h.name = d.name AND h.number = d.number WHERE h.kind = ? ORDER BY h.name"
    )
    rows = connection.rows(_SELECT + wanted, (kind,))
    return tuple(_body(connection, row) for row in rows)


def verify(connection: Database, kind: str) -> None:
    """Check every chain of this kind from its first document to its head."""
    ends: dict[str, tuple[int, bytes]] = {}
    with connection.moment():
        rows = connection.rows(_SELECT + " WHERE d.kind = ? ORDER BY d.name, d.number", (kind,))
        heads = connection.rows("SELECT name, number, sha256 FROM head WHERE kind = ? ORDER BY name", (kind,))
    for row in rows:
        name, number, digest = row[1], row[2], row[4]
        if number != ends.get(name, (0, b""))[0] + 1:
            raise _broken(connection, kind, name, number - 1, "is missing")
        _body(connection, row)
        ends[name] = (number, digest)
    for name, number, digest in heads:
        if ends.pop(name, None) != (number, digest):
            raise _broken(connection, kind, name, number, "is missing or was replaced")
    for name, (number, _) in sorted(ends.items()):
        raise _broken(connection, kind, name, number, "was added by somebody else")


_START = "INSERT INTO head (number, sha256, kind, name) VALUES (?, ?, ?, ?)"
_MOVE = "UPDATE head SET number = ?, sha256 = ? WHERE kind = ? AND name = ?"
_SELECT = """
SELECT d.kind, d.name, d.number, d.body, d.sha256, p.sha256
FROM document d LEFT JOIN document p ON p.kind = d.kind AND p.name = d.name AND p.number = d.number - 1
"""


def _body(connection: Database, row: Row) -> bytes:
    kind, name, number, body, digest, previous = row
    if chained(previous or b"", body) != digest:
        raise _broken(connection, kind, name, number, "was changed since it was written")
    return bytes(body)


def _broken(connection: Database, kind: str, name: str, number: int, fate: str) -> StoreError:
    return StoreError(
        f"The {kind} {number} {f'of {name!r} ' if name else ''}{fate}.",
        hint="restore `.living/state.db` from a backup, and find out who else writes to it.",
        where=Location(file=connection.place),
    )
