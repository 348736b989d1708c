"""Which Parquet file holds what: pending, live, retired, doomed, gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

import pyarrow as pa

from living_personas.domain.value import value
from living_personas.errors import Location, StoreError
from living_personas.stores.sql.database import Database, Row
from living_personas.stores.sql.micros import to_micros
from living_personas.stores.sql.parquet_files import count_rows, readable_rows, remove, write_durably, write_parquet
from living_personas.stores.sql.sums import Sum, check, sum_of

__all__ = ["FileStore", "Part", "PartitionFiles"]

_GRACE = timedelta(minutes=10)  # a reader in another process may have been given a path just before it was replaced


@value
class Part:
    """One file with rows of one kind and day."""

    id: int
    kind: str
    day: date
    rows: int
    sum: Sum | None = None
    """What its file must be; None if an older version wrote it, and nobody has summed it since."""


class FileStore(Protocol):
    """Where files are kept, if not in the folder alone: then that holds copies of those that were read or written."""

    def keep(self, part: int, path: Path) -> None:
        """Keep what the file of a part holds; it belongs to the transaction that is open."""
        ...

    def fetch(self, part: int, path: Path) -> None:
        """Write the file of a part anew, whole or not at all."""
        ...


class PartitionFiles:
    """The table of parts, and the files it speaks of.

    A part is entered as pending before its file is written, so that no file is ever unknown: whatever a crash leaves
    behind is still pending, and is removed once it has been so for ten minutes.
    """

    def __init__(
        self, connection: Database, folder: Path, *, clock: Callable[[], datetime], kept: FileStore | None = None
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._clock = clock
        self._kept = kept
        self._cleared: datetime | None = None

    def write(self, kind: str, tables: Iterable[tuple[date, pa.Table | Path]]) -> tuple[Part, ...]:
        """Write one file for each table, or for each file of somebody else; nobody reads them before publication."""
        tables = tuple(tables)
        with self._connection.transaction():
            parts = tuple(self._pending(kind, day, count_rows(table)) for day, table in tables)
        written = []
        for part, (_, table) in zip(parts, tables, strict=True):
            if self._connection.in_transaction:
                self._connection.when_rolled_back(partial(remove, self.path(part)))
            written.append(replace(part, sum=write_parquet(table, self.path(part))))
        with self._connection.transaction():
            for part in written:
                self._keep(part)
            self._note_sums(written)
        return tuple(written)

    def publish(self, parts: Sequence[Part], *, instead_of: Sequence[Part] = ()) -> bool:
        """Make parts live and retire others, at once; False, and nothing is done, if those others are live no more."""
        with self._connection.transaction():
            if not all(self._is_live(part) for part in instead_of):
                return False
            self._move(instead_of, "live", "retired")
            if self._move(parts, "pending", "live") < len(parts):
                raise StoreError(
                    "A file was cleared away before it could be published.",
                    hint="try again; writing took more than ten minutes, or the machine's clock jumped.",
                )
        return True

    def give_up(self, parts: Sequence[Part]) -> None:
        """Take back parts that were written in vain."""
        with self._connection.transaction():
            self._move(parts, "pending", "doomed")

    def live(self, kind: str, first: date, last: date) -> tuple[Part, ...]:
        """The parts of these days, in order of day and age."""
        rows = self._connection.rows(
            _SELECT + " WHERE state = 'live' AND kind = ? AND day BETWEEN ? AND ? ORDER BY day, id",
            (kind, first.isoformat(), last.isoformat()),
        )
        return tuple(map(_part, rows))

    def filed(self) -> tuple[Part, ...]:
        """The parts that wait to be sealed, in order of age."""
        return tuple(map(_part, self._connection.rows(_FILED)))

    def held(self, kind: str, *, family: bool) -> tuple[Part, ...]:
        """The parts of a kind, or of all that begin so, of all days: those that are live, and those that are filed."""
        length = len(kind) if family else -1
        return tuple(map(_part, self._connection.rows(_HELD, (kind, length))))

    def swap(self, old: Part, new: Part | None) -> bool:
        """Put a part that was written, or nothing, in the place of another; False if that is there no more.

        One that waits to be sealed goes on waiting.
        """
        with self._connection.transaction():
            row = self._connection.row("SELECT first FROM filed WHERE part = ?", (old.id,))
            if row is None:
                return self.publish([new] if new else [], instead_of=[old])
            self._connection.run("DELETE FROM filed WHERE part = ?", (old.id,))
            if new:
                self._connection.run("INSERT INTO filed (part, first) VALUES (?, ?)", (new.id, row[0]))
            return self._move([old], "pending", "doomed") == 1

    def purge(self) -> bool:
        """Remove at once every file that nobody is given any more; False if one is held open (on Windows).

        Whoever was given the path of one a moment ago must ask again.
        """
        with self._connection.transaction():
            self._connection.run(_DOOM, (to_micros(datetime.max.replace(tzinfo=UTC)),))
        doomed = tuple(map(_part, self._connection.rows(_SELECT + " WHERE state = 'doomed'")))
        gone = [part for part in doomed if remove(self.path(part))]
        with self._connection.transaction():
            self._connection.run_many("DELETE FROM part WHERE id = ?", [(part.id,) for part in gone])
        self.sweep_unknown()
        return len(gone) == len(doomed)

    def days(self, kind: str) -> tuple[date, ...]:
        """The days that have a live part, in order."""
        rows = self._connection.rows(
            "SELECT DISTINCT day FROM part WHERE state = 'live' AND kind = ? ORDER BY day", (kind,)
        )
        return tuple(date.fromisoformat(day) for (day,) in rows)

    def etags(self, kind: str) -> dict[date, str]:
        """The ids of each day's live parts."""
        rows = self._connection.rows(_ETAGS, (kind,))
        return {date.fromisoformat(day): ids for day, ids in rows}

    def whole(self, part: Part) -> Path:
        """Where the file of a part lies, which is whole: checked by the first in a process who asks for it.

        Raises
        ------
        StoreError
            If it is missing, or other than it was written.
        """
        path = self.brought(part)
        try:
            check(path, part.sum, hint=_DAMAGED)
        except StoreError:
            if self._kept is None:
                raise
            self._kept.fetch(part.id, path)  # a copy that was damaged, or of another part that had this number once
            check(path, part.sum, hint=_DAMAGED)
        return path

    def brought(self, part: Part) -> Path:
        """Where the file of a part lies, fetched from where it is kept if it is not there."""
        path = self.path(part)
        if self._kept is not None and not path.exists():
            self._kept.fetch(part.id, path)
            self._clear_copies()
        return path

    def measured(self, part: Part, *, deep: bool) -> None:
        """Look at the file of a part as it is at this moment: its size, or, ``deep``, all of it.

        Raises
        ------
        StoreError
            If it is other than it was written, or cannot be read.
        """
        path = self.brought(part)
        if part.sum is not None:
            whole = sum_of(path) == part.sum if deep else path.stat().st_size == part.sum.size
        else:
            whole = not deep or readable_rows(path) == part.rows
        if not whole:
            raise StoreError("It is not what was written into it.", hint=_DAMAGED, where=Location(file=str(path)))

    def needed(self) -> tuple[Part, ...]:
        """The parts that are read, or wait to be sealed."""
        return tuple(map(_part, self._connection.rows(_NEEDED)))

    def every(self) -> tuple[Part, ...]:
        """All parts that there are, whatever became of them."""
        return tuple(map(_part, self._connection.rows(_SELECT)))

    def adopt(self, part: Part, path: Path) -> None:
        """Take a file of another store as a part of the same number, pending for as long as it takes."""
        row = (part.id, part.kind, part.day.isoformat(), part.rows, "pending", _FOR_EVER)
        with self._connection.transaction():
            self._connection.run("DELETE FROM part WHERE id = ?", (part.id,))
            self._connection.insert("part", ("id", "kind", "day", "rows", "state", "since"), [row])
            if self._kept is not None:
                self._kept.keep(part.id, path)
            else:
                write_durably(self.path(part), lambda file: file.write(path.read_bytes()))
            self._note_sums([part])

    def drop(self, parts: Sequence[Part]) -> None:
        """Forget parts that were adopted, and are of no use any more."""
        with self._connection.transaction():
            self._connection.run_many("DELETE FROM part WHERE id = ?", [(part.id,) for part in parts])
        for part in parts:
            remove(self.path(part))

    def sum_up(self, *, at_most: int | None = None) -> None:
        """Note the sums of files that an older version wrote, and that can be read; ``at_most`` so many bytes."""
        found = []
        for part in map(_part, self._connection.rows(_SELECT + " WHERE state = 'live' AND sha256 IS NULL")):
            if readable_rows(self.path(part)) == part.rows:
                found.append(replace(part, sum=sum_of(self.path(part))))
            if at_most is not None and sum(each.sum.size for each in found if each.sum) >= at_most:
                break
        if found:
            self._note_sums(found)

    def path(self, part: Part) -> Path:
        """Where the file of a part lies."""
        return self._folder / part.kind / part.day.isoformat() / f"part-{part.id}.parquet"

    def sweep(self) -> None:
        """Remove the files that were pending or retired for longer than the grace, unless others are writing now."""
        limit = to_micros(self._clock() - _GRACE)
        # A doom that may yet be taken back is none.
        if self._connection.in_transaction or not self._connection.row(_ANY_OLD, (limit,)):
            return
        # Doomed first, removed second, forgotten third: interrupted anywhere, the next sweep goes on, and no writer
        # can publish a file that is being removed.
        with self._connection.spare_transaction() as is_mine:
            if is_mine:
                self._connection.run(_DOOM, (limit,))
        doomed = map(_part, self._connection.rows(_SELECT + " WHERE state = 'doomed'"))
        gone = [part for part in doomed if remove(self.path(part))]
        with self._connection.spare_transaction() as is_mine:
            if is_mine:
                self._connection.run_many("DELETE FROM part WHERE id = ?", [(part.id,) for part in gone])

    def sweep_unknown(self) -> None:
        """Remove files that no part knows: a crash inside of a transaction took their rows back, but not them."""
        with self._connection.spare_transaction() as is_mine:
            if not is_mine:
                return
            # Nobody else can be inside of a transaction now, so what is unknown now stays unknown.
            known = {self.path(_part(row)) for row in self._connection.rows(_SELECT)}
            for path in self._folder.glob("*/*/part-*.parquet*"):
                if path.with_name(path.name.removesuffix(".tmp")) not in known:
                    remove(path)

    def _keep(self, part: Part) -> None:
        if self._kept is not None:
            self._kept.keep(part.id, self.path(part))

    def _clear_copies(self) -> None:
        """Remove copies of what is gone, once in a while: whoever erased a customer cannot reach this folder."""
        now = self._clock()
        if not self._connection.in_transaction and (self._cleared is None or now - self._cleared >= _GRACE):
            self._cleared = now
            self.sweep_unknown()

    def _pending(self, kind: str, day: date, rows: int) -> Part:
        [(id_,)] = self._connection.rows(
            "INSERT INTO part (kind, day, rows, state, since) VALUES (?, ?, ?, 'pending', ?) RETURNING id",
            (kind, day.isoformat(), rows, to_micros(self._clock())),
        )
        return Part(id=id_, kind=kind, day=day, rows=rows)

    def _note_sums(self, parts: Sequence[Part]) -> None:
        rows = [(part.sum.size, part.sum.sha256, part.id) for part in parts if part.sum]
        with self._connection.transaction():
            self._connection.run_many("UPDATE part SET bytes = ?, sha256 = ? WHERE id = ?", rows)

    def _is_live(self, part: Part) -> bool:
        return self._connection.row("SELECT 1 FROM part WHERE id = ? AND state = 'live'", (part.id,)) is not None

    def _move(self, parts: Sequence[Part], old: str, new: str) -> int:
        moved = self._connection.run_many(
            "UPDATE part SET state = ?, since = ? WHERE id = ? AND state = ? RETURNING id",
            [(new, to_micros(self._clock()), part.id, old) for part in parts],
        )
        return len(moved)


