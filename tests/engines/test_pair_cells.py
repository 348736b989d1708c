"""Pair cells: one GROUP BY in the engine, from which every leaf follows as if it had been counted by itself."""

from __future__ import annotations

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from laws import law
from living_personas.engines.expressions.pair_cells import PAIR_KEY, pair_cells
from living_personas.errors import UnknownNameError
from living_personas.refining.splits.leaves import Pairs, leaves_of
from living_personas.stats.arrays import Floats
from worlds.cells import rng

OPTIONS = ("a", "b", "c")


def units_of(seed: int, *, questions: int, units: int) -> pa.Table:
    """Units whose answers are yes, no, or not known."""
    generator = rng(seed)
    said = {
        f"q {at}": pa.array([(True, False, None)[each] for each in generator.integers(0, 3, units)], pa.bool_())
        for at in range(questions)
    }
    return pa.table(
        {
            "option": pa.array(generator.choice(OPTIONS, units), pa.string()),
            "inside": generator.random(units) < 0.4,
            "success": generator.random(units) < 0.3,
            **said,
        }
    )


def counted(units: pa.Table, *, questions: int) -> pa.Table:
    asked = pair_cells(
        ibis.table(ibis.schema(units.schema), name="units"), questions=[f"q {at}" for at in range(questions)]
    )
    with duckdb.connect() as connection:
        connection.register("units", units)
        return connection.sql(ibis.to_sql(asked, dialect="duckdb")).to_arrow_table()


def totals(units: pa.Table, *, successes: bool) -> Floats:
    frame = units.filter(units["success"]) if successes else units
    option, inside = np.array(frame["option"].to_pylist()), np.array(frame["inside"].to_pylist(), dtype=bool)
    return np.array(
        [[float(((option == each) & (inside == part)).sum()) for each in OPTIONS] for part in (True, False)]
    )


@law(25, deadline=None)
@given(seed=st.integers(0, 10_000), questions=st.integers(1, 5), units=st.integers(0, 60))
def test_every_leaf_follows_from_pairs_as_if_counted_by_itself(seed: int, questions: int, units: int) -> None:
    table = units_of(seed, questions=questions, units=units)
    cells = counted(table, questions=questions)
    assert cells.num_rows <= questions * (questions + 1) // 2 * len(OPTIONS) * 2
    leaves = leaves_of(questions)
    answers = np.array([[bool(each) for each in table[f"q {at}"].to_pylist()] for at in range(questions)], dtype=bool).T
    option, inside, won = (np.array(table[name].to_pylist()) for name in ("option", "inside", "success"))
    for column in ("n", "s"):
        pairs = Pairs.of_cells(
            cells, column=column, questions=questions, options=OPTIONS, total=totals(table, successes=column == "s")
        )
        parts = leaves.parts(pairs)
        for leaf in range(len(leaves)):
            held = leaves.holds(leaf, answers.reshape(units, questions))
            for place, name in enumerate(OPTIONS):
                mine = (option == name) & ((won == 1) | (column == "n")) if units else np.zeros(0, dtype=bool)
                for stratum in (0, 1):
                    here = mine & (inside == (stratum == 0)) if units else mine
                    assert parts[leaf, 0, stratum, place] == (here & held).sum()
                    assert parts[leaf, 1, stratum, place] == (here & ~held).sum()


def test_cells_are_in_order_and_an_option_that_nobody_knows_is_refused() -> None:
    units = units_of(1, questions=3, units=200)
    cells = counted(units, questions=3)
    keys = [*zip(*(cells[name].to_pylist() for name in PAIR_KEY), strict=True)]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
    with pytest.raises(UnknownNameError, match="'c'"):
        Pairs.of_cells(cells, column="n", questions=3, options=("a", "b"), total=np.zeros((2, 2)))
