"""The table of a database that a source is, and how far it was read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import field
from datetime import date, datetime, timedelta

from living_personas.domain.value import value
from living_personas.errors import Location

__all__ = ["NAMED_TABLE", "OVERLAP", "DayBegun", "SourceTable", "TableRead", "table_name"]

_PLAIN = re.compile(r"""[^\s."'`;]+""")
_PART = rf"""(?:{_PLAIN.pattern}|"(?:[^"]|"")+")"""
NAMED_TABLE = rf"^{_PART}(\.{_PART}){{0,2}}$"
"""How a table is named: parts that dots tell apart; what holds a space, a dot or a quote stands in double quotes."""


OVERLAP = timedelta(days=7)
"""How far behind the newest row that was read a cycle looks for rows that came late, unless somebody says otherwise."""


@value
class SourceTable:
    """A table whose rows are read as they are loaded.

    ``name`` is as its database says it, perhaps with a schema (``analytics.orders``, ``"Sales Data".orders``).
    ``updated_at`` is the column of the moment, or the day, on which a row was loaded. ``database`` is the path of a
    DuckDB file, an address (``postgresql://``, ``sc://``) or the environment variable that holds one; empty for that of
    the engine. ``where`` says where each key is written.
    """

    name: str
    updated_at: str
    database: str = ""
    overlap: timedelta = OVERLAP
    where: Mapping[str, Location] = field(default_factory=dict, compare=False, repr=False)

    @property
    def parts(self) -> tuple[str, ...]:
        """The parts of its name, without quotes.

        >>> SourceTable(name='"Sales ""24"" EU".orders', updated_at="loaded_at").parts
        ('Sales "24" EU', 'orders')
        """
        said = re.findall(_PART, self.name)
        return tuple(part[1:-1].replace('""', '"') if part.startswith('"') else part for part in said)

    @property
    def identity(self) -> str:
        """What is another text whenever another table is meant, or other times of it."""
        return "|".join((self.database, self.name, self.updated_at))

    def is_of(self, identity: str) -> bool:
        """Whether an identity is that of this table, by these times of loading or by others."""
        return identity.rpartition("|")[0] == self.identity.rpartition("|")[0]


@value
class TableRead:
    """How far a table was read: ``through`` a loading time, and how many ``rows`` each loading day had until then.

    ``of`` is the identity of the table. A day that has another number of rows than it had is read again whole.
    ``ids`` says of which column message ids were made; empty in what was written down before it was noted.
    """

    of: str
    through: datetime | None = None
    rows: Mapping[date, int] = field(default_factory=dict)
    ids: str = ""


@value
class DayBegun:
    """A day of loading that is being read: its rows later than ``after`` and until ``through``.

    ``of`` and ``ids`` are as in ``TableRead``. ``parts`` are those of ``LoadedTable.parts`` that are recorded to their
    end, with the number of their rows. A part that has another number of rows than it had is read again.
    """

    of: str
    ids: str
    day: date
    after: datetime | None
    through: datetime
    parts: Mapping[str, int] = field(default_factory=dict)


def table_name(parts: Iterable[str]) -> str:
    """The name of a table, in quotes where it needs them.

    >>> table_name(["Sales Data", "orders"])
    '"Sales Data".orders'
    """
    return ".".join(part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '""') + '"' for part in parts)
