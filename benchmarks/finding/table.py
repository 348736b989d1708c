"""All benchmarks by name."""

from __future__ import annotations

from refinement.figures import Benchmark

from finding.cost import COST
from finding.kept_rules import RULES
from finding.nulls import NULL_WORLDS
from finding.peers import PEERS
from finding.planted import PLANTED
from finding.real import REAL
from finding.steady import STEADY

BENCHMARKS: dict[str, Benchmark] = {
    **PLANTED,
    **NULL_WORLDS,
    **PEERS,
    **STEADY,
    **RULES,
    **REAL,
    **COST,
}
