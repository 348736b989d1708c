"""A column of many numbers is written as JSON at once, and as each would be by itself."""

from __future__ import annotations

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.sources import column_values
from living_personas.sources.blocks import BlockColumn, ReadValues
from living_personas.sources.column_values import numbers_in, outcomes_in, properties_in

FLOATS = st.lists(st.none() | st.floats(), min_size=1).map(lambda all_: pa.array(all_, pa.float64()))
NARROW = st.lists(st.none() | st.floats(width=32), min_size=1).map(lambda all_: pa.array(all_, pa.float32()))
WHOLE = st.lists(st.none() | st.integers(-(2**63), 2**63 - 1), min_size=1).map(lambda all_: pa.array(all_, pa.int64()))
COUNTS = st.lists(st.integers(0, 2**64 - 1), min_size=1).map(lambda all_: pa.array(all_, pa.uint64()))


def written(array: pa.Array) -> list[tuple[list[str | None], list[bool]]]:
    column = BlockColumn(array)
    answers: list[ReadValues[str]] = [
        properties_in(column, "n", typed=True),
        properties_in(column, "n", typed=False),
        numbers_in(column, "n", decimal=None),
        numbers_in(column, "n", decimal=","),
        outcomes_in(column, "n", decimal=None, in_words=True),
    ]
    return [(each.taken(pa.string()).to_pylist(), each.bad_rows.tolist()) for each in answers]


@law(60)
@given(st.one_of(FLOATS, NARROW, WHOLE, COUNTS))
def test_many_numbers_are_written_as_each_alone(array: pa.Array) -> None:
    alone = written(array)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(column_values, "_MANY", 0)
        assert written(array) == alone
