"""The anchored free group: all personas as they are, and one group more that takes whom it explains better."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from living_personas.discovery.k_means import k_means
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["Anchored", "anchored_groups", "moments", "personas_alone", "relabelled", "settle", "softened"]


@value
class Anchored:
    """A normal distribution of scores for each persona, and as the last one for the free group.

    ``roots`` makes the scores of a group independent and of variance 1, shape ``(groups, d, d)``. Several models are
    one with an axis more before all others.
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
        rows, columns = np.triu_indices(precision.shape[-1])
        squares = np.where(rows == columns, -0.5, -1.0) * precision[..., rows, columns]
        linear = (precision @ self.means[..., None])[..., 0]
        scale = np.log(np.abs(np.einsum("...dd->...d", self.roots))).sum(-1)
        constant = self.log_shares + scale - (linear * self.means).sum(-1) / 2
        worth = np.concatenate([squares, linear, constant[..., None]], axis=-1)
        return np.asarray(np.swapaxes(worth, -1, -2), dtype=np.float64)

    def take(self, model: int) -> Anchored:
        """One model of several."""
        return Anchored(log_shares=self.log_shares[model], means=self.means[model], roots=self.roots[model])

    def posterior(self, known: Floats) -> Floats:
        """Posterior probabilities of the groups, shape ``(n, groups)``."""
        return _to_shares(self.joint(known))

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
    free = cluster == np.arange(_SEEDS)[:, None]
    hard = tuple(_distinct(settle(known, label, free, n_personas=n_personas), known))
    return tuple(_distinct(softened(hard, known), known))


def relabelled(scores: Floats, filed: Ints, *, n_personas: int) -> Ints:
    """Who looks like which persona after three rounds of linear discriminants: filing errs, and nobody's are filed.

    Raises
    ------
    InsufficientEvidenceError
        If no persona has more members than there are columns: nothing says how those of one differ.
    """
    label = filed
    for _ in range(_RELABELLED):
        there = [persona for persona in range(n_personas) if (label == persona).sum() > scores.shape[1]]
        if not there:
            raise InsufficientEvidenceError(
                f"No persona has more than {scores.shape[1]} members, as many as there are columns to look at.",
                hint="look at fewer columns, or again when the personas hold more customers.",
            )
        groups = [scores[label == persona] for persona in there]
        inside = np.concatenate([group - group.mean(0) for group in groups])
        root = _whitening(_to_even(inside.T @ inside / len(inside), _LDA_SHRINK))
        white = scores @ root
        far = np.stack([((white - group.mean(0) @ root) ** 2).sum(1) for group in groups], axis=1)
        label = np.array(there)[(np.log([len(group) for group in groups]) - far / 2).argmax(1)]
    return label


def personas_alone(known: Floats, label: Ints, *, n_personas: int, rounds: int) -> Anchored:
    """Where the personas are after some rounds without a free group beside them, from customers labelled with one each.

    Of many rounds one after another the largest persona takes everybody whose shape is near to its own.
    """
    for _ in range(rounds):
        model = _fitted(known, _one_each(label[None], n_personas))
        label = _nearest(known, model)[0]
    return model.take(0)


def settle(known: Floats, label: Ints, free: Bools, *, n_personas: int) -> tuple[Anchored, ...]:
    """Where free groups end that begin with these customers, without those that die, or swallow a persona.

    ``free`` has shape ``(seeds, customers)``; all seeds take their rounds together, for which two products of matrices
    are all that is needed: ``known`` are the customers' ``moments``, and sums of them say everything.
    """
    own = np.where(free, n_personas, label)
    ended: dict[int, Anchored] = {}
    going = np.arange(len(own))
    for last in range(_ROUNDS - 1, -1, -1):
        going = going[_lives(own[going], n_personas)]
        if not going.size:
            break
        models = _fitted(known, _one_each(own[going], n_personas + 1))
        before = own[going]
        own[going] = _nearest(known, models)
        still = (before == own[going]).all(1) | (last == 0)
        ended |= {int(going[place]): models.take(int(place)) for place in np.flatnonzero(still)}
        going = going[~still]
    alive = _lives(own, n_personas)
    return tuple(model for seed, model in sorted(ended.items()) if alive[seed])


def softened(models: Sequence[Anchored], known: Floats) -> tuple[Anchored, ...]:
    """Where they end when everybody counts for each group by the posterior, without those whose free group dies.

    As long as each customer counts for one group only, a free group goes on with its core: its shape is made without
    its edge, holds still fewer, and loses them, too.
    """
    if not models:
        return ()
    several = Anchored(
        log_shares=np.stack([each.log_shares for each in models]),
        means=np.stack([each.means for each in models]),
        roots=np.stack([each.roots for each in models]),
    )
    for _ in range(_SOFT_ROUNDS):
        counts = np.ascontiguousarray(np.moveaxis(_to_shares(_joint(known, several)), 0, 2))
        alive = _could_be_published(counts[:, -1].mean(1), len(known))
        if not alive.any():
            return ()
        several = _fitted(known, counts[alive])
    return tuple(several.take(place) for place in range(len(several.means)))


