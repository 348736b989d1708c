"""What corrections cost and promise, on the production path: cells in, decisions out (docs/explanation/evidence.md).

Prints a table in Markdown: each figure with its 95 % interval, the worlds it is of, its bar, and whether it is met. A
control, which lacks the rule that is tested, must fail. `--quick` lives few worlds of each, `--only` some benchmarks.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from measuring import main  # noqa: E402 - its path comes first

from refinement.other_bandits import missing  # noqa: E402
from refinement.table import BENCHMARKS  # noqa: E402

if __name__ == "__main__":
    main("refinement", __doc__, BENCHMARKS, left_out=missing() and f"Regret of others: {missing()}")
