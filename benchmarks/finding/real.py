"""Real customers, as they are and with every column permuted, where nothing can be found."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
from refinement.figures import Benchmark, Figure

from finding.counting import wilson
from living_personas.discovery.columns import Amount, Column, Count, Rate, needs
from living_personas.discovery.find import find_segments

DATA = Path(__file__).parents[3] / "shared" / "data"


def _run(read: Callable[[], tuple[pa.Table, tuple[Column, ...]]]) -> Callable[[int], Iterator[Figure]]:
    def run(count: int) -> Iterator[Figure]:
        table, columns = read()
        for what, frame in (("as it is", table), ("permuted", _permuted(table, columns))):
            seeds = range(1, count + 1)
            found = [find_segments(frame, columns=columns, assigned="persona", seed=seed).candidates for seed in seeds]
            yield wilson(f"{what}: searches that publish", sum(map(bool, found)), count)

    return run


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


REAL = {
    f"real: {name}": Benchmark(_run(read), worlds=5, quick=1)
    for name, read in (("ifood_campaign", _ifood), ("cdnow", _cdnow))
    if (DATA / name).is_dir()
}
