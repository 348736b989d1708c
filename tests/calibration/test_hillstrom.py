"""Real data with a known answer (Hillstrom 2008), many times over: shuffled days, and arms without a meaning."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from pyarrow import csv

from living_personas.domain.cell import Cells
from living_personas.domain.snapshot import Snapshot
from living_personas.stats.arrays import Ints
from worlds.cells import CellWorld, cells_of, persona, rng

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[3] / "shared" / "data" / "hillstrom" / "hillstrom.csv.gz"
OPTIONS = ("Womens E-Mail", "Mens E-Mail", "No E-Mail")
GROUPS = {"mens-only": (1, 0), "womens-only": (0, 1), "both": (1, 1)}
DAYS = 40


class Replay:
    """Many replays of the file side by side: a persona for each group and replicate."""

    def __init__(self, replicates: int, *, permute: bool, seed: int) -> None:
        self.generator = rng(seed)
        table = csv.read_csv(DATA)
        option = np.array([OPTIONS.index(name) for name in table["segment"].to_pylist()])
        visit = np.asarray(table["visit"].to_numpy())
        bought = np.column_stack([table["mens"].to_numpy(), table["womens"].to_numpy()])
        self.names: list[str] = []
        units, visits = [], []
        for group, (mens, womens) in GROUPS.items():
            members = np.flatnonzero((bought[:, 0] == mens) & (bought[:, 1] == womens))
            batch = self.generator.integers(DAYS, size=members.size)
            for replicate in range(replicates):
                self.names.append(f"{group}/{replicate:03d}")
                arms = self.generator.permutation(option[members]) if permute else option[members]
                days = self.generator.permutation(DAYS)[batch]
                units.append(_counted(days, arms, np.ones(members.size, dtype=np.int64)))
                visits.append(_counted(days, arms, visit[members]))
        self.units, self.visits = np.stack(units, axis=1), np.stack(visits, axis=1)

    def world(self) -> CellWorld:
        """The world of these replays, lived to its end."""
        world = CellWorld([persona(name, options=OPTIONS) for name in self.names], self._day)
        shares = json.dumps(dict.fromkeys(OPTIONS, 1 / 3)).encode()
        world.context.store.facts.set({"policy/logged/hillstrom": shares})
        return world.run(DAYS + 1)

    def _day(self, number: int, day: date, _snapshot: Snapshot) -> Cells:
        if number >= DAYS:
            return Cells.none()
        policies = ["logged/hillstrom"] * len(self.names)
        units, bought = self.units[number], self.visits[number]
        return cells_of(self.names, OPTIONS, policies=policies, units=units, bought=bought, day=day)


def _counted(days: Ints, arms: Ints, weights: Ints) -> Ints:
    """Sums by day and option, shape ``(DAYS, 3)``."""
    out = np.zeros((DAYS, len(OPTIONS)), dtype=np.int64)
    np.add.at(out, (days, arms), weights)
    return out


@pytest.fixture(autouse=True)
def _needs_data() -> None:
    if not DATA.exists():
        pytest.skip(f"the Hillstrom file is not at {DATA}")


def test_twenty_orders_of_days_never_correct_the_wrong_way() -> None:
    world = Replay(20, permute=False, seed=20080320).world()
    corrected = Counter((name.split("/")[0], r.new) for name, r in world.corrected.items())
    confirmed = Counter(name.split("/")[0] for name in world.confirmed)
    print(f"\n20 orders of days: corrected {dict(corrected)}, confirmed {dict(confirmed)}")
    assert set(corrected) <= {("mens-only", "Mens E-Mail"), ("both", "Mens E-Mail")}
    assert corrected["mens-only", "Mens E-Mail"] == 20
    assert confirmed["womens-only"] == 0


def test_arms_without_a_meaning_are_rarely_believed() -> None:
    world = Replay(200, permute=True, seed=20080321).world()
    false = Counter(name.split("/")[0] for name in world.corrected)
    print(f"\n200 replays with permuted arms: false corrections {dict(false)}")
    assert all(false[group] <= 16 for group in GROUPS)
