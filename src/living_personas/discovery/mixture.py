"""The count mixture: from the personas as they are filed to as many components as the data ask for, and a few more."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from living_personas.discovery.lookup import Lookup
from living_personas.domain.value import value
from living_personas.stats.arrays import Floats, Ints

__all__ = ["Mixture", "fit_mixture", "responsibilities"]


@value
class Mixture:
    """Shares of the components, and for each column the parameters (P, K) of its likelihood."""

    log_shares: Floats
    parameters: tuple[Floats, ...]
    log_likelihood: float


def fit_mixture(lookup: Lookup, scores: Floats, filed: Ints, *, n_personas: int, rng: np.random.Generator) -> Mixture:
    """A mixture that is over-fitted on purpose: what it splits too finely is merged on customers it has not seen.

    Parameters
    ----------
    lookup, scores, filed
        The customers of one half: their values, normal scores (to seed splits) and persona (-1 for nobody).
    n_personas
        How many personas there are; there are at most ``MOST_MORE`` components more.
    rng
        Seeds the splits.
    """
    current, resp = _em(lookup, _from_personas(filed, n_personas), steps=STEPS)
    most = n_personas + MOST_MORE
    while resp.shape[1] < most:
        split = _best_split(lookup, scores, resp, current, rng)
        if split is None:
            return current
        found, found_resp = _em(lookup, split, steps=STEPS)
        if _bic(found, lookup) > _bic(current, lookup) - TOLERANCE:
            return current
        current, resp = found, found_resp
    return current


def responsibilities(mixture: Mixture, lookup: Lookup) -> Floats:
    """Posterior probabilities of the components for any customers, shape ``(n, K)``."""
    return _weighed(_log_joint(mixture, lookup))[0]


STEPS = 35
MOST_MORE = 8
TOLERANCE = 10.0
_SCREEN_STEPS = 8
_SCREENED = 2_500
_WORST = 0.1
_SPLITTABLE = 0.06
_ENOUGH = 1e-5
"""A gain in log-likelihood per customer below which further steps change nothing."""


def _from_personas(filed: Ints, k: int) -> Floats:
    """Nine tenths its own persona, one tenth all; nobody's customers are spread evenly."""
    resp = np.full((len(filed), k), 0.1 / k)
    known = filed >= 0
    resp[known, filed[known]] += 0.9
    return resp / resp.sum(1, keepdims=True)


def _em(lookup: Lookup, resp: Floats, *, steps: int) -> tuple[Mixture, Floats]:
    """Expectation-maximisation from responsibilities; each step improves parameters instead of exhausting them."""
    parameters: tuple[Floats, ...] | None = None
    before = -np.inf
    mixture = None
    for _ in range(steps):
        weights = lookup.places.T @ resp + lookup.prior[:, None]
        parts = zip(lookup.likelihoods, lookup.slots, strict=True)
        if parameters is None:
            parameters = tuple(likelihood.start(weights[slot]) for likelihood, slot in parts)
        else:
            parameters = tuple(
                likelihood.improve(weights[slot], old)
                for (likelihood, slot), old in zip(parts, parameters, strict=True)
            )
        shares = np.log((resp.sum(0) + 1.0) / (len(lookup) + resp.shape[1]))
        mixture = Mixture(log_shares=shares, parameters=parameters, log_likelihood=0.0)
        resp, log_likelihood = _weighed(_log_joint(mixture, lookup))
        if log_likelihood - before < _ENOUGH * len(lookup):
            break
        before = log_likelihood
    assert mixture is not None
    return Mixture(log_shares=shares, parameters=parameters, log_likelihood=log_likelihood), resp


def _log_joint(mixture: Mixture, lookup: Lookup) -> Floats:
    table = np.concatenate(
        [each.log_pmf(parameters) for each, parameters in zip(lookup.likelihoods, mixture.parameters, strict=True)]
    )
    return np.asarray(lookup.places @ table + mixture.log_shares, dtype=np.float64)


def _weighed(log_joint: Floats) -> tuple[Floats, float]:
    most = log_joint.max(1, keepdims=True)
    joint = np.exp(log_joint - most)
    total = joint.sum(1, keepdims=True)
    return joint / total, float((most + np.log(total)).sum())


def _bic(mixture: Mixture, lookup: Lookup) -> float:
    free = sum(parameters.size for parameters in mixture.parameters) + len(mixture.log_shares) - 1
    return float(free * np.log(len(lookup)) - 2 * mixture.log_likelihood)


def _best_split(
    lookup: Lookup, scores: Floats, resp: Floats, current: Mixture, rng: np.random.Generator
) -> Floats | None:
    """The most promising proposal after a few steps on a few customers."""
    rows = np.sort(rng.permutation(len(lookup))[:_SCREENED])
    few = lookup.take(rows)
    log_joint = _log_joint(current, lookup)
    best, found = -np.inf, None
    for proposal in _proposals(scores, resp, log_joint, rng):
        mixture, _ = _em(few, proposal[rows], steps=_SCREEN_STEPS)
        if mixture.log_likelihood > best:
            best, found = mixture.log_likelihood, proposal
    return found


def _proposals(scores: Floats, resp: Floats, log_joint: Floats, rng: np.random.Generator) -> Iterator[Floats]:
    explained = np.logaddexp.reduce(log_joint, axis=1)
    worst = np.flatnonzero(explained <= np.quantile(explained, _WORST))
    label = _k_means(scores[worst], 4, rng)
    for each in range(4):
        inside = np.zeros(len(scores), dtype=bool)
        inside[worst[label == each]] = True
        yield _with_new(resp, inside)
    own = resp.argmax(1)
    for component in range(resp.shape[1]):
        members = np.flatnonzero(own == component)
        if len(members) >= _SPLITTABLE * len(scores):
            inside = np.zeros(len(scores), dtype=bool)
            inside[members[_k_means(scores[members], 2, rng) == 1]] = True
            yield _with_new(resp, inside)


def _with_new(resp: Floats, inside: np.ndarray) -> Floats:
    """Responsibilities with one component more, which starts from those inside."""
    kept = resp * np.where(inside, 0.1, 1.0)[:, None]
    return np.concatenate([kept, 1 - kept.sum(1, keepdims=True)], axis=1)


def _k_means(points: Floats, k: int, rng: np.random.Generator) -> Ints:
    """Lloyd's algorithm, ten rounds from distant customers."""
    centres = points[[int(rng.integers(len(points)))]]
    while len(centres) < k:
        far = ((points[:, None] - centres) ** 2).sum(-1).min(1)
        centres = np.concatenate([centres, points[[rng.choice(len(points), p=far / far.sum())]]])
    label = np.zeros(len(points), dtype=np.int64)
    for _ in range(10):
        label = (-2 * points @ centres.T + (centres**2).sum(1)).argmin(1)
        centres = np.stack(
            [points[label == each].mean(0) if (label == each).any() else centres[each] for each in range(k)]
        )
    return label
