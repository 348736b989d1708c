"""What strangers and overload cost a service while a server's key sends and decides (docs/explanation/faults.md).

A real `personas serve` in a fresh workspace, with 1,024 open files, is attacked for a minute each. Prints a table in
Markdown: growth of the server's memory, what the server's key was answered and when, events that were acknowledged and
lost by the clients' own books, and seconds from the end of `personas keys revoke` and `personas kill` until they hold,
worst of all rounds during the attack and after it. `--quick` attacks for ten seconds each.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path += [str(ROOT / "tests"), str(ROOT / "benchmarks")]  # `service` is that of the tests

from limits.attacked import BENCHMARKS  # noqa: E402 - its path comes first
from measuring import main  # noqa: E402

if __name__ == "__main__":
    main("limits", __doc__, BENCHMARKS, left_out="", unit="seconds", jobs=1)
