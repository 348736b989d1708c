"""The state side of a large company on this machine: a year of cells through the loop's own steps, day by day.

    python benchmarks/scale.py [--attributes 40] [--rows 25] [--days 365]

Whatever touches events runs in an engine; what is left of a day is cells, and how many there are depends on
attributes, options, channels, strata and days of waiting, not on events. Each attribute has four options, each of these
``rows`` cells a day. Prints, for the first and last month, seconds of processor that `learn`, `refine` and `publish`
take a day, by attribute and by cell; bytes of what is kept; and the same for 10,000 attributes and 1,000,000 cells.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from spent import Spent, peak_gigabytes, say, steps_timed

from living_personas.domain.batch import EventBatch
from living_personas.domain.cell import Cells
from living_personas.domain.event import Event
from living_personas.domain.snapshot import Snapshot
from living_personas.loop import cycle
from living_personas.memory.tables import CELLS, LEDGER, MEANS
from living_personas.stores.canonical_json import SNAPSHOT
from living_personas.stores.sqlite.store import SqliteStore
from worlds.cells import CellWorld, Supply, drawn, persona, rng

OPTIONS = ("o0", "o1", "o2", "o3")
MONTH = 30
ATTRIBUTES, CELLS_A_DAY = 10_000, 1_000_000
"""Those of the page: docs/explanation/scale.md."""
STEPS = ("learn", "refine", "publish")


def main() -> None:
    """Print what a day costs at the beginning and at the end, and what is kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--attributes", type=int, default=40)
    parser.add_argument("--rows", type=int, default=25)
    parser.add_argument("--days", type=int, default=365)
    asked = parser.parse_args()
    world = CellWorld(
        [persona(f"p{number:05d}", options=OPTIONS) for number in range(asked.attributes)],
        _split(drawn(_rates(asked.attributes), units_a_day=4_000), rows=asked.rows),
    )
    first, last = Spent(), Spent()
    with steps_timed(first, cycle, STEPS):
        world.run(MONTH)
    world.run(max(asked.days - 2 * MONTH, 0))
    with steps_timed(last, cycle, STEPS):
        world.run(MONTH)
    cells = asked.attributes * len(OPTIONS) * asked.rows
    say(f"{asked.attributes} attributes, {cells:,} cells a day, {world.days} days, {len(world.corrected)} corrected")
    for name, spent in (("first", first), ("last", last)):
        _tell(name, spent, attributes=asked.attributes, cells=cells)
    _kept(world, attributes=asked.attributes)
    _events()


def _tell(name: str, spent: Spent, *, attributes: int, cells: int) -> None:
    a_day = {step: spent[step] / MONTH for step in STEPS}
    steps = ", ".join(f"{step} {1000 * seconds:.0f} ms" for step, seconds in a_day.items())
    ours = ATTRIBUTES / attributes
    say(
        f"{name} month, a day: {steps}; {1e6 * a_day['learn'] / cells:.2f} us a cell to learn, "
        f"{1e3 * (a_day['refine'] + a_day['publish']) / attributes:.2f} ms an attribute to refine and publish; of "
        f"{ATTRIBUTES:,} attributes and {CELLS_A_DAY:,} cells: {CELLS_A_DAY / cells * a_day['learn']:.1f} s to learn, "
        f"{ours * a_day['refine']:.1f} s to refine, {ours * a_day['publish']:.1f} s to publish"
    )


def _kept(world: CellWorld, *, attributes: int) -> None:
    """Bytes of a day's rows as they are kept, and of the snapshot."""
    store = world.context.store
    for table in (CELLS, LEDGER, MEANS):
        day = table.days(store)[-2]
        rows = table.read(store, day, day)
        assert isinstance(rows, pa.Table)  # noqa: S101 - the store is in memory
        file = BytesIO()
        pq.write_table(rows, file, compression="zstd")
        say(f"{table.name}: {rows.num_rows:,} rows a day, {file.tell() / max(rows.num_rows, 1):.1f} bytes a row")
    snapshot = store.snapshots.latest()
    if snapshot is not None:
        say(f"snapshot: {len(SNAPSHOT.dump(snapshot)) / attributes:,.0f} bytes an attribute")
    say(f"peak memory: {peak_gigabytes():.2f} GB")


def _events(count: int = 100_000) -> None:
    """Bytes of an event as it is sealed: ids at random, customers of a hundred million, five properties of an order."""
    generator = rng(3)
    numbers = generator.integers(0, 2**62, size=(count, 2))
    at = datetime(2026, 5, 4, tzinfo=UTC)
    events = [
        Event(
            message_id=f"{one:016x}{other:016x}",
            customer=f"u{other % 100_000_000}",
            name=("Page Viewed", "Product Viewed", "Email Opened", "Order Completed")[place % 4],
            time=at + timedelta(microseconds=int(one % 86_400_000_000)),
            properties={"price": round(other % 20_000 / 100, 2), "sku": f"s{one % 5_000}", "url": f"/p/{one % 900}"},
        )
        for place, (one, other) in enumerate(numbers.tolist())
    ]
    batch = EventBatch.of(events, zone=ZoneInfo("UTC"))
    with TemporaryDirectory() as folder, closing(SqliteStore(Path(folder), clock=lambda: at)) as store:
        store.inbox.record(batch, received=at)
        store.inbox.seal()
        files = store.partitions.read("events", date.min, date.max)
        sizes = [Path(str(file)).stat().st_size for file in files]
    say(f"events: {count:,} sealed, {sum(sizes) / count:.0f} bytes a row")


def _rates(attributes: int) -> Callable[[int], np.ndarray]:
    """One attribute in five has an option that is better by a tenth, the others none."""
    rates = np.full((attributes, len(OPTIONS)), 0.05)
    rates[::5, 2] *= 1.1
    return lambda _day: rates


def _split(supply: Supply, *, rows: int) -> Supply:
    """The same units in so many strata, as channels and strata split them."""
    generator = rng(2)
    strata = [f"s{number}" for number in range(rows)]

    def split(number: int, day: date, snapshot: Snapshot) -> Cells:
        whole = supply(number, day, snapshot).table
        n, s = (generator.multinomial(whole[name].to_numpy(), np.full(rows, 1 / rows)) for name in ("n", "s"))
        s = np.minimum(n, s)
        table = whole.take(pa.array(np.repeat(np.arange(whole.num_rows), rows)))
        columns = {"stratum": strata * whole.num_rows, "n": n.ravel(), "s": s.ravel()}
        columns |= {name: s.ravel().astype(float) for name in ("sum", "sum_sq")}
        for name, column in columns.items():
            place = table.schema.get_field_index(name)
            table = table.set_column(place, table.schema.field(name), pa.array(column, table.schema.field(name).type))
        return Cells.of(table)

    return split


if __name__ == "__main__":
    main()
