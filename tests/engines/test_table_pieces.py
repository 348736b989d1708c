"""However large a file of a list is, its columns are what they are if it is read at once."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.json as arrow_json
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.cli.list_files import read_list
from living_personas.engines import table_pieces
from living_personas.errors import IngestError

SAID = st.sampled_from([None, 1, 1.5, -7, 2**53 + 1]) | st.sampled_from(
    [None, "gold", "2026-03-29", "2026-03-29 12:30"]
)


def test_values_of_csv_are_texts_however_many_there_are(tmp_path: Path) -> None:
    ids = [f"{number:06}" for number in range(250_000)]
    (tmp_path / "list.csv").write_text("customer,n\n" + "".join(f"{id_},{'1' if id_ > '2' else ''}\n" for id_ in ids))
    pieces = list(read_list(tmp_path / "list.csv"))
    assert len(pieces) > 2
    found = pa.concat_tables(pieces)
    assert found.schema == pa.schema({"customer": pa.string(), "n": pa.string()})
    assert found["customer"].to_pylist() == ids
    assert found["n"].to_pylist() == ["1" if id_ > "2" else None for id_ in ids]


@law(40)
@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), SAID), min_size=1, max_size=3), st.integers(1, 60))
def test_columns_of_json_are_those_of_the_whole(rows: list[dict[str, object]], many: int) -> None:
    lines = [json.dumps({"customer": f"u{number}", **row}) + "\n" for row in rows for number in range(many)]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "list.jsonl"
        path.write_text("".join(lines), encoding="utf-8")
        try:
            whole = arrow_json.read_json(path)
        except pa.ArrowInvalid:
            with pytest.raises(IngestError):
                list(read_list(path))
            return
        for block in (64, 1 << 20):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(table_pieces, "BLOCK", block)
                found = pa.concat_tables(read_list(path))
            assert _same(found.select(whole.column_names), whole)


def test_parquet_is_read_some_rows_at_a_time(tmp_path: Path) -> None:
    rows = pa.table({"customer": [f"u{number}" for number in range(120_000)], "spend": [1.5] * 120_000})
    pq.write_table(rows, tmp_path / "list.parquet")
    pieces = list(read_list(tmp_path / "list.parquet"))
    assert max(piece.num_rows for piece in pieces) <= 50_000
    assert _same(pa.concat_tables(pieces), rows)


@pytest.mark.parametrize("name", ["list.csv", "list.jsonl", "list.parquet"])
def test_a_file_without_anything_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(IngestError):
        list(read_list(tmp_path / name))


def test_a_header_alone_is_a_list_of_nobody(tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("customer,plan\n")
    assert pa.concat_tables(read_list(tmp_path / "list.csv")).num_rows == 0


def _same(found: pa.Table, wanted: pa.Table) -> bool:
    return repr(found.to_pylist()) == repr(wanted.to_pylist()) and found.schema == wanted.schema
