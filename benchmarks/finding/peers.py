"""What others find in the same worlds, by the same columns, where scikit-learn is installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from importlib.util import find_spec

import numpy as np
import pyarrow as pa
from refinement.figures import Benchmark, Figure

from finding.counting import SEED, holds, searched, wilson
from living_personas.discovery.feature_matrix import Sheet, read_sheet
from living_personas.discovery.scores import normal_scores
from living_personas.stats.arrays import Bools, Floats, Ints
from worlds.customers import COLUMNS, customers
from worlds.hard_customers import planted_groups

LIBRARY = "sklearn"
CUSTOMERS, SHARE = 10_000, 0.06
LEAST, MOST = 0.012, 0.15
MOST_CLUSTERS = 12
SAMPLE = 2_000
"""Customers of whom a silhouette is made."""

Clusterer = Callable[[Floats, int, int], Ints]
"""The cluster of each customer, by scores, the number of personas and a seed; -1 is none."""


def missing() -> str:
    """Why they are left out; empty if they are not."""
    return (
        "" if find_spec(LIBRARY) else "Peers are left out: scikit-learn is not installed (`pip install scikit-learn`)."
    )


def _k_means(scores: Floats, _personas: int, seed: int) -> Ints:
    """As many clusters as have the best silhouette."""
    cluster, metrics = import_module("sklearn.cluster"), import_module("sklearn.metrics")
    tried = [cluster.KMeans(k, n_init=3, random_state=seed).fit_predict(scores) for k in range(2, MOST_CLUSTERS + 1)]
    worth = [metrics.silhouette_score(scores, each, sample_size=SAMPLE, random_state=seed) for each in tried]
    return np.asarray(tried[int(np.argmax(worth))], dtype=np.int64)


def _mixture(shape: str) -> Clusterer:
    """As many normal components as have the best BIC."""

    def clustered(scores: Floats, _personas: int, seed: int) -> Ints:
        mixture = import_module("sklearn.mixture")
        tried = [
            mixture.GaussianMixture(k, covariance_type=shape, random_state=seed).fit(scores)
            for k in range(2, MOST_CLUSTERS + 1)
        ]
        best = min(tried, key=lambda each: float(each.bic(scores)))
        return np.asarray(best.predict(scores), dtype=np.int64)

    return clustered


def _hdbscan(scores: Floats, _personas: int, _seed: int) -> Ints:
    cluster = import_module("sklearn.cluster")
    found = cluster.HDBSCAN(min_cluster_size=int(LEAST * len(scores)), copy=True).fit_predict(scores)
    return np.asarray(found, dtype=np.int64)


def factors(scores: Floats, personas: int, seed: int) -> Ints:
    """The heaviest of non-negative factors, one more than there are personas: how APG makes personas."""
    decomposition = import_module("sklearn.decomposition")
    above = scores - scores.min(0)
    weights = decomposition.NMF(personas + 1, init="nndsvda", random_state=seed, max_iter=400, tol=1e-3)
    return np.asarray(weights.fit_transform(above).argmax(1), dtype=np.int64)


def aligned(before: Ints, after: Ints) -> Ints:
    """Clusters renamed so that most customers keep theirs."""
    optimize = import_module("scipy.optimize")
    many = int(max(before.max(), after.max())) + 1
    both = np.zeros((many, many))
    np.add.at(both, (after, before), 1)
    rows, columns = optimize.linear_sum_assignment(both, maximize=True)
    return np.asarray(columns[np.argsort(rows)][after], dtype=np.int64)


def _new(cluster: Ints, sheet: Sheet) -> list[Bools]:
    """The clusters that are no persona's home, of the size of a segment; none where all is noise."""
    groups = [cluster == each for each in range(int(cluster.max()) + 1)]
    if not groups:
        return []
    homes = set()
    for persona in range(len(sheet.personas)):
        filed = sheet.filed == persona
        homes.add(int(np.argmax([2 * (group & filed).sum() / (group.sum() + filed.sum()) for group in groups])))
    return [each for place, each in enumerate(groups) if place not in homes and LEAST <= each.mean() <= MOST]


Finder = Callable[[pa.Table, int], list[Bools]]
"""The groups that are new among the customers of a frame, with a seed."""


def _run(new_in: Finder) -> Callable[[int], Iterator[Figure]]:
    def run(count: int) -> Iterator[Figure]:
        found = besides = false = 0
        for seed in range(SEED, SEED + count):
            world, (group,) = planted_groups(("silent",), CUSTOMERS, share=SHARE, seed=seed)
            alike = [(each & group).sum() >= 0.5 * (each | group).sum() for each in new_in(world.frame, seed)]
            found += any(alike)
            besides += not all(alike)
            false += bool(new_in(customers("gamma", CUSTOMERS, seed=seed).frame, seed))
        yield wilson("silent 6 % found at Jaccard .5", found, count)
        yield wilson("worlds with another beside it", besides, count)
        yield wilson("personas only: false", false, count)

    return run


def _clustered(clusterer: Clusterer) -> Finder:
    def new_in(frame: pa.Table, seed: int) -> list[Bools]:
        sheet = read_sheet(frame, columns=COLUMNS, assigned="persona", customer="customer")
        scores = normal_scores(sheet, rng=np.random.Generator(np.random.PCG64(seed)))
        return _new(clusterer(scores, len(sheet.personas), seed), sheet)

    return new_in


def _ours(frame: pa.Table, seed: int) -> list[Bools]:
    return [holds(frame, each) for each in searched(frame, seed=seed).candidates]


_CLUSTERERS: dict[str, Clusterer] = {
    "k-means and silhouette": _k_means,
    "mixture and BIC, full": _mixture("full"),
    "mixture and BIC, diagonal": _mixture("diag"),
    "HDBSCAN": _hdbscan,
    "NMF": factors,
}
PEERS = (
    {}
    if missing()
    else {
        f"peer: {name}": Benchmark(_run(finder), worlds=40, quick=2)
        for name, finder in {"none, this search": _ours, **{n: _clustered(c) for n, c in _CLUSTERERS.items()}}.items()
    }
)
