"""What splits by response cost and promise, the whole loop in arrays (docs/explanation/splits.md).

Prints a table in Markdown: each figure with its 95 % interval, the worlds it is of, its bar, and whether it is met. A
control, which lacks the rule that is tested, must fail. `--quick` lives few worlds of each, `--only` some benchmarks.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from measuring import main  # noqa: E402 - its path comes first

from splits.other_policies import missing  # noqa: E402
from splits.real_data import absent  # noqa: E402
from splits.table import BENCHMARKS  # noqa: E402

if __name__ == "__main__":
    main("splits", __doc__, BENCHMARKS, left_out=f"{missing()} {absent()}".strip())
