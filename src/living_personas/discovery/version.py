"""One reading of the customers: fitted on one half, merged on the other; what is no persona's home is a candidate."""

from __future__ import annotations

import numpy as np

from living_personas.discovery.em import responsibilities
from living_personas.discovery.lookup import Lookup, look_up
from living_personas.discovery.merge import LEVELS, merge
from living_personas.discovery.mixture import fit_mixture
from living_personas.discovery.scores import normal_scores, smooth_scores
from living_personas.discovery.sheet import Sheet
from living_personas.discovery.terms import expressions
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["Cluster", "Evidence", "Version", "gather", "versions"]


@value
class Evidence:
    """The customers in every form that a check needs: values, ranks, smoothed logs, terms of scorecards."""

    sheet: Sheet
    lookup: Lookup
    ranks: Floats
    smooth: Floats
    terms: Floats


def gather(sheet: Sheet, *, rng: np.random.Generator) -> Evidence:
    """The customers of a sheet in every form; ``rng`` breaks the ties of ranks."""
    terms = np.stack([term.numbers(sheet) for term in expressions(sheet)], axis=1)
    return Evidence(
        sheet=sheet,
        lookup=look_up(sheet),
        ranks=normal_scores(sheet, rng=rng),
        smooth=smooth_scores(sheet, rng=rng),
        terms=(terms - terms.mean(0)) / terms.std(0),
    )


@value
class Version:
    """Posterior probabilities of merged clusters for all customers, who of them were ``fitted`` and who ``held`` out.

    ``own`` is each customer's cluster, ``homes`` each persona's.
    """

    fitted: Ints
    held: Ints
    posterior: Floats
    own: Ints
    homes: Ints

    def candidates(self) -> tuple[Cluster, ...]:
        """The clusters that are no persona's home."""
        free = sorted(set(range(self.posterior.shape[1])) - set(self.homes.tolist()))
        return tuple(Cluster(version=self, number=number, members=self.own == number) for number in free)


@value
class Cluster:
    """One cluster of a version, and who is in it."""

    version: Version
    number: int
    members: Bools


def versions(evidence: Evidence, *, fitted: Ints, held: Ints, rng: np.random.Generator) -> tuple[Version, ...]:
    """What a fit on one half becomes when merged on the other, at each level of overlap."""
    filed, n_personas = evidence.sheet.filed, len(evidence.sheet.personas)
    mixture = fit_mixture(
        evidence.lookup.take(fitted), evidence.ranks[fitted], filed[fitted], n_personas=n_personas, rng=rng
    )
    resp = responsibilities(mixture, evidence.lookup)
    found: list[Version] = []
    for level in LEVELS:
        label, homes = merge(resp[held], filed[held], n_personas=n_personas, level=level)
        posterior = resp @ np.eye(int(label.max()) + 1)[label]
        found.append(Version(fitted=fitted, held=held, posterior=posterior, own=posterior.argmax(1), homes=homes))
    return tuple(found)
