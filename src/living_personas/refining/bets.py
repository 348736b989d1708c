"""What a day's units multiply the accounts by: every challenger against the current value, and the other way round."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from living_personas.domain.value import value
from living_personas.refining.ledger import Entry, Means
from living_personas.refining.panel import DayRows, Panel
from living_personas.refining.strata import found
from living_personas.stats.arrays import Bools, Floats, Ints, add_at
from living_personas.stats.eprocess import LIFT_WEIGHTS, Sums, assignment_log_factor, value_log_factor

__all__ = ["Factors", "early_factors", "factors"]

PRIOR_RATE, PRIOR_UNITS = 0.05, 20.0
"""Predicted success rate before anything is known, and the units it is worth. Steers growth only."""


@value
class Factors:
    """Log factors of a day, shape ``(A, K, 5)`` each, 0 where nothing is bet.

    ``better`` of "k is more than the margin times as good as the current value", ``worse`` of "the current value is
    better than k". Only for subjects whose margin is above 1: ``any_better`` of "k is better at all", and ``short`` of
    "k is less than the margin times as good".
    """

    better: Floats
    worse: Floats
    any_better: Floats
    short: Floats


class _Pairs(NamedTuple):
    """Challengers (``option``) beside the current value of their ``subject``, one of each row of units, shape (P,)."""

    subject: Ints
    option: Ints
    o: Sums
    b: Sums
    w: Floats
    predicted: Floats
    cap: Floats

    def where(self, keep: Bools) -> _Pairs:
        """Some of the pairs."""
        o, b = (Sums(*(part[keep] for part in side)) for side in (self.o, self.b))
        return _Pairs(self.subject[keep], self.option[keep], o, b, self.w[keep], self.predicted[keep], self.cap[keep])


def factors(rows: DayRows, panel: Panel, entry: Entry) -> Factors:
    """The log factors of a day's units, by the predictions that were fixed for the day."""
    pairs = _pairs(rows, panel, entry)
    margin = panel.margin[pairs.subject]
    asks = margin > 1
    some = pairs.where(asks)
    open_ = entry.gate[pairs.subject, pairs.option]
    betting = pairs.where(open_)
    return Factors(
        better=_added(betting, panel, _log_factor(betting, panel, margin[open_])),
        worse=_added(pairs, panel, _log_factor(_swapped(pairs), panel, np.ones(asks.shape))),
        any_better=_added(some, panel, _log_factor(some, panel, np.ones(some.w.shape))),
        short=_added(some, panel, _log_factor(_swapped(some), panel, 1 / margin[asks])),
    )


def early_factors(rows: DayRows, panel: Panel, entry: Entry, completion: Floats) -> Floats:
    """The log factors of what a day's units came to within an early window, shape ``(A, K, 5)``.

    Of "k is more than the margin times as good as the current value" within the whole horizon. ``completion`` (A,) is
    at most the part c of its outcomes that the current value has within the window: as k has no more of them than in
    all, what must be refuted is that k has at most margin / c times as many there. Predictions are scaled by c.
    """
    pairs = _pairs(rows, panel, entry)
    within = completion[pairs.subject]
    pairs = pairs._replace(predicted=pairs.predicted * np.column_stack([np.ones(within.size), within, within]))
    return _added(pairs, panel, _log_factor(pairs, panel, panel.margin[pairs.subject] / within))


def _pairs(rows: DayRows, panel: Panel, entry: Entry) -> _Pairs:
    current = panel.current[rows.subject]
    share_b = rows.shares[np.arange(len(rows)), current]
    row, option = np.nonzero((rows.shares > 0) & (share_b > 0)[:, None] & ~panel.is_current[rows.subject])
    share_o = rows.shares[row, option]
    return _Pairs(
        subject=rows.subject[row],
        option=option,
        o=Sums(*(part[row, option] for part in rows.sums)),
        b=Sums(*(part[row, current[row]] for part in rows.sums)),
        w=share_o / (share_o + share_b[row]),
        predicted=_predicted(rows, entry.means)[row],
        cap=entry.caps[rows.subject[row]],
    )


def _swapped(pairs: _Pairs) -> _Pairs:
    return pairs._replace(o=pairs.b, b=pairs.o, w=1 - pairs.w)


def _log_factor(pairs: _Pairs, panel: Panel, ratio: Floats) -> Floats:
    n, total, total_sq = pairs.predicted.T
    pbar = np.clip((total + PRIOR_UNITS * PRIOR_RATE) / (n + PRIOR_UNITS), 1e-6, 1 - 1e-6)
    out = assignment_log_factor(pairs.o, pairs.b, w=pairs.w, pbar=pbar, ratio=ratio)
    is_value = panel.is_value[pairs.subject]
    if not is_value.any():
        return out
    mean = total / np.maximum(n, 1e-9)
    bounded = np.isfinite(pairs.cap)
    worth = value_log_factor(
        pairs.o,
        pairs.b,
        w=pairs.w,
        mean=mean,
        variance=np.where(bounded, total_sq / np.maximum(n, 1e-9) - mean**2, 0.0),
        bound=np.where(bounded, pairs.cap, 1.0),
        ratio=ratio,
    )
    return np.where(is_value[:, None], worth, out)


def _added(pairs: _Pairs, panel: Panel, logs: Floats) -> Floats:
    """The pairs' logs at their places, those of one challenger added up."""
    a, k = panel.mask.shape
    out = np.zeros((a * k, LIFT_WEIGHTS.size))
    place = pairs.subject * k + pairs.option
    add_at(out, place, logs)
    return out.reshape(a, k, LIFT_WEIGHTS.size)


def _predicted(rows: DayRows, means: Means) -> Floats:
    """Units, sum and sum of squares that predict each row: its stratum's, leaning on its subject's."""
    pooled = means.pooled[rows.subject]
    lean = PRIOR_UNITS * pooled / np.maximum(pooled[:, :1], 1e-9) * (pooled[:, :1] > 0)
    own = np.concatenate([means.sums, np.zeros((1, 3))])[found(means.keys, rows.places())]
    return np.asarray(own + lean, dtype=np.float64)
