"""One connection while a thread has it: what needs no answer waits for the next statement that does, and goes with it.

Each question to the server is a round trip, and a batch of events asks few: what begins a transaction or a level of it,
and what is only written, is sent in one pipeline with whatever is asked next, or with the end of the level.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus

from living_personas.stores.postgres.server_failures import failure
from living_personas.stores.sql.database import Row
from living_personas.stores.sql.transaction_levels import Nesting

__all__ = ["ServerSession"]

_OPEN = (TransactionStatus.INTRANS, TransactionStatus.INERROR)


class ServerSession:
    """One connection while a thread has it, and how deep that thread is in transactions.

    Parameters
    ----------
    place
        Where the database is, for people.
    lock
        The number of the schema's advisory lock: whoever writes has it.
    """

    def __init__(self, raw: psycopg.Connection[Row], place: str, lock: int) -> None:
        self.raw = raw
        self._place = place
        self._lock = lock
        self.nesting = Nesting(run=self._level, take_back=self._take_back, is_open=self._is_open)
        self.has_lock = False
        self._due: list[tuple[bytes, Sequence[Any]]] = []
        self._is_begun = False

    def ask(self, query: bytes, given: Sequence[Any] = ()) -> psycopg.Cursor[Row]:
        """What a statement answers, after all that is due."""
        due = self._taken()
        if not due:
            return self.raw.execute(query, given)
        with self.raw.pipeline():
            for each in due:
                self.raw.execute(*each)
            return self.raw.execute(query, given)

    def later(self, query: bytes, rows: Iterable[Sequence[Any]]) -> None:
        """Let a statement that needs no answer be due, once for each row; outside of a transaction it is done now."""
        self._due += ((query, row) for row in rows)
        if not self.nesting.depth:
            self.settle()

    def settle(self) -> None:
        """Do all that is due now."""
        if due := self._taken():
            with self.raw.pipeline():
                for each in due:
                    self.raw.execute(*each)

    def said(self, text: str) -> list[Row]:
        """What statements without parameters answer."""
        self.settle()
        cursor = self.raw.execute(text.encode())
        return cursor.fetchall() if cursor.description else []

    def write(self) -> None:
        """Begin a transaction: with its first statement, once nobody else writes."""
        self._begin("BEGIN", f"SELECT pg_advisory_xact_lock({self._lock})")

    def write_if_alone(self) -> None:
        """Begin a transaction; ``has_lock`` says whether nobody else writes."""
        self._begin("BEGIN")
        try:
            [(self.has_lock,)] = self.ask(f"SELECT pg_try_advisory_xact_lock({self._lock})".encode()).fetchall()
        except psycopg.Error:
            self._take_back(None)
            raise

    def read(self) -> None:
        """Begin to read as of one moment: that of the first statement."""
        self._begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def commit(self) -> None:
        """End the transaction: from now on until this returns, nobody knows whether it was."""
        if not self._is_begun and len(self._due) == self._opening:
            self._due = []  # nothing was asked, and nothing written
            return
        try:
            self.ask(b"COMMIT")
        except psycopg.Error as error:
            raise failure(error, self._place, committing=True) from error

    def _begin(self, *texts: str) -> None:
        self._due = [(text.encode(), ()) for text in texts]
        self._opening = len(texts)
        self._is_begun = False

    def _taken(self) -> list[tuple[bytes, Sequence[Any]]]:
        due, self._due = self._due, []
        self._is_begun = self._is_begun or bool(due)
        return due

    def _level(self, text: str) -> None:
        """Begin a level, or end one well: what was written in it is done by then, or the level fails."""
        if text.startswith("SAVEPOINT"):
            self._due.append((text.encode(), ()))
        elif self._due and self._due[-1][0].decode() == text.removeprefix("RELEASE "):
            self._due.pop()  # nothing was asked or written since it began
        elif self._due:
            self.ask(text.encode())
        else:
            self._due.append((text.encode(), ()))  # it cannot fail

    def _is_open(self) -> bool:
        return self.raw.info.transaction_status in _OPEN

    def _take_back(self, level: str | None) -> None:
        begins = f"SAVEPOINT {level}".encode() if level else b"BEGIN"
        held = [query for query, _ in self._due]
        ours = next((place for place, query in enumerate(held) if query.startswith(begins)), None)
        self._due = self._due[: ours or 0]
        if ours is None:
            with suppress(psycopg.Error):  # a connection that is gone has taken everything back already
                self.raw.execute(
                    f"ROLLBACK TO SAVEPOINT {level}; RELEASE SAVEPOINT {level}".encode() if level else b"ROLLBACK"
                )
