"""What young outcomes are worth as a guide of bets and shares (docs/decisions/0005-young-outcomes.md)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from living_personas.loop.learning import learn
from living_personas.refining import accounts
from living_personas.refining.ledger import Entry
from living_personas.refining.panel import DayRows, Panel
from worlds.cells import CellWorld, drawn, persona


def main() -> None:
    """Print a row for each way to steer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=1000)
    replicates = parser.parse_args().replicates
    sys.stdout.write("young outcomes steer  median units    p90  wrong\n")
    for young in (False, True):
        units, wrong = _steered(young=young, replicates=replicates)
        figures = f"{np.median(units):12.0f}  {np.quantile(units, 0.9):5.0f}  {wrong} of {replicates}"
        sys.stdout.write(f"{young!s:20}  {figures}\n")
        sys.stdout.flush()


def _steered(*, young: bool, replicates: int) -> tuple[np.ndarray, int]:
    rates = np.array([0.03, 0.03, 0.03, 0.04])
    world = CellWorld([persona(f"p{i:03d}") for i in range(replicates)], drawn(lambda _day: rates, seed=20260102))
    opened = accounts.open_day

    def complete_only(held: accounts.Accounts, panel: Panel, *, day: int, young: DayRows) -> Entry:
        return opened(held, panel, day=day, young=young.where(np.zeros(len(young), dtype=bool)))

    with patch.object(learn, "open_day", opened if young else complete_only):
        world.run(120, until_all_corrected=True)
    wrong = sum(refinement.new != "o3" for refinement in world.corrected.values())
    return world.units_to_correct(), wrong


if __name__ == "__main__":
    main()
