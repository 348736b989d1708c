"""A world that answers in cells: many personas side by side, through the loop's own steps, day by day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, timedelta

import numpy as np

from living_personas.demo.side_by_side import FIRST, CellWorld
from living_personas.domain.cell import Cells
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Attribute, Persona
from living_personas.simulate import cells
from living_personas.simulate.cells import Supply
from living_personas.stats.arrays import Floats, Ints

__all__ = ["FIRST", "CellWorld", "Supply", "cells_of", "drawn", "persona", "rng"]


def persona(name: str, *, options: Sequence[str] = ("o0", "o1", "o2", "o3"), days: int = 1) -> Persona:
    """A persona with one attribute, ``framing``, that believes in the first option; its horizon is ``days``."""
    return Persona(
        id=name,
        name=name,
        who="true",
        goal=Goal(event="Bought", within=timedelta(days=days)),
        attributes=(Attribute(name="framing", options=tuple(options), believed=options[0], assign="day"),),
    )


def rng(seed: int) -> np.random.Generator:
    """A generator that is the same everywhere."""
    return np.random.Generator(np.random.PCG64(seed))


def drawn(rates: Callable[[int], Floats], *, units_a_day: int = 1000, seed: int = 0) -> Supply:
    """A supply that draws each persona's units by its tables, and their outcomes at ``rates(day number)``."""
    return cells.drawn_cells(rates, units_a_day=units_a_day, rng=rng(seed))


def cells_of(
    personas: Sequence[str], options: Sequence[str], *, policies: Sequence[str], units: Ints, bought: Ints, day: date
) -> Cells:
    """Cells of units and successes, shape ``(persona, option)``, all of one day."""
    framing = ["framing"] * len(personas)
    offered = [options] * len(personas)
    return cells.cells_of(personas, offered, attributes=framing, policies=policies, units=units, bought=bought, day=day)
