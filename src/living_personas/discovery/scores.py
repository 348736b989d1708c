"""Every column as comparable scores: ranks where order matters, smoothed logs where gaps do."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from living_personas.discovery.anchored import relabelled
from living_personas.discovery.columns import Amount, Column, Count, Rate
from living_personas.discovery.feature_matrix import Sheet
from living_personas.stats.arrays import Floats, Ints

__all__ = ["acting_like", "middle_scores", "normal_scores", "smooth_scores"]


def normal_scores(sheet: Sheet, *, rng: np.random.Generator) -> Floats:
    """Normal scores of ranks, shape ``(customers, columns)``: each column is standard normal over all customers.

    Ties are broken at random. Rates are ranked among customers with like exposure, counts among customers who have been
    known for as long: what is compared is behaviour, not the occasions for it. A heavy tail or a column of zeros weighs
    no more than any other column. Who has no value gets that of a random customer who acts like the same persona: one
    of anybody's would make a group of all who ordered nothing.
    """
    scores = np.stack([_ranked_column(column, sheet, rng) for column in sheet.columns], axis=1)
    return _completed(scores, sheet, acting_like(sheet, scores), rng)


def acting_like(sheet: Sheet, scores: Floats) -> Ints:
    """The persona that each customer looks like by its scores, whatever it is filed under, by its place."""
    return relabelled(scores, sheet.filed, n_personas=len(sheet.personas))


def middle_scores(sheet: Sheet) -> Floats:
    """Normal scores of middle ranks, equal for equal values: what one column says of another is not blurred."""
    return np.stack([_middle(_plain(column, sheet)) for column in sheet.columns], axis=1)


def smooth_scores(sheet: Sheet, acts_like: Ints, *, rng: np.random.Generator) -> Floats:
    """Standardised logs of counts and amounts, arcsines of rates, each spread over the width of its own grain.

    A count of 3 becomes a number between 3 and 4, so whole numbers leave no gaps of their own, and a gap that is seen
    is one between customers. Who has no value gets that of a random customer who ``acts_like`` the same persona.
    """
    scores = np.stack([_smooth(column, sheet, rng) for column in sheet.columns], axis=1)
    scores = _completed(scores, sheet, acts_like, rng)
    return np.asarray((scores - scores.mean(0)) / np.maximum(scores.std(0), 1e-12), dtype=np.float64)


_LEAST_KNOWN = 20
"""Customers of a persona with a value, of which those without get one; of fewer, they get one of anybody's."""


def _completed(scores: Floats, sheet: Sheet, acts_like: Ints, rng: np.random.Generator) -> Floats:
    """Scores in which everybody without a value has that of somebody who acts alike."""
    found = scores.copy()
    for place, column in enumerate(sheet.columns):
        unknown = np.isnan(_plain(column, sheet))
        for persona in np.unique(acts_like[unknown]) if not unknown.all() else ():
            alike = acts_like == persona
            known = scores[alike & ~unknown, place]
            known = known if len(known) >= _LEAST_KNOWN else scores[~unknown, place]
            found[alike & unknown, place] = rng.choice(known, int((alike & unknown).sum()))
    return found


_LEAST_GROUP = 200
"""Customers with like exposure, or known for as long, who are ranked together, at least."""


def _plain(column: Column, sheet: Sheet) -> Floats:
    """Counts, ratios and amounts as they stand, NaN where nothing is known."""
    numbers = sheet.numbers[column.name]
    if isinstance(column, Count):
        return numbers
    if isinstance(column, Rate):
        tried = sheet.numbers[column.of]
        return np.asarray(numbers / np.where(tried > 0, tried, np.nan), dtype=np.float64)
    return np.where(numbers > 0, numbers, np.nan)


def _middle(numbers: Floats) -> Floats:
    from scipy.stats import rankdata  # noqa: PLC0415 - half a second to import, and only a search needs it

    known = ~np.isnan(numbers)
    scores = np.zeros(len(numbers))
    scores[known] = ndtri((rankdata(numbers[known]) - 0.5) / known.sum())
    return scores


def _smooth(column: Column, sheet: Sheet, rng: np.random.Generator) -> Floats:
    numbers = sheet.numbers[column.name]
    grain = rng.random(len(numbers))
    if isinstance(column, Count):
        found = np.log(0.5 + numbers + grain)
    elif isinstance(column, Rate):
        tried = np.nan_to_num(sheet.numbers[column.of], nan=0.0)
        found = np.arcsin(np.sqrt((np.nan_to_num(numbers, nan=0.0) + grain) / (tried + 1)))
    else:
        found = np.log(np.where(numbers > 0, numbers, np.nan))
    return found


def _ranked_column(column: Column, sheet: Sheet, rng: np.random.Generator) -> Floats:
    numbers = _plain(column, sheet)
    if isinstance(column, Amount):
        return _ranked(numbers, rng)
    scores = np.empty(len(numbers))
    group = _like_exposure(sheet.numbers[column.of] if isinstance(column, Rate) else sheet.known_days)
    for each in range(int(group.max()) + 1):
        rows = np.flatnonzero(group == each)
        scores[rows] = _ranked(numbers[rows], rng)
    return scores


def _ranked(numbers: Floats, rng: np.random.Generator) -> Floats:
    known = np.flatnonzero(~np.isnan(numbers))
    order = known[np.lexsort((rng.random(len(known)), numbers[known]))]
    scores = rng.standard_normal(len(numbers))
    scores[order] = ndtri((np.arange(len(order)) + 0.5) / max(len(order), 1))
    return scores


def _like_exposure(tried: Floats) -> Ints:
    """Groups of neighbouring exposures, of ``_LEAST_GROUP`` customers or more but for the last; none is group 0."""
    values, index, counts = np.unique(np.nan_to_num(tried, nan=0.0), return_inverse=True, return_counts=True)
    exposed = np.where(values > 0, counts, 0)
    groups = np.where(values > 0, 1 + (np.cumsum(exposed) - exposed) // _LEAST_GROUP, 0)
    return np.asarray(np.unique(groups, return_inverse=True)[1][index], dtype=np.int64)
