"""A likelihood for each kind of column, as log probabilities of its distinct values.

What a customer adds to the likelihood of a component is a sum of looked-up numbers: counts, successes and failures take
few distinct values, large ones are read to 4 %. So a fit never evaluates a gamma function once per customer.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from scipy.special import digamma, gammaln

from living_personas.stats.arrays import Floats

__all__ = ["BetaBinomial", "Likelihood", "LogNormal", "NegativeBinomial", "coarse"]


class Likelihood(Protocol):
    """A family of distributions over distinct values, fitted to their weights, one column per component."""

    def start(self, weights: Floats) -> Floats:
        """Parameters (P, K) from moments of the weights (U, K)."""
        ...

    def improve(self, weights: Floats, parameters: Floats, /) -> Floats:
        """Parameters one step nearer to the maximum of the weighted likelihood."""
        ...

    def log_pmf(self, parameters: Floats) -> Floats:
        """Log probabilities (U, K), up to a constant that all components share."""
        ...


def coarse(numbers: Floats) -> Floats:
    """Numbers from 0 with those above 32 read to 4 %, so that even a heavy tail takes few distinct values.

    >>> coarse(np.array([0.0, 7.0, 1000.0, 1003.0])).tolist()
    [0.0, 7.0, 1012.0, 1012.0]
    """
    near = np.round(np.exp(np.round(np.log(np.maximum(numbers, 1.0)) / _COARSE) * _COARSE))
    return np.where(numbers <= _EXACT, numbers, near)


class NegativeBinomial:
    """Counts: a mean and a size, by Newton's method on the log of the size."""

    def __init__(self, values: Floats) -> None:
        self.values = values[:, None]

    def start(self, weights: Floats) -> Floats:
        """Mean, and the log of the size that has the variance seen."""
        total = weights.sum(0)
        mean = np.maximum((weights * self.values).sum(0) / total, _LEAST_MEAN)
        spread = (weights * (self.values - mean) ** 2).sum(0) / total
        size = mean**2 / np.maximum(spread - mean, mean**2 / 50)
        return np.stack([mean, np.clip(np.log(size), *_SIZES)])

    def improve(self, weights: Floats, parameters: Floats, /) -> Floats:
        """The weighted mean is exact; the size takes one safe step."""
        total = weights.sum(0)
        mean = np.maximum((weights * self.values).sum(0) / total, _LEAST_MEAN)
        size = np.exp(parameters[1])
        slope = (weights * (digamma(self.values + size) - digamma(size))).sum(0) + total * np.log(size / (size + mean))
        bend = (weights * (_trigamma(self.values + size) - _trigamma(size))).sum(0)
        bend += total * (1 / size - 1 / (size + mean))
        gradient = size * slope
        step = _safe(gradient, size**2 * bend + gradient)
        return np.stack([mean, np.clip(parameters[1] + step, *_SIZES)])

    def log_pmf(self, parameters: Floats) -> Floats:
        """Without the factorial of the count, which no component changes."""
        mean, size = parameters[0], np.exp(parameters[1])
        chance = np.log(size / (size + mean)) * size
        return np.asarray(
            gammaln(self.values + size) - gammaln(size) + chance + self.values * np.log(mean / (size + mean)),
            dtype=np.float64,
        )


