"""A world that answers in cells: units drawn by the tables in force, and their outcomes at rates that we know."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import numpy as np
import pyarrow as pa

from living_personas.domain.cell import GOAL, Cells
from living_personas.domain.snapshot import Snapshot, SnapshotPersona
from living_personas.stats.arrays import Floats, Ints

__all__ = ["Supply", "cells_of", "drawn_cells"]

Supply = Callable[[int, date, Snapshot], Cells]
"""What becomes known on a day (number, date) under the snapshot in force."""


def drawn_cells(rates: Callable[[int], Floats], *, units_a_day: int | Ints = 1000, rng: np.random.Generator) -> Supply:
    """A supply that draws each persona's units by its tables, and their outcomes.

    Parameters
    ----------
    rates
        The success rates on a day (its number), shape ``(personas, options)`` or ``(options,)``; personas in the order
        of the snapshot, each with one attribute and as many options as the others.
    units_a_day
        How many units come to each persona, one number or shape ``(personas,)``.
    rng
        The chance of it all.
    """

    def supply(number: int, day: date, snapshot: Snapshot) -> Cells:
        tables = [_in_force(each, day) for each in snapshot.personas]
        units = rng.multinomial(units_a_day, np.array([shares for shares, _ in tables]))
        bought = rng.binomial(units, rates(number))
        attributes = [each.attributes[0] for each in snapshot.personas]
        return cells_of(
            [each.persona for each in snapshot.personas],
            [attribute.options for attribute in attributes],
            attributes=[attribute.attribute for attribute in attributes],
            policies=[policy for _, policy in tables],
            units=units,
            bought=bought,
            day=day,
        )

    return supply


def cells_of(
    personas: Sequence[str],
    options: Sequence[Sequence[str]],
    *,
    attributes: Sequence[str],
    policies: Sequence[str],
    units: Ints,
    bought: Ints,
    day: date,
) -> Cells:
    """Cells of units and successes, shape ``(personas, options)``, that came and were answered on one day."""
    a, k = units.shape
    n, s = units.ravel(), bought.ravel()
    columns = {
        "outcome_day": pa.array([day] * a * k, type=pa.date32()),
        "persona": _each(personas, k),
        "attribute": _each(attributes, k),
        "metric": [GOAL] * a * k,
        "option": [option for each in options for option in each],
        "cohort": pa.array([day] * a * k, type=pa.date32()),
        "channel": [""] * a * k,
        "stratum": [""] * a * k,
        "policy": _each(policies, k),
        "n": n,
        "s": s,
        "sum": s.astype(float),
        "sum_sq": s.astype(float),
    }
    return Cells.of(pa.table(columns))


def _each(names: Sequence[str], times: int) -> list[str]:
    return [name for name in names for _ in range(times)]


def _in_force(each: SnapshotPersona, day: date) -> tuple[tuple[float, ...], str]:
    """Shares and name of the table that epochs beginning on ``day`` are drawn from."""
    tables = each.attributes[0].tables
    table = next((table for table in reversed(tables) if table.day <= day), tables[0])
    return table.shares, table.policy
