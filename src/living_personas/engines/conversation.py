"""What an engine's statements run in: a database that holds nothing of its own, and conversations with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from typing import Protocol

import pyarrow as pa

from living_personas.engine_port import Ref, Rows
from living_personas.engines.dialect import Dialect
from living_personas.ports import Relation

__all__ = ["Conversation", "Conversations", "GoingOn"]


class Conversation(Protocol):
    """The relations that are known by name, and what is answered from them."""

    def know(self, name: str, rows: Rows, schema: pa.Schema | None = None, *, by_name: bool = False) -> None:
        """Let statements know a relation by name; no files are no rows of ``schema``.

        With ``by_name`` its files may have other columns: what a row lacks is NULL.
        """
        ...

    def tell(self, **days: date) -> None:
        """Let statements know days by name."""
        ...

    def answer(self, statement: str) -> pa.Table:
        """The rows of a statement, in its order."""
        ...

    def stream(self, statement: str) -> Iterator[pa.RecordBatch]:
        """The rows of a statement, in its order, batch by batch: no more than one is in memory."""
        ...

    def take(self, pieces: Iterable[pa.Table]) -> Ref:
        """Rows that come in pieces, one at least and all with equal columns, as a table that stays as long."""
        ...

    def keep(self, statement: str) -> Ref:
        """The rows of a statement as a table that stays until the conversation ends."""
        ...

    def written(self, kept: Ref, schema: pa.Schema | None = None, *, by: Sequence[str] = ()) -> Relation:
        """The rows that were kept, as files that go when the conversation ends; where it can write none, as a table.

        The columns are those of ``schema``, if one is given. The rows are in order of the columns ``by``, but for files
        of a cluster, which writes many at once.
        """
        ...


class Conversations(Protocol):
    """Where conversations are held: each knows its own relations only, so they may overlap."""

    @property
    def dialect(self) -> Dialect:
        """How statements are spelled."""
        ...

    def session(self, **days: date) -> AbstractContextManager[Conversation]:
        """A conversation whose statements know these days by name; foreign errors are ``EngineError``."""
        ...


class GoingOn:
    """One conversation for several questions, each of which knows the tables that were kept before."""

    def __init__(self, talk: Conversation, dialect: Dialect) -> None:
        self._talk = talk
        self._dialect = dialect

    @property
    def dialect(self) -> Dialect:
        """How statements are spelled."""
        return self._dialect

    @contextmanager
    def session(self, **days: date) -> Iterator[Conversation]:
        """The conversation, told these days."""
        self._talk.tell(**days)
        yield self._talk
