"""What whoever looks at running totals, and stops when z is large, would have said."""

from __future__ import annotations

from typing import Any

import numpy as np

PEEK = 1.96
EVER = "ever z > 1.96"
Frame = Any


def peeked(cells: Frame, believed: str) -> str:
    """What whoever looks every day, at totals over all strata, and stops at z > 1.96 would have changed."""
    sums = ["n", "s"] if "s" in cells else ["n", "sum", "sum_sq"]
    totals = cells.pivot_table(index="day", columns="option", values=sums, aggfunc="sum", fill_value=0).cumsum()
    mean = totals[sums[1]] / totals["n"]
    square = mean if "s" in cells else totals["sum_sq"] / totals["n"]
    error = (square - mean**2) / totals["n"]
    found = []
    for other in mean.columns.drop(believed):
        spread = np.sqrt(error[other] + error[believed])
        z = ((mean[other] - mean[believed]) / spread.where(spread > 0)).fillna(0.0).to_numpy()
        if (z > PEEK).any():
            found.append((int((z > PEEK).argmax()) + 1, str(other), z[-1]))
    if not found:
        return "nothing"
    day, other, last = min(found)
    return f"{other!r} on look {day} of {len(mean)}" + ("" if last > PEEK else f" (z = {last:.1f} at the end)")
