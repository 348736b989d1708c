"""What the statements of a store need of a database: the seam between what stores share and the databases they run on.

Statements are written once, in the SQL that SQLite and PostgreSQL share: parameters are ``?``, or ``?1`` where one is
used twice; a list of any length is one parameter, JSON, taken apart by ``json_each``; moments and days are whole
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from living_personas.domain.forgotten_ids import ForgottenIds
from living_personas.stores.sql.message_key import NO_MONTH

__all__ = ["Database", "MessageIndex", "Row"]

Row: TypeAlias = tuple[Any, ...]


class Database(Protocol):
    """A way into the database that several threads may share."""

    @property
    def place(self) -> str:
        """Where the database is, for people: a path or an address, without a password."""
        ...

    def identity(self) -> str:
        """Which database it is: a copy of it, however it was made, is another."""
        ...

    def rows(self, sql: str, bindings: Sequence[Any] = ()) -> list[Row]:
        """What one statement answers."""
        ...

    def row(self, sql: str, bindings: Sequence[Any] = ()) -> Row | None:
        """The first row that one statement answers, if there is one."""
        ...

    def run(self, sql: str, bindings: Sequence[Any] = ()) -> int:
        """How many rows one statement changed."""
        ...

    def run_many(self, sql: str, rows: Iterable[Sequence[Any]]) -> list[Row]:
        """What a statement answers, run once for each row."""
        ...

    def insert(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """Put many new rows into a table, the fastest way there is; inside of a transaction."""
        ...

    def insert_table(self, table: str, rows: pa.Table) -> None:
        """Put the rows of an Arrow table into a table with columns of the same names, as ``insert`` does."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All or nothing, durable at the end, and nobody else writes meanwhile; one inside another is a part of it."""
        ...

    def spare_transaction(self) -> AbstractContextManager[bool]:
        """A transaction if nobody else is writing right now: True, or False, and then nothing may be written."""
        ...

    def moment(self) -> AbstractContextManager[None]:
        """Several reads of the same moment, which block nobody."""
        ...

    def changed(self) -> object:
        """Something that is another whenever anybody has written anything."""
        ...

    @property
    def in_transaction(self) -> bool:
        """Whether what is written now can still be taken back."""
        ...

    def when_rolled_back(self, action: Callable[[], object]) -> None:
        """Do something if the transaction that is open now is taken back."""
        ...

    def when_committed(self, action: Callable[[], object]) -> None:
        """Do something once the transaction that is open now is on disk; once, however often it is asked for."""
        ...

    def guard(self, check: Callable[[], object]) -> AbstractContextManager[None]:
        """While it is open, ``check`` is called before this thread commits anything, and may refuse by an error."""
        ...

    def checkpoint(self) -> None:
        """Tidy what writing left behind, unless somebody is using it right now."""
        ...

    def empty_log(self) -> bool:
        """Leave nothing of rows that are gone in the files of the database, as far as it can; False: ask again."""
        ...

    def go_on_numbering(self) -> None:
        """Number what comes after the highest numbers that rows were given by whoever copied them."""
        ...

    def version(self) -> int:
        """How many migrations the database has seen."""
        ...

    def migrate(self, script: str, *, version: int) -> None:
        """Run one migration, after which the database is of this version; inside of a transaction."""
        ...

    def close(self) -> None:
        """Let go of the database; closing twice is no error."""
        ...


class MessageIndex(Protocol):
    """One key for each message id until its month is forgotten; which of a batch are new is found out in one step."""

    def note(self, ids: pa.ChunkedArray, month: int = NO_MONTH) -> npt.NDArray[np.bool_]:
        """Note message ids in a month; True for the first row of each that was not noted before.

        It belongs to the transaction that is open: taken back, nothing was noted.
        """
        ...

    def record(self, ids: pa.ChunkedArray, month: int) -> tuple[npt.NDArray[np.bool_], int]:
        """Note message ids of events, and use up a sequence number for each that is new; the first of these.

        It belongs to the transaction that is open, too.
        """
        ...

    def hold(self, ids: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
        """Which message ids were noted before."""
        ...

    def all(self) -> Iterator[tuple[int, bytes]]:
        """All keys, 16 bytes one behind the other, some of a month at a time."""
        ...

    def add(self, month: int, keys: bytes) -> None:
        """Note keys of a month, 16 bytes one behind the other, durably; those that are there stay."""
        ...

    def forget(self, *, before: int, place: int = 0) -> ForgottenIds:
        """Forget some keys of months before one and no others, from a place on, durably."""
        ...

    def count(self) -> int:
        """How many keys there are."""
        ...
