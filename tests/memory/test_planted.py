"""Where a customer may be: in what is declared to hold customers, and nowhere else in the folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from living_personas.cli.opened import DATABASE
from living_personas.loop.relations import table_of
from living_personas.memory.record import Record, Records
from living_personas.memory.reference import KEPT_BY_STORES, declared_records, declared_tables
from living_personas.memory.table import Table, TableFamily
from memory.planted import DEVICE, ID


def of_kind(kind: str) -> Table | TableFamily:
    """The declaration of a kind of partition."""
    for each in declared_tables():
        if kind == each.name if isinstance(each, Table) else kind.startswith(each.prefix):
            return each
    raise LookupError(kind)


def customers_of(each: Table | TableFamily) -> tuple[str, ...]:
    """The columns that are declared to hold customers; properties say what customers said of themselves."""
    table = each if isinstance(each, Table) else each.like
    return (*table.customers, "properties") if table.name == "events" else table.customers


def texts(table: pa.Table) -> Iterator[str]:
    """The columns of texts."""
    yield from (f.name for f in table.schema if pa.types.is_string(f.type) or pa.types.is_large_string(f.type))


def holds(column: pa.ChunkedArray) -> bool:
    """Whether a column holds the customer, by either id."""
    return bool(pc.any(pc.or_(pc.match_substring(column, ID), pc.match_substring(column, DEVICE))).as_py())


def test_every_table_of_customers_holds_it_and_no_other_column_does(planted: Path) -> None:
    found: dict[str, set[str]] = {}
    for path in (planted / ".living" / "days").rglob("*.parquet"):
        table = pq.read_table(path, partitioning=None)
        kind = path.parent.parent.name
        found.setdefault(kind, set()).update(name for name in texts(table) if holds(table[name]))
    wrong = {kind: columns - set(customers_of(of_kind(kind))) for kind, columns in found.items()}
    assert {kind: columns for kind, columns in wrong.items() if columns} == {}
    holding = {id(of_kind(kind)) for kind, columns in found.items() if columns}
    assert [each for each in declared_tables() if customers_of(each) and id(each) not in holding] == []


def test_every_record_and_table_of_the_store_that_may_hold_it_does_and_no_other(planted: Path) -> None:
    with apsw.Connection(str(planted / ".living" / DATABASE)) as database:
        names = [str(name) for (name,) in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        rows = {name: list(database.execute(f'SELECT * FROM "{name}"')) for name in names}  # noqa: S608 - its own names
    holding = {name for name, each in rows.items() if any(_says(cell) for row in each for cell in row)}
    declared = {name for _, tables, _, about in KEPT_BY_STORES for name in tables if about == "customers"}
    assert holding - {"fact"} == declared
    keys = [key for key, content in rows["fact"] if _says(key) or _says(content)]
    assert [key for key in keys if _record(str(key)).holds != "customers"] == []


def test_no_other_file_names_it(planted: Path) -> None:
    state = planted / ".living" / DATABASE
    others = [path for path in planted.rglob("*") if path.is_file() and path.suffix != ".parquet"]
    assert [path for path in others if ID.encode() in path.read_bytes() and not path.name.startswith(state.name)] == []


@pytest.mark.promise("P21")
def test_the_search_finds_what_is_there(planted: Path) -> None:
    """A control: the customer is in the events that were sealed."""
    files = sorted(str(path) for path in (planted / ".living" / "days" / "events").rglob("*.parquet"))
    assert holds(table_of(tuple(files))["customer"])


def _says(cell: object) -> bool:
    block = cell.encode() if isinstance(cell, str) else cell if isinstance(cell, bytes) else b""
    return ID.encode() in block or DEVICE.encode() in block


def _record(key: str) -> Record[object] | Records[object]:
    for each in declared_records():
        if key == each.key if isinstance(each, Record) else key.startswith(each.prefix):
            return each
    raise LookupError(key)
