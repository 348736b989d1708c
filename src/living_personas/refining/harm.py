"""Guardrail accounts: the same betting, one-sided for harm beyond a stated margin."""

from __future__ import annotations

import numpy as np

from living_personas.domain.goal import Guardrail
from living_personas.domain.harm_account import NOTHING_PLAYED, HarmAccount
from living_personas.refining.panel import DayRows, Panel
from living_personas.stats.arrays import Floats, Ints
from living_personas.stats.eprocess import LIFT_WEIGHTS, Sums, margin_log_factor

__all__ = ["harm_account", "harm_wealth"]


def harm_account(
    rows: DayRows, panel: Panel, guardrail: Guardrail, *, new: str, old: str, before: HarmAccount = NOTHING_PLAYED
) -> HarmAccount:
    """The account of "``new`` harms the guardrail's metric beyond its margin, against ``old``", after more cohorts.

    ``rows`` are one subject's cells of the metric, of whole cohorts that come after those of ``before``. Their units
    are played in order of time, each row with predictions from the cohorts before it: some cohorts and those after
    them are all of them, to the bit.
    """
    if not len(rows):
        return before
    options = panel.options[int(rows.subject[0])]
    k_new, k_old = options.index(new), options.index(old)
    usable = rows.where((rows.shares[:, k_new] > 0) & (rows.shares[:, k_old] > 0))
    if not len(usable):
        return before
    o, b = _sums(usable, k_new), _sums(usable, k_old)
    units = before.units + int(o.n.sum() + b.n.sum())
    w = usable.shares[:, k_new] / (usable.shares[:, k_new] + usable.shares[:, k_old])
    if guardrail.direction == "drop":
        o, b, w = b, o, 1 - w
    begins = _begins(usable.cohort)
    known = _known(usable, before)
    mean, variance = _predicted(known[:, np.searchsorted(usable.cohort, usable.cohort, side="left")])
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
    played = np.array(before.logs or np.zeros(log.shape[1]))[None]
    logs = np.cumsum(np.concatenate([played, np.add.reduceat(log, begins, axis=0)]), axis=0)[-1]
    n, total, total_sq = known[:, -1].tolist()
    return HarmAccount(logs=tuple(logs.tolist()), n=n, total=total, total_sq=total_sq, units=units)


def harm_wealth(account: HarmAccount) -> float:
    """What an account holds; that of a harmless value reaches 1/alpha with probability at most alpha."""
    if not account.logs:
        return 1.0
    return float(np.exp(min(np.logaddexp.reduce(np.array(account.logs) + np.log(LIFT_WEIGHTS)), 500.0)))


def _sums(rows: DayRows, option: int) -> Sums:
    return Sums(*(part[:, option] for part in rows.sums))


def _begins(cohort: Ints) -> Ints:
    """The first row of each cohort."""
    return np.flatnonzero(np.diff(cohort, prepend=cohort[0] - 1))


def _known(rows: DayRows, before: HarmAccount) -> Floats:
    """Units, outcomes and their squares of all options before each row, and after the last, shape (3, R + 1)."""
    so_far = np.array([[before.n], [before.total], [before.total_sq]])
    return np.cumsum(np.concatenate([so_far, np.array([part.sum(-1) for part in rows.sums])], axis=1), axis=1)


def _predicted(known: Floats) -> tuple[Floats, Floats]:
    """Mean and variance of the outcomes."""
    n = np.maximum(known[0], 1.0)
    mean = known[1] / n
    return mean, known[2] / n - mean**2
