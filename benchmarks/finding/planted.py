"""Planted groups: how often each is found, how well its words say it to customers nobody has seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from refinement.figures import Benchmark, Figure, quantile

from finding.counting import SEED, agreement, searched, wilson
from living_personas.discovery.explain import say
from living_personas.discovery.feature_matrix import read_sheet
from living_personas.discovery.scorecard import f1
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse
from living_personas.stats.arrays import Bools
from worlds.customers import COLUMNS, World
from worlds.hard_customers import HardPlant, planted_groups

__all__ = ["PLANTED"]

FOUND = 0.5
"""Members' Jaccard from which a group is found."""
SAYABLE = 0.8
"""The F1 of a scorecard that knows the members, below which practically nothing finds a group."""
FRESH = 4_000
"""Customers whom the search has not seen, for the words."""


@dataclass(frozen=True)
class Row:
    """What is planted: the groups, each with a share of so many customers, and the recall that is asked for."""

    plants: tuple[HardPlant, ...]
    customers: int
    share: tuple[float, float]
    bar: float | None

    def run(self, count: int) -> Iterator[Figure]:
        """Recall of the groups, what is published besides, and F1 of scorecard and tree on fresh customers."""
        found = besides = could = did = 0
        cards: list[float] = []
        trees: list[float] = []
        for number in range(count):
            share = self.share[0] + (self.share[1] - self.share[0]) * (number % 9) / 8
            everybody, groups = planted_groups(self.plants, self.customers + FRESH, share=share, seed=SEED + number)
            seen = everybody.frame.slice(0, self.customers)
            candidates = searched(seen, seed=SEED + number).candidates
            alike = np.array([[agreement(c, seen, group[: self.customers]) for group in groups] for c in candidates])
            besides += any(row.max() < FOUND for row in alike)
            for place, group in enumerate(groups):
                sayable = _ceiling(seen, group[: self.customers]) >= SAYABLE
                could += sayable
                if len(alike) and alike[:, place].max() >= FOUND:
                    best = candidates[int(alike[:, place].argmax())]
                    fresh = World(frame=everybody.frame.slice(self.customers), planted=group[self.customers :])
                    found += 1
                    did += sayable
                    cards.append(_f1(best.by_scorecard.rule, fresh))
                    trees.append(_f1(best.explanation.rule, fresh))
        yield wilson("found at Jaccard .5", found, count * len(self.plants), bar=self.bar, least=True)
        yield wilson(f"found, of those that a scorecard can say (F1 {SAYABLE})", did, could)
        yield wilson("worlds with another published", besides, count, bar=0.05, judged="lower")
        if cards:
            yield quantile("F1 of the scorecard, median", cards, 0.5)
            yield quantile("F1 of the tree, median", trees, 0.5)


def _ceiling(frame: pa.Table, members: Bools) -> float:
    """How well a scorecard says the group that knows its members, on the half that it was not made from."""
    sheet = read_sheet(frame, columns=COLUMNS, assigned="persona", customer="customer")
    return say(sheet, members, made_from=np.arange(0, len(sheet), 2)).by_scorecard.f1


def _f1(rule: str, world: World) -> float:
    holds = compile_rule(parse(rule))
    said = np.array([bool(holds(row)) for row in world.frame.to_pylist()])
    return f1(said, world.planted)


_ROWS = {
    "silent 4-8 %, 20,000": Row(("silent",), 20_000, (0.04, 0.08), 0.98),
    "silent 2 %, 10,000": Row(("silent",), 10_000, (0.02, 0.02), 0.9),
    "silent 1.5 %, 20,000": Row(("silent",), 20_000, (0.015, 0.015), 0.8),
    "silent 4 % pulled 40 %, 20,000": Row(("pulled",), 20_000, (0.04, 0.04), 0.8),
    "gifter 4 %, 20,000": Row(("gifter",), 20_000, (0.04, 0.04), 0.9),
    "struggler 5 %, 20,000": Row(("struggler",), 20_000, (0.05, 0.05), 0.6),
    "silent and gifter 5 %, 20,000": Row(("silent", "gifter"), 20_000, (0.05, 0.05), None),
    "timing 6 %, 20,000": Row(("timing",), 20_000, (0.06, 0.06), None),
}
PLANTED = {name: Benchmark(row.run, worlds=40, quick=2) for name, row in _ROWS.items()}
