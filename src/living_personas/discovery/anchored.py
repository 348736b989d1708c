"""The anchored free group: all personas as they are, and one group more that takes whom it explains better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from living_personas.discovery.k_means import k_means
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["Anchored", "anchored_groups", "moments", "relabelled", "settle"]


@value
class Anchored:
    """A normal distribution of scores for each persona, and as the last one for the free group.

    ``roots`` makes the scores of a group independent and of variance 1, shape ``(groups, d, d)``.
    """

    log_shares: Floats
    means: Floats
    roots: Floats

    def joint(self, known: Floats) -> Floats:
        """Log of share times density, for each customer (its ``moments``) and group, up to a constant."""
        return np.asarray(known @ self.weights(), dtype=np.float64)

    def weights(self) -> Floats:
        """What each of the ``moments`` of a customer is worth to each group, shape ``(moments, groups)``."""
        precision = self.roots @ np.swapaxes(self.roots, -1, -2)
        d = precision.shape[-1]
        rows, columns = np.triu_indices(d)
        squares = np.where(rows == columns, -0.5, -1.0) * precision[:, rows, columns]
        linear = (precision @ self.means[:, :, None])[:, :, 0]
        scale = np.log(np.abs(np.einsum("kdd->kd", self.roots))).sum(1)
        constant = self.log_shares + scale - (linear * self.means).sum(1) / 2
        return np.concatenate([squares, linear, constant[:, None]], axis=1).T

    def posterior(self, known: Floats) -> Floats:
        """Posterior probabilities of the groups, shape ``(n, groups)``."""
        joint = self.joint(known)
        shares = np.exp(joint - joint.max(1, keepdims=True))
        return np.asarray(shares / shares.sum(1, keepdims=True), dtype=np.float64)

    def free(self, known: Floats) -> Bools:
        """Whom the free group keeps."""
        return np.asarray(self.joint(known).argmax(1) == len(self.means) - 1, dtype=np.bool_)


def moments(scores: Floats) -> Floats:
    """Products of all pairs of a customer's scores, the scores, and 1: a normal density is linear in them."""
    rows, columns = np.triu_indices(scores.shape[1])
    return np.concatenate([scores[:, rows] * scores[:, columns], scores, np.ones((len(scores), 1))], axis=1)


def anchored_groups(
    scores: Floats, known: Floats, filed: Ints, *, n_personas: int, rng: np.random.Generator
) -> tuple[Anchored, ...]:
    """The different groups that a free one settles on, from several seeds.

    Parameters
    ----------
    scores, known, filed
        The customers of one half: their normal scores, the ``moments`` of these, and the persona of each (-1 for
        nobody).
    n_personas
        How many personas there are.
    rng
        Seeds the clusterer.
    """
    label = relabelled(scores, filed, n_personas=n_personas)
    cluster = k_means(scores, _SEEDS, rng)
    models = (settle(known, label, cluster == each, n_personas=n_personas) for each in range(_SEEDS))
    return tuple(_distinct([model for model in models if model is not None], known))


def relabelled(scores: Floats, filed: Ints, *, n_personas: int) -> Ints:
    """Who looks like which persona after three rounds of linear discriminants: filing errs, and nobody's are filed."""
    label = filed
    for _ in range(_RELABELLED):
        there = [persona for persona in range(n_personas) if (label == persona).sum() > scores.shape[1]]
        groups = [scores[label == persona] for persona in there]
        inside = np.concatenate([group - group.mean(0) for group in groups])
        root = _root(inside.T @ inside / len(inside), _LDA_SHRINK)
        white = scores @ root
        far = np.stack([((white - group.mean(0) @ root) ** 2).sum(1) for group in groups], axis=1)
        label = np.array(there)[(np.log([len(group) for group in groups]) - far / 2).argmax(1)]
    return label


def settle(known: Floats, label: Ints, free: Bools, *, n_personas: int) -> Anchored | None:
    """Where a free group ends that begins with these customers; None if it dies, or swallows a persona.

    ``known`` are the customers' ``moments``: sums of them are all that a round needs.
    """
    own = np.where(free, n_personas, label)
    model = None
    for _ in range(_ROUNDS):
        if not _LEAST <= (own == n_personas).mean() <= _MOST:
            return None
        model = _fitted(known, own, n_personas + 1)
        before, own = own, model.joint(known).argmax(1)
        if (before == own).all():
            break
    return model if _LEAST <= (own == n_personas).mean() <= _MOST else None


_SEEDS = 12
_ROUNDS = 20
_RELABELLED = 3
_LDA_SHRINK, _QDA_SHRINK = 0.1, 0.15
_LEAST, _MOST = 0.008, 0.25
"""Shares below and above which a free group is on its way to none that could be published."""
_SAME = 0.8
"""Members' Jaccard from which two seeds came to the same group."""


def _distinct(models: Sequence[Anchored], known: Floats) -> Iterator[Anchored]:
    """Those whose group is not the same as that of one before."""
    kept: list[Bools] = []
    for model in models:
        group = model.free(known)
        if all((group & each).sum() < _SAME * (group | each).sum() for each in kept):
            kept.append(group)
            yield model


def _fitted(known: Floats, own: Ints, k: int) -> Anchored:
    """Each group's own normal distribution; a group of too few has everybody's, and nobody's customers have none."""
    sums = np.eye(k + 1)[own].T @ known
    d = _columns(known.shape[1])
    sizes = sums[:k, -1]
    everybody = sums.sum(0)
    mean = np.where((sizes > d)[:, None], sums[:k], everybody) / np.where(sizes > d, sizes, everybody[-1])[:, None]
    means = mean[:, -1 - d : -1]
    rows, columns = np.triu_indices(d)
    squares = np.empty((k, d, d))
    squares[:, rows, columns] = squares[:, columns, rows] = mean[:, : len(rows)]
    return Anchored(
        log_shares=np.log((sizes + 1) / (sizes.sum() + k)),
        means=means,
        roots=_root(squares - means[:, :, None] * means[:, None, :], _QDA_SHRINK),
    )


def _columns(n_moments: int) -> int:
    """How many scores have so many moments."""
    return round((float(np.sqrt(8 * n_moments + 1)) - 3) / 2)


def _root(spread: Floats, shrink: float) -> Floats:
    """Matrices that make scores of these covariances, a share of each shrunk away, independent and of variance 1."""
    d = spread.shape[-1]
    even = np.trace(spread, axis1=-2, axis2=-1)[..., None, None] / d * np.eye(d)
    lower = np.linalg.cholesky((1 - shrink) * spread + shrink * even)
    return np.asarray(np.swapaxes(np.linalg.inv(lower), -1, -2), dtype=np.float64)
