"""How many rows each answer of a Spark server brought."""

from __future__ import annotations

import pyarrow as pa
import pytest

from living_personas.engines.spark.connect import SparkConversation


def rows_fetched(patch: pytest.MonkeyPatch) -> list[int]:
    """The rows of each answer from now on, as long as the patch holds."""
    rows: list[int] = []
    answer = SparkConversation.answer

    def noted(talk: SparkConversation, statement: str) -> pa.Table:
        found = answer(talk, statement)
        rows.append(found.num_rows)
        return found

    patch.setattr(SparkConversation, "answer", noted)
    return rows
