"""All benchmarks by name."""

from __future__ import annotations

from refinement.adversaries import ADVERSARIES
from refinement.allocation import ALLOCATION
from refinement.figures import Benchmark
from refinement.knowing import KNOWING
from refinement.portfolio import PORTFOLIO
from refinement.standing import STANDING
from refinement.turning import TURNING

__all__ = ["BENCHMARKS"]

BENCHMARKS: dict[str, Benchmark] = {**STANDING, **ADVERSARIES, **KNOWING, **TURNING, **ALLOCATION, **PORTFOLIO}
