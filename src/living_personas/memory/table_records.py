"""How far the tables of sources were read. Keys and bytes are what workspaces hold on disk: never change one."""

from __future__ import annotations

from living_personas.domain.source_table import DayBegun, TableRead
from living_personas.memory.record import records

__all__ = ["DAYS_BEGUN", "TABLES_READ"]

TABLES_READ = records(
    "table/",
    TableRead,
    named_by="the source",
    about="How far the table of a source was read, and how many rows each of its loading days had until then.",
)

DAYS_BEGUN = records(
    "table begun/",
    DayBegun,
    named_by="the source",
    about="The loading day of a table that is being read, and which parts of it were recorded to their end.",
)
