"""What the settings of a belief cost, in days until a better option is known (``personas plan``)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import numpy as np

from living_personas.domain.counted import counted
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError
from living_personas.refining.completion import SOONEST
from living_personas.refining.early import WINDOWS_KEEP
from living_personas.refining.windows import CANDIDATES, COMPLETE_OUTCOMES
from living_personas.stats.arrays import Floats
from living_personas.stats.power import Steady, expected_days, expected_units
from living_personas.workspace.quantities import share_text

__all__ = ["PRICED_HORIZONS", "PRICED_MARGIN", "Price", "Traffic", "prices"]

PRICED_HORIZONS = (7, 3, 1)
"""Days of `within` that are priced."""

PRICED_MARGIN = 0.02

Setting = Literal["as it is", "within", "options", "worth_changing", "promise", "early window"]


@value
class Price:
    """How many days it takes with another setting: ``days``, None where that cannot be said, for a reason (``why``)."""

    setting: Setting
    value: str
    days: int | None
    why: str = ""


@value
class Traffic:
    """What comes to a belief: units a day, outcomes per unit, and how it is asked.

    ``wait`` are the days until a day's units are complete, of which ``horizon`` are those of the goal; ``margin`` is
    the relative lift that is worth changing; ``window`` (0 for none) an early window with the part of the outcomes,
    ``completion``, that it surely holds.
    """

    units_a_day: float
    rate: float
    options: int
    wait: int
    horizon: int
    margin: float = 0.0
    window: int = 0
    completion: float = 1.0

    def time(self, lift: float, *, alpha: float) -> tuple[int, int]:
        """Units and days until an option that is better by ``lift`` is known, near the median.

        Raises
        ------
        InsufficientEvidenceError
            If the lift is not above the margin.
        """
        budget = alpha * WINDOWS_KEEP / 2 if self.window else alpha
        units = expected_units(self.rate, lift, alpha=budget, margin=self.margin, options=self.options)
        whole = units, expected_days(units, units_a_day=self.units_a_day, wait=self.wait)
        early = self._early(lift, alpha=budget) if self.window else whole
        return min(whole, early, key=lambda found: found[1])

    def _early(self, lift: float, *, alpha: float) -> tuple[int, int]:
        margin = (1 + self.margin) / self.completion - 1
        try:
            units = expected_units(self.rate * self.completion, lift, alpha=alpha, margin=margin, options=self.options)
        except InsufficientEvidenceError:  # so small a lift is not seen through the window
            return 0, int(np.iinfo(np.int64).max)
        wait = self.wait - self.horizon + self.window
        return units, expected_days(units, units_a_day=self.units_a_day, wait=wait)

    def within(self, days: int, steady: Steady) -> Traffic:
        """The same if the goal looked so many days ahead, judged at the horizon alone."""
        wait = self.wait - self.horizon + days
        rate = self.rate * steady.within(wait, instead_of=self.wait) / steady.rate
        return replace(self, wait=wait, horizon=days, rate=rate, window=0, completion=1.0)


def prices(
    traffic: Traffic, *, lift: float, alpha: float, first: float, steady: Steady | None, bounds: Floats
) -> tuple[Price, ...]:
    """What other settings would cost if another option were better by ``lift`` (relative).

    Parameters
    ----------
    alpha, first
        The error budget, and that of the first correction under what is promised.
    steady
        What comes by itself, day by day; None where that cannot be told.
    bounds
        The lower bounds of the part of its outcomes that the value has in each candidate window, 0 where not known.
    """
    if lift <= traffic.margin:
        return ()
    return (
        Price(setting="as it is", value="", days=traffic.time(lift, alpha=first)[1]),
        *_of_within(traffic, steady, lift=lift, alpha=first),
        *_of_options(traffic, lift=lift, alpha=first),
        *_of_margin(traffic, lift=lift, alpha=first),
        _of_promise(traffic, lift=lift, alpha=alpha, first=first),
        *_of_window(traffic, bounds, lift=lift, alpha=first),
    )


def _of_within(traffic: Traffic, steady: Steady | None, *, lift: float, alpha: float) -> Iterator[Price]:
    """The same outcomes more by a better option, and fewer or more that come by themselves."""
    for days in PRICED_HORIZONS:
        if days == traffic.horizon:
            continue
        said = counted(days, "day")
        if steady is None:
            why = "not known: outcomes have to be seen on some days to tell what comes by itself"
            yield Price(setting="within", value=said, days=None, why=why)
            continue
        other = traffic.within(days, steady)
        gained = lift * traffic.rate / other.rate if other.rate > 0 else 0.0
        try:
            yield Price(setting="within", value=said, days=other.time(gained, alpha=alpha)[1])
        except InsufficientEvidenceError:
            yield Price(setting="within", value=said, days=None, why="hardly anything comes so soon")


def _of_options(traffic: Traffic, *, lift: float, alpha: float) -> Iterator[Price]:
    for options in (traffic.options - 1, traffic.options + 1):
        if options >= 2:
            other = replace(traffic, options=options)
            yield Price(setting="options", value=str(options), days=other.time(lift, alpha=alpha)[1])


def _of_margin(traffic: Traffic, *, lift: float, alpha: float) -> Iterator[Price]:
    margin = 0.0 if traffic.margin else PRICED_MARGIN
    other = replace(traffic, margin=margin)
    yield Price(setting="worth_changing", value=share_text(margin), days=other.time(lift, alpha=alpha)[1])


def _of_promise(traffic: Traffic, *, lift: float, alpha: float, first: float) -> Price:
    """The other promise: for each belief by itself, or the first correction of a book of twenty."""
    if first < alpha:
        return Price(setting="promise", value="each", days=traffic.time(lift, alpha=alpha)[1])
    why = "the first change among 20 beliefs, the dearest"
    return Price(setting="promise", value="all", days=traffic.time(lift, alpha=alpha / 20)[1], why=why)


def _of_window(traffic: Traffic, bounds: Floats, *, lift: float, alpha: float) -> Iterator[Price]:
    """The cheapest early window, where the horizon is long enough for one."""
    if traffic.horizon <= SOONEST or traffic.window:
        return
    if not bounds.any():
        why = f"not known: from {COMPLETE_OUTCOMES:,.0f} outcomes of the value on complete days on"
        yield Price(setting="early window", value="", days=None, why=why)
        return
    judged = [
        (replace(traffic, window=int(days), completion=float(bound)).time(lift, alpha=alpha)[1], int(days))
        for days, bound in zip(CANDIDATES, bounds, strict=True)
        if bound > 0
    ]
    days, window = min(judged)
    whole = traffic.time(lift, alpha=alpha)[1]
    pays = days < whole
    yield Price(
        setting="early window",
        value=counted(window, "day") if pays else "",
        days=days if pays else None,
        why="" if pays else "none pays: it would not be known sooner",
    )
