"""All benchmarks by name."""

from __future__ import annotations

from refinement.adversaries import ADVERSARIES
from refinement.agreement import AGREEMENT
from refinement.allocation import ALLOCATION
from refinement.figures import Benchmark
from refinement.gain import GAIN
from refinement.knowing import KNOWING
from refinement.orders import ORDERS
from refinement.other_bandits import OTHER_BANDITS
from refinement.portfolio import PORTFOLIO
from refinement.standing import STANDING
from refinement.turning import TURNING
from refinement.waiting import WAITING

BENCHMARKS: dict[str, Benchmark] = {
    **STANDING,
    **ADVERSARIES,
    **KNOWING,
    **WAITING,
    **TURNING,
    **ALLOCATION,
    **PORTFOLIO,
    **ORDERS,
    **GAIN,
    **AGREEMENT,
    **OTHER_BANDITS,
}
