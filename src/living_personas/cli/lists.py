"""Lists of customers, as tables: read, joined with what is known of them, and written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pyarrow.json as arrow_json
import pyarrow.parquet as pq

from living_personas.errors import IngestError, Location, did_you_mean
from living_personas.steps.learn import table_of
from living_personas.steps.members import CUSTOMERS
from living_personas.steps.parts import Parts

__all__ = ["known_list", "read_list", "write_list"]


def read_list(path: Path) -> pa.Table:
    """The rows of a CSV, JSONL or Parquet file with a column ``customer``, whose ids are texts."""
    where = Location(file=path.as_posix())
    try:
        table = _read(path)
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise IngestError(
            f"The list cannot be read: {error}.", hint="is it whole, and what its name says?", where=where
        ) from error
    if "customer" not in table.column_names:
        hint = did_you_mean("customer", table.column_names, kind="column")
        raise IngestError("The list has no column 'customer'.", hint=hint, where=where)
    ids = table["customer"].cast(pa.string())
    if ids.null_count or pc.any(pc.equal(ids, "")).as_py():
        raise IngestError("Some rows of the list have no customer.", hint="leave these rows out.", where=where)
    return table.set_column(table.column_names.index("customer"), "customer", ids)


def known_list(parts: Parts, customers: pa.Table) -> pa.Table:
    """The list with what the last cycle knew of each customer; the list's own columns go before it."""
    days = parts.store.partitions.days(CUSTOMERS)
    if not days:
        return customers
    known = table_of(parts.store.partitions.read(CUSTOMERS, days[-1], days[-1]))
    new = [name for name in known.column_names if name not in (*customers.column_names, "persona", "matches")]
    if not new:
        return customers
    linked = customers.append_column("canonical", _canonical(parts, customers["customer"]))
    side = known.select(["customer", *new]).rename_columns(["canonical", *new])
    return linked.join(side, keys="canonical", join_type="left outer").drop_columns(["canonical"])


def write_list(table: pa.Table, out: Path | None) -> None:
    """Write a table as the kind of file that its name says; without a name, as CSV to stdout."""
    kind = out.suffix.lower() if out else ".csv"
    if out is None:
        sink = pa.BufferOutputStream()
        arrow_csv.write_csv(table, sink)
        sys.stdout.write(sink.getvalue().to_pybytes().decode())
    elif kind == ".parquet":
        pq.write_table(table, out)
    elif kind == ".jsonl":
        with out.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in table.to_pylist())
    elif kind == ".csv":
        arrow_csv.write_csv(table, out)
    else:
        raise IngestError(f"A list cannot be written as {kind!r}.", hint="name it .csv, .jsonl or .parquet.")


def _read(path: Path) -> pa.Table:
    kind = path.suffix.lower()
    if kind == ".parquet":
        return pq.read_table(path)
    if kind in (".jsonl", ".ndjson"):
        return arrow_json.read_json(path)
    if kind == ".csv":
        # Ids such as 007 must not become numbers.
        return arrow_csv.read_csv(
            path, convert_options=arrow_csv.ConvertOptions(column_types={"customer": pa.string()})
        )
    where = Location(file=path.as_posix())
    raise IngestError(f"A list cannot be a {kind!r} file.", hint="make it .csv, .jsonl or .parquet.", where=where)


def _canonical(parts: Parts, ids: pa.ChunkedArray) -> pa.ChunkedArray:
    """The customer that each id is, after links."""
    links = parts.store.inbox.links()
    found = links["customer"].take(pc.index_in(ids, value_set=links["id"].combine_chunks()))
    return pc.coalesce(found, ids)
