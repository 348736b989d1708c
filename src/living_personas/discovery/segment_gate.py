"""The gate: what a group must show, on customers that did not find it, before anybody hears of it.

Neither the posterior nor the valley is enough alone: of 50 searches where nothing was to be found, 15 came through
rediscovery, size, columns and AUC, 10 through the posterior besides, 3 through the valley, none through both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from statistics import mode
from typing import Literal

import numpy as np

from living_personas.discovery.density_gap import direction, valley
from living_personas.discovery.differences import DIFFERS, deviations, own_deviations, silent_columns, untied
from living_personas.discovery.main_directions import off_main
from living_personas.discovery.scorecard import area, logistic
from living_personas.discovery.version import Cluster, Forms, Halves
from living_personas.domain.candidate import Check
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["LEAST_LOOKED_AT", "LEAST_SHARE", "SAME", "Sighting", "jaccard", "jaccards", "judge", "sightings"]

LEAST_SHARE, LEAST_LOOKED_AT = 0.012, 160
"""Members among the customers looked at from which a group may be a smaller share than it must be of few: the checks
need as many as they need, however many others there are."""

SAME = 0.6
"""Members' Jaccard from which two groups are the same."""


@value
class Sighting:
    """One group as all versions of one split see it, each half having found it without the other."""

    clusters: tuple[Cluster, ...]

    @property
    def members(self) -> Bools:
        """Those whom at least half of the versions hold."""
        return np.asarray(np.mean([cluster.members for cluster in self.clusters], axis=0) >= 0.5, dtype=np.bool_)

    @property
    def kind(self) -> int:
        """The persona of whose customers most versions see it as one of several kinds, or ``NONE``."""
        return mode(cluster.kind for cluster in self.clusters)


def jaccard(one: Bools, other: Bools) -> float:
    """Shared members over members of either.

    >>> jaccard(np.array([True, True, False]), np.array([True, False, False]))
    0.5
    """
    return float((one & other).sum() / max((one | other).sum(), 1))


def jaccards(groups: Sequence[Bools]) -> Floats:
    """The Jaccard index of each pair of groups, shape ``(groups, groups)``.

    >>> jaccards([np.array([True, True, False]), np.array([True, False, False])]).tolist()
    [[1.0, 0.5], [0.5, 1.0]]
    """
    if not groups:
        return np.zeros((0, 0))
    held = np.stack(groups).astype(np.float32)
    both = held @ held.T
    sizes = np.diag(both)
    return np.asarray(both / np.maximum(sizes[:, None] + sizes - both, 1), dtype=np.float64)


def sightings(halves: Halves) -> Iterator[Sighting]:
    """The groups that both halves found: whatever the other half does not know is noise."""
    found = [(side, cluster) for side, half in enumerate(halves) for each in half for cluster in each.candidates()]
    alike = jaccards([cluster.members for _, cluster in found]) >= SAME
    rest = np.ones(len(found), dtype=np.bool_)
    while rest.any():
        middle = int(np.where(rest, (alike & rest).sum(1), -1).argmax())
        group = np.flatnonzero(alike[middle] & rest)
        if {found[place][0] for place in group} == {0, 1}:
            yield Sighting(clusters=tuple(found[place][1] for place in group))
        rest[group] = rest[middle] = False


def judge(sighting: Sighting, forms: Forms, *, least_members: int) -> tuple[Check, ...]:
    """The checks in order, each the median over the versions, up to the first that fails."""
    found: list[Check] = []
    for bar, measure in _CHECKS:
        check = replace(bar, measured=float(np.median([measure(cluster, forms) for cluster in sighting.clusters])))
        if check.name == "members":
            check = replace(check, bar=float(least_members))
        if check.name == "least share":
            check = replace(check, bar=min(check.bar, LEAST_LOOKED_AT / len(forms.sheet)))
        found.append(check)
        if not check.passed:
            break
    return tuple(found)


# --- what is measured, each on the core of one version ---


def _members(cluster: Cluster, _: Forms) -> float:
    return float(cluster.core.sum())


def _share(cluster: Cluster, _: Forms) -> float:
    return float(cluster.core.mean())


def _differing(cluster: Cluster, forms: Forms) -> float:
    return float(len(_differing_columns(cluster, forms)))


def _speaking(cluster: Cluster, forms: Forms) -> float:
    """Differing columns that have not just fallen silent.

    Where some have, only what members do otherwise than each one's own persona counts, and it takes two: customers who
    lost their events on one platform do all else as their personas, but for using that platform.
    """
    held, sheet = cluster.version.held, forms.sheet
    silent = silent_columns(sheet.take(held), cluster.core[held])
    differing = [column for column in _differing_columns(cluster, forms) if not silent[column]]
    if not silent.any():
        return float(len(differing))
    scores, acts_like = forms.ranks[held], forms.acts_like[held]
    own = own_deviations(scores, cluster.core[held], acts_like, n_personas=len(sheet.personas), silent=silent)
    order = np.argsort(-np.abs(own), kind="stable")
    besides = untied(scores, acts_like, [int(each) for each in order if abs(own[each]) >= _BESIDES])
    return float(min(len(differing), max(len(besides) - 1, 0)))


