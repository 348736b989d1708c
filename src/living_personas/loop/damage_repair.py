"""What was damaged on the disk is made again from what else is held: by the declaration of each table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

import pyarrow as pa

from living_personas.domain.damage import Damage
from living_personas.domain.kept_days import Retired
from living_personas.loop.known.totals import SPAN_FILES
from living_personas.memory.records import CUSTOMERS_OF, REFOLD, TOTALS_MADE
from living_personas.memory.reference import declared_tables
from living_personas.memory.table import Table, TableFamily
from living_personas.memory.tables import CELLS, CUSTOMERS, MEMBERSHIPS, TOTALS, UNITS
from living_personas.ports import Store

__all__ = ["explained", "let_go"]

_NOTHING = pa.table({})
_TOTALS_OF_DAYS = frozenset(TOTALS.of(name).name for name in SPAN_FILES if name.partition("_")[0] == "1")


def explained(damages: Iterable[Damage], retired: Retired | None = None) -> tuple[Damage, ...]:
    """The damages, each with what it is made from again, if anything; ``retired`` says of which days nothing can be."""
    return tuple(_explained(each, retired) if each.table and not each.made_of else each for each in damages)


def _explained(each: Damage, retired: Retired | None) -> Damage:
    table = _table_of(each.table)
    if table.made_of and retired is not None and each.day is not None and _is_gone(table, each.day, retired):
        return replace(
            each, says=f"{each.says.rstrip('.')}; what it was made from was dropped because of its age (`retention`)"
        )
    return replace(each, made_of=table.made_of)


def _is_gone(table: Table, day: date, retired: Retired) -> bool:
    """Whether what the rows of a day were made from was dropped: spans of several days are made of those below."""
    if table.name.startswith(TOTALS.prefix):
        return table.name in _TOTALS_OF_DAYS and day <= retired.through
    return table.cut == "day" and day < retired.again


def let_go(store: Store, damages: Sequence[Damage]) -> None:
    """Let go of the damaged days that are made again, so that the next cycle makes them."""
    found = [(_table_of(each.table), each.day) for each in damages if each.table and each.made_of and each.day]
    with store.commit():
        for table, day in found:
            table.replace(store, {day: _NOTHING})
        again = {day for table, day in found if table.name in (UNITS.name, CELLS.name)}
        if again:
            REFOLD.write(store, sorted(again | set(REFOLD.read(store) or ())))
        if any(table.name in (CUSTOMERS.name, MEMBERSHIPS.name) for table, _ in found):
            CUSTOMERS_OF.write(store, None)
        spans = {_span(table, day) for table, day in found if table.name.startswith(TOTALS.prefix)}
        if spans:
            _forget_spans(store, spans)


def _forget_spans(store: Store, spans: set[str]) -> None:
    made = TOTALS_MADE.read(store) or {}
    TOTALS_MADE.write(
        store, {of: {key: etag for key, etag in known.items() if key not in spans} for of, known in made.items()}
    )


def _span(table: Table, day: date) -> str:
    return f"{day}/{table.name.removeprefix(TOTALS.prefix)}"


def _table_of(name: str) -> Table:
    for each in declared_tables():
        if isinstance(each, Table) and each.name == name:
            return each
        if isinstance(each, TableFamily) and name.startswith(each.prefix):
            return each.of(name.removeprefix(each.prefix))
    return Table(name=name, schema=None, key=(), cut="day", about="What no version knows any more.")
