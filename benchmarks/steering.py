"""What steers the bets: patience and young outcomes, in the same worlds (docs/decisions/0005-patience.md)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from unittest.mock import patch

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from living_personas.refining import accounts
from living_personas.refining.panel import DayRows
from living_personas.steps import learn
from worlds.cells import CellWorld, drawn, persona


def main() -> None:
    """Print a row for each way to steer."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--replicates", type=int, default=500)
    replicates = parser.parse_args().replicates
    sys.stdout.write("patience  young  median units  p90  wrong\n")
    for patience, young in ((0.0, False), (0.0, True), (0.5, False), (0.5, True), (1.0, True)):
        units, wrong = _steered(patience, young=young, replicates=replicates)
        spread = f"{np.median(units):12.0f}  {np.quantile(units, 0.9):.0f}"
        sys.stdout.write(f"{patience:8.1f}  {young!s:5}  {spread}  {wrong} of {replicates}\n")
        sys.stdout.flush()


def _steered(patience: float, *, young: bool, replicates: int) -> tuple[np.ndarray, int]:
    rates = np.array([0.03, 0.03, 0.03, 0.04])
    world = CellWorld([persona(f"p{i:03d}") for i in range(replicates)], drawn(lambda _day: rates, seed=20260102))
    opened = accounts.open_day

    def without_young(held: accounts.Accounts, panel: accounts.Panel, *, day: int, young: DayRows) -> accounts.Entry:
        return opened(held, panel, day=day, young=young.where(np.zeros(len(young), dtype=bool)))

    with (
        patch.object(accounts, "PATIENCE", patience),
        patch.object(learn, "open_day", opened if young else without_young),
    ):
        world.run(120, until_all_corrected=True)
    wrong = sum(refinement.new != "o3" for refinement in world.corrected.values())
    return world.units_to_correct(), wrong


if __name__ == "__main__":
    main()
