"""Units, cells and features of so many rows through DuckDB and through Sail in one run: what each costs.

    python benchmarks/engines.py [--rows 200000] [--days 10] [--runs 3]

Both read the same Parquet files. CPU is that of the process that computes (for Sail its server, and this one, which
asks); both use all cores. The answers must be equal to the last bit, or the run fails.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

import pyarrow as pa
import pyarrow.parquet as pq
from fold import FIRST, HORIZON, LINKS, PERSONAS, generate
from spent import say

from living_personas.domain.settings import Feature
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.spark.spark_engine import SparkEngine
from living_personas.engines.sql_engine import SqlEngine

FEATURES = (
    Feature(name="orders", sql="count(*) filter (where name = 'Order Completed')"),
    Feature(name="revenue", sql="sum(revenue) filter (where name = 'Order Completed')"),
    Feature(name="recent", sql="count(*)", within=timedelta(days=HORIZON)),
    Feature(name="mean", sql="sum(revenue)", of="count(revenue)"),
)
MOST = 1.5
"""How many times DuckDB's CPU Sail may cost."""

SERVER = (
    "import sys; from pysail.spark import SparkConnectServer; server = SparkConnectServer('127.0.0.1', 0); "
    "server.start(background=True); print(server.listening_address[1], flush=True); sys.stdin.read(); server.stop()"
)

Step = Callable[[SqlEngine], pa.Table]


def main() -> int:
    """Print the figures; 1 if an answer differs or Sail costs more than it may."""
    options = _options()
    with tempfile.TemporaryDirectory() as name, sail_server() as (address, server):
        folder = Path(name)
        generate(folder, rows=options.rows, days=options.days)
        sail, duck = SparkEngine(address), DuckDBEngine()
        steps = _steps(folder, days=options.days)
        good = True
        say(f"{options.rows:,} rows, 3 of 5 exposures; medians of {options.runs}; microseconds of CPU a row")
        say(f"{'':<10}{'DuckDB':>10}{'Sail':>10}{'ratio':>8}  answer")
        sums = [0.0, 0.0]
        for step, (rows, ask) in steps.items():
            one, other = ask(duck), ask(sail)
            equal = one.equals(other)
            # In turns, so that a busy machine is busy for both.
            turns = [(_cost(ask, duck, None), _cost(ask, sail, server)) for _run in range(options.runs)]
            costs = [median(turn[index] for turn in turns) for index in range(2)]
            sums = [total + cost for total, cost in zip(sums, costs, strict=True)]
            each = [cost / rows(options.rows) * 1e6 for cost in costs]
            say(
                f"{step:<10}{each[0]:10.3f}{each[1]:10.3f}{costs[1] / costs[0]:8.2f}  {'equal' if equal else 'DIFFERS'}"
            )
            good &= equal
            if step == "units":
                pq.write_table(one, folder / "units.parquet")
        ratio = sums[1] / sums[0]
        say(f"{'together':<10}{sums[0]:9.2f}s{sums[1]:9.2f}s{ratio:8.2f}  at most {MOST}")
        say(f"Sail's server at its largest: {peak_of(server) / 1e9:.2f} GB")
    return 0 if good and ratio <= MOST else 1


def _steps(folder: Path, *, days: int) -> dict[str, tuple[Callable[[int], float], Step]]:
    """Each question with how many rows of all it reads, in order."""
    last = FIRST + timedelta(days=days - 1)
    exposures, events = (
        tuple(str(path) for path in sorted(folder.glob(f"{kind}-*.parquet"))) for kind in ("exposures", "events")
    )
    sealed = (str(folder / "units.parquet"),)
    return {
        "units": (
            lambda rows: rows * 0.6,
            lambda engine: engine.units_between(
                FIRST, last, exposures=exposures, earlier=(), links=LINKS, members=None
            ),
        ),
        "cells": (
            lambda rows: rows * 1.0,
            lambda engine: engine.fold(FIRST, last, units=sealed, events=events, links=LINKS, personas=PERSONAS).table,
        ),
        "features": (
            lambda rows: rows * 0.4,
            lambda engine: engine.features(
                last, events=events, links=LINKS, features=FEATURES, traits={"country": "text"}
            ),
        ),
    }


def _cost(ask: Step, engine: SqlEngine, server: int | None) -> float:
    """Seconds of CPU, of this process and of the server."""
    before = time.process_time() + cpu_of(server)
    ask(engine)
    return time.process_time() + cpu_of(server) - before


def cpu_of(process: int | None) -> float:
    """Seconds of CPU that a process has used; none without one."""
    if not process:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_of(process: int) -> float:
    """Bytes of resident memory of a process at its largest."""
    status = Path(f"/proc/{process}/status").read_text()
    return float(status.partition("VmHWM:")[2].split()[0]) * 1024


@contextmanager
def sail_server() -> Iterator[tuple[str, int]]:
    """A server of Sail in a process of its own: where it is, and its number."""
    command = [sys.executable, "-c", SERVER]
    with subprocess.Popen(  # noqa: S603 - our own words
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("there are no pipes to the server")
        try:
            yield f"sc://127.0.0.1:{process.stdout.readline().strip()}", process.pid
        finally:
            process.stdin.close()
            process.wait(30)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--days", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
