"""The engine of a cluster: Spark, asked through Spark Connect."""

from __future__ import annotations

from collections.abc import Callable

from living_personas.engines.spark.connect import SparkConnect
from living_personas.engines.sql_engine import SqlEngine

__all__ = ["SparkEngine"]


class SparkEngine(SqlEngine):
    """Rows in Spark, or in another server of Spark Connect such as Sail; only the answers come here.

    Parameters
    ----------
    address
        Where the server is, such as ``sc://spark.example.com:15002``. Files are read by the server, by the paths that
        the store knows them under.
    scratch
        Names a folder beside which the server may write answers as files, if it sees it under the same path.
    """

    def __init__(self, address: str, *, scratch: Callable[[], str] | None = None) -> None:
        super().__init__(SparkConnect(address, scratch=scratch))
