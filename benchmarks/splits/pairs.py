"""What counting the pairs of a day costs in the engine: one GROUP BY of 50,000 units, 24 questions, 4 options."""

from __future__ import annotations

from collections.abc import Iterator
from time import process_time

import duckdb
import ibis
import numpy as np
import pyarrow as pa
from refinement.figures import Benchmark, Figure, mean
from refinement.lived import SEED

from living_personas.engines.expressions.pair_cells import pair_cells
from worlds.cells import rng
from worlds.responses import QUESTIONS, people_answering

UNITS = 50_000


def a_day(count: int) -> Iterator[Figure]:
    """So many days, each of other units; seconds of the processor, on one thread."""
    names = [f"q{at}" for at in range(QUESTIONS)]
    seconds, rows = np.zeros(count), np.zeros(count)
    for day in range(count):
        generator = rng(SEED + day)
        answers = people_answering(UNITS, rng=generator)
        units = pa.table(
            {
                "option": generator.choice(["a", "b", "c", "d"], UNITS),
                "inside": answers[:, 0],
                "success": generator.random(UNITS) < 0.03,
                **{name: answers[:, at] for at, name in enumerate(names)},
            }
        )
        sql = ibis.to_sql(pair_cells(ibis.table(ibis.schema(units.schema), name="units"), questions=names), "duckdb")
        with duckdb.connect(config={"threads": 1}) as connection:
            connection.register("units", units)
            began = process_time()
            rows[day] = connection.sql(sql).to_arrow_table().num_rows
            seconds[day] = process_time() - began
    yield mean("seconds of CPU for 50,000 units", seconds, bar=0.5)
    yield mean("rows of a day", rows, bar=2400)


PAIRS = {"pair cells": Benchmark(a_day, worlds=20, quick=5)}
