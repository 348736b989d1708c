"""Lists are decided where the rows are: only what is asked for at the end comes here, piece by piece."""

from __future__ import annotations

import pytest

from living_personas.engines.spark.spark_engine import SparkEngine
from serving.known_lists import ASKING, differences

pytestmark = pytest.mark.long


@pytest.mark.parametrize("asking", ASKING)
def test_lists_are_to_the_byte_what_they_are_elsewhere(sail: SparkEngine, asking: str) -> None:
    assert differences("sqlite", asking, sail) == []
