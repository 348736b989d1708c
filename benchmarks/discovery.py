"""What the search for segments finds, misses and makes up (docs/explanation/discovery.md)."""

from __future__ import annotations

import argparse
import gzip
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from scipy.stats import beta

from living_personas.discovery.columns import Amount, Column, Count, Rate, needs
from living_personas.discovery.density_gap import valley
from living_personas.discovery.find import find_segments
from living_personas.domain.candidate import Candidate, FoundSegments
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse
from living_personas.simulate.worlds import demo_spec, null_spec
from living_personas.stats.arrays import Bools
from worlds.customers import COLUMNS, FAMILIES, NULLS, PLANTS, Family, Plant, World, customers
from worlds.shop_looks import looks

DATA = Path(__file__).parents[2] / "shared" / "data"
FIRST_SEED = 5_000
DAYS = (70, 77)


def main() -> None:
    """Print the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20, help="fresh seeds of each family; 20 take about half an hour")
    parser.add_argument("--only", nargs="*", default=list(PARTS), choices=list(PARTS))
    parser.add_argument("--million", type=int, default=1_000_000, help="customers of the large run")
    chosen = parser.parse_args()
    for name in chosen.only:
        say(f"\n{name}")
        PARTS[name](chosen.runs, chosen.million)


def nulls(runs: int, _million: int) -> None:
    """D1: worlds with nothing to find; a run is false if anything is published."""
    counts: dict[str, tuple[int, int]] = {}
    for family, seed, found in _null_runs(runs):
        false, done = counts.get(family, (0, 0))
        counts[family] = (false + bool(found.candidates), done + 1)
        published = [f"{each.name} ({each.share:.1%})" for each in found.candidates]
        say(f"    {family}, seed {seed}: {published or 'nothing'} in {found.splits} splits")
    for family, (false, done) in counts.items():
        say(f"  {family:12} {false} false of {done}{_interval(false, done)}")
    false, done = (sum(column) for column in zip(*counts.values(), strict=True))
    say(f"  {'all':12} {false} false of {done}{_interval(false, done)}; at most .05 is promised")


def planted(runs: int, _million: int) -> None:
    """D2 and D5: planted groups of 2 to 8 %, and how well the words say them to customers nobody has seen."""
    for plant in PLANTS:
        for n, bar in ((20_000, 0.6), (10_000, 0.5)):
            for family in FAMILIES:
                say(f"  {plant:7} {family:7} {n:6} customers: {_recall(family, plant, n, bar, runs)}")


def shop(runs: int, _million: int) -> None:
    """The demo's world, seen on the days on which the demo looks."""
    best: list[float] = []
    others = 0
    for seed in range(1, max(runs // 2, 1) + 1):
        with tempfile.TemporaryDirectory() as root:
            for table, columns, hidden in looks(demo_spec(seed), Path(root), days=DAYS):
                found = find_segments(table, columns=columns, assigned="persona", known_days="known__days", seed=seed)
                alike = [_jaccard(each, table, _bools(hidden)) for each in found.candidates]
                best.append(max(alike, default=0.0))
                others += sum(each < 0.3 for each in alike)
    say(f"  found at .6 in {sum(each >= 0.6 for each in best)} of {len(best)} looks, Jaccard {_range(best)}")
    say(f"  published besides: {others}")


def humps(runs: int, _million: int) -> None:
    """How often the valley alone sees two humps in one that was cut: where customers are few, it is a weak check."""
    for n in (500, 2_000, 10_000):
        points = np.random.Generator(np.random.PCG64(n)).normal(size=(12 * runs, n))
        cuts = np.tile((0.5, 1.0, 1.3, 1.6), 3 * runs)
        seen = [valley(row[row > cut], row[row <= cut]) <= 0.92 for row, cut in zip(points, cuts, strict=True)]
        say(f"  {n:6} held-out customers: {sum(seen)} of {len(seen)} pass")


def cost(_runs: int, million: int) -> None:
    """D7: seconds of one search, with nothing and with something to find."""
    for n in (12_000, 20_000, million):
        for share in (0.0, 0.05):
            world = customers("gamma", n, seed=FIRST_SEED, planted=share)
            begun, used = time.perf_counter(), time.process_time()
            found = find_segments(world.frame, columns=COLUMNS, assigned="persona", seed=1)
            took, cpu = time.perf_counter() - begun, time.process_time() - used
            what = f"{len(found.candidates)} found in {found.splits} splits"
            say(f"  {n:9,} customers, {share:.0%} planted: {took:.1f} s, {cpu:.1f} s of one core, {what}")


def real(_runs: int, _million: int) -> None:
    """D9: real customers, and the same with every column permuted, where nothing can be found."""
    for name, read in (("ifood_campaign", _ifood), ("cdnow", _cdnow)):
        if not (DATA / name).is_dir():
            say(f"  {name}: skipped, there is no ../shared/data/{name}")
            continue
        table, columns = read()
        for what, frame in (("as it is", table), ("permuted", _permuted(table, columns))):
            found = find_segments(frame, columns=columns, assigned="persona", seed=1)
            names = [f"{each.name} ({each.share:.1%}, {each.returned} of {each.splits})" for each in found.candidates]
            say(f"  {name}, {what}: {len(frame)} customers, published {names or 'nothing'}")


PARTS: dict[str, Callable[[int, int], None]] = {
    "nulls": nulls,
    "planted": planted,
    "shop": shop,
    "humps": humps,
    "cost": cost,
    "real": real,
}


def say(line: str) -> None:
    """A line at once, so that a long run can be watched."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


# --- worlds with nothing to find ---


def _null_runs(runs: int) -> Iterator[tuple[str, int, FoundSegments]]:
    for seed in range(FIRST_SEED, FIRST_SEED + runs):
        for kind in NULLS:
            world = customers(FAMILIES[seed % 2], 10_000, seed=seed, kind=kind)
            yield kind, seed, find_segments(world.frame, columns=COLUMNS, assigned="persona", seed=seed)
        recent = customers(FAMILIES[seed % 2], 10_000, seed=seed, recent=0.2)
        yield (
            "newcomers",
            seed,
            find_segments(recent.frame, columns=COLUMNS, assigned="persona", known_days="known", seed=seed),
        )
        with tempfile.TemporaryDirectory() as root:
            for table, columns, _ in looks(null_spec(seed), Path(root), days=DAYS[:1]):
                found = find_segments(table, columns=columns, assigned="persona", known_days="known__days", seed=seed)
                yield "shop", seed, found


def _interval(hits: int, n: int) -> str:
    """Clopper and Pearson's interval of 95 %."""
    low = beta.ppf(0.025, hits, n - hits + 1) if hits else 0.0
    high = beta.ppf(0.975, hits + 1, n - hits) if hits < n else 1.0
    return f" ({low:.3f} to {high:.3f})"


# --- planted groups ---


@dataclass(frozen=True)
class Hit:
    """How much of the planted group the best candidate is, and how well its words do on fresh customers."""

    jaccard: float
    scorecard: float
    tree: float
    others: int


def _recall(family: Family, plant: Plant, n: int, bar: float, runs: int) -> str:
    hits = [_hit(family, plant, n, seed) for seed in range(FIRST_SEED, FIRST_SEED + runs)]
    found = [hit for hit in hits if hit.jaccard >= bar]
    words = ", ".join(
        f"{name} F1 {_range([getattr(hit, field) for hit in found])}"
        for name, field in (("scorecard", "scorecard"), ("tree", "tree"))
    )
    others = sum(hit.others for hit in hits)
    return (
        f"{len(found)} of {runs} at {bar}{_interval(len(found), runs)}, "
        f"Jaccard {_range([hit.jaccard for hit in found])}, {words}, published besides {others}"
    )


def _hit(family: Family, plant: Plant, n: int, seed: int) -> Hit:
    share = 0.02 + 0.06 * ((seed * 7) % 13) / 12
    everybody = customers(family, n + 4_000, seed=seed, planted=share, plant=plant)
    world, fresh = _first(everybody, n), _last(everybody, 4_000)
    found = find_segments(world.frame, columns=COLUMNS, assigned="persona", seed=seed)
    alike = [_jaccard(each, world.frame, world.planted) for each in found.candidates]
    if not alike:
        return Hit(jaccard=0.0, scorecard=0.0, tree=0.0, others=0)
    best = found.candidates[int(np.argmax(alike))]
    card, tree = (_f1(rule, fresh) for rule in (best.by_scorecard.rule, best.explanation.rule))
    return Hit(jaccard=max(alike), scorecard=card, tree=tree, others=sum(each < 0.3 for each in alike))


def _first(world: World, n: int) -> World:
    return World(frame=world.frame.slice(0, n), planted=world.planted[:n])


def _last(world: World, n: int) -> World:
    return World(frame=world.frame.slice(world.frame.num_rows - n), planted=world.planted[-n:])


def _f1(rule: str, world: World) -> float:
    """Of a rule against those who were planted."""
    holds = compile_rule(parse(rule))
    said = np.array([bool(holds(row)) for row in world.frame.to_pylist()])
    return float(2 * (said & world.planted).sum() / max(said.sum() + world.planted.sum(), 1))


def _jaccard(candidate: Candidate, frame: pa.Table, hidden: Bools) -> float:
    held = _bools(pc.is_in(frame["customer"], value_set=candidate.members["customer"].combine_chunks()))
    return float((held & hidden).sum() / max((held | hidden).sum(), 1))


def _bools(column: pa.Array | pa.ChunkedArray) -> Bools:
    return np.asarray(column.to_numpy(zero_copy_only=False) if isinstance(column, pa.Array) else column, dtype=np.bool_)


def _range(numbers: list[float]) -> str:
    if not numbers:
        return "-"
    return f"{np.median(numbers):.2f} ({min(numbers):.2f} to {max(numbers):.2f})"


# --- real customers ---


def _ifood() -> tuple[pa.Table, tuple[Column, ...]]:
    """A food company's customers; the personas are by household, as its marketing would have it."""
    (path,) = sorted((DATA / "ifood_campaign").glob("*.csv.gz"))
    table = pcsv.read_csv(path)
    kids = pc.add(table["Kidhome"], table["Teenhome"])
    persona = pc.if_else(pc.greater(kids, 0), "family", "couple-or-single")
    counts = [f"Num{name}" for name in ("DealsPurchases", "WebPurchases", "CatalogPurchases", "StorePurchases")]
    amounts = [name for name in table.column_names if name.startswith("Mnt")]
    kept = {name: table[name] for name in (*counts, "NumWebVisitsMonth", *amounts)}
    frame = pa.table({"customer": pc.cast(table["ID"], pa.string()), "persona": persona, **kept})
    return frame, (*map(Count, (*counts, "NumWebVisitsMonth")), *map(Amount, amounts))


def _cdnow() -> tuple[pa.Table, tuple[Column, ...]]:
    """Buyers of records; the personas are who bought once and who came again."""
    (path,) = sorted((DATA / "cdnow").glob("*.txt.gz"))
    with gzip.open(path, "rt") as lines:
        rows = np.array([line.split() for line in lines if line.split()[:1] != ["customer_id"]], dtype=np.float64)
    ids, place = np.unique(rows[:, 0], return_inverse=True)
    day = _days(rows[:, 1])
    orders = np.bincount(place)
    first, last = np.full(len(ids), np.inf), np.full(len(ids), -np.inf)
    np.minimum.at(first, place, day)
    np.maximum.at(last, place, day)
    frame = pa.table(
        {
            "customer": pa.array([f"c{int(each)}" for each in ids]),
            "persona": pa.array(np.where(orders > 1, "again", "once")),
            "orders": orders,
            "records": np.bincount(place, weights=rows[:, 2]),
            "order_value": np.bincount(place, weights=rows[:, 3]) / orders,
            "span_days": last - first,
            "recency_days": day.max() - last + 1,
        }
    )
    return frame, (
        Count("orders"),
        Count("records"),
        Amount("order_value"),
        Amount("span_days"),
        Amount("recency_days"),
    )


def _days(dates: np.ndarray) -> np.ndarray:
    """Days since 1970 of dates like 19970101."""
    whole = dates.astype(np.int64)
    texts = [f"{each // 10000:04d}-{each // 100 % 100:02d}-{each % 100:02d}" for each in whole]
    return np.array(texts, dtype="datetime64[D]").astype(np.float64)


def _permuted(table: pa.Table, columns: tuple[Column, ...]) -> pa.Table:
    """Every column in an order of its own, a rate with its denominator."""
    draw = np.random.Generator(np.random.PCG64(1))
    for column in columns:
        order = pa.array(draw.permutation(len(table)))
        for name in needs(column) if isinstance(column, Rate) else (column.name,):
            table = table.set_column(table.column_names.index(name), name, table[name].take(order))
    return table


if __name__ == "__main__":
    main()
