"""A server of Spark Connect without a JVM, on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pysail.spark import SparkConnectServer

from living_personas.engines.spark.spark_engine import SparkEngine


@pytest.fixture(scope="session")
def sail_address() -> Iterator[str]:
    """Where Sail listens; a free port, for as long as tests run."""
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    yield f"sc://{host}:{port}"
    server.stop()


@pytest.fixture(scope="session")
def sail(sail_address: str, tmp_path_factory: pytest.TempPathFactory) -> SparkEngine:
    """Sail as an engine that writes answers as files."""
    scratch = str(tmp_path_factory.mktemp("sail") / "scratch")
    return SparkEngine(sail_address, scratch=lambda: scratch)
