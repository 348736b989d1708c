"""Where customers are, for stores: made from the declarations of tables, so that none is left out."""

from __future__ import annotations

from living_personas.memory.reference import declared_tables
from living_personas.memory.table import Table
from living_personas.ports import Holding

__all__ = ["HOLDINGS"]

_ALL = [(each, each if isinstance(each, Table) else each.like) for each in declared_tables()]

HOLDINGS: tuple[Holding, ...] = tuple(
    Holding(
        kind=each.name if isinstance(each, Table) else each.prefix,
        family=not isinstance(each, Table),
        owners=tuple(name for name in table.customers if name not in table.beside),
        beside=table.beside,
        texts=table.texts,
        is_open=table.schema is None,
    )
    for each, table in _ALL
    if table.customers
)
"""Every kind of partition that holds customers."""
