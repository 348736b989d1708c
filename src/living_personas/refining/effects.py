"""The one effect of an option against another, wherever it is shown: that of the last days whose outcomes are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from living_personas.domain.belief import EffectDays, Interval
from living_personas.errors import InsufficientEvidenceError
from living_personas.refining.panel import DayRows, to_date
from living_personas.stats.arrays import Floats
from living_personas.stats.eprocess import Sums
from living_personas.stats.pair_effect import ahead_since, pair_effect, pair_ratio, window_start

__all__ = ["NOT_KNOWN", "Effect", "effect_of"]


class Effect(NamedTuple):
    """An effect with the days it is of; both None while too little is known."""

    interval: Interval | None
    over: EffectDays | None


NOT_KNOWN = Effect(None, None)


def effect_of(rows: DayRows, *, new: int, old: int, first: int, alpha: float, is_value: bool) -> Effect:
    """What an option brought more than another in the last days, and how that was before.

    Parameters
    ----------
    rows
        The complete rows of one subject, in order of time.
    new, old
        The columns to compare.
    first
        The first day that may count: that of the definition, or of the present question if it is younger.
    alpha, is_value
        As for ``pair_effect``.
    """
    rows = rows.where(np.asarray(rows.cohort >= first))
    if not len(rows):
        return NOT_KNOWN
    begins = window_start(rows.cohort, rows.sums.n.sum(1))
    drawn = rows.where(np.asarray((rows.shares[:, new] > 0) & (rows.shares[:, old] > 0)))
    now = drawn.where(np.asarray(drawn.cohort >= begins))
    interval = _pair(now, new=new, old=old, alpha=alpha, is_value=is_value)
    if interval is None:
        return NOT_KNOWN
    times = _pair(now, new=new, old=old, alpha=alpha, is_value=is_value, of=pair_ratio)
    one, other = _columns(drawn, new), _columns(drawn, old)
    days = EffectDays(
        first=to_date(begins),
        last=to_date(int(rows.cohort[-1])),
        units=int((now.sums.n[:, new] + now.sums.n[:, old]).sum()),
        ahead_since=to_date(ahead_since(one, other, drawn.cohort)),
        before=_pair(drawn.where(np.asarray(drawn.cohort < begins)), new=new, old=old, alpha=alpha, is_value=is_value),
        times=times,
    )
    return Effect(interval, days)


def _pair(
    rows: DayRows, *, new: int, old: int, alpha: float, is_value: bool, of: Callable[..., Interval] = pair_effect
) -> Interval | None:
    try:
        return of(_columns(rows, new), _columns(rows, old), alpha=alpha, is_value=is_value)
    except InsufficientEvidenceError:
        return None


def _columns(rows: DayRows, option: int) -> Sums:
    def one(part: Floats) -> Floats:
        return part[:, option]

    return Sums(*map(one, rows.sums))
