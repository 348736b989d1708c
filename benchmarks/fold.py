"""Ten million rows to cells: the engine against the same question written by hand, and a day late in the year.

    python benchmarks/fold.py [--rows 10000000] [--days 60] [--runs 3] [--memory 1200MB]

Every run is a process of its own, so that its peak of resident memory is its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from living_personas.domain.cell import CELL_KEY, CELL_SUMS
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.persona import Persona
from living_personas.engines.duckdb import DuckDBEngine

__all__ = ["main"]

FIRST = date(2026, 1, 1)
LINKS = pa.table({"id": pa.array([], pa.string()), "customer": pa.array([], pa.string())})
AT_MOST = 400.0
HORIZON = 7
PERSONAS = tuple(
    Persona(
        id=f"persona-{number:02}",
        name=f"Persona {number}",
        who="true",
        goal=Goal(event="Order Completed", within=timedelta(days=HORIZON), value="revenue", at_most=AT_MOST)
        if number % 2
        else Goal(event="Order Completed", within=timedelta(days=HORIZON)),
        guardrails=(
            Guardrail(metric="unsubscribed", event="Unsubscribed", within=timedelta(days=HORIZON), share=0.03),
        ),
    )
    for number in range(30)
)

EXPOSURES_SQL = """
SELECT 'x-{day}-' || i AS message_id, customer,
       TIMESTAMPTZ '{day} 00:00:00+00' + to_microseconds((hash(i, 1) % 86400000000)::BIGINT) AS time,
       DATE '{day}' AS day, ['email', 'web'][1 + (hash(i || 'c') % 2)::INT] AS channel,
       'persona-' || lpad((hash(customer || 'p') % 30)::VARCHAR, 2, '0') AS persona, attribute,
       'option-' || (hash(customer || attribute || epoch) % 4) AS option, 'policy ' || date_diff('week', DATE '2026-01-01', DATE '{day}') AS policy, epoch,
       '' AS stratum, 0.25::DOUBLE AS propensity, 'd' || md5(customer || epoch) AS decision_id,
       hash(customer || 'h') % 20 = 0 AS holdout
FROM (SELECT *, (DATE '{day}' - ((date_diff('day', DATE '1970-01-01', DATE '{day}')
                 + hash(customer || attribute || 'o') % 7) % 7)::INT)::VARCHAR AS epoch
      FROM (SELECT i, 'customer-' || lpad((hash('{day}' || i) % {customers})::VARCHAR, 7, '0') AS customer,
                   ['framing', 'tone', 'offer'][1 + (hash(i || 'a') % 3)::INT] AS attribute
            FROM range({rows}) AS numbers(i)) AS met) AS assigned
