"""Expectation-maximisation: from who belongs how much to the components' parameters, and back."""

from __future__ import annotations

import numpy as np

from living_personas.discovery.lookup import Lookup
from living_personas.domain.value import value
from living_personas.stats.arrays import Floats

__all__ = ["Mixture", "bic", "fit", "log_joint", "responsibilities"]


@value
class Mixture:
    """Log shares of the components, and for each column the parameters (P, K) of its likelihood."""

    log_shares: Floats
    parameters: tuple[Floats, ...]


def fit(lookup: Lookup, resp: Floats, *, steps: int) -> tuple[Mixture, Floats, float]:
    """The mixture, responsibilities and log-likelihood after at most so many steps.

    Every component is given one customer's worth of everybody's values, so that none ever stands on nothing; each step
    improves the parameters a little instead of exhausting them.
    """
    weights = _weights(lookup, resp)
    parts = tuple(zip(lookup.likelihoods, lookup.slots, strict=True))
    parameters = tuple(likelihood.start(weights[slot]) for likelihood, slot in parts)
    mixture = Mixture(log_shares=_log_shares(resp), parameters=parameters)
    resp, reached = _weighed(log_joint(mixture, lookup))
    for _ in range(steps - 1):
        weights = _weights(lookup, resp)
        known = zip(parts, mixture.parameters, strict=True)
        parameters = tuple(likelihood.improve(weights[slot], old) for (likelihood, slot), old in known)
        mixture = Mixture(log_shares=_log_shares(resp), parameters=parameters)
        before = reached
        resp, reached = _weighed(log_joint(mixture, lookup))
        if reached - before < _ENOUGH * len(lookup):
            break
    return mixture, resp, reached


def responsibilities(mixture: Mixture, lookup: Lookup) -> Floats:
    """Posterior probabilities of the components for any customers, shape ``(n, K)``."""
    return _weighed(log_joint(mixture, lookup))[0]


def log_joint(mixture: Mixture, lookup: Lookup) -> Floats:
    """Log of share times likelihood, for each customer and component."""
    pairs = zip(lookup.likelihoods, mixture.parameters, strict=True)
    table = np.concatenate([likelihood.log_pmf(parameters) for likelihood, parameters in pairs])
    return np.asarray(lookup.places @ table + mixture.log_shares, dtype=np.float64)


def bic(mixture: Mixture, log_likelihood: float, *, n: int) -> float:
    """Bayes' information criterion; less is better."""
    free = sum(parameters.size for parameters in mixture.parameters) + len(mixture.log_shares) - 1
    return float(free * np.log(n) - 2 * log_likelihood)


_ENOUGH = 1e-5
"""A gain in log-likelihood per customer below which further steps change nothing."""


def _weights(lookup: Lookup, resp: Floats) -> Floats:
    return np.asarray(lookup.places.T @ resp + lookup.prior[:, None], dtype=np.float64)


def _log_shares(resp: Floats) -> Floats:
    n, k = resp.shape
    return np.asarray(np.log((resp.sum(0) + 1) / (n + k)), dtype=np.float64)


def _weighed(joint: Floats) -> tuple[Floats, float]:
    most = joint.max(1, keepdims=True)
    resp = np.exp(joint - most)
    total = resp.sum(1, keepdims=True)
    return resp / total, float((most + np.log(total)).sum())
