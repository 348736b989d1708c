"""What Spark's servers are slow at is in no statement: words that became intervals cost Sail 65 microseconds a row."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from living_personas.engines.expressions.amounts import unit_amounts
from living_personas.engines.expressions.metric_table import Counted, metric_table
from living_personas.engines.expressions.owned import owned
from living_personas.engines.expressions.per_customer import per_customer
from living_personas.engines.spark.spark_sql import SPARK
from living_personas.engines.statements import customer_amounts_sql, fold_sql, outcomes_sql, units_sql
from living_personas.testing.engine_world import PERSONAS

STATEMENTS: dict[str, Callable[..., str]] = {
    "fold": partial(fold_sql, days=2),
    "unit_amounts": partial(outcomes_sql, unit_amounts),
    "customer_amounts": partial(customer_amounts_sql, days=3),
    "per_customer": partial(outcomes_sql, per_customer),
    "owned": partial(outcomes_sql, owned, days=("first", "last")),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_days_are_added_as_days_and_no_group_keeps_whichever_value_came_first(name: str) -> None:
    statement = said(name)
    assert "AS INTERVAL" not in statement
    assert "DATE_ADD(" not in statement  # of a column of days Sail makes an interval, too
    assert "DATE_FROM_UNIX_DATE(" in statement
    assert "FIRST(" not in statement


def test_cells_need_no_window_over_the_days_of_a_unit() -> None:
    assert " OVER (" not in said("fold")


def test_units_are_ranked_where_moments_are_tied_only() -> None:
    asked = units_sql(SPARK, earlier=True, linked=False, members=False)
    alone, tied = asked.split(" UNION ALL ")
    assert " OVER (" not in alone
    assert tied.count(" OVER (") == 1
    assert "ORDER BY `t" not in tied.rpartition(" OVER (")[2].partition(")")[2]  # what stays is in no order


def said(name: str) -> str:
    return STATEMENTS[name](SPARK, Counted.of(metric_table(PERSONAS)), linked=True)
