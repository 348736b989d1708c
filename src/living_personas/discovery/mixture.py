"""The count mixture: from the personas as they are filed to as many components as the data ask for, and a few more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from living_personas.discovery.em import Mixture, bic, fit, log_joint
from living_personas.discovery.lookup import Lookup
from living_personas.stats.arrays import Floats, Ints

__all__ = ["MOST_MORE", "fit_mixture"]

MOST_MORE = 8
"""Components beyond the personas, at most."""


def fit_mixture(lookup: Lookup, ranks: Floats, filed: Ints, *, n_personas: int, rng: np.random.Generator) -> Mixture:
    """A mixture that is over-fitted on purpose: what it splits too finely is merged on customers it has not seen.

    Parameters
    ----------
    lookup, ranks, filed
        The customers of one half: their values, normal scores (to seed splits) and persona (-1 for nobody).
    n_personas
        How many personas there are; components are split for as long as BIC falls, to at most ``MOST_MORE`` more.
    rng
        Seeds the splits.
    """
    n = len(lookup)
    mixture, resp, reached = fit(lookup, _from_personas(filed, n_personas), steps=_STEPS)
    while resp.shape[1] < n_personas + MOST_MORE:
        split = _best_split(lookup, ranks, resp, log_joint(mixture, lookup), rng=rng)
        finer, finer_resp, finer_reached = fit(lookup, split, steps=_STEPS)
        if bic(finer, finer_reached, n=n) > bic(mixture, reached, n=n) - _TOLERANCE:
            break
        mixture, resp, reached = finer, finer_resp, finer_reached
    return mixture


_STEPS = 35
_TOLERANCE = 10.0
_SCREEN_STEPS = 8
_SCREENED = 2_500
_WORST = 0.1
_WORST_GROUPS = 4
_SPLITTABLE = 0.06


def _from_personas(filed: Ints, k: int) -> Floats:
    """Nine tenths its own persona, one tenth all; nobody's customers are spread evenly."""
    resp = np.full((len(filed), k), 0.1 / k)
    known = filed >= 0
    resp[known, filed[known]] += 0.9
    return np.asarray(resp / resp.sum(1, keepdims=True), dtype=np.float64)


def _best_split(lookup: Lookup, ranks: Floats, resp: Floats, joint: Floats, *, rng: np.random.Generator) -> Floats:
    """The responsibilities of the most promising proposal, after a few steps on a few customers."""
    rows = np.sort(rng.permutation(len(lookup))[:_SCREENED])
    few = lookup.take(rows)
    proposals = list(_proposals(ranks, resp, joint, rng))
    reached = [fit(few, proposal[rows], steps=_SCREEN_STEPS)[2] for proposal in proposals]
    return proposals[int(np.argmax(reached))]


def _proposals(ranks: Floats, resp: Floats, joint: Floats, rng: np.random.Generator) -> Iterator[Floats]:
    """One component more: a group of the worst explained customers, or half of a large component."""
    explained = np.logaddexp.reduce(joint, axis=1)
    worst = np.flatnonzero(explained <= np.quantile(explained, _WORST))
    label = _k_means(ranks[worst], _WORST_GROUPS, rng)
    for each in range(_WORST_GROUPS):
        yield _with_new(resp, worst[label == each])
    own = resp.argmax(1)
    for component in range(resp.shape[1]):
        members = np.flatnonzero(own == component)
        if len(members) >= _SPLITTABLE * len(ranks):
            yield _with_new(resp, members[_k_means(ranks[members], 2, rng) == 1])


def _with_new(resp: Floats, inside: Ints) -> Floats:
    """Responsibilities with one component more, which starts from those inside."""
    kept = resp.copy()
    kept[inside] *= 0.1
    return np.concatenate([kept, 1 - kept.sum(1, keepdims=True)], axis=1)


def _k_means(points: Floats, k: int, rng: np.random.Generator) -> Ints:
    """Lloyd's algorithm, ten rounds from customers that are far apart."""
    centres = points[[int(rng.integers(len(points)))]]
    while len(centres) < k:
        far = np.maximum(((points[:, None] - centres) ** 2).sum(-1).min(1), 1e-12)
        centres = np.concatenate([centres, points[[int(rng.choice(len(points), p=far / far.sum()))]]])
    label = _nearest(points, centres)
    for _ in range(10):
        groups = [label == each for each in range(k)]
        centres = np.stack(
            [points[each].mean(0) if each.any() else centres[place] for place, each in enumerate(groups)]
        )
        label = _nearest(points, centres)
    return label


def _nearest(points: Floats, centres: Floats) -> Ints:
    return np.asarray((-2 * points @ centres.T + (centres**2).sum(1)).argmin(1), dtype=np.int64)