_FOR_EVER = 2**62
_DAMAGED = "`personas doctor` says what it can be made from again, and `personas doctor --repair` does it."
_SELECT = "SELECT id, kind, day, rows, bytes, sha256 FROM part"
_HELD = """
SELECT id, kind, day, rows, bytes, sha256 FROM part WHERE (state = 'live' OR id IN (SELECT part FROM filed))
    AND CASE WHEN ?2 < 0 THEN kind = ?1 ELSE substr(kind, 1, ?2) = ?1 END ORDER BY id
"""
_ETAGS = """
SELECT day, string_agg(CAST(id AS TEXT), '.' ORDER BY id) FROM part WHERE state = 'live' AND kind = ?
GROUP BY day ORDER BY day
"""
_ANY_OLD = "SELECT 1 FROM part WHERE state <> 'live' AND since < ? LIMIT 1"
_FILED = "SELECT id, kind, day, rows, bytes, sha256 FROM part WHERE id IN (SELECT part FROM filed) ORDER BY id"
_NEEDED = """
SELECT id, kind, day, rows, bytes, sha256 FROM part
WHERE state = 'live' OR (state = 'pending' AND id IN (SELECT part FROM filed)) ORDER BY kind, day, id
"""
_DOOM = """
UPDATE part SET state = 'doomed'
WHERE state IN ('pending', 'retired') AND since < ? AND id NOT IN (SELECT part FROM filed)
"""


def _part(row: Row) -> Part:
    id_, kind, day, rows, size, sha256 = row
    known = None if sha256 is None else Sum(size=size, sha256=sha256)
    return Part(id=id_, kind=kind, day=date.fromisoformat(day), rows=rows, sum=known)
