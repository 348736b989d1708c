"""DuckDB and Sail keep every promise of an engine."""

from __future__ import annotations

import pytest

from living_personas.engine_port import Engine
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.spark.spark_engine import SparkEngine
from living_personas.testing.engine import EngineSuite

pytestmark = pytest.mark.long


class TestDuckDB(EngineSuite):
    """Two threads and rows in another order: the answers of one thread."""

    def make_engine(self) -> Engine:
        return DuckDBEngine(threads=2)

    def make_reference(self) -> Engine:
        return DuckDBEngine(threads=1)


class TestSail(EngineSuite):
    """Spark's words, without a JVM."""

    @pytest.fixture(autouse=True)
    def _served(self, sail: SparkEngine) -> None:
        self.sail = sail

    def make_engine(self) -> Engine:
        return self.sail

    def make_reference(self) -> Engine:
        return DuckDBEngine(threads=1)
