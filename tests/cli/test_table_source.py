"""A table of a warehouse as a source, as somebody at a terminal lives it."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import duckdb
import pytest

from cli.shop import Typed, hand
from living_personas.http.worker import turn
from living_personas.wiring import open_context, system_clock

SETTINGS = """\
name: Shop
salt: a-salt-for-tests-only
sources:
  orders:
    table: analytics.orders
    updated_at: loaded_at
    database: warehouse.duckdb
    message_id: id
    customer: customer
    time: sold_at
    event: {fixed: Order Completed}
"""
FILLED = """\
CREATE SCHEMA analytics;
CREATE TABLE analytics.orders AS
SELECT 'o' || i AS id, 'c' || i % 7 AS customer, TIMESTAMP '2026-03-01 10:00' + to_hours(i) AS sold_at,
       TIMESTAMP '2026-03-02 01:00' + to_days(i // 24) AS loaded_at
FROM range(60) AS numbers(i)
"""


@pytest.fixture
def type_(capsys: pytest.CaptureFixture[str]) -> Typed:
    return hand(capsys)


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace whose orders lie in a warehouse beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "workspace.yaml").write_text(SETTINGS, encoding="utf-8")
    tell(tmp_path, FILLED)
    return tmp_path


def tell(shop: Path, statement: str) -> None:
    with duckdb.connect(str(shop / "warehouse.duckdb")) as filling:
        filling.execute(statement)


def write(shop: Path, before: str, after: str) -> None:
    assert before in SETTINGS
    (shop / "workspace.yaml").write_text(SETTINGS.replace(before, after), encoding="utf-8")


def test_a_run_reads_what_is_new_and_a_rehearsal_keeps_nothing(shop: Path, type_: Typed) -> None:
    assert "table analytics.orders" in type_("check").out
    first = "orders: 60 received = 60 stored + 0 duplicate + 0 quarantined"
    assert first in type_("run", "--dry-run").out
    assert first in type_("run").out
    assert "received" not in type_("run").out
    tell(shop, "INSERT INTO analytics.orders SELECT 'late', 'c1', sold_at, loaded_at FROM analytics.orders LIMIT 1")
    assert "orders: 25 received = 1 stored + 24 duplicate + 0 quarantined" in type_("run").out
    assert "orders: 0 received" in type_("ingest").out


def test_a_turn_of_the_worker_reads_it_too(shop: Path) -> None:
    _, context = open_context(shop)
    with closing(context.store):
        assert [turn(context, shop, clock=system_clock).stored for _ in range(2)] == [60, 0]


def test_where_the_database_is_may_stand_in_a_variable(
    shop: Path, type_: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(shop, "database: warehouse.duckdb", "database: SHOP_WAREHOUSE")
    unset = type_("ingest")
    assert unset.code == 1
    assert "workspace.yaml:7" in unset.err
    assert "SHOP_WAREHOUSE" in unset.err
    monkeypatch.setenv("SHOP_WAREHOUSE", "warehouse.duckdb")
    assert "60 stored" in type_("ingest").out


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("    message_id: id\n", "", ("workspace.yaml:5", "no id", "message_id")),
        ("    updated_at: loaded_at\n", "", ("workspace.yaml:5", "new rows", "updated_at")),
        ("    database: warehouse.duckdb\n", "", ("workspace.yaml:5", "which database", "database")),
        ("    table: analytics.orders\n", "", ("workspace.yaml:5", "`updated_at` is said of no table", "table")),
        ("warehouse.duckdb", "mysql://host/shop", ("workspace.yaml:7", "'mysql'", "postgresql://")),
        ("warehouse.duckdb", "postgresql://a:b@host/shop", ("workspace.yaml:7", "password", "PGPASSWORD")),
        ("analytics.orders", "select 1", ("workspace.yaml:5", "'select 1'", "analytics.orders")),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_line(
    shop: Path, type_: Typed, before: str, after: str, said: tuple[str, ...]
) -> None:
    write(shop, before, after)
    answer = type_("check")
    assert answer.code == 1
    assert [each for each in said if each not in answer.err] == []
    assert "a:b" not in answer.err


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("analytics.orders", "analytics.order", ("workspace.yaml:5", "did you mean 'analytics.orders'?")),
        ("loaded_at", "loaded", ("workspace.yaml:6", "did you mean 'loaded_at'?")),
        ("updated_at: loaded_at", "updated_at: customer", ("workspace.yaml:6", "no time")),
        ("time: sold_at", "time: sold", ("workspace.yaml:5", "did you mean 'sold_at'?")),
        ("warehouse.duckdb", "nowhere.duckdb", ("workspace.yaml:7", "There is no file 'nowhere.duckdb'")),
    ],
)
def test_what_is_not_in_the_warehouse_is_told_with_its_line(
    shop: Path, type_: Typed, before: str, after: str, said: tuple[str, ...]
) -> None:
    write(shop, before, after)
    answer = type_("run")
    assert answer.code == 1
    assert [each for each in said if each not in answer.err] == []


def test_a_file_that_somebody_writes_is_read_the_next_time(shop: Path, type_: Typed) -> None:
    with duckdb.connect(str(shop / "warehouse.duckdb")):
        held = type_("ingest")
    assert held.code == 1
    assert "the next `personas run` reads it" in held.err
    assert "60 stored" in type_("ingest").out


def test_a_source_of_files_is_asked_for_its_files(shop: Path, type_: Typed) -> None:
    start = SETTINGS.index("    table:")
    write(shop, SETTINGS[start : SETTINGS.index("    message_id:")], "")
    answer = type_("ingest")
    assert answer.code == 1
    assert "personas ingest FILE" in answer.err
