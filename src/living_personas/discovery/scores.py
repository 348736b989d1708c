"""Every column as normal scores: ranks with ties broken at random, rates ranked among customers with like exposure."""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from living_personas.discovery.columns import Column, Rate
from living_personas.discovery.sheet import Sheet
from living_personas.stats.arrays import Floats, Ints

__all__ = ["normal_scores"]


def normal_scores(sheet: Sheet, *, rng: np.random.Generator) -> Floats:
    """Scores of shape ``(customers, columns)``, each column standard normal over all customers.

    No single column has a gap or a second hump any more, so what still dips in the scores dips in their joint: a
    bimodal, heavy-tailed or zero-inflated column alone cannot pass for a segment. Who has no value gets a random one.
    """
    return np.stack([_score(column, sheet, rng) for column in sheet.columns], axis=1)


_LEAST_GROUP = 200
"""Customers with like exposure who are ranked together, at least."""


def _score(column: Column, sheet: Sheet, rng: np.random.Generator) -> Floats:
    numbers = sheet.numbers[column.name]
    if not isinstance(column, Rate):
        return _ranked(numbers if type(column).__name__ == "Count" else np.where(numbers > 0, numbers, np.nan), rng)
    tried = sheet.numbers[column.of]
    share = np.where(tried > 0, numbers / np.where(tried > 0, tried, 1.0), np.nan)
    scores = np.empty(len(share))
    group = _like_exposure(tried)
    for each in range(int(group.max()) + 1):
        rows = np.flatnonzero(group == each)
        scores[rows] = _ranked(share[rows], rng)
    return scores


def _ranked(numbers: Floats, rng: np.random.Generator) -> Floats:
    known = np.flatnonzero(~np.isnan(numbers))
    order = known[np.lexsort((rng.random(len(known)), numbers[known]))]
    scores = rng.standard_normal(len(numbers))
    scores[order] = ndtri((np.arange(len(order)) + 0.5) / max(len(order), 1))
    return scores


def _like_exposure(tried: Floats) -> Ints:
    """Groups of neighbouring exposures, none smaller than ``_LEAST_GROUP``; the unknown are a group of their own."""
    values, index, counts = np.unique(np.nan_to_num(tried, nan=0.0), return_inverse=True, return_counts=True)
    groups = np.zeros(len(values), dtype=np.int64)
    group, held = 0, 0
    for place, count in enumerate(counts):
        groups[place] = group
        held += int(count)
        if values[place] == 0 or held >= _LEAST_GROUP:
            group, held = group + 1, 0
    if held and group:
        groups[groups == group] = group - 1 if group > 1 or values[0] > 0 else group
    return np.asarray(groups[index], dtype=np.int64)
