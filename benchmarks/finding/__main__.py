"""What the search for segments finds, misses and makes up, beside others (docs/explanation/discovery.md).

Prints a table in Markdown: each figure with its 95 % interval (Wilson's for shares), the worlds it is of, its bar, and
whether it is met. `--quick` searches few worlds of each, `--only` some benchmarks. What worlds without a segment, and
those with planted ones, came to is kept in the folder that the variable KEEP names: interrupted, it goes on.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "benchmarks"), str(ROOT / "tests")]

from measuring import main  # noqa: E402

from finding.peers import missing  # noqa: E402 - its path comes first
from finding.table import BENCHMARKS  # noqa: E402

if __name__ == "__main__":
    main("finding", __doc__, BENCHMARKS, left_out=missing())
