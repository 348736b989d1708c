"""Guardrail accounts: the same betting, one-sided for harm beyond a stated margin."""

from __future__ import annotations

import numpy as np

from living_personas.domain.goal import Guardrail
from living_personas.refining.panel import DayRows, Panel
from living_personas.stats.eprocess import LIFT_WEIGHTS, Sums, margin_log_factor

__all__ = ["harm_wealth"]


def harm_wealth(rows: DayRows, panel: Panel, guardrail: Guardrail, *, new: str, old: str) -> tuple[float, int]:
    """Wealth of "``new`` harms the guardrail's metric beyond its margin, against ``old``", and the units behind it.

    ``rows`` are one subject's cells of the metric since the correction. Their units are played in order of time, each
    row with predictions from the cohorts before it. A harmless value reaches 1/alpha with probability at most alpha.
    """
    if not len(rows):
        return 1.0, 0
    options = panel.options[int(rows.subject[0])]
    k_new, k_old = options.index(new), options.index(old)
    usable = rows.where((rows.shares[:, k_new] > 0) & (rows.shares[:, k_old] > 0))
    o, b = _sums(usable, k_new), _sums(usable, k_old)
    w = usable.shares[:, k_new] / (usable.shares[:, k_new] + usable.shares[:, k_old])
    if guardrail.direction == "drop":
        o, b, w = b, o, 1 - w
    mean, variance = _earlier(usable)
    share = guardrail.share or 0.0
    log = margin_log_factor(
        o,
        b,
        w=w,
        mean=mean,
        variance=variance,
        bound=np.full(len(usable), guardrail.at_most or 1.0),
        points=np.full(len(usable), guardrail.points or 0.0),
        share=np.full(len(usable), share if guardrail.direction == "rise" else 1 / (1 - share) - 1),
    )
    units = int(o.n.sum() + b.n.sum())
    return float(np.exp(min(np.logaddexp.reduce(log.sum(0) + np.log(LIFT_WEIGHTS)), 500.0))), units


def _sums(rows: DayRows, option: int) -> Sums:
    return Sums(*(part[:, option] for part in rows.sums))


def _earlier(
    rows: DayRows,
) -> tuple[np.ndarray[tuple[int], np.dtype[np.float64]], np.ndarray[tuple[int], np.dtype[np.float64]]]:
    """Mean and variance of the outcomes of all cohorts before each row's."""
    n, total, total_sq = (part.sum(-1) for part in rows.sums)
    first = np.searchsorted(rows.cohort, rows.cohort, side="left")
    before = [np.concatenate([[0.0], np.cumsum(part)])[first] for part in (n, total, total_sq)]
    mean = before[1] / np.maximum(before[0], 1.0)
    return mean, before[2] / np.maximum(before[0], 1.0) - mean**2
