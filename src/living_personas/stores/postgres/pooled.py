"""A pool of connections to one schema: one writer at a time, readers who wait for nobody."""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from hashlib import blake2b
from typing import Any

import psycopg
import pyarrow as pa
from psycopg import sql
from psycopg.rows import tuple_row
from psycopg_pool import ConnectionPool, PoolTimeout

from living_personas.domain.store_address import Address
from living_personas.errors import Location, StoreAwayError, StoreError
from living_personas.stores.commit_guards import Guards
from living_personas.stores.postgres.binary_arrays import binary_array, know_binary_arrays
from living_personas.stores.postgres.server_failures import failure
from living_personas.stores.postgres.server_session import ServerSession
from living_personas.stores.postgres.spoken import OWN, PRELUDE, definition, statement
from living_personas.stores.sql.database import Row

__all__ = ["BUSY_SECONDS", "PooledConnection"]

BUSY_SECONDS = 30.0
"""How long a writer waits for other writers, and anybody for a connection."""
PATIENCE = 10.0
"""How long to wait for a connection: a server that is starting again takes a few seconds."""
_GLANCE = 0.2
"""How long whoever only asks what has changed waits for a connection: a decision waits for the answer."""
_AWAY_SECONDS = 1.0
"""How long nobody waits for the database again once it was away: those who ask are many, and some have no thread."""
MOST = 8
"""Connections of one store: as many threads may ask at once."""

_OLDEST = 130_000  # pg_current_snapshot() and everything else that is used here
_ERASED = ("waiting", "waiting_exposure", "link", "named", "consent", "quarantined", "fact", "part_piece")


