"""Shares with Wilson's interval, and how a search is compared with what was planted."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from refinement.figures import Figure

from living_personas.discovery.find import find_segments
from living_personas.domain.candidate import Candidate, FoundSegments
from living_personas.stats.arrays import Bools
from worlds.customers import COLUMNS

SEED = 140_000
"""The first seed: nothing was tuned on it or on any after it."""

_Z = 1.959964


def wilson(
    figure: str,
    hits: int,
    of: int,
    *,
    bar: float | None = None,
    judged: Literal["value", "lower", "upper"] = "value",
    least: bool = False,
) -> Figure:
    """A share with Wilson's 95 % interval; what is held against the bar is its value or an end of the interval.

    Of nothing there is no share: its value is not a number, and misses any bar.
    """
    side: Literal["at least", "at most"] = "at least" if least else "at most"
    if of == 0:
        return Figure(figure, np.nan, 0.0, 1.0, 0, bar, side)
    share = hits / of
    middle, half = (share + _Z**2 / (2 * of)), _Z * np.sqrt(share * (1 - share) / of + _Z**2 / (4 * of**2))
    low, high = (float(np.clip((middle + sign * half) / (1 + _Z**2 / of), 0, 1)) for sign in (-1, 1))
    held = {"value": None, "lower": low, "upper": high}[judged]
    return Figure(figure, share, low, high, of, bar, side, held, bound=f"{judged} end")


def searched(frame: pa.Table, *, seed: int, known_days: str | None = None) -> FoundSegments:
    """What the search finds among customers of the worlds."""
    return find_segments(frame, columns=COLUMNS, assigned="persona", seed=seed, known_days=known_days)


def agreement(candidate: Candidate, frame: pa.Table, planted: Bools) -> float:
    """The Jaccard index of a candidate's members and the planted customers."""
    held = holds(frame, candidate)
    return float((held & planted).sum() / max((held | planted).sum(), 1))


def holds(frame: pa.Table, candidate: Candidate) -> Bools:
    """Which customers of a frame are the candidate's members."""
    members = candidate.members["customer"].combine_chunks()
    return np.asarray(pc.is_in(frame["customer"], value_set=members).to_numpy(), dtype=np.bool_)
