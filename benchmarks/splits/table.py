"""All benchmarks of splits by name."""

from __future__ import annotations

from refinement.figures import Benchmark

from splits.controls import CONTROLS
from splits.finding import FINDING
from splits.nothing_there import NOTHING_THERE
from splits.other_policies import OTHER_POLICIES
from splits.pairs import PAIRS
from splits.real_data import REAL_DATA
from splits.regret import REGRET

BENCHMARKS: dict[str, Benchmark] = {
    **NOTHING_THERE,
    **CONTROLS,
    **FINDING,
    **REGRET,
    **OTHER_POLICIES,
    **PAIRS,
    **REAL_DATA,
}
