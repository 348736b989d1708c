"""One connection to the database: durable transactions, and errors that say what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from threading import RLock
from time import monotonic, sleep
from typing import Any

import apsw
import pyarrow as pa

from living_personas.errors import DiskFailedError, Location, StoreError, StoreFullError
from living_personas.stores.commit_guards import Guards
from living_personas.stores.sql.arrow_rows import plain_rows
from living_personas.stores.sql.database import Row
from living_personas.stores.sql.parquet_files import own_file
from living_personas.stores.sql.transaction_levels import Nesting
from living_personas.stores.sqlite.file_identity import file_identity
from living_personas.stores.sqlite.page_checksums import DAMAGED_HINT, checksum_vfs, protect

__all__ = ["BUSY_SECONDS", "Connection", "check_library", "copy_read_only"]

BUSY_SECONDS = 30.0
"""How long a writer waits for other writers."""

_AGAIN = 0.01
"""Seconds until it is tried once more to begin a log."""

_OLDEST_LIBRARY = (3, 51, 3)  # before it, a WAL reset could corrupt the database (sqlite.org/wal.html#walresetbug)

_WAL = "PRAGMA journal_mode = WAL"
"""Readers never block, and are never blocked."""
_PRAGMAS = (
    "PRAGMA synchronous = FULL",  # NORMAL lost 67 % of what it had acknowledged in a power cut
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is erased leaves no byte behind
    "PRAGMA journal_size_limit = 67108864",  # a bulk load does not leave a large log behind
    "PRAGMA cache_size = -65536",  # 64 MiB: message keys arrive in random order
)

_MAY_WRITE = "check that this user may write to the folder and the files in it."
_FULL = "the disk is full: free some space and try again; nothing of this call was kept."
_BUSY = "another process is writing; wait until it is done, or stop it."

_HINTS: tuple[tuple[type[apsw.Error], str], ...] = (
    (apsw.BusyError, _BUSY),
    (apsw.LockedError, _BUSY),
    (apsw.ReadOnlyError, _MAY_WRITE),
    (apsw.CantOpenError, _MAY_WRITE),
    (apsw.PermissionsError, _MAY_WRITE),
    (apsw.AuthError, _MAY_WRITE),
    (apsw.CorruptError, DAMAGED_HINT),
    (apsw.NotADBError, DAMAGED_HINT),
    (apsw.IOError, "the disk failed: what was not acknowledged may be lost, so send it again once the disk is well."),
    (apsw.ConnectionClosedError, "the store was closed: open it again."),
)


class Connection:
    """A connection that several threads may share: one of them at a time."""

    def __init__(self, path: Path, *, busy_seconds: float = BUSY_SECONDS) -> None:
        check_library(apsw.sqlite_lib_version())
        self.path = path
        self._busy_seconds = busy_seconds
        self._lock = RLock()
        self._nesting = Nesting(
            run=self.rows, take_back=self._take_back, is_open=lambda: bool(self._raw.in_transaction)
        )
        self._guards = Guards()
        own_file(path)
        with self._wrapped():
            self._raw = apsw.Connection(str(path), vfs=checksum_vfs() or None)
        try:
            self._wait_for_others(busy_seconds)
            with self._wrapped():
                protect(self._raw, path)
            self._begin_log(busy_seconds)
            for pragma in _PRAGMAS:
                self.rows(pragma)
            self._check_log()
        except BaseException:
            self._raw.close()
            raise

    @property
    def place(self) -> str:
        """The path of the database."""
        return str(self.path)

    def identity(self) -> str:
        """The number of the file on its disk and its time of birth: a copy, on whichever disk, has others."""
        return file_identity(self.path)

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Row]:
        """What one statement answers."""
        with self._statement():
            return list(self._raw.execute(sql, bindings))

    def row(self, sql: str, bindings: Sequence[Any] = ()) -> Row | None:
        """The first row that one statement answers, if there is one."""
        with self._statement():
            return next(iter(self._raw.execute(sql, bindings)), None)

    def run(self, sql: str, bindings: Sequence[Any] = ()) -> int:
        """How many rows one statement changed."""
        with self._statement():
            self._raw.execute(sql, bindings)
            return int(self._raw.changes())

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> list[Row]:
        """What a statement answers, run once for each row."""
        with self._statement():
            return list(self._raw.executemany(sql, rows))

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Put many new rows into a table."""
        places = ", ".join("?" * len(columns))
        self.run_many(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)  # noqa: S608 - our names

    def insert_table(self, table: str, rows: pa.Table) -> None:
        """Put the rows of an Arrow table into a table with columns of the same names."""
        self.insert(table, rows.column_names, plain_rows(rows))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable at the end; one inside another is a part of it that can be taken back alone."""
        with self._nested("BEGIN IMMEDIATE", before_end=self._guards.ask):
            yield

    def guard(self, check: Callable[[], object]) -> AbstractContextManager[None]:
        """While it is open, this thread commits nothing to which ``check`` objects."""
        return self._guards.held(check)

    @contextmanager
    def spare_transaction(self) -> Iterator[bool]:
        """A transaction if nobody else is writing right now: True, or False, and then nothing may be written."""
        with self._lock, ExitStack() as stack:
            self._wait_for_others(0)
            try:
                stack.enter_context(self.transaction())
                is_mine = True
            except StoreError as error:
                if not isinstance(error.__cause__, apsw.BusyError):
                    raise
                is_mine = False
            finally:
                self._wait_for_others(self._busy_seconds)
            yield is_mine

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Several reads of the same moment, which block nobody."""
        with self._nested("BEGIN DEFERRED", before_end=lambda: None):
            yield

    def changed(self) -> tuple[int, int]:
        """Numbers of which one is another whenever anybody, or this connection, has written anything."""
        with self._lock:
            try:
                [(others,)] = self._raw.execute("PRAGMA data_version")
                return others, self._raw.total_changes()
            except apsw.Error as error:
                raise self._failure(error) from error

    @property
    def in_transaction(self) -> bool:
        """Whether what is written now can still be taken back."""
        return self._nesting.depth > 0

    def when_rolled_back(self, action: Callable[[], object]) -> None:
        """Do something if the transaction that is open now is taken back."""
        self._nesting.when_rolled_back(action)

    def when_committed(self, action: Callable[[], object]) -> None:
        """Do something once the transaction that is open now is on disk; once, however often it is asked for."""
        self._nesting.when_committed(action)

    def checkpoint(self) -> None:
        """Move the log into the database and empty it, unless somebody is using it right now."""
        with self._wrapped():
            self._wait_for_others(0)
            try:
                self._raw.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            except (apsw.BusyError, apsw.LockedError):
                return  # the next one will
            finally:
                self._wait_for_others(self._busy_seconds)

    def empty_log(self) -> bool:
        """Move the log into the database and empty it, waiting for those who use it; False if they go on for long."""
        with self._wrapped():
            self._wait_for_others(self._busy_seconds)
            try:
                self._raw.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
            except (apsw.BusyError, apsw.LockedError):
                return False
        return True

    def go_on_numbering(self) -> None:
        """Nothing: the highest number of each table is kept by itself."""

    def version(self) -> int:
        """How many migrations the database has seen."""
        [(version,)] = self.rows("PRAGMA user_version")
        return int(version)

    def migrate(self, script: str, *, version: int) -> None:
        """Run one migration, after which the database is of this version."""
        self.rows(script)
        self.rows(f"PRAGMA user_version = {version}")

    def close(self) -> None:
        """Let go of the file; closing twice is no error."""
        with self._wrapped():
            self._raw.close()

    @contextmanager
    def _nested(self, begin: str, *, before_end: Callable[[], object]) -> Iterator[None]:
        with (
            self._lock,
            self._nesting.level(lambda: self.rows(begin), end=lambda: self.rows("COMMIT"), before_end=before_end),
        ):
            yield

    def _take_back(self, level: str | None) -> None:
        with self._wrapped():
            if self._raw.in_transaction:  # a full disk or a failed write may have rolled back everything already
                self._raw.execute(f"ROLLBACK TO {level}; RELEASE {level}" if level else "ROLLBACK")

    def _wait_for_others(self, seconds: float) -> None:
        self._raw.set_busy_timeout(round(seconds * 1000))

    def _begin_log(self, seconds: float) -> None:
        """Keep a write-ahead log; where two begin one at once, SQLite tells one of them at once that it is locked."""
        last = monotonic() + seconds
        with self._wrapped():
            while True:
                try:
                    self._raw.execute(_WAL).fetchall()
                    return
                except apsw.BusyError:
                    if monotonic() > last:
                        raise
                    sleep(_AGAIN)

    def _check_log(self) -> None:
        [(mode,)] = self.rows("PRAGMA journal_mode")
        if mode != "wal":
            raise StoreError(
                f"The database cannot keep a write-ahead log here (its journal mode stays {mode!r}).",
                hint="put the workspace on a local disk: network file systems cannot share memory between processes.",
                where=Location(file=str(self.path)),
            )

    @contextmanager
    def _statement(self) -> Iterator[None]:
        with self._wrapped():
            if self._nesting.depth and not self._raw.in_transaction:
                # A full disk or a failed write took everything back; what follows must not be kept on its own.
                raise StoreError(
                    "The transaction was taken back after a failure.",
                    hint="see the error before this one, and try again.",
                )
            yield

    @contextmanager
    def _wrapped(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except apsw.Error as error:
                raise self._failure(error) from error

    def _failure(self, error: apsw.Error) -> StoreError:
        return _failure(error, self.path)


def _failure(error: apsw.Error, path: Path) -> StoreError:
    what = "A page of the database was changed on the disk" if _is_damage(error) else f"The database failed: {error}"
    return _kind(error)(f"{what}.", hint=_hint(error), where=Location(file=str(path)))


def copy_read_only(path: Path, target: Path) -> None:
    """Copy a database, as it is at this moment, that this user may only read.

    Raises
    ------
    StoreError
        If it cannot be read.
    """
    check_library(apsw.sqlite_lib_version())
    # Without a log nobody has it open; a log can be read only beside its index, which whoever writes has made.
    alone = "" if path.with_name(path.name + "-wal").exists() else "?immutable=1"
    flags = apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
    try:
        with closing(apsw.Connection(path.resolve().as_uri() + alone, flags=flags, vfs=checksum_vfs() or None)) as raw:
            raw.execute("VACUUM INTO ?", (str(target),))
    except apsw.Error as error:
        raise _failure(error, path) from error


def check_library(version: str) -> None:
    """Refuse a SQLite library that can corrupt the database.

    >>> check_library("3.54.1")
    """
    if tuple(int(part) for part in version.split(".")[:3]) < _OLDEST_LIBRARY:
        raise StoreError(
            f"The SQLite library {version} can corrupt a database that several processes write.",
            hint=f"install an `apsw` that brings SQLite {'.'.join(map(str, _OLDEST_LIBRARY))} or newer.",
        )


def _kind(error: apsw.Error) -> type[StoreError]:
    """What a caller must be able to tell apart: a full disk can be waited for, a broken one cannot."""
    if isinstance(error, apsw.FullError) or getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_SHMSIZE:
        return StoreFullError  # the index of the log is shared memory in a file, which a full disk cannot make longer
    return DiskFailedError if isinstance(error, apsw.IOError) and not _is_damage(error) else StoreError


def _is_damage(error: apsw.Error) -> bool:
    """Whether a page was not what its checksum says: the disk gave it back, so that it did not fail."""
    return getattr(error, "extendedresult", 0) == apsw.SQLITE_IOERR_DATA


def _hint(error: apsw.Error) -> str:
    if _kind(error) is StoreFullError:
        return _FULL
    if _is_damage(error):
        return DAMAGED_HINT
    for kind, hint in _HINTS:
        if isinstance(error, kind):
            return hint
    return "this should not happen: please report it with the message above."