"""

EVENTS_SQL = """
SELECT 'e-{day}-' || i AS message_id,
       'customer-' || lpad((hash('{day}' || i || 'e') % {customers})::VARCHAR, 7, '0') AS customer, '' AS also,
       CASE WHEN kind < 25 THEN 'Order Completed' WHEN kind < 35 THEN 'Unsubscribed' WHEN kind < 80 THEN 'Page Viewed'
            ELSE 'Email Opened' END AS name,
       TIMESTAMPTZ '{day} 00:00:00+00' + to_microseconds((hash(i, 2) % 86400000000)::BIGINT) AS time,
       DATE '{day}' AS day, (hash(i, 2) % 86400000000 // 3600000000)::TINYINT AS hour, 'web' AS channel,
       '{{"revenue": ' || (hash(i || 'v{day}') % 50000 / 100) || ', "sku": "A-' || hash(i || 's') % 1000 || '"}}'
           AS properties
FROM (SELECT i, hash('{day}' || i || 'k') % 100 AS kind FROM range({rows}) AS numbers(i)) AS met
"""

UNITS_BY_HAND = """
CREATE TEMP TABLE units AS
SELECT customer, attribute, epoch, option, channel, stratum, persona, time, day AS cohort,
       CASE WHEN holdout THEN 'holdout' ELSE policy END AS policy
FROM read_parquet('{folder}/exposures-*.parquet')
QUALIFY row_number() OVER (PARTITION BY customer, attribute, epoch ORDER BY time, message_id) = 1
"""

CELLS_BY_HAND = """
WITH owned AS (
    SELECT *, lead(time, 1, TIMESTAMPTZ '9999-12-31 00:00:00+00') OVER (
        PARTITION BY customer, attribute ORDER BY time, epoch) AS until
    FROM units),
outcomes AS (
    SELECT customer, name, time AS happened, day, CASE WHEN name = 'Order Completed'
        THEN coalesce(TRY_CAST(properties ->> '$.revenue' AS DOUBLE), 0) END AS revenue
    FROM read_parquet('{folder}/events-*.parquet') WHERE name IN ('Order Completed', 'Unsubscribed')),
credited AS (
    SELECT owned.* EXCLUDE (epoch, until), day, metric, summed, CASE WHEN summed THEN revenue ELSE 1 END AS worth
    FROM owned
    JOIN outcomes ON owned.customer = outcomes.customer AND happened >= time AND happened < until
        AND happened <= time + INTERVAL 168 HOURS AND day <= cohort + {horizon}
    JOIN metrics ON metrics.persona = owned.persona AND metrics.event = outcomes.name),
by_day AS (
    SELECT customer, attribute, time, metric, day, sum(worth) AS worth, any_value(summed) AS summed,
           any_value(persona) AS persona, any_value(option) AS option, any_value(cohort) AS cohort,
           any_value(channel) AS channel, any_value(stratum) AS stratum, any_value(policy) AS policy
    FROM credited GROUP BY customer, attribute, time, metric, day),
running AS (
    SELECT *, row_number() OVER days AS number, sum(worth) OVER days AS total FROM by_day
    WINDOW days AS (PARTITION BY customer, attribute, time, metric ORDER BY day ROWS UNBOUNDED PRECEDING)),
known AS (
    SELECT *, least(total, CASE WHEN summed THEN {at_most} ELSE 1 END) AS now,
           least(total - worth, CASE WHEN summed THEN {at_most} ELSE 1 END) AS before FROM running)
SELECT outcome_day, persona, attribute, metric, option, cohort, channel, stratum, policy,
       sum(n)::BIGINT AS n, sum(s)::BIGINT AS s, sum(sum) AS sum, sum(sum_sq) AS sum_sq
FROM (SELECT cohort AS outcome_day, persona, attribute, metric, option, cohort, channel, stratum, policy,
             count(*) AS n, 0 AS s, 0.0::DOUBLE AS sum, 0.0::DOUBLE AS sum_sq
      FROM units JOIN (SELECT DISTINCT persona, metric FROM metrics) AS judged USING (persona) GROUP BY ALL
      UNION ALL
      SELECT day, persona, attribute, metric, option, cohort, channel, stratum, policy,
             0, sum(CASE WHEN number = 1 THEN 1 ELSE 0 END), sum(now - before), sum(now * now - before * before)
      FROM known GROUP BY ALL) AS parts
GROUP BY ALL HAVING sum(n) <> 0 OR sum(s) <> 0 OR sum(sum) <> 0 OR sum(sum_sq) <> 0 ORDER BY ALL
"""


def generate(folder: Path, *, rows: int, days: int) -> None:
    """Three rows in five are exposures, the rest are events; each day in files of its own."""
    with duckdb.connect(config={"preserve_insertion_order": False}) as duck:
        duck.execute("SET TimeZone = 'UTC'")
        customers = max(rows // 40, 100)
        for number in range(days):
            day = FIRST + timedelta(days=number)
            for kind, sql, share in (("exposures", EXPOSURES_SQL, 0.6), ("events", EVENTS_SQL, 0.4)):
                query = sql.format(day=day, rows=int(rows * share / days), customers=customers)
                duck.execute(f"COPY ({query}) TO '{folder}/{kind}-{day}.parquet' (FORMAT parquet)")


def ours(folder: Path, *, days: int, memory: str) -> pa.Table:
    """Exposures to units to cells, the units sealed in between as the store would."""
    engine = DuckDBEngine(memory=memory, spill=str(folder / "spill"))
    last = FIRST + timedelta(days=days - 1)
    units = engine.units_between(
        FIRST, last, exposures=_files(folder, "exposures"), earlier=(), links=LINKS, members=None
    )
    pq.write_table(units, folder / "units.parquet")
    del units
    sealed = (str(folder / "units.parquet"),)
    events = _files(folder, "events")
    return engine.fold(FIRST, last, units=sealed, events=events, links=LINKS, personas=PERSONAS).table


def by_hand(folder: Path, *, days: int, memory: str) -> pa.Table:
    """The same question in two statements."""
    config = {"preserve_insertion_order": False, "memory_limit": memory, "temp_directory": str(folder / "spill")}
    with duckdb.connect(config=config) as duck:
        duck.execute("SET TimeZone = 'UTC'; SET disabled_optimizers = 'join_order'")  # it is 4 times slower with it
        rows = [(p.id, "goal", p.goal.event, p.goal.is_value) for p in PERSONAS]
        rows += [(p.id, rail.metric, rail.event, False) for p in PERSONAS for rail in p.guardrails]
        names = ("persona", "metric", "event", "summed")
        duck.register("metrics", pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))))
        duck.execute(UNITS_BY_HAND.format(folder=folder))
        cells = CELLS_BY_HAND.format(folder=folder, horizon=HORIZON, at_most=AT_MOST)
        return duck.sql(cells).to_arrow_table()


def days_of_year(folder: Path, *, days: int, memory: str, looks: tuple[int, ...]) -> dict[str, float]:
    """Seconds for a new day's units and cells, at each of the ``looks``."""
    engine = DuckDBEngine(memory=memory, spill=str(folder / "spill"))
    seconds = {}
    for number in range(days):
        day = FIRST + timedelta(days=number)
        timed = [_one_day(engine, folder, day) for _ in range(3 if number + 1 in looks else 1)]
        if number + 1 in looks:
            seconds[str(number + 1)] = statistics.median(timed)
    return seconds


def _one_day(engine: DuckDBEngine, folder: Path, day: date) -> float:
    started = time.perf_counter()
    units = engine.units(
        day,
        exposures=(f"{folder}/exposures-{day}.parquet",),
        earlier=tuple(path for path in _files(folder, "units") if path < f"{folder}/units-{day}.parquet"),
        links=LINKS,
        members=None,
    )
    pq.write_table(units, f"{folder}/units-{day}.parquet")
    window = [day - timedelta(days=age) for age in range(HORIZON + 1) if day - timedelta(days=age) >= FIRST]
    recent = {kind: tuple(f"{folder}/{kind}-{each}.parquet" for each in window) for kind in ("units", "events")}
    engine.fold(day, day, units=recent["units"], events=recent["events"], links=LINKS, personas=PERSONAS)
    return time.perf_counter() - started


def _files(folder: Path, kind: str) -> tuple[str, ...]:
    return tuple(sorted(map(str, folder.glob(f"{kind}-*.parquet"))))


def _timed(part: Callable[..., pa.Table], folder: Path, *, days: int, memory: str) -> dict[str, float]:
    started, spent = time.perf_counter(), time.process_time()
    cells = part(folder, days=days, memory=memory)
    took, cpu = time.perf_counter() - started, time.process_time() - spent
    pq.write_table(cells, folder / f"cells-{part.__name__}.parquet")
    return {"seconds": took, "cpu": cpu, "cells": cells.num_rows, "gigabytes": _peak()}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def _same(folder: Path) -> bool:
    """Whether both answers are the same cells."""
    one, other = (pq.read_table(folder / f"cells-{name}.parquet") for name in ("ours", "by_hand"))
    if not all(one[name].combine_chunks().equals(other[name].combine_chunks()) for name in (*CELL_KEY, "n", "s")):
        return False
    return all(np.allclose(one[name].to_numpy(), other[name].to_numpy(), rtol=1e-9, atol=1e-6) for name in CELL_SUMS)


def _in_process(part: str, folder: Path, options: argparse.Namespace, *, days: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--part", part, "--folder", str(folder), "--days", str(days)]
    command += ["--rows", str(options.rows), "--memory", options.memory]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, float] = json.loads(done.stdout or "{}")
    return answer


def _run_part(options: argparse.Namespace) -> None:
    folder = Path(options.folder)
    if options.part == "generate":
        generate(folder, rows=options.rows, days=options.days)
    elif options.part == "days":
        seconds = days_of_year(folder, days=options.days, memory=options.memory, looks=(30, options.days))
        print(json.dumps({**seconds, "gigabytes": _peak()}))
    else:
        part = {"ours": ours, "by_hand": by_hand}[options.part]
        print(json.dumps(_timed(part, folder, days=options.days, memory=options.memory)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--year", type=int, default=300, help="days of the second world, of as many rows; 0 skips it")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory", default="1200MB")
    parser.add_argument("--part", default="", help=argparse.SUPPRESS)
    parser.add_argument("--folder", default="", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> int:
    """Print the figures; 1 if a limit is broken."""
    options = _options()
    if options.part:
        _run_part(options)
        return 0
    good = True
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _in_process("generate", folder, options, days=options.days)
        # In turns, so that a busy machine is busy for both.
        runs = [
            [_in_process(part, folder, options, days=options.days) for part in ("ours", "by_hand")]
            for _ in range(options.runs)
        ]
        good &= _report(runs, options, same=_same(folder))
    if options.year:
        with tempfile.TemporaryDirectory() as name:
            _in_process("generate", Path(name), options, days=options.year)
            good &= _report_days(_in_process("days", Path(name), options, days=options.year), options)
    return 0 if good else 1


def _report(runs: list[list[dict[str, float]]], options: argparse.Namespace, *, same: bool) -> bool:
    print(f"{options.rows:,} rows of {options.days} days, exposures to cells, medians of {options.runs}")
    print(f"{'':12}{'seconds':>10}{'cpu':>10}{'peak GB':>10}{'cells':>12}")
    medians = []
    for index, name in enumerate(("engine", "by hand")):
        mine = [run[index] for run in runs]
        medians.append({key: statistics.median(run[key] for run in mine) for key in mine[0]})
        row = medians[-1]
        print(f"{name:12}{row['seconds']:10.1f}{row['cpu']:10.1f}{row['gigabytes']:10.2f}{row['cells']:12,.0f}")
    ratio = medians[0]["seconds"] / medians[1]["seconds"]
    good = same and ratio <= 1.5 and medians[0]["gigabytes"] < 2
    print(f"same cells: {same}; ratio {ratio:.2f} (at most 1.5); peak below 2 GB: {medians[0]['gigabytes'] < 2}")
    return good


def _report_days(seconds: dict[str, float], options: argparse.Namespace) -> bool:
    early, late = seconds["30"], seconds[str(options.year)]
    print(f"a new day of {options.rows // options.year:,} rows: day 30 {early:.2f} s, day {options.year} {late:.2f} s,")
    print(f"ratio {late / early:.2f} (at most 1.5); peak {seconds['gigabytes']:.2f} GB")
    return late / early <= 1.5


if __name__ == "__main__":
    raise SystemExit(main())
