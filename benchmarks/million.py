"""A million customers for 90 days: simulated, written as sealed days, and folded into cells, day by day.

    python benchmarks/million.py [--customers 1000000] [--days 90] [--recorded-days 2] [--memory 1GB] [--folder DIR]

Options are drawn by a die, so that nothing has to be decided first. Each day is lived, put into the store, and folded
as the loop folds it. *written* puts a day's Parquet files straight through the Partitions port, as a bulk load does;
it keeps no message ids, so that the same day loaded twice would count twice. *recorded* goes through the inbox: every
message id is remembered for ever, the rows wait in SQLite with a synchronous write, and are sealed. Each has a process
of its own, and its peak of resident memory is that of the whole process.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
from spent import alone, peak_gigabytes

from living_personas.domain.batch import EventBatch
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.loop.context import Context
from living_personas.loop.folding.fold import fold_days
from living_personas.loop.recording.record import record
from living_personas.simulate.policies import drawn
from living_personas.simulate.workspace_files import workspace_files
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec
from living_personas.stores.sqlite.store import SqliteStore
from living_personas.workspace.files import read_workspace

RECEIVED = datetime(2026, 1, 5, 12, tzinfo=UTC)
AT_ONCE = 50_000
"""Events that are recorded in one transaction."""
GIGABYTES = 4.0

Figures = dict[str, float]


def lived(path: str, *, customers: int, days: int, seed: int, memory: str, folder: str | None) -> Figures:
    """Live and fold so many days: seconds by step, rows, and the peaks of memory after a third and at the end."""
    began, took, rows = time.perf_counter(), defaultdict[str, float](float), Counter[str]()
    with tempfile.TemporaryDirectory(dir=folder) as name:
        context = _context(Path(name), customers=customers, seed=seed, memory=memory)
        world = World(demo_spec(seed, customers=customers, days=days))
        decide, early = drawn(world), 0.0
        took["drawing people"] = time.perf_counter() - began
        for number, day in enumerate(world.days()):
            start = time.perf_counter()
            batch = world.live(day, decide)
            simulated = time.perf_counter()
            _put(context, batch, path)
            stored = time.perf_counter()
            fold_days(context, day, day)
            took["simulating"] += simulated - start
            took["storing"] += stored - simulated
            took["folding"] += time.perf_counter() - stored
            rows["events"] += len(batch)
            rows["exposures"] += batch.exposures.num_rows
            early = peak_gigabytes() if number < max(days // 3, 1) else early
            _progress(path, number + 1, days, time.perf_counter() - began)
        rows["units"], rows["cells"] = (_rows(context, kind) for kind in ("units", "cells"))
        disk = sum(file.stat().st_size for file in Path(name).rglob("*") if file.is_file()) / 2**30
        context.store.close()
    return {
        **took,
        **rows,
        "seconds": time.perf_counter() - began,
        "early": early,
        "peak": peak_gigabytes(),
        "disk": disk,
    }


def _context(root: Path, *, customers: int, seed: int, memory: str) -> Context:
    for name, text in workspace_files(demo_spec(seed, customers=customers)).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    files = read_workspace(root)
    engine = DuckDBEngine(memory=memory, spill=str(root / "spill"))
    store = SqliteStore(root, clock=lambda: RECEIVED)
    return Context(store=store, engine=engine, settings=files.settings, personas=files.personas)


def _put(context: Context, batch: EventBatch, path: str) -> None:
    if path == "written":
        day = batch.events["day"][0].as_py()
        context.store.partitions.replace("events", {day: batch.events})
        context.store.partitions.replace("exposures", {day: batch.exposures})
        return
    for part in _slices(batch):
        record(context, part, received=RECEIVED)
    context.store.inbox.seal()


def _slices(batch: EventBatch) -> Iterator[EventBatch]:
    for start in range(0, len(batch), AT_ONCE):
        events = batch.events.slice(start, AT_ONCE)
        mine = pc.is_in(batch.exposures["message_id"], value_set=events["message_id"].combine_chunks())
        yield EventBatch(events=events, exposures=batch.exposures.filter(mine))


def _rows(context: Context, kind: str) -> int:
    days = context.store.partitions.days(kind)
    files = context.store.partitions.read(kind, days[0], days[-1])
    return sum(_length(file) for file in files)


def _length(file: str) -> int:
    return int(pq.read_metadata(file).num_rows)


def _progress(path: str, done: int, days: int, seconds: float) -> None:
    sys.stderr.write(f"\r{path}: day {done} of {days}, {seconds:.0f} s, {peak_gigabytes():.2f} GB  ")
    sys.stderr.flush()


def _alone(path: str, options: argparse.Namespace, *, days: int) -> Figures:
    """A path in a fresh process, so that its peak is its own."""
    asked = {name: getattr(options, name) for name in ("customers", "seed", "memory", "folder")}
    found = alone(lived, path, days=days, **asked)
    sys.stderr.write("\n")
    return found


def main() -> int:
    """Print the figures; 1 if the memory is more than it may be."""
    options = _options()
    found = {"written": _alone("written", options, days=options.days)}
    if options.recorded_days:
        found["recorded"] = _alone("recorded", options, days=options.recorded_days)
    if options.json:
        sys.stdout.write(json.dumps(found) + "\n")
    else:
        for path, figures in found.items():
            days = options.days if path == "written" else options.recorded_days
            sys.stdout.write(_said(path, figures, customers=options.customers, days=days))
    return 0 if found["written"]["peak"] < GIGABYTES else 1


def _said(path: str, found: Figures, *, customers: int, days: int) -> str:
    steps = ", ".join(f"{name} {found[name]:.0f} s" for name in ("drawing people", "simulating", "storing", "folding"))
    pace = (found["events"] + found["exposures"]) / found["seconds"]
    return (
        f"{path}: {customers:,} customers x {days} days: {found['events']:,.0f} events and {found['exposures']:,.0f} "
        f"exposures to {found['units']:,.0f} units and {found['cells']:,.0f} cells in {found['seconds']:.0f} s "
        f"({steps}; {pace:,.0f} rows a second)\n"
        f"  peak {found['peak']:.2f} GB (below {GIGABYTES:.0f}), {found['early']:.2f} GB after a third of the days; "
        f"{found['disk']:.2f} GB on disk\n"
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--recorded-days", type=int, default=2, help="days of the recorded path; 0 skips it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", default="1GB", help="where DuckDB begins to spill")
    parser.add_argument("--folder", default=None, help="where the temporary store is made")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
