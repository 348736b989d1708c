"""DuckDB and Sail keep every promise of an engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from living_personas.engine_port import Engine
from living_personas.engines.duckdb import session
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.spark.spark_engine import SparkEngine
from living_personas.testing.engine import EngineSuite

pytestmark = pytest.mark.long


class TestDuckDB(EngineSuite):
    """Two threads, rows in another order and answers in files: the answers of one thread."""

    @pytest.fixture(autouse=True)
    def _written(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(session, "FEW", 4)
        self.spill = str(tmp_path / "spill")

    def make_engine(self) -> Engine:
        return DuckDBEngine(threads=2, spill=self.spill)

    def make_reference(self) -> Engine:
        return DuckDBEngine(threads=1)


class TestSail(EngineSuite):
    """Spark's words, without a JVM; what stays there is files."""

    @pytest.fixture(autouse=True)
    def _served(self, sail: SparkEngine) -> None:
        self.sail = sail

    def make_engine(self) -> Engine:
        return self.sail

    def make_reference(self) -> Engine:
        return DuckDBEngine(threads=1)


class TestSailAlone(EngineSuite):
    """A server that sees no folder of this process: what stays there is views, and what is written comes as tables."""

    @pytest.fixture(autouse=True)
    def _served(self, sail_address: str) -> None:
        self.sail = SparkEngine(sail_address, scratch=lambda: "/proc/nowhere/spill")

    def make_engine(self) -> Engine:
        return self.sail

    def make_reference(self) -> Engine:
        return DuckDBEngine(threads=1)
