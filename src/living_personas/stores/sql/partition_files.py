"""Which Parquet file holds what: pending, live, retired, doomed, gone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path

import pyarrow as pa

from living_personas.domain.counted import counted
from living_personas.errors import FilesAwayError, StoreError
from living_personas.stores.sql.database import Database
from living_personas.stores.sql.file_cache import COPIED_BYTES, FileCache
from living_personas.stores.sql.kept_files import FETCHED, KeptFiles
from living_personas.stores.sql.micros import to_micros
from living_personas.stores.sql.object_storage import pour
from living_personas.stores.sql.parquet_files import count_rows, readable_rows, remove, write_durably, write_parquet
from living_personas.stores.sql.part import COLUMNS, Part, part_of
from living_personas.stores.sql.sums import check, sum_of

__all__ = ["PartitionFiles", "unremoved"]

_GRACE = timedelta(minutes=10)  # a reader in another process may have been given a path just before it was replaced
_TIDIED = timedelta(days=1)  # looking for objects that nobody knows lists all of them


class PartitionFiles:
    """The table of parts, and the files it speaks of.

    A part is entered as pending before its file is written, so that no file is ever unknown: whatever a crash leaves
    behind is still pending, and is removed once it has been so for ten minutes.

    Parameters
    ----------
    kept
        Where files are kept for good; if that is not the folder, copies of those that were read or written lie there.
    most_copied
        How many bytes of copies may lie in the folder, apart from those that are in use.
    """

    def __init__(
        self,
        connection: Database,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        kept: KeptFiles,
        most_copied: int = COPIED_BYTES,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._clock = clock
        self._kept = kept
        self._cache = FileCache(most_copied, grace=_GRACE, clock=clock)
        self._cleared: datetime | None = None
        self._has_fetched = False
        self._tidied: datetime | None = None

    def write(self, kind: str, tables: Iterable[tuple[date, pa.Table | Path]]) -> tuple[Part, ...]:
        """Write one file for each table, or for each file of somebody else; nobody reads them before publication."""
        tables = tuple(tables)
        with self._connection.transaction():
            parts = tuple(self._pending(kind, day, count_rows(table)) for day, table in tables)
        try:
            written = tuple(self._written(part, table) for part, (_, table) in zip(parts, tables, strict=True))
            with self._connection.transaction():
                for part in written:
                    self._kept.enter(part, self.path(part))
                self._note_sums(written)
            for part in written:  # outside of the transaction, where there is none around this: others need not wait
                self._upload(part)
        except StoreError:
            with suppress(StoreError):
                self.give_up(parts)
            for part in parts:
                remove(self.path(part))
            raise
        return written

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
        days = (first.isoformat(), last.isoformat())
        return self._parts("WHERE state = 'live' AND kind = ? AND day BETWEEN ? AND ? ORDER BY day, id", (kind, *days))

    def filed(self) -> tuple[Part, ...]:
        """The parts that wait to be sealed, in order of age."""
        return self._parts("WHERE id IN (SELECT part FROM filed) ORDER BY id")

    def held(self, kind: str, *, family: bool) -> tuple[Part, ...]:
        """The parts of a kind, or of all that begin so, of all days: those that are live, and those that are filed."""
        length = len(kind) if family else -1
        return self._parts(_HELD, (kind, length))

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

    def purge(self) -> str:
        """Remove at once every file that nobody is given any more; what is still there, if one is.

        Whoever was given the path of one a moment ago must ask again.
        """
        with self._connection.transaction():
            self._connection.run(_DOOM, (to_micros(datetime.max.replace(tzinfo=UTC)),))
        gone, left = self._remove_doomed()
        with self._connection.transaction():
            self._connection.run_many("DELETE FROM part WHERE id = ?", [(part.id,) for part in gone])
        self.sweep_unknown()
        return left

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
            if not self._kept.is_copied(part):
                raise
            self._kept.fetch(part, path)  # a copy that was damaged, or of another part that had this number once
            check(path, part.sum, hint=_DAMAGED)
        return path

    def brought(self, part: Part) -> Path:
        """Where the file of a part lies, fetched from where it is kept if it is not there."""
        path = self.path(part)
        if self._kept.is_copied(part):
            if not path.exists():
                self._kept.fetch(part, path)
                self._has_fetched = True
            self._cache.use(path)
        return path

    def look(self, part: Part, *, deep: bool) -> tuple[int, str]:
        """Bytes of the file of a part where it is kept, and what is wrong with it at this moment; empty if nothing is.

        ``deep`` reads all of it.

        Raises
        ------
        StoreError
            If it cannot be looked at.
        """
        return self._kept.look(part, self.path(part), deep=deep)

    def mend(self, part: Part, source: Path) -> None:
        """Put a file that is what the part was into the place of one that is not."""
        self._kept.mend(part, self.path(part), source)

    def leave_objects(self) -> None:
        """Let the parts of a copied database, beside which all their files lie, name no object any more."""
        with self._connection.transaction():
            self._connection.run("UPDATE part SET object = NULL")
            self._connection.run("DELETE FROM object_folder")

    def unremoved(self) -> int:
        """How many objects nobody needs that could not be removed for a day."""
        [(count,)] = self._connection.rows(_UNREMOVED, (to_micros(self._clock() - _TIDIED),))
        return int(count)

    def needed(self) -> tuple[Part, ...]:
        """The parts that are read, or wait to be sealed."""
        return self._parts(_NEEDED)

    def every(self) -> tuple[Part, ...]:
        """All parts that there are, whatever became of them."""
        return self._parts()

    def adopt(self, part: Part, path: Path) -> None:
        """Take a file of another store as a part of the same number, pending for as long as it takes."""
        part = self._kept.placed(part)
        self._kept.upload(part, path)
        row = (part.id, part.kind, part.day.isoformat(), part.rows, "pending", _FOR_EVER)
        with self._connection.transaction():
            self._connection.run("DELETE FROM part WHERE id = ?", (part.id,))
            self._connection.insert("part", ("id", "kind", "day", "rows", "state", "since"), [row])
            self._kept.enter(part, path)
            if not self._kept.is_copied(part):
                write_durably(self.path(part), partial(pour, path))
            self._note_sums([part])

    def drop(self, parts: Sequence[Part]) -> None:
        """Forget parts that were adopted, and are of no use any more."""
        with self._connection.transaction():
            self._move(parts, "pending", "doomed")
        gone, _ = self._remove_doomed()
        with self._connection.transaction():
            self._connection.run_many("DELETE FROM part WHERE id = ?", [(part.id,) for part in gone])

    def sum_up(self, *, at_most: int | None = None) -> None:
        """Note the sums of files that an older version wrote, and that can be read; ``at_most`` so many bytes."""
        found = []
        for part in self._parts("WHERE state = 'live' AND sha256 IS NULL"):
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
        gone, _ = self._remove_doomed()
        with self._connection.spare_transaction() as is_mine:
            if is_mine:
                self._connection.run_many("DELETE FROM part WHERE id = ?", [(part.id,) for part in gone])

    def sweep_unknown(self) -> None:
        """Remove files that no part knows: a crash inside of a transaction took their rows back, but not them."""
        with self._connection.spare_transaction() as is_mine:
            if not is_mine:
                return
            # Nobody else can be inside of a transaction now, so what is unknown now stays unknown.
            known = {self.path(part) for part in self.every()}
            for path in self._folder.glob("*/*/part-*.parquet*"):
                if path.with_name(path.name.removesuffix(".tmp")) not in known:
                    remove(path)
        for path in self._folder.glob(f"*/*/{FETCHED}*"):
            self._cache.forget(path)

    def tidy_objects(self) -> None:
        """Remove objects that no part names, once a day: a crash inside of a transaction took their rows back.

        Raises
        ------
        StoreError
            If the storage refuses; if it is away, another day will do.
        """
        now = self._clock()
        if self._tidied is None or now - self._tidied >= _TIDIED:
            self._tidied = now
            with suppress(FilesAwayError):
                self._kept.own.tidy(now)

    def clear_copies(self) -> None:
        """Remove copies of what is gone, once in a while: whoever erased a customer cannot reach this folder.

        Copies that were used least lately go, too, if there are too many.
        """
        now = self._clock()
        if not self._has_fetched or self._connection.in_transaction:
            return
        if self._cleared is None or now - self._cleared >= _GRACE:
            self._cleared, self._has_fetched = now, False
            self.sweep_unknown()
            self._cache.shrink(self.path(part) for part in self.needed() if self._kept.is_copied(part))

    def _written(self, part: Part, table: pa.Table) -> Part:
        """Write the file of a part, which is taken back with the transaction that is open."""
        if self._connection.in_transaction:
            self._connection.when_rolled_back(partial(remove, self.path(part)))
        return self._kept.placed(replace(part, sum=write_parquet(table, self.path(part))))

    def _upload(self, part: Part) -> None:
        if self._connection.in_transaction:
            self._connection.when_rolled_back(partial(self._take_back, part))
        self._kept.upload(part, self.path(part))
        if self._kept.is_copied(part):
            self._cache.use(self.path(part))

    def _take_back(self, part: Part) -> None:
        with suppress(StoreError):  # if it is not gone now, nobody knows it, and it goes once it is old enough
            self._kept.withdraw(part)

    def _remove_doomed(self) -> tuple[list[Part], str]:
        """Remove the files of parts that are doomed; the parts of which nothing is left, and why others are there."""
        gone, left = [], ""
        for part in self._parts("WHERE state = 'doomed'"):
            try:
                if not self._kept.remove(part):
                    left = f"{part.object!r} is in the folder of another database, and stays there"
                    continue
            except StoreError as error:  # it is tried again whenever files are swept
                left = f"an object could not be removed: {error.message}"
                break
            if remove(self.path(part)):
                gone.append(part)
            else:
                left = "a file of before is still held open by another process"
        return gone, left

    def _parts(self, where: str = "", bindings: Sequence[object] = ()) -> tuple[Part, ...]:
        rows = self._connection.rows(f"SELECT {COLUMNS} FROM part {where}", bindings)  # noqa: S608 - our statements
        return tuple(map(part_of, rows))

    def _pending(self, kind: str, day: date, rows: int) -> Part:
        [(id_,)] = self._connection.rows(
            "INSERT INTO part (kind, day, rows, state, since) VALUES (?, ?, ?, 'pending', ?) RETURNING id",
            (kind, day.isoformat(), rows, to_micros(self._clock())),
        )
        return Part(id=id_, kind=kind, day=day, rows=rows)

    def _note_sums(self, parts: Sequence[Part]) -> None:
        rows = [(part.sum.size, part.sum.sha256, part.object or None, part.id) for part in parts if part.sum]
        with self._connection.transaction():
            self._connection.run_many("UPDATE part SET bytes = ?, sha256 = ?, object = ? WHERE id = ?", rows)

    def _is_live(self, part: Part) -> bool:
        return self._connection.row("SELECT 1 FROM part WHERE id = ? AND state = 'live'", (part.id,)) is not None

    def _move(self, parts: Sequence[Part], old: str, new: str) -> int:
        moved = self._connection.run_many(
            "UPDATE part SET state = ?, since = ? WHERE id = ? AND state = ? RETURNING id",
            [(new, to_micros(self._clock()), part.id, old) for part in parts],
        )
        return len(moved)


def unremoved(parts: PartitionFiles) -> tuple[str, ...]:
    """What to say of objects that should be gone, if there are any."""
    count = parts.unremoved()
    objects = counted(count, "object")
    says = f"{objects} that nobody needs could not be removed for a day: `personas` may not, or another owns it"
    return (says,) if count else ()


_FOR_EVER = 2**62
_DAMAGED = "`personas doctor` says what it can be made from again, and `personas doctor --repair` does it."
_HELD = """
WHERE (state = 'live' OR id IN (SELECT part FROM filed))
    AND CASE WHEN ?2 < 0 THEN kind = ?1 ELSE substr(kind, 1, ?2) = ?1 END ORDER BY id
"""
_ETAGS = """
SELECT day, string_agg(CAST(id AS TEXT), '.' ORDER BY id) FROM part WHERE state = 'live' AND kind = ?
GROUP BY day ORDER BY day
"""
_ANY_OLD = "SELECT 1 FROM part WHERE state <> 'live' AND since < ? LIMIT 1"
_UNREMOVED = "SELECT count(*) FROM part WHERE state = 'doomed' AND object IS NOT NULL AND since < ?"
_NEEDED = """
WHERE state = 'live' OR (state = 'pending' AND id IN (SELECT part FROM filed)) ORDER BY kind, day, id
"""
_DOOM = """
UPDATE part SET state = 'doomed'
WHERE state IN ('pending', 'retired') AND since < ? AND id NOT IN (SELECT part FROM filed)
"""