def _lives(own: Ints, free: int) -> Bools:
    """Whether each seed's free group holds as many as one that could be published."""
    return _could_be_published((own == free).mean(1), own.shape[1])


def _could_be_published(share: Floats, n: int) -> Bools:
    """Whether a group of this share of ``n`` customers is on its way to one that could be."""
    return np.asarray((share >= min(_LEAST, _LEAST_CUSTOMERS / n)) & (share <= _MOST), dtype=np.bool_)


def _one_each(own: Ints, groups: int) -> Floats:
    """What each customer counts for each group that is of one only, shape ``(rows of own, groups, customers)``."""
    return np.asarray(own[:, None] == np.arange(groups)[:, None], dtype=np.float64)


def _nearest(known: Floats, models: Anchored) -> Ints:
    """The group that each customer is most likely of under each model, shape ``(models, customers)``."""
    return np.asarray(_joint(known, models).argmax(2).T, dtype=np.int64)


def _joint(known: Floats, models: Anchored) -> Floats:
    """What each model says as ``Anchored.joint``, shape ``(customers, models, groups)``, by one product of matrices."""
    weights = models.weights()
    many, moments, groups = weights.shape
    joint = known @ np.swapaxes(weights, 0, 1).reshape(moments, many * groups)
    return np.asarray(joint.reshape(len(known), many, groups), dtype=np.float64)


def _to_shares(joint: Floats) -> Floats:
    """Posterior probabilities from logs of share times density, along the last axis."""
    shares = np.exp(joint - joint.max(-1, keepdims=True))
    return np.asarray(shares / shares.sum(-1, keepdims=True), dtype=np.float64)


_SEEDS = 36
_ROUNDS = 20
_SOFT_ROUNDS = 8
_RELABELLED = 3
_LDA_SHRINK = 0.1
_QDA_WORTH = 20.0
"""Customers for each column that a diagonal covariance is worth: a small group has too few to know how all columns go
together, and would be spread as far as its host."""
_LEAST, _MOST = 0.008, 0.25
"""Shares below and above which a free group is on its way to none that could be published."""
_LEAST_CUSTOMERS = 80
"""Of many customers a group of so many may be a smaller share: as many as the least share is of 10,000."""
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


def _fitted(known: Floats, counts: Floats) -> Anchored:
    """Each group's own normal distribution, in each of several models; a group of too few has everybody's.

    ``counts`` is what each customer counts for each group of each model, shape ``(models, groups, customers)``.
    """
    many, k, n = counts.shape
    sums = (counts.reshape(-1, n) @ known).reshape(many, k, -1)
    d = _columns(known.shape[1])
    sizes = sums[..., -1]
    everybody = sums.sum(1, keepdims=True)
    enough = (sizes > d)[..., None]
    mean = np.where(enough, sums, everybody) / np.where(enough[..., 0], sizes, everybody[..., -1])[..., None]
    means = mean[..., -1 - d : -1]
    rows, columns = np.triu_indices(d)
    squares = np.empty((many, k, d, d))
    squares[..., rows, columns] = squares[..., columns, rows] = mean[..., : len(rows)]
    shrink = _QDA_WORTH * d / (np.where(enough[..., 0], sizes, everybody[..., -1]) + _QDA_WORTH * d)
    return Anchored(
        log_shares=np.log((sizes + 1) / (sizes.sum(1, keepdims=True) + k)),
        means=means,
        roots=_whitening(_to_diagonal(squares - means[..., :, None] * means[..., None, :], shrink)),
    )


def _columns(n_moments: int) -> int:
    """How many scores have so many moments."""
    return round((float(np.sqrt(8 * n_moments + 1)) - 3) / 2)


def _to_even(spread: Floats, shrink: float) -> Floats:
    """A covariance of which a share is shrunk to the same variance everywhere."""
    d = len(spread)
    return np.asarray((1 - shrink) * spread + shrink * np.trace(spread) / d * np.eye(d), dtype=np.float64)


def _to_diagonal(spread: Floats, shrink: Floats) -> Floats:
    """Covariances of each of which a share is shrunk to its own diagonal, that is at least ``_LEAST_VARIANCE``."""
    eye = np.eye(spread.shape[-1])
    kept = (1 - shrink)[..., None, None]
    return np.asarray(spread * (kept + (1 - kept) * eye) + _LEAST_VARIANCE * eye, dtype=np.float64)


_LEAST_VARIANCE = 1e-3
"""Scores have variance 1 over all customers; of a group that is the same in something there is still a density."""


def _whitening(spread: Floats) -> Floats:
    """Matrices that make scores of these covariances independent and of variance 1."""
    return np.asarray(np.swapaxes(np.linalg.inv(np.linalg.cholesky(spread)), -1, -2), dtype=np.float64)