class PooledConnection:
    """A way into one schema that threads share; a thread has one connection for as long as its transaction is open.

    Whoever writes has the schema's advisory lock until the transaction ends, so that writers see all that was
    committed before and nothing else; every server and worker of a workspace takes turns.
    """

    def __init__(self, address: Address, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.place = address.shown
        self._schema = address.schema
        self._busy_seconds = busy_seconds
        self._patience = min(busy_seconds, PATIENCE)
        name = f"living_personas:{address.schema}".encode()
        self._lock = int.from_bytes(blake2b(name, digest_size=8).digest(), "big", signed=True)
        self._guards = Guards()
        self._mine = threading.local()
        self._closed = False
        self._away_until = 0.0
        self._where = Location(file=address.shown)
        self._prepare(address.uri)
        self._pool: ConnectionPool[psycopg.Connection[Row]] = ConnectionPool(
            address.uri,
            kwargs=_OPTIONS,
            min_size=1,
            max_size=MOST,
            open=True,
            configure=self._configure,
            check=_check_idle,
            reconnect_timeout=_AWAY_SECONDS,  # then whoever asks again makes it begin anew: pauses never grow
            num_workers=1,
            name=f"personas-{address.schema}",
        )

    def identity(self) -> str:
        """The numbers of the cluster, the database and the schema: what a dump is restored into has others."""
        return str(self.rows(_IDENTITY, (self._schema,))[0][0])

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Row]:
        """What one statement answers."""
        with self._session() as session:
            cursor = session.ask(statement(sql).encode(), bindings)
            return cursor.fetchall() if cursor.description else []

    def row(self, sql: str, bindings: Sequence[Any] = ()) -> Row | None:
        """The first row that one statement answers, if there is one."""
        return next(iter(self.rows(sql, bindings)), None)

    def run(self, sql: str, bindings: Sequence[Any] = ()) -> int:
        """How many rows one statement changed."""
        with self._session() as session:
            return session.ask(statement(sql).encode(), bindings).rowcount

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> list[Row]:
        """What a statement answers, run once for each row, in one round trip; in that of another if it answers none."""
        given, query = list(rows), statement(sql).encode()
        if not given:
            return []
        with self._session() as session, session.raw.cursor() as cursor:
            if " RETURNING " not in sql:
                session.later(query, given)
                return []
            session.settle()
            cursor.executemany(query, given, returning=True)
            return [row for result in cursor.results() for row in result]

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Put many new rows into a table, by COPY."""
        names = sql.SQL(", ").join(map(sql.Identifier, columns))
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with self._session() as session, session.raw.cursor() as cursor:
            session.settle()
            with cursor.copy(into) as copy:
                for row in rows:
                    copy.write_row(row)

    def insert_table(self, table: str, rows: pa.Table) -> None:
        """Put the rows of an Arrow table into a table with columns of the same names, each column one parameter."""
        names = ", ".join(rows.column_names)
        arrays = ", ".join(f"${place}" for place in range(1, rows.num_columns + 1))
        query = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays})"  # noqa: S608 - our names
        with self._session() as session:
            session.later(query.encode(), [[binary_array(column) for column in rows.columns]])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, durable at the end; one inside another is a part of it that can be taken back alone."""
        with (
            self._session() as session,
            session.nesting.level(session.write, end=session.commit, before_end=self._guards.ask),
        ):
            yield

    @contextmanager
    def spare_transaction(self) -> Iterator[bool]:
        """A transaction if nobody else is writing right now: True, or False, and then nothing may be written."""
        with self._session() as session:
            session.has_lock = session.nesting.depth > 0
            with session.nesting.level(session.write_if_alone, end=session.commit, before_end=self._guards.ask):
                yield session.has_lock

    @contextmanager
    def moment(self) -> Iterator[None]:
        """Several reads of the same moment, which block nobody."""
        with self._session() as session, session.nesting.level(session.read, end=session.commit, before_end=_nobody):
            yield

    def changed(self) -> object:
        """Which transactions have ended: another whenever anybody has written anything, in this database or beside."""
        with self._session(patience=_GLANCE) as session:
            [(snapshot,)] = session.said("SELECT CAST(pg_current_snapshot() AS text)")
        return snapshot

    @property
    def in_transaction(self) -> bool:
        """Whether what this thread writes now can still be taken back."""
        return self._held() is not None

    def when_rolled_back(self, action: Callable[[], object]) -> None:
        """Do something if the transaction that is open now is taken back."""
        if session := self._held():
            session.nesting.when_rolled_back(action)

    def when_committed(self, action: Callable[[], object]) -> None:
        """Do something once the transaction that is open now is on disk; once, however often it is asked for."""
        if session := self._held():
            session.nesting.when_committed(action)

    def guard(self, check: Callable[[], object]) -> AbstractContextManager[None]:
        """While it is open, this thread commits nothing to which ``check`` objects."""
        return self._guards.held(check)

    def checkpoint(self) -> None:
        """Nothing: the server tidies by itself."""

    def empty_log(self) -> bool:
        """Clear what is gone out of the pages of the tables that hold customers; the server's own log is its own."""
        for table in _ERASED:
            self.rows(f"VACUUM {table}")
        return True

    def go_on_numbering(self) -> None:
        """Let each sequence begin after the highest number of its table."""
        for table, column in (("part", "id"), ("quarantined", "seq"), ("waiting", "seq")):
            self.rows(_NUMBER.format(table=table, column=column))

    def version(self) -> int:
        """How many migrations the schema has seen."""
        [(version,)] = self.rows("SELECT version FROM schema_version")
        return int(version)

    def migrate(self, script: str, *, version: int) -> None:
        """Run one migration, after which the schema is of this version."""
        with self._session() as session:
            session.said(definition(script))
        self.run("UPDATE schema_version SET version = ?", (version,))

    def add_own(self) -> None:
        """Make the tables that only this database has; the others must be there."""
        if self.rows("SELECT to_regclass('part_piece')") == [(None,)]:
            with self.transaction(), self._session() as session:
                session.said(OWN)

    def close(self) -> None:
        """Let go of all connections; closing twice is no error."""
        self._closed = True
        self._pool.close()

    def _held(self) -> ServerSession | None:
        found: ServerSession | None = getattr(self._mine, "session", None)
        return found

    @contextmanager
    def _session(self, *, patience: float | None = None) -> Iterator[ServerSession]:
        """The connection that this thread has, or one from the pool, waited for as long as ``patience`` or usual."""
        held = self._held()
        with self._wrapped():
            if held is not None:
                yield held
                return
            if time.monotonic() < self._away_until:
                raise StoreAwayError("The database was away a moment ago.", hint="ask again.", where=self._where)
            with self._connection(self._patience if patience is None else patience) as raw:
                session = ServerSession(raw, self.place, self._lock)
                self._mine.session = session
                try:
                    yield session
                finally:
                    self._mine.session = None

    @contextmanager
    def _connection(self, patience: float) -> Iterator[psycopg.Connection[Row]]:
        """A connection from the pool for as long as the block lasts, waited for as long as ``patience``."""
        raw = self._taken(time.monotonic() + patience)
        try:
            with raw:
                yield raw
        finally:
            self._pool.putconn(raw)

    def _taken(self, until: float) -> psycopg.Connection[Row]:
        """A connection, asked for again and again: a pool that has given up connecting forgets whoever still waits."""
        while (left := until - time.monotonic()) > _AWAY_SECONDS:
            with suppress(PoolTimeout):
                return self._pool.getconn(timeout=_AWAY_SECONDS)
        return self._pool.getconn(timeout=max(left, _GLANCE))

    @contextmanager
    def _wrapped(self) -> Iterator[None]:
        if self._closed:
            raise StoreError("The store was closed.", hint="open it again.", where=Location(file=self.place))
        try:
            yield
        except PoolTimeout as error:
            self._away_until = time.monotonic() + _AWAY_SECONDS
            raise failure(error, self.place) from error
        except psycopg.Error as error:
            raise failure(error, self.place) from error

    def _prepare(self, uri: str) -> None:
        """Look at the server once, and make the schema if it is not there."""
        with self._wrapped(), psycopg.connect(uri, **_OPTIONS) as raw:
            self._check(raw)
            if raw.execute("SELECT 1 FROM pg_namespace WHERE nspname = $1", (self._schema,)).fetchone() is None:
                raw.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(self._schema)))
            self._configure(raw)
            with raw.transaction():
                raw.execute("SELECT pg_advisory_xact_lock($1)", (self._lock,))
                if raw.execute("SELECT to_regclass('schema_version')").fetchone() == (None,):
                    raw.execute(PRELUDE.encode())

    def _check(self, raw: psycopg.Connection[Row]) -> None:
        where = Location(file=self.place)
        if raw.info.server_version < _OLDEST:
            raise StoreError(
                f"The server is PostgreSQL {raw.info.server_version // 10_000}.", hint="use 13 or newer.", where=where
            )
        [encoding] = raw.execute("SHOW server_encoding").fetchone() or ("",)
        if encoding != "UTF8":
            raise StoreError(
                f"The database holds texts as {encoding}, which cannot hold all that customers are called.",
                hint="create another: `createdb --encoding UTF8 --template template0 NAME`.",
                where=where,
            )

    def _configure(self, raw: psycopg.Connection[Row]) -> None:
        """Look into the schema alone, and acknowledge nothing that is not on disk, whatever the server's default.

        The server ends a connection whose client is gone, or stands still in the middle of a transaction: others wait.
        """
        raw.execute(sql.SQL("SET search_path TO {}").format(sql.Identifier(self._schema)))
        raw.execute(f"SET lock_timeout = {round(self._busy_seconds * 1000)}".encode())
        raw.execute(_ENDS.encode())
        know_binary_arrays(raw)
        raw.execute(
            "SELECT set_config('synchronous_commit', 'on', FALSE) WHERE current_setting('synchronous_commit') = 'off'"
        )


def _check_idle(raw: psycopg.Connection[Row]) -> None:
    """Ask a connection whether it lives if there is anything to read from it: most often that it was ended."""
    waiting = select.poll()
    waiting.register(raw.fileno(), select.POLLIN)
    if waiting.poll(0):
        ConnectionPool.check_connection(raw)


def _nobody() -> None:
    """Reading needs no leave."""


_NUMBER = (
    "SELECT setval(pg_get_serial_sequence('{table}', '{column}'), (SELECT max({column}) FROM {table}))"
    " FROM (SELECT 1 FROM {table} LIMIT 1) AS first_row"
)
_IDENTITY = """
SELECT concat_ws('.', system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()),
    CAST(to_regnamespace(CAST(? AS text)) AS oid)) FROM pg_control_system()
"""
_ENDS = (
    "SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;"
    " SET idle_in_transaction_session_timeout = '10min'"
)
_OPTIONS: dict[str, Any] = {
    "autocommit": True,
    "row_factory": tuple_row,
    "cursor_factory": psycopg.RawCursor,
    "connect_timeout": 10,
}
