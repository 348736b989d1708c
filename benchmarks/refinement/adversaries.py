"""Adversaries who nominate, pause and hand over as they like, from earlier days only; without a rule each must win."""

from __future__ import annotations

from collections.abc import Iterator

from refinement.figures import Benchmark, Figure, share
from refinement.lived import SEED
from worlds.adversary import false_corrections, false_transfers


def nominating(count: int) -> Iterator[Figure]:
    """Nominations and pauses; 12 options, ten of them better."""
    own, total = (false_corrections(replicates=count, rule=rule, seed=SEED) for rule in ("own", "sum"))
    yield share("false corrections, bar on the own account", own, count, bar=0.065)
    yield share("control: bar on the sum over options", total, count, bar=0.065, side="must exceed")


def handing_over(count: int) -> Iterator[Figure]:
    """Transfers from a better option to worthless ones."""
    capped, free = (false_transfers(replicates=count, capped=capped, seed=SEED) for capped in (True, False))
    yield share("false corrections, transfers up to the principal", capped, count, bar=0.05)
    yield share("control: transfers of everything", free, count, bar=0.9, side="must exceed")


ADVERSARIES = {
    "adversary": Benchmark(nominating, worlds=600, quick=150),
    "adversarial transfers": Benchmark(handing_over, worlds=500, quick=100),
}
