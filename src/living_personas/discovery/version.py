"""One reading of the customers, fitted on one half of them: what is no persona's home is a candidate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from living_personas.discovery.anchored import anchored_groups, moments
from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.scores import acting_like, normal_scores, smooth_scores
from living_personas.discovery.terms import expressions
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["ALIKE", "MEMBER", "NONE", "Cluster", "Forms", "Halves", "Version", "gather", "versions"]

MEMBER = 0.3
"""The posterior from which a candidate holds a customer: a Jaccard index of J is largest by those who belong with a
probability of J / (1 + J) or more, which is a third where J is a half."""

ALIKE = 0.75
"""The share of the best F1 from which another group agrees with who is filed under a persona as well."""

NONE = -1
"""The kind of a group that is not one of two or more kinds of one persona's customers."""


@value
class Forms:
    """The customers in every form that a check needs: ranks and their moments, smoothed logs, terms of scorecards.

    ``acts_like`` is the persona that each looks like, whatever it is filed under.
    """

    sheet: Sheet
    acts_like: Ints
    ranks: Floats
    known: Floats
    smooth: Floats
    terms: Floats


def gather(sheet: Sheet, *, rng: np.random.Generator) -> Forms:
    """The customers of a sheet in every form; ``rng`` breaks the ties of ranks.

    Raises
    ------
    InsufficientEvidenceError
        If no two customers differ in any column, or no persona has enough members to be known by.
    """
    told_by = expressions(sheet)
    if not told_by:
        raise InsufficientEvidenceError(
            "No two customers differ in any column that is looked at.",
            hint="what is looked at is what customers do: the columns given, or in a workspace its `features`, never "
            "traits. Bring what they did, declare `features` that count it, or look again when more is known.",
        )
    terms = np.stack([term.numbers(sheet) for term in told_by], axis=1)
    ranks = normal_scores(sheet, rng=rng)
    acts_like = acting_like(sheet, ranks)
    return Forms(
        sheet=sheet,
        acts_like=acts_like,
        ranks=ranks,
        known=moments(ranks),
        smooth=smooth_scores(sheet, acts_like, rng=rng),
        terms=(terms - terms.mean(0)) / terms.std(0),
    )


@value
class Version:
    """Posterior probabilities of the personas and of a free group, for the ``fitted`` half and the ``held``-out one.

    ``own`` is each customer's cluster, and ``homes`` are the clusters that no candidate is made of. ``kinds`` says of
    each cluster of which persona's customers it is one of several kinds, or ``NONE``.
    """

    fitted: Ints
    held: Ints
    posterior: Floats
    own: Ints
    homes: Ints
    kinds: Ints

    @classmethod
    def of(cls, posterior: Floats, filed: Ints, *, fitted: Ints, held: Ints) -> Version:
        """Each persona's home is the group that agrees best with who is filed there (F1 by posterior), mostly its own.

        A share of them alone takes a large segment for a home, and a small persona for a segment where many are filed
        wrongly. Where two groups agree about as well, that persona is two kinds of customers, which of them it is
        nobody can see, and both are candidates. Where some are at home in the free group, their own is a candidate if
        it holds more of them than of any other persona; otherwise it is a remnant of others, and nobody's. All
        customers are counted: a home is a name, which both halves are to give alike, and no evidence.
        """
        personas = np.arange(posterior.shape[1] - 1)
        under = np.asarray(personas[:, None] == filed, dtype=np.float64)
        holds = under @ posterior
        agrees = 2 * holds / (under.sum(1, keepdims=True) + posterior.sum(0))
        best, kinds = agrees.argmax(1), _kinds(agrees)
        remnants = personas[holds[:, :-1].argmax(0) != personas]
        homes = np.union1d(best[kinds[best] == NONE], remnants).astype(np.int64)
        return cls(fitted=fitted, held=held, posterior=posterior, own=posterior.argmax(1), homes=homes, kinds=kinds)

    def candidates(self) -> tuple[Cluster, ...]:
        """The clusters that are no persona's home."""
        free = sorted(set(range(self.posterior.shape[1])) - set(self.homes.tolist()))
        return tuple(
            Cluster(version=self, number=number, core=self.own == number, members=self.posterior[:, number] >= MEMBER)
            for number in free
        )


@value
class Cluster:
    """One cluster of a version: the ``core``, whom it explains best, by which it is judged, and its ``members``."""

    version: Version
    number: int
    core: Bools
    members: Bools

    @property
    def kind(self) -> int:
        """The persona of whose customers it is one of several kinds, or ``NONE``."""
        return int(self.version.kinds[self.number])


def _kinds(agrees: Floats) -> Ints:
    """Of which persona each group is one of several kinds: others' best groups are no kind of it."""
    best = agrees.argmax(1)
    alike = agrees >= ALIKE * agrees.max(1, keepdims=True)
    for persona in range(len(agrees)):
        alike[persona, np.setdiff1d(best, best[persona])] = False
    several = alike & (alike.sum(1, keepdims=True) > 1)
    return np.where(several.any(0), np.where(several, agrees, 0.0).argmax(0), NONE).astype(np.int64)


Halves: TypeAlias = tuple[tuple[Version, ...], tuple[Version, ...]]
"""The versions that were fitted on each half."""


def versions(forms: Forms, *, one: Ints, other: Ints, rng: np.random.Generator) -> Halves:
    """What each half says without the other: a version for each group that a free group settles on."""
    return (
        tuple(_versions(forms, fitted=one, held=other, rng=rng)),
        tuple(_versions(forms, fitted=other, held=one, rng=rng)),
    )


def _versions(forms: Forms, *, fitted: Ints, held: Ints, rng: np.random.Generator) -> Iterator[Version]:
    filed, n_personas = forms.sheet.filed, len(forms.sheet.personas)
    ranks, known = forms.ranks[fitted], forms.known[fitted]
    for model in anchored_groups(ranks, known, filed[fitted], n_personas=n_personas, rng=rng):
        yield Version.of(model.posterior(forms.known), filed, fitted=fitted, held=held)
