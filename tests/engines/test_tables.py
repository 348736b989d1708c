"""The tables of sources, in each database that they may lie in: the same questions, the same answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from living_personas.domain.source_table import SourceTable
from living_personas.engines.duckdb.duckdb_tables import open_duckdb_table
from living_personas.engines.postgres.postgres_tables import open_postgres_table
from living_personas.engines.spark import connect
from living_personas.engines.spark.spark_tables import open_spark_table
from living_personas.errors import IngestError, Location
from living_personas.table_port import LoadedTable, LoadingDay
from local_postgres import PostgresServer, local_postgres

PLACES = {name: Location(file="workspace.yaml", line=line) for line, name in enumerate(("table", "updated_at"), 1)}
NAME = "analytics.orders"
QUOTED = 'analytics."My.Orders, 2026"'
FIRST, NEXT = date(2026, 3, 1), date(2026, 3, 2)
MORNING, EVENING = datetime(2026, 3, 1, 8, tzinfo=UTC), datetime(2026, 3, 1, 20, 0, 0, 123456, tzinfo=UTC)
LATEST = datetime(2026, 3, 2, 0, 0, tzinfo=UTC)
LOADED = [MORNING, EVENING, LATEST, None]
ROWS = pa.table(
    {
        "id": ["a", "b", "c", "d"],
        "total": [1.5, -2.0, None, 1e300],
        "count": pa.array([1, 2, 1 << 53 | 1, None], pa.int64()),
        "is_new": [True, False, None, True],
        "loaded_at": pa.array(LOADED, pa.timestamp("us", tz="UTC")),
        "loaded_local": pa.array(LOADED, pa.timestamp("us", tz="UTC")).cast(pa.timestamp("us")),
        "loaded_on": pa.array([each and each.date() for each in LOADED], pa.date32()),
        "said": ['{"a": 1}', "it's", "", None],
    }
)
TIMES = ("loaded_at", "loaded_local", "loaded_on")


class TableSuite:
    """What a loaded table promises."""

    def opened(self, name: str = NAME) -> AbstractContextManager[LoadedTable]:
        raise NotImplementedError

    def test_its_columns_and_rows_are_what_was_loaded(self) -> None:
        with self.opened() as table:
            assert table.schema.names == ROWS.schema.names
            rows = list(table.rows(table.schema.names, by="loaded_at"))
        found = pa.Table.from_batches(rows).cast(ROWS.schema).sort_by("id")
        assert found.equals(ROWS)

    def test_a_name_with_spaces_and_dots_stands_in_quotes(self) -> None:
        with self.opened(QUOTED) as table:
            assert sum(batch.num_rows for batch in table.rows(["id"], by="loaded_at")) == ROWS.num_rows
        wrong = QUOTED.replace("2026", "2025")
        with pytest.raises(IngestError, match="There is no table") as refused, self.opened(wrong) as table:
            assert table.schema
        assert QUOTED in refused.value.hint

    @pytest.mark.parametrize("column", TIMES)
    def test_the_newest_row_and_those_without_a_time(self, column: str) -> None:
        with self.opened() as table:
            assert (table.newest(column), table.without(column)) == (LATEST, 1)

    @pytest.mark.parametrize("column", ["loaded_at", "loaded_local"])
    def test_days_are_counted_until_a_moment_and_before_one(self, column: str) -> None:
        with self.opened() as table:
            days = table.loading_days(column, since=None, before=MORNING, through=LATEST)
            assert days == (
                LoadingDay(day=FIRST, rows=2, before=1, newest=EVENING),
                LoadingDay(day=NEXT, rows=1, before=0, newest=LATEST),
            )
            assert table.loading_days(column, since=NEXT, before=None, through=LATEST)[0].day == NEXT
            assert [day.rows for day in table.loading_days(column, since=None, before=None, through=MORNING)] == [1]

    @pytest.mark.parametrize("column", ["loaded_at", "loaded_local"])
    def test_rows_of_a_day_until_a_moment_and_after_one(self, column: str) -> None:
        with self.opened() as table:

            def ids(**span: object) -> list[str]:
                batches = table.rows(["id"], by=column, **span)  # type: ignore[arg-type]
                return sorted(id_ for batch in batches for id_ in batch["id"].to_pylist())

            assert ids(day=FIRST) == ["a", "b"]
            assert ids(day=FIRST, after=MORNING) == ["b"]
            assert ids(day=FIRST, through=MORNING) == ["a"]
            assert ids(day=NEXT) == ["c"]
            assert ids(after=EVENING) == ["c"]

    def test_a_day_is_divided_into_parts_that_every_database_calls_alike(self) -> None:
        with self.opened() as table:
            parts = table.parts("id", by="loaded_at", day=FIRST, after=None, through=EVENING)
            assert parts == {"0": 1, "9": 1}
            rows = table.rows(["id"], by="loaded_at", day=FIRST, through=EVENING, part=("id", "9"))
            (batch,) = (each for each in rows if each.num_rows)
            assert batch["id"].to_pylist() == ["b"]
            later = table.parts("total", by="loaded_at", day=NEXT, after=EVENING, through=LATEST)
            assert later == {"0": 1}, "what is empty has a part, too"

    def test_days_of_dates(self) -> None:
        with self.opened() as table:
            days = table.loading_days("loaded_on", since=FIRST, before=MORNING, through=LATEST)
            assert [(day.day, day.rows, day.before) for day in days] == [(FIRST, 2, 2), (NEXT, 1, 0)]
            batches = table.rows(["id"], by="loaded_on", day=NEXT)
            assert [id_ for batch in batches for id_ in batch["id"].to_pylist()] == ["c"]

    def test_a_table_that_is_not_there_is_named_with_the_nearest(self) -> None:
        with self.opened("analytics.order") as table, pytest.raises(IngestError, match="no table") as caught:
            _ = table.schema
        assert NAME in caught.value.hint
        assert caught.value.where == PLACES["table"]

    @pytest.mark.parametrize(("column", "said"), [("loaded", "no column"), ("total", "double"), ("said", "string")])
    def test_what_is_no_time_of_loading_is_refused_with_its_line(self, column: str, said: str) -> None:
        with self.opened() as table, pytest.raises(IngestError, match=said) as caught:
            table.newest(column)
        assert caught.value.where == PLACES["updated_at"]

    def table(self, name: str) -> SourceTable:
        return SourceTable(name=name, updated_at="loaded_at", where=PLACES)


class TestDuckDB(TableSuite):
    """A file that somebody else fills."""

    @pytest.fixture(autouse=True)
    def _filled(self, tmp_path: Path) -> None:
        self.path = tmp_path / "warehouse.duckdb"
        with duckdb.connect(str(self.path)) as filling:
            filling.register("rows", ROWS)
            filling.execute("SET TimeZone = 'UTC'; CREATE SCHEMA analytics; CREATE TABLE analytics.orders AS FROM rows")
            filling.execute(f"CREATE VIEW {QUOTED} AS FROM {NAME}")

    def opened(self, name: str = NAME) -> AbstractContextManager[LoadedTable]:
        return open_duckdb_table(self.table(name), path=self.path)

    @pytest.mark.parametrize("kind", ["DATE", "TIMESTAMP_S", "TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_NS"])
    def test_infinity_is_no_time_of_loading(self, kind: str) -> None:
        times = ", ".join(f"('{said}'::{kind})" for said in ("infinity", "-infinity", "2026-03-01", "1999-12-31"))
        with duckdb.connect(str(self.path)) as filling:
            filling.execute(f"CREATE TABLE odd AS FROM (VALUES {times}) AS times(t)")
        with open_duckdb_table(self.table("odd"), path=self.path) as table:
            assert table.without("t") == 2

    def test_finer_times_are_rounded_up_so_that_no_row_lies_behind_the_newest(self) -> None:
        with duckdb.connect(str(self.path)) as filling:
            filling.execute("CREATE TABLE finer AS SELECT 'a' AS id, TIMESTAMP_NS '2026-03-01 08:00:00.000000001' AS t")
        with open_duckdb_table(self.table("finer"), path=self.path) as table:
            newest = table.newest("t")
            assert newest == MORNING.replace(microsecond=1)
            assert sum(batch.num_rows for batch in table.rows(["id"], by="t", through=newest)) == 1

    def test_a_file_that_is_not_there_or_no_database_is_said(self, tmp_path: Path) -> None:
        (tmp_path / "text.duckdb").write_text("no database", encoding="utf-8")
        for name, said in (("none.duckdb", "There is no file"), ("text.duckdb", "cannot be read")):
            with pytest.raises(IngestError, match=said), open_duckdb_table(self.table(NAME), path=tmp_path / name):
                pass


@pytest.fixture(scope="module")
def server() -> Iterator[PostgresServer]:
    """PostgreSQL with the table, and one of odd types."""
    with local_postgres() as server:
        with psycopg.connect(f"postgresql://personas@127.0.0.1:{server.port}/postgres") as filling:
            filling.execute("CREATE SCHEMA analytics; SET TimeZone = 'UTC'")
            filling.execute(
                "CREATE TABLE analytics.orders (id text, total float8, count bigint, is_new bool, "
                "loaded_at timestamptz, loaded_local timestamp, loaded_on date, said text)"
            )
            filling.execute(
                "CREATE TABLE odd AS SELECT 'x'::varchar AS id, 12.50::numeric AS price, "
                "9007199254740993::numeric(20, 0) AS number, '{\"a\": [1]}'::jsonb AS said, "
                "'3f333df6-90a4-4fda-8dd3-9485d27cee36'::uuid AS key, ARRAY['b'] AS many, "
                "ARRAY[1, 2]::bigint[] AS numbers, '\\x6231'::bytea AS bytes, '1 mon'::interval AS span, "
                "'[1,3)'::int4range AS range, '10:00+02'::timetz AS clock, "
                "ARRAY['infinity'::timestamp] AS times, now() AS at"
            )
            with filling.cursor() as cursor:
                cursor.executemany(
                    "INSERT INTO analytics.orders VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                    [tuple(row.values()) for row in ROWS.to_pylist()],
                )
            filling.execute(f"CREATE VIEW {QUOTED} AS SELECT * FROM {NAME}".encode())  # noqa: S608 - our own
        yield server


@pytest.mark.long
class TestPostgres(TableSuite):
    """A server that somebody else fills."""

    @pytest.fixture(autouse=True)
    def _served(self, server: PostgresServer) -> None:
        self.address = f"postgresql://personas@127.0.0.1:{server.port}/postgres"

    def opened(self, name: str = NAME) -> AbstractContextManager[LoadedTable]:
        return open_postgres_table(self.table(name), address=self.address)

    def test_what_is_loaded_while_it_is_open_is_not_seen(self) -> None:
        with psycopg.connect(self.address, autocommit=True) as filling:
            filling.execute("DROP TABLE IF EXISTS filled; CREATE TABLE filled AS SELECT 1 AS id, now() AS at")
            with open_postgres_table(self.table("filled"), address=self.address) as table:
                newest = table.newest("at")
                filling.execute("INSERT INTO filled SELECT 2, now()")
                assert sum(batch.num_rows for batch in table.rows(["id"], by="at")) == 1
                assert table.newest("at") == newest

    def test_types_that_arrow_has_not_are_text_and_whole_numbers_keep_their_digits(self) -> None:
        with open_postgres_table(self.table("odd"), address=self.address) as table:
            (batch,) = table.rows([name for name in table.schema.names if name != "at"], by="at")
        (row,) = batch.to_pylist()
        assert {**row, "number": int(row["number"])} == {
            "id": "x",
            "price": 12.5,
            "number": 9007199254740993,
            "said": '{"a": [1]}',
            "key": "3f333df6-90a4-4fda-8dd3-9485d27cee36",
            "many": '["b"]',
            "numbers": "[1, 2]",
            "bytes": b"b1",
            "span": "1 mon",
            "range": "[1,3)",
            "clock": "10:00:00+02",
            "times": '["infinity"]',
        }

    def test_times_that_python_has_not_are_those_of_the_calendar_of_arrow(self) -> None:
        said = ("infinity", "-infinity", "30000-12-31 23:59:59.5", "0044-03-15 12:00 BC", "2026-03-01")
        with psycopg.connect(self.address, autocommit=True) as filling:
            times = ", ".join(f"('{each}'::timestamptz, '{each}'::timestamp, '{each}'::date)" for each in said)
            filling.execute("DROP TABLE IF EXISTS far; SET TimeZone = 'UTC'")
            filling.execute(f"CREATE TABLE far AS SELECT * FROM (VALUES {times}) AS v(a, b, c)".encode())  # noqa: S608 - our own
        with open_postgres_table(self.table("far"), address=self.address) as table:
            (batch,) = table.rows(["a", "b", "c"], by="a")
        moments = ["30000-12-31T23:59:59.5", "-0043-03-15T12:00", "2026-03-01"]
        most, last = (1 << 63) - 1, (1 << 31) - 1
        micros = [most, -most, *(int(np.datetime64(each, "us").astype(int)) for each in moments)]
        days = [last, -last, *(int(np.datetime64(each[: each.rindex("-") + 3], "D").astype(int)) for each in moments)]
        assert [batch[name].view(pa.int64()).to_pylist() for name in ("a", "b")] == [micros, micros]
        assert batch["c"].view(pa.int32()).to_pylist() == days

    @pytest.mark.parametrize("kind", ["date", "timestamp", "timestamptz"])
    def test_infinity_is_no_time_of_loading(self, kind: str) -> None:
        times = ", ".join(f"('{said}'::{kind})" for said in ("infinity", "-infinity", "0044-03-15 BC", "2026-03-01"))
        with psycopg.connect(self.address, autocommit=True) as filling:
            filling.execute("DROP TABLE IF EXISTS endless")
            filling.execute(f"CREATE TABLE endless AS SELECT * FROM (VALUES {times}) AS v(t)".encode())  # noqa: S608 - our own
        with open_postgres_table(self.table("endless"), address=self.address) as table:
            assert table.without("t") == 3

    def test_an_account_that_sees_no_table_is_told_so(self) -> None:
        with psycopg.connect(self.address, autocommit=True) as filling:
            filling.execute("DROP ROLE IF EXISTS stranger; CREATE ROLE stranger LOGIN")
        address = self.address.replace("personas@", "stranger@")
        with (
            pytest.raises(IngestError, match="There is no table") as refused,
            open_postgres_table(self.table("analytics.orders"), address=address) as table,
        ):
            assert table.schema
        assert "GRANT" in refused.value.hint

    def test_nobody_listening_is_said(self) -> None:
        with (
            pytest.raises(IngestError, match="cannot be read"),
            open_postgres_table(self.table(NAME), address="postgresql://personas@127.0.0.1:1/postgres"),
        ):
            pass


@pytest.mark.long
class TestSail(TableSuite):
    """Spark's words, without a JVM: each session of Sail has a catalog of its own, and finds the table in it."""

    @pytest.fixture(autouse=True)
    def _catalogued(self, sail_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        pq.write_table(ROWS, tmp_path / "rows.parquet")
        self.address, opened = sail_address, connect._opened

        def with_catalog(address: str):  # type: ignore[no-untyped-def]  # a session of an extra
            spark = opened(address)
            spark.sql("CREATE DATABASE analytics").toArrow()
            spark.sql(f"CREATE TABLE {NAME} USING parquet LOCATION '{tmp_path}'").toArrow()
            quoted = QUOTED.replace('"', "`")
            spark.sql(f"CREATE TABLE {quoted} USING parquet LOCATION '{tmp_path}'").toArrow()
            return spark

        monkeypatch.setattr(connect, "_opened", with_catalog)

    def opened(self, name: str = NAME) -> AbstractContextManager[LoadedTable]:
        return open_spark_table(self.table(name), address=self.address)

    def test_nobody_listening_is_said(self) -> None:
        with (
            pytest.raises(IngestError, match="Nobody listens"),
            open_spark_table(self.table(NAME), address="sc://127.0.0.1:1"),
        ):
            pass
