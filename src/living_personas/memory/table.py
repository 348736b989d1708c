"""A table is rows that are kept by day: read and replaced by its declaration alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Literal

import pyarrow as pa

from living_personas.domain.persona import EVER
from living_personas.domain.value import value
from living_personas.ports import Relation, Store

__all__ = ["Cut", "Table", "TableFamily"]

Cut = Literal["day", "newest", "ever"]
"""Rows of each day are kept; only those of the newest day are; or there is one state of it, without a day."""


@value
class Table:
    """Rows under one name.

    ``schema`` is None where the columns are those of the workspace's features and traits, or the engine's own.
    ``key`` tells a row from all others of its day; ``customers`` are the columns that hold the id of a customer, of
    which those ``beside`` name a second one, whose row it is not. ``texts`` hold JSON that may name anybody.
    ``made_of`` says what its rows are made from again if they are lost; empty where nothing else holds them.
    """

    name: str
    schema: pa.Schema | None
    key: tuple[str, ...]
    cut: Cut
    about: str
    customers: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    made_of: str = ""

    def read(self, store: Store, first: date, last: date) -> Relation:
        """The rows of the days ``first`` to ``last``, both included."""
        return store.partitions.read(self.name, first, last)

    def all(self, store: Store) -> Relation:
        """The rows of every day."""
        return store.partitions.read(self.name, date.min, date.max)

    def newest(self, store: Store) -> Relation:
        """The rows of the newest day; none if there is no day."""
        day = self.last_day(store)
        return self.read(store, day, day) if day else ()

    def days(self, store: Store) -> tuple[date, ...]:
        """The days that hold rows, in order."""
        return store.partitions.days(self.name)

    def last_day(self, store: Store) -> date | None:
        """The newest day that holds rows, if there is one."""
        return max(self.days(store), default=None)

    def etags(self, store: Store) -> Mapping[date, str]:
        """A text for each day that holds rows, in order: another one whenever its rows are others."""
        return store.partitions.etags(self.name)

    def replace(self, store: Store, tables: Mapping[date, Relation]) -> None:
        """Put these days in the place of what they held, all of them or none; no rows clear a day."""
        store.partitions.replace(self.name, tables)

    def keep(self, store: Store, day: date, rows: Relation) -> None:
        """Put the rows of a day in the place of those of all other days."""
        nothing: Relation = ()
        self.replace(store, {**dict.fromkeys(self.days(store), nothing), day: rows})

    def put(self, store: Store, rows: Relation) -> None:
        """Put rows in the place of all there were, where there is one state without a day."""
        self.replace(store, {EVER: rows})


@value
class TableFamily:
    """Tables whose names begin alike, and that are alike."""

    prefix: str
    named_by: str
    like: Table

    def of(self, name: str) -> Table:
        """The table of a name."""
        return replace(self.like, name=self.prefix + name)
