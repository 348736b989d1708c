"""Public experiments, whole, with their options drawn anew, and with a swap planted in a part of the customers.

The data are not shipped (several sets state no licence): a set that is not there is left out, and named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from refinement.figures import Benchmark, Figure, share
from refinement.lived import SEED

import living_personas as lp
from worlds.cells import rng

DATA = Path(__file__).parents[3] / "shared" / "data"
Frame = Any


class Experiment(NamedTuple):
    """A file of finished rows: how it is read, its shares, and the swap to plant: two options, and in whom."""

    file: str
    read: Callable[[Path], Frame]
    option: str
    success: str
    shares: dict[str, float]
    swapped: tuple[str, str]
    inside: Callable[[Frame], Any]
    most: str = "silent"


def _hillstrom(path: Path) -> Frame:
    return pd.read_csv(path).drop(columns=["customer_id", "conversion", "spend"])


def _letters(path: Path) -> Frame:
    table = pd.read_parquet(path)
    voted = table["voted"].astype(str) == "Yes"
    return table.drop(columns="voted").assign(voted=voted, treatment=table["treatment"].astype(str))


def _insurance(path: Path) -> Frame:
    table = pd.read_parquet(path).sort_values("UNIQUE_ID").reset_index(drop=True)
    return table.assign(given=table["TREATMENT"].map({1.0: "offer", 0.0: "none"})).drop(
        columns=["UNIQUE_ID", "TREATMENT"]
    )


LETTERS = {"Control": 5 / 9, **dict.fromkeys(("Civic Duty", "Hawthorne", "Self", "Neighbors"), 1 / 9)}
EXPERIMENTS = {
    "Hillstrom": Experiment(
        file="hillstrom/hillstrom.csv.gz",
        read=_hillstrom,
        option="segment",
        success="visit",
        shares=dict.fromkeys(("Mens E-Mail", "Womens E-Mail", "No E-Mail"), 1 / 3),
        swapped=("Mens E-Mail", "No E-Mail"),
        inside=lambda table: table["newbie"] == 1,
    ),
    "letters": Experiment(
        file="letters/letters.parquet",
        read=_letters,
        option="treatment",
        success="voted",
        shares=LETTERS,
        swapped=("Neighbors", "Civic Duty"),
        inside=lambda table: table["sex"] == "female",
    ),
    "insurance": Experiment(
        file="insurance/insurance.parquet",
        read=_insurance,
        option="given",
        success="PURCHASE",
        shares={"offer": 0.5, "none": 0.5},
        swapped=("offer", "none"),
        inside=lambda table: table["D_DEPTCARD"] >= 1,
        most="leaning",
    ),
}


def absent() -> str:
    """Which data are not there; empty if all are."""
    missing = [each.file for each in EXPERIMENTS.values() if not (DATA / each.file).exists()]
    return f"real data are left out: there is no {', no '.join(missing)} in {DATA.name}." if missing else ""


def _asked(experiment: Experiment, table: Frame) -> lp.SplitVerdict:
    return lp.splits_by_response(table, option=experiment.option, success=experiment.success, shares=experiment.shares)


def as_it_is(experiment: Experiment) -> Callable[[int], Iterator[Figure]]:
    """The rows in orders of their own: what is known does not hang on the order, and nothing may be claimed."""

    def run(count: int) -> Iterator[Figure]:
        table = experiment.read(DATA / experiment.file)
        said = [_asked(experiment, table)] + [
            _asked(experiment, table.sample(frac=1, random_state=SEED + seed)) for seed in range(1, count)
        ]
        claims = sum(each.grade in ("claimed", "proven") for each in said)
        yield share("orders of the rows in which a split is claimed", claims, count, bar=0.05)
        yield share("orders in which one is leaning", sum(each.grade == "leaning" for each in said), count)

    return run


def drawn_anew(experiment: Experiment) -> Callable[[int], Iterator[Figure]]:
    """Who met which option is drawn anew, so that no option has any effect: whatever is claimed is false."""

    def run(count: int) -> Iterator[Figure]:
        table = experiment.read(DATA / experiment.file)
        claims = 0
        for seed in range(count):
            met = rng(SEED + seed).permutation(table[experiment.option].to_numpy())
            claims += _asked(experiment, table.assign(**{experiment.option: met})).grade in ("claimed", "proven")
        yield share("false claims", claims, count, bar=0.05)

    return run


def swapped(experiment: Experiment) -> Callable[[int], Iterator[Figure]]:
    """Two options change their names for some customers, so that one does not suit everybody."""

    def run(count: int) -> Iterator[Figure]:
        table = experiment.read(DATA / experiment.file)
        one, other = experiment.swapped
        inside = experiment.inside(table).to_numpy()
        named = table[experiment.option].replace({one: other, other: one})
        planted = table.assign(**{experiment.option: np.where(inside, named, table[experiment.option])})
        claims = proven = 0
        for seed in range(count):
            found = _asked(experiment, planted.sample(frac=1, random_state=SEED + seed))
            claims += found.grade in ("claimed", "proven")
            proven += found.grade == "proven"
        yield share("orders in which the planted swap is claimed", claims, count, bar=0.8, side="at least")
        yield share("orders in which its leaf is proven", proven, count)

    return run


def _of(name: str, experiment: Experiment) -> Iterator[tuple[str, Benchmark]]:
    yield f"{name}, as it is", Benchmark(as_it_is(experiment), worlds=10, quick=3)
    if experiment.most == "silent":
        yield f"{name}, options drawn anew", Benchmark(drawn_anew(experiment), worlds=100, quick=20)
        yield f"{name}, a planted swap", Benchmark(swapped(experiment), worlds=10, quick=5)


REAL_DATA = {
    name: benchmark
    for each, experiment in EXPERIMENTS.items()
    if (DATA / experiment.file).exists()
    for name, benchmark in _of(each, experiment)
}
