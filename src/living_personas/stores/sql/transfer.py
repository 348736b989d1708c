"""A workspace's whole memory, copied from one store into another: each row, file and key, and each compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from hashlib import blake2b, sha256

from living_personas.domain.value import value
from living_personas.errors import Location, StoreError
from living_personas.stores.sql.database import Database, Row
from living_personas.stores.sql.part import Part
from living_personas.stores.sql.sql_store import UNFINISHED, SqlStore

__all__ = ["MOVED", "STAYS", "Copied", "transfer"]

MOVED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "waiting": (
        ("seq",),
        ("received", "message_id", "customer", "also", "name", "time", "day", "hour", "channel", "properties"),
    ),
    "waiting_exposure": (
        ("event", "attribute"),
        (
            *("message_id", "customer", "time", "day", "channel", "persona", "option", "policy", "epoch", "stratum"),
            *("propensity", "decision_id", "holdout"),
        ),
    ),
    "link": (("customer", "also", "kind"), ("time", "message_id")),
    "named": (("id",), ()),
    "consent": (("customer", "name", "day"), ("time", "message_id", "refuses")),
    "quarantined": (
        ("seq",),
        ("key", "source", "row", "reason", "detail", "payload", "message_id", "received"),
    ),
    "document": (("kind", "name", "number"), ("body", "sha256")),
    "head": (("kind", "name"), ("number", "sha256")),
    "refinement": (("id",), ("persona", "day", "body")),
    "fact": (("key",), ("content",)),
    "filed": (("part",), ("first",)),
    "counted": (("what",), ("number",)),
}
"""Tables that are copied row by row: the columns that tell a row from all others, and the rest."""

STAYS = {"lease", "object_folder", "part", "part_piece", "schema_version", "seen", "seen_run", "seen_page"}
"""Tables that are not: who holds the lease is of the moment, and files and keys each store keeps in its own way."""

_PAGE = {"document": 20, "refinement": 500}
_MOST = 5_000
"""Rows that are in memory at once."""


@value
class Copied:
    """What was copied: rows of each table, files and their bytes, and keys of message ids."""

    rows: dict[str, int]
    files: int
    size: int
    keys: int


def transfer(
    source: SqlStore, target: SqlStore, *, progress: Callable[[int, int], object] = lambda _done, _all: None
) -> Copied:
    """Copy everything, while others go on writing into the source until the last step; interrupted, do it again.

    The target is new, or holds what was begun of this source. Nothing counts there before the last step, one
    transaction, in which the source stands still, and every row, file and hash is compared.

    Raises
    ------
    StoreError
        If the target holds something else, or what arrived is not what was sent: then nothing is kept.
    """
    source.check_whole()
    _claim(source, target)
    _copy_files(source, target, progress)
    keys = _copy_keys(source, target, before=None)
    with source.connection.transaction():
        parts = _copy_files(source, target, progress)
        keys = _copy_keys(source, target, before=keys)
        with target.connection.transaction():
            target.connection.run("DELETE FROM counted WHERE what <> ?", (UNFINISHED,))
            rows = {table: _copy_rows(source.connection, target.connection, table) for table in MOVED}
            target.connection.run("DELETE FROM counted WHERE what = ?", (UNFINISHED,))
            states = source.connection.rows("SELECT id, state, since FROM part")
            alive = {part.id for part in parts}
            target.connection.run_many(
                "UPDATE part SET state = ?, since = ? WHERE id = ?",
                [(state, since, id_) for id_, state, since in states if id_ in alive],
            )
            target.connection.go_on_numbering()
            _compare(source, target, parts, keys)
    target.versions.verify()
    target.snapshots.verify()
    return Copied(rows=rows, files=len(parts), size=sum(part.sum.size for part in parts if part.sum), keys=keys[1])


def _claim(source: SqlStore, target: SqlStore) -> None:
    """Note from where the target is filled, unless it holds something already."""
    digest = blake2b(source.connection.place.encode(), digest_size=7).digest()
    mine = int.from_bytes(digest, "big")
    with target.connection.transaction():
        begun = target.begun_copy()
        if begun == mine:
            return
        held = [table for table in MOVED if table != "counted" and target.connection.row(_any(table)) is not None]
        if begun is not None or held or target.inbox.recorded():
            what = "a copy of another store, not finished" if begun is not None else "a workspace already"
            raise StoreError(
                f"The store that is to be filled holds {what}.",
                hint="name another schema or folder, or remove what is there: nothing is ever written over.",
                where=Location(file=target.connection.place),
            )
        target.connection.insert("counted", ("what", "number"), [(UNFINISHED, mine)])


def _any(table: str) -> str:
    return f"SELECT 1 FROM {table} LIMIT 1"  # noqa: S608 - our names


def _copy_files(source: SqlStore, target: SqlStore, progress: Callable[[int, int], object]) -> tuple[Part, ...]:
    """Copy the files that are not there yet; all that the source needs now."""
    source.parts.sum_up()
    parts = source.parts.needed()
    there = {part.id: part for part in target.parts.every()}
    for number, part in enumerate(parts):
        progress(number, len(parts))
        if there.get(part.id) != part:
            target.parts.adopt(part, source.parts.whole(part))
    target.parts.drop([part for id_, part in there.items() if id_ not in {each.id for each in parts}])
    return parts


def _copy_keys(source: SqlStore, target: SqlStore, *, before: tuple[int, int] | None) -> tuple[int, int]:
    """Copy the keys of message ids, if there are others than before; how many events and keys there are."""
    now = (source.inbox.recorded(), source.keys.count())
    for month, some in source.keys.all() if now != before else ():
        target.keys.add(month, some)
    return now


def _copy_rows(source: Database, target: Database, table: str) -> int:
    copied = 0
    columns = (*MOVED[table][0], *MOVED[table][1])
    for rows in _pages(source, table):
        target.insert(table, columns, rows)
        copied += len(rows)
    return copied


def _compare(source: SqlStore, target: SqlStore, parts: Sequence[Part], keys: tuple[int, int]) -> None:
    """Refuse what is not what was sent."""
    wrong = [table for table in MOVED if _digest(source.connection, table) != _digest(target.connection, table)]
    arrived = target.parts.needed()
    wrong += ["part"] if arrived != tuple(parts) else []
    wrong += ["seen"] if target.keys.count() != keys[1] else []
    for part in arrived:
        with suppress(StoreError):
            target.parts.whole(part)
            continue
        wrong.append(f"file {part.id} of {part.kind}")
    if wrong:
        raise StoreError(
            f"What arrived is not what was sent: {', '.join(wrong[:5])}.",
            hint="nothing was kept; look at both databases (`personas doctor --deep`), and do it again.",
            where=Location(file=target.connection.place),
        )


def _digest(connection: Database, table: str) -> bytes:
    found = sha256()
    for rows in _pages(connection, table):
        for row in rows:
            found.update(repr(tuple(map(_plain, row))).encode("utf-8", "surrogatepass"))
    return found.digest()


def _plain(field: object) -> object:
    """A field as any database would give it."""
    return int(field) if isinstance(field, bool) else field


def _pages(connection: Database, table: str) -> Iterator[list[Row]]:
    """All rows in the order of their key, some at a time; but not what only says that a copy is not finished."""
    key, rest = MOVED[table]
    names, places = ", ".join(key), ", ".join("?" * len(key))
    kept = f"what <> '{UNFINISHED}'" if table == "counted" else "1 = 1"
    most = _PAGE.get(table, _MOST)
    select = f"SELECT {', '.join((*key, *rest))} FROM {table} WHERE {kept}"  # noqa: S608 - our names
    order = f" ORDER BY {names} LIMIT {most}"
    rows = connection.rows(select + order)
    while rows:
        yield rows
        last = rows[-1][: len(key)]
        rows = connection.rows(f"{select} AND ({names}) > ({places}){order}", last) if len(rows) == most else []