def _certainty(cluster: Cluster, _: Forms) -> float:
    held = cluster.version.held
    inside = held[cluster.core[held]]
    return float(cluster.version.posterior[inside, cluster.number].mean()) if len(inside) else 0.0


def _valley(cluster: Cluster, forms: Forms) -> float:
    """The shallowest valley to any neighbour, less what makes up for a shallow one.

    Only further on the way on which everybody is somewhere, or not quite told by any scorecard: that is the end of a
    continuum. Who goes a way of their own, and is told practically without an error, needs none.
    """
    density = _shallowest(cluster, forms)
    if density < _DEEP:
        return density
    own = np.interp(_own_way(cluster, forms), _OWN_WAY, (0, 1))
    told = np.interp(_sayable(cluster, forms), _TOLD, (0, 1))
    return density - _MAKES_UP * float(own * told)


def _shallowest(cluster: Cluster, forms: Forms) -> float:
    """The density in the shallowest valley, along directions that the other half gave."""
    own = cluster.version.own
    neighbours = [each for each in range(cluster.version.posterior.shape[1]) if each != cluster.number]
    return max((_valley_to(cluster, own == each, forms) for each in neighbours), default=1.0)


def _own_way(cluster: Cluster, forms: Forms) -> float:
    held, personas = cluster.version.held, forms.sheet.personas
    return off_main(forms.ranks[held], cluster.core[held], forms.acts_like[held], n_personas=len(personas))


def _valley_to(cluster: Cluster, neighbour: Bools, forms: Forms) -> float:
    fitted, held, scores = cluster.version.fitted, cluster.version.held, forms.smooth
    inside, near = _of(fitted, cluster.core), _of(fitted, neighbour)
    if len(near) < _LEAST_NEIGHBOUR:
        return 0.0
    line = direction(scores[inside], scores[near])
    return valley(scores[_of(held, cluster.core)] @ line, scores[_of(held, neighbour)] @ line)


def _sayable(cluster: Cluster, forms: Forms) -> float:
    """AUC on the held-out half of a scorecard that the fitted half made."""
    fitted, held = cluster.version.fitted, cluster.version.held
    numbers = forms.terms[fitted]
    weights = logistic(numbers, cluster.core[fitted])
    return area(forms.terms[held] @ weights[1:], cluster.core[held])


_BESIDES = 0.5
"""Standard deviations from one's own persona that count where columns fell silent: outages showed .15 in the second
column, silent evaluators 1.0 and more."""

_DEEP, _MAKES_UP = 0.85, 0.16
"""The density in a valley that is enough for everybody, and how much is made up for: where nothing dips it is 1."""

_OWN_WAY = 0.4, 0.6
"""Shares of what sets members apart that the two main directions of all others do not hold: the end of a continuum has
the one, a group of its own the other."""

_TOLD = 0.996, 0.998
"""Held-out AUC of the scorecard: the busiest of a crowd with heavy tails came to the one, groups that are there to the
other."""

_LEAST_NEIGHBOUR = 50
"""A neighbour of fewer customers than this has no density to speak of."""


def _of(rows: Ints, group: Bools) -> Ints:
    return rows[group[rows]]


def _differing_columns(cluster: Cluster, forms: Forms) -> list[int]:
    held, sheet = cluster.version.held, forms.sheet
    scores, acts_like, members = forms.ranks[held], forms.acts_like[held], cluster.core[held]
    silent = silent_columns(sheet.take(held), members)
    _, deviation = deviations(scores, members, acts_like, n_personas=len(sheet.personas), silent=silent)
    order = np.argsort(-np.abs(deviation), kind="stable")
    return untied(scores, acts_like, [int(each) for each in order if abs(deviation[each]) >= DIFFERS])


def _bar(name: str, must: Literal["reach", "stay below"], bar: float, says: str) -> Check:
    return Check(name=name, measured=0.0, bar=bar, must=must, says=says)


_CHECKS: tuple[tuple[Check, Callable[[Cluster, Forms], float]], ...] = (
    (_bar("members", "reach", 50, "members"), _members),
    (_bar("least share", "reach", LEAST_SHARE, "share of customers"), _share),
    (_bar("most share", "stay below", 0.15, "share of customers"), _share),
    (_bar("columns", "reach", 2, "columns that differ from the nearest persona by .8 sd"), _differing),
    (_bar("speaking columns", "reach", 1, "of these not merely silent, as in a tracking outage"), _speaking),
    (_bar("certainty", "reach", 0.80, "held-out posterior of members"), _certainty),
    (
        _bar(
            "valley",
            "stay below",
            _DEEP,
            "density in the shallowest valley; less for members who go a way of their own and are well told",
        ),
        _valley,
    ),
    (_bar("auc", "reach", 0.98, "held-out AUC of its scorecard"), _sayable),
)
