"""What is known in memory is what the table says, for every customer and every id that leads to one."""

from __future__ import annotations

from math import nan
from timeit import repeat

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.steps.known import Known
from living_personas.stores.linking import LINK_SCHEMA

ROW = st.fixed_dictionaries(
    {
        "orders": st.none() | st.floats(allow_nan=False),
        "plan": st.none() | st.sampled_from(["free", "pro", ""]),
        "mobile": st.none() | st.booleans(),
    }
)
SCHEMA = pa.schema(
    {"customer": pa.string(), "orders": pa.float64(), "plan": pa.string(), "mobile": pa.bool_(), "persona": pa.string()}
)


def table(rows: dict[str, dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist([{"customer": id_, "persona": "p", **row} for id_, row in rows.items()], schema=SCHEMA)


def links(pairs: dict[str, str]) -> pa.Table:
    return pa.table({"id": list(pairs), "customer": list(pairs.values())}, schema=LINK_SCHEMA)


@given(rows=st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=3), ROW, max_size=30))
def test_what_is_known_is_what_the_table_says(rows: dict[str, dict[str, object]]) -> None:
    known = Known(table(rows), links({}))
    for id_, row in rows.items():
        assert known.of(id_) == {**row, "persona": "p"}
    assert known.of("nobody at all") == {}


def test_linked_ids_lead_to_the_customer() -> None:
    known = Known(table({"u1": {"orders": 2.0}}), links({"a1": "u1", "a2": "u9"}))
    assert known.of("a1") == known.of("u1")
    assert known.of("a2") == {}


def test_a_number_that_is_none_is_unknown() -> None:
    assert Known(table({"u1": {"orders": nan}}), links({})).of("u1")["orders"] is None


@pytest.mark.slow
def test_a_million_customers_are_found_in_microseconds() -> None:
    count = 1_000_000
    columns = {"customer": [f"customer-{n}" for n in range(count)], "orders": [float(n % 7) for n in range(count)]}
    known = Known(pa.table(columns), links({}))
    assert known.of("customer-999999") == {"orders": float(999_999 % 7)}
    assert min(repeat(lambda: known.of("customer-123456"), number=1_000, repeat=5)) / 1_000 < 50e-6
