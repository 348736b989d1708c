"""Conversations with DuckDB know nothing of each other; what they write goes with them."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from living_personas.engine_port import Rows
from living_personas.engines.duckdb import session as sessions
from living_personas.engines.duckdb.session import in_memory, session


def _file(path: Path, number: int) -> Rows:
    pq.write_table(pa.table({"number": [number]}), path)
    return (str(path),)


def test_conversations_that_overlap_know_their_own_relations(tmp_path: Path) -> None:
    database = in_memory(threads=1, memory=None, spill=None)
    files = [_file(tmp_path / f"{number}.parquet", number) for number in range(2)]
    with session(database, spill="") as one, session(database, spill="") as other:
        one.know("rows", files[0])
        other.know("rows", files[1])
        assert one.answer("SELECT number FROM rows")["number"].to_pylist() == [0]
        assert other.answer("SELECT number FROM rows")["number"].to_pylist() == [1]


def test_a_name_is_the_relation_that_was_told_last(tmp_path: Path) -> None:
    """Tables, files and what was kept follow each other under one name."""
    told: list[Rows] = [pa.table({"number": [0]}), _file(tmp_path / "[1].parquet", 1)]
    with session(in_memory(threads=1, memory=None, spill=None), spill="") as talk:
        told.append(talk.keep("SELECT 2 AS number"))
        for number in (0, 1, 0, 2, 1, 2, 0):
            talk.know("rows", told[number])
            assert talk.answer("SELECT number FROM rows")["number"].to_pylist() == [number]


def test_many_rows_are_written_in_order_and_go_with_the_conversation(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "FEW", 1000)
    schema = pa.schema([pa.field("number", pa.int64(), nullable=False)])
    with session(in_memory(threads=2, memory=None, spill=None), spill=str(tmp_path / "spill")) as talk:
        kept = talk.keep("SELECT (range * 7919) % 10007 AS number FROM range(10007)")
        (path,) = talk.written(kept, schema, by=("number",))
        assert pq.read_schema(path).equals(schema)
        assert pq.read_table(path)["number"].to_pylist() == list(range(10007))
        assert Path(path).parent.name.startswith("spill.")
        few = talk.written(talk.keep("SELECT 1 AS number"), schema)
        assert few == pa.table({"number": [1]}, schema=schema)
    assert not list(tmp_path.iterdir())