class BetaBinomial:
    """Rates with their exposures: successes, failures and trials are looked up apart and weighed together."""

    def __init__(self, successes: Floats, failures: Floats, trials: Floats) -> None:
        self.successes, self.failures, self.trials = successes[:, None], failures[:, None], trials[:, None]
        self.cuts = [len(successes), len(successes) + len(failures)]

    def start(self, weights: Floats) -> Floats:
        """Logs of both shapes: the mean seen, worth eight trials."""
        hit, miss, _ = self._parts(weights)
        hits, misses = (hit * self.successes).sum(0), (miss * self.failures).sum(0)
        mean = np.clip(hits / np.maximum(hits + misses, 1e-9), 0.005, 0.995)
        shapes = np.log(np.stack([mean, 1 - mean]) * 8)
        for _ in range(2):
            shapes = self.improve(weights, shapes)
        return np.asarray(shapes, dtype=np.float64)

    def improve(self, weights: Floats, parameters: Floats, /) -> Floats:
        """One safe Newton step on the logs of both shapes."""
        hit, miss, tried = self._parts(weights)
        a, b = np.exp(parameters)
        total = tried.sum(0)
        shared = total * digamma(a + b) - (tried * digamma(self.trials + a + b)).sum(0)
        bend = total * _trigamma(a + b) - (tried * _trigamma(self.trials + a + b)).sum(0)
        slope_a = (hit * digamma(self.successes + a)).sum(0) - total * digamma(a) + shared
        slope_b = (miss * digamma(self.failures + b)).sum(0) - total * digamma(b) + shared
        bend_a = (hit * _trigamma(self.successes + a)).sum(0) - total * _trigamma(a) + bend
        bend_b = (miss * _trigamma(self.failures + b)).sum(0) - total * _trigamma(b) + bend
        gradient = np.stack([a * slope_a, b * slope_b])
        step = _safe_pair(gradient, a**2 * bend_a + gradient[0], b**2 * bend_b + gradient[1], a * b * bend)
        return np.clip(parameters + step, *_SHAPES)

    def log_pmf(self, parameters: Floats) -> Floats:
        """Without the binomial coefficient, which no component changes."""
        a, b = np.exp(parameters)
        trials = gammaln(a + b) - gammaln(a) - gammaln(b) - gammaln(self.trials + a + b)
        return np.concatenate([gammaln(self.successes + a), gammaln(self.failures + b), trials])

    def _parts(self, weights: Floats) -> tuple[Floats, Floats, Floats]:
        hit, miss, tried = np.split(weights, self.cuts)
        return hit, miss, tried


class LogNormal:
    """Amounts: a normal on their logs."""

    def __init__(self, logs: Floats, *, least_variance: float) -> None:
        self.logs = logs[:, None]
        self.least = least_variance

    def start(self, weights: Floats) -> Floats:
        """Mean and variance of the logs."""
        total = weights.sum(0)
        mean = (weights * self.logs).sum(0) / total
        spread = (weights * (self.logs - mean) ** 2).sum(0) / total
        return np.stack([mean, np.maximum(spread, self.least)])

    def improve(self, weights: Floats, _parameters: Floats, /) -> Floats:
        """The maximum itself."""
        return self.start(weights)

    def log_pmf(self, parameters: Floats) -> Floats:
        """Densities of the logs."""
        mean, spread = parameters
        return np.asarray(-0.5 * ((self.logs - mean) ** 2 / spread + np.log(2 * np.pi * spread)), dtype=np.float64)


_EXACT = 32
_COARSE = 0.04
_LEAST_MEAN = 1e-4
_SIZES = (np.log(0.05), np.log(200.0))
_SHAPES = (np.log(0.02), np.log(500.0))
_LONGEST_STEP = 1.0


def _trigamma(x: Floats) -> Floats:
    """The derivative of digamma to six digits, which steer a step: scipy's zeta function takes half of a whole fit."""
    second, third = x + 1, x + 2
    near = 1 / (x * x) + 1 / (second * second) + 1 / (third * third)
    far = 1 / (x + 3)
    square = far * far
    return np.asarray(near + far * (1 + far / 2 + square * (1 / 6 - square * (1 / 30 - square / 42))), dtype=np.float64)


def _safe(gradient: Floats, bend: Floats) -> Floats:
    """Newton's step where the likelihood is concave, uphill elsewhere, never far."""
    newton = -gradient / np.where(bend < 0, bend, -1.0)
    return np.clip(np.where(bend < 0, newton, np.sign(gradient)), -_LONGEST_STEP, _LONGEST_STEP)


def _safe_pair(gradient: Floats, bend_a: Floats, bend_b: Floats, cross: Floats) -> Floats:
    det = bend_a * bend_b - cross**2
    concave = (bend_a < 0) & (det > 0)
    safe = np.where(concave, det, 1.0)
    step_a = -(bend_b * gradient[0] - cross * gradient[1]) / safe
    step_b = -(bend_a * gradient[1] - cross * gradient[0]) / safe
    step = np.where(concave, np.stack([step_a, step_b]), 0.5 * np.sign(gradient))
    return np.clip(step, -_LONGEST_STEP, _LONGEST_STEP)
