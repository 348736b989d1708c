"""What does not fit into memory goes to disk and comes back; what dead processes left there is removed."""

from __future__ import annotations

import stat
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from living_personas.domain.batch import EVENT_SCHEMA
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.duckdb.spill_folder import spill_folder
from living_personas.errors import EngineError
from living_personas.wiring import is_gone, open_context, owner
from living_personas.workspace.init import init

DAY = date(2026, 5, 4)
NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
MANY = 200_000
LIMIT = "100MB"
"""Less than half of what the fold of so many units takes."""

READER = Persona(
    id="reader",
    name="Reader",
    who="true",
    goal=Goal(event="bought", within=timedelta(days=2)),
    attributes=(Attribute(name="framing", options=("a", "b"), believed="a", assign="day"),),
)
NO_LINKS = pa.table({"id": pa.array([], pa.string()), "customer": pa.array([], pa.string())})


def rows(schema: pa.Schema, **said: object) -> pa.Table:
    """So many rows: each column is a list, or one value for all of them, or empty."""
    columns = []
    for field in schema:
        found = said.get(field.name, "" if field.type == pa.string() else None)
        several = isinstance(found, list)
        columns.append(pa.array(found, field.type) if several else pa.repeat(pa.scalar(found, field.type), MANY))
    return pa.table(columns, schema=schema)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A unit and an outcome of each of many customers."""
    folder = tmp_path_factory.mktemp("rows")
    ids = [f"customer with a long name {number * 7919 % MANY:08d}" for number in range(MANY)]
    options = ["ab"[number % 2] for number in range(MANY)]
    met = {"persona": "reader", "attribute": "framing", "epoch": DAY.isoformat(), "cohort": DAY, "time": NOON}
    units = rows(UNIT_SCHEMA, customer=ids, option=options, policy="p", holdout=False, **met)
    bought = {"name": "bought", "time": NOON + timedelta(hours=1), "day": DAY, "hour": 13, "properties": "{}"}
    events = rows(EVENT_SCHEMA, message_id=ids, customer=ids[::-1], **bought)
    for name, table in (("units", units), ("events", events)):
        pq.write_table(table, folder / f"{name}.parquet")
    return str(folder / "units.parquet"), str(folder / "events.parquet")


def folded(engine: DuckDBEngine, files: tuple[str, str]) -> list[tuple[str, int, int]]:
    units, events = files
    last = DAY + timedelta(days=2)
    cells = engine.fold(DAY, last, units=(units,), events=(events,), links=NO_LINKS, personas=[READER]).table
    return [(row["option"], row["n"], row["s"]) for row in cells.sort_by("option").to_pylist()]


@pytest.mark.long
def test_a_fold_that_is_larger_than_memory_spills_and_finishes(tmp_path: Path, files: tuple[str, str]) -> None:
    with pytest.raises(EngineError, match="memory") as caught:
        folded(DuckDBEngine(threads=1, memory=LIMIT), files)
    assert "PERSONAS_ENGINE_MEMORY" in str(caught.value.hint)
    asked: list[str] = []

    def ready() -> str:
        asked.append(spill_folder(tmp_path / "spill", owner=owner(), is_gone=is_gone))
        return asked[-1]

    engine = DuckDBEngine(threads=1, memory=LIMIT, spill=ready)
    assert not asked  # an engine that nobody asks anything makes no folder
    assert folded(engine, files) == [("a", MANY // 2, MANY // 2), ("b", MANY // 2, MANY // 2)]
    folder = tmp_path / "spill"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert Path(asked[0]).is_dir()
    del engine
    assert list(folder.iterdir()) == []


def test_what_a_dead_process_left_is_removed_and_what_a_living_one_has_stays(tmp_path: Path) -> None:
    folder = tmp_path / "spill"
    mine = Path(spill_folder(folder, owner=owner(), is_gone=is_gone))
    host, process, began = owner().rsplit(":", 2)
    for name in (mine.name, f"{host}+{process}+before~0", f"another host+{process}+{began}~3"):
        (folder / name).mkdir()
        (folder / name / "block").write_bytes(b"rows of customers")
    beside = Path(spill_folder(folder, owner=owner(), is_gone=is_gone))
    assert (beside.parent, beside == mine) == (folder, False)  # another database of this process
    assert {each.name for each in folder.iterdir()} == {mine.name, f"another host+{process}+{began}~3"}


def test_where_nothing_may_be_written_memory_is_all_there_is(tmp_path: Path, files: tuple[str, str]) -> None:
    (tmp_path / "file").write_text("no folder")

    def nowhere() -> str:
        return spill_folder(tmp_path / "file" / "spill", owner=owner(), is_gone=is_gone)

    assert nowhere() == ""
    assert len(folded(DuckDBEngine(threads=1, memory="2GB", spill=nowhere), files)) == 2
    with pytest.raises(EngineError, match="memory"):
        folded(DuckDBEngine(threads=1, memory=LIMIT, spill=nowhere), files)
    assert spill_folder(tmp_path / "new" / "spill", owner=owner(), is_gone=is_gone)


def test_a_workspace_says_how_much_memory_its_engine_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    init(tmp_path, name="acme", salt_bytes=bytes(16))
    found = []
    for said in ("", "123MB"):
        monkeypatch.setenv("PERSONAS_ENGINE_MEMORY", said)
        _, context = open_context(tmp_path)
        with closing(context.store):
            assert isinstance(context.engine, DuckDBEngine)
            names = "current_setting('memory_limit') AS memory, current_setting('temp_directory') AS folder"
            with context.engine._database.session() as talk:
                found += [tuple(row.values()) for row in talk.answer(f"SELECT {names}").to_pylist()]
    assert found[1][0] == "117.3 MiB"
    assert found[0][0] != found[1][0]
    assert {Path(folder).parent for _, folder in found} == {tmp_path / ".living" / "spill"}
    monkeypatch.setenv("PERSONAS_ENGINE_MEMORY", "plenty")
    _, context = open_context(tmp_path)
    with closing(context.store), pytest.raises(EngineError, match="plenty") as caught:
        context.engine.counts((), by=["persona"])
    assert "2GB" in str(caught.value.hint)
