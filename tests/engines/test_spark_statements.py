"""What Spark's servers are slow at is in no statement: words that became intervals cost Sail 65 microseconds a row."""

from __future__ import annotations

import pytest

from living_personas.engines.expressions.metric_table import Counted, metric_table
from living_personas.engines.spark.spark_sql import SPARK
from living_personas.engines.statements import (
    customer_amounts_sql,
    fold_sql,
    owned_sql,
    per_customer_sql,
    unit_amounts_sql,
)
from living_personas.testing.engine_world import PERSONAS

COUNTED = Counted.of(metric_table(PERSONAS))
STATEMENTS = {
    "fold": fold_sql(SPARK, COUNTED, linked=True),
    "unit_amounts": unit_amounts_sql(SPARK, COUNTED, linked=True),
    "customer_amounts": customer_amounts_sql(SPARK, COUNTED, days=3, linked=True),
    "per_customer": per_customer_sql(SPARK, COUNTED, linked=True),
    "owned": owned_sql(SPARK, COUNTED, linked=True),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_days_are_added_as_days(name: str) -> None:
    assert "AS INTERVAL" not in STATEMENTS[name]
    assert "DATE_ADD(" in STATEMENTS[name]


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_group_keeps_whichever_value_came_first(name: str) -> None:
    assert "FIRST(" not in STATEMENTS[name]
