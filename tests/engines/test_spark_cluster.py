"""Apache Spark keeps every promise of an engine, and an executor that dies takes no outcome with it."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engines.spark_cluster import SparkCluster, spark_cluster
from living_personas.engine_port import Engine
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.spark.spark_engine import SparkEngine
from living_personas.testing import engine_world as world
from living_personas.testing.engine import EngineSuite

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("java") is None, reason="Apache Spark needs Java 17 or newer"),
]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkCluster]:
    """Two executors."""
    with spark_cluster(tmp_path_factory.mktemp("cluster")) as served:
        yield served


class TestSpark(EngineSuite):
    """Rows are shuffled between two executors."""

    @pytest.fixture(autouse=True)
    def _served(self, cluster: SparkCluster, tmp_path_factory: pytest.TempPathFactory) -> None:
        self.address = cluster.address
        self.scratch = tmp_path_factory.mktemp("answers") / "scratch"

    def make_engine(self) -> Engine:
        return SparkEngine(self.address, scratch=lambda: str(self.scratch))

    def make_reference(self) -> Engine:
        return DuckDBEngine(threads=1)


def test_an_executor_that_is_killed_in_mid_fold_costs_no_cell(cluster: SparkCluster, tmp_path: Path) -> None:
    units, events = _many(tmp_path)
    told = {"units": units, "events": events, "links": world.link_table(world.LINKS), "personas": world.PERSONAS}
    wanted = DuckDBEngine(threads=1).fold(world.FIRST, world.LAST, **told).table
    found: list[pa.Table] = []
    fold = threading.Thread(
        target=lambda: found.append(SparkEngine(cluster.address).fold(world.FIRST, world.LAST, **told).table)
    )
    SparkEngine(cluster.address).counts(units, by=["persona"])  # the executors are up
    before = cluster.executors()
    fold.start()
    time.sleep(4.0)
    killed = cluster.kill_one()
    assert fold.is_alive()
    fold.join(300)
    assert killed in before
    assert killed not in cluster.executors()
    assert wanted.num_rows > 50
    assert found == [wanted]


def _many(folder: Path) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The world with 20,000 exposures and 60,000 events, in files."""
    random = Random(11)  # noqa: S311 - a world that is the same every time
    exposures, events = world.exposures_of(random, many=20_000), world.events_of(random, many=60_000)
    units = DuckDBEngine(threads=1).units_between(
        world.FIRST,
        world.LAST,
        exposures=exposures,
        earlier=(),
        links=world.link_table(world.LINKS),
        members=None,
    )
    tables = {"units": units, "events": events}
    paths = {name: str(folder / f"{name}.parquet") for name in tables}
    for name, table in tables.items():
        pq.write_table(table, paths[name])
    return (paths["units"],), (paths["events"],)
