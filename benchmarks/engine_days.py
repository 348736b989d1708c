"""Units, cells and features of many millions of events, block by block of days, through DuckDB and through Sail.

    python benchmarks/engine_days.py --folder DIR [--millions 100] [--per-day 1.0] [--together 10] [--memory 4GB]

Days are generated as they are needed, and folded as the loop folds them: the units of each day, with those of the week
before, which the engine writes and this process copies as a store does; then the cells of a block of days, with all
days whose outcomes may still come; at the end the features of all customers, who is who, and the sums of a trait, which
stay in the engine until they are sums. Both engines read the same files and must answer equal to the last bit. What is
done is noted in the folder: interrupted, the same command goes on. ``DIR`` takes about 50 bytes a row, and is emptied
at the end unless ``--keep``.

No answer may bring more rows into this process than ``MOST_ROWS`` for each of its days.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from fold import EVENTS_SQL, EXPOSURES_SQL, FIRST, LINKS, PERSONAS
from spent import peak_gigabytes, say

from engines import FEATURES, MOST, cpu_of, peak_of, sail_server
from living_personas.deciding.next_snapshot import WEEK
from living_personas.domain.persona import Trait, longest_wait
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.duckdb.engine import DuckDBEngine
from living_personas.engines.duckdb.session import Session
from living_personas.engines.expressions.units import UNIT_KEY
from living_personas.engines.spark.connect import SparkConversation
from living_personas.engines.spark.spark_engine import SparkEngine
from living_personas.engines.sql_engine import SqlEngine
from living_personas.ports import Relation

MOST_ROWS = 50_000
"""Rows that an answer may bring into this process for each of its days: cells, which do not grow with customers.

31,850 were seen; 30,000, which was tried first, was a guess and too few.
"""
SHARES = {"exposures": 0.6, "events": 0.4}
NOTES = "figures.jsonl"
TRAIT = Trait(name="orders", believed=1.0)

Ask = Callable[[SqlEngine], Relation]


def main() -> int:
    """Print the figures; 1 if an answer differs, too many rows came here, or Sail costs more than it may."""
    options = _options()
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    days = max(round(options.millions / options.per_day), 1)
    rows = round(options.per_day * 1e6)
    run = Run(folder, rows=rows, memory=options.memory, notes=_notes(folder, rows=rows))
    blocks = [
        (FIRST + timedelta(days=start), FIRST + timedelta(days=min(start + options.together, days) - 1))
        for start in range(0, days, options.together)
    ]
    with sail_server() as (address, server):
        run.open(SparkEngine(address, scratch=lambda: str(folder / "spill-sail")), server)
        for first, last in blocks:
            run.block(first, last)
        run.features(FIRST + timedelta(days=days))
    good = _report(run.notes, rows=rows * days)
    if not options.keep:
        for path in folder.glob("*.parquet"):
            path.unlink()
        (folder / NOTES).unlink()
    return 0 if good else 1


class Run:
    """The folder, the engines, and what was noted of each step: what is noted is not done again."""

    def __init__(self, folder: Path, *, rows: int, memory: str, notes: list[dict[str, object]]) -> None:
        self.folder, self.rows, self.notes = folder, rows, notes
        self._duck = DuckDBEngine(memory=memory, spill=str(folder / "spill"))
        self._sail: SqlEngine = self._duck
        self._server = 0
        self._done = {str(note["step"]) for note in notes}
        self._customers = max(rows, 100)

    def open(self, sail: SqlEngine, server: int) -> None:
        """Compare with this engine, whose server is the process of this number."""
        self._sail, self._server = sail, server

    def block(self, first: date, last: date) -> None:
        """Units and cells of a block of days."""
        self._generate(first, last)
        for day in _between(first, last):
            self._step(f"units {day}", "units", self._size(day, day, "exposures"), self._units(day), 1)
            self._keep(day)
        days = (last - first).days + 1
        since = first - longest_wait(PERSONAS)
        read = self._size(since, last, "events") + self._size(since, last, "units")
        self._step(f"cells {first}", "cells", read, self._cells(first, last), days)

    def features(self, as_of: date) -> None:
        """Features of all customers, who is who, and the sums of a trait: only those come here."""
        last = as_of - timedelta(days=1)
        events = self._files("events", FIRST, last)

        def ask(engine: SqlEngine) -> pa.Table:
            with engine.keeping() as (talk, kept):
                customers = kept.features(
                    as_of, events=events, links=LINKS, features=FEATURES, traits={"country": "text"}
                )
                members = kept.members(customers, personas=PERSONAS)
                return talk.measure(customers, members=members, traits=(TRAIT,))

        self._step("features", "features", self._size(FIRST, last, "events"), ask, 1)

    def _units(self, day: date) -> Ask:
        exposures = self._files("exposures", day, day)
        earlier = self._files("units", *_week_before(day))

        def ask(engine: SqlEngine) -> Relation:
            with engine.keeping() as (talk, kept):
                units = kept.units(day, exposures=exposures, earlier=earlier, links=LINKS, members=None)
                written = talk.written(units, UNIT_SCHEMA, by=UNIT_KEY)
                kind = "duckdb" if engine is self._duck else "sail"
                return _taken(written, self.folder / f"{kind}-{day}")

        return ask

    def _keep(self, day: date) -> None:
        """Let what DuckDB wrote be the units of the day, and what Sail wrote go."""
        for path in self.folder.glob(f"duckdb-{day}-*.parquet"):
            path.rename(self._path("units", day))
        for path in self.folder.glob(f"sail-{day}-*.parquet"):
            path.unlink()

    def _cells(self, first: date, last: date) -> Ask:
        since = first - longest_wait(PERSONAS)

        def ask(engine: SqlEngine) -> pa.Table:
            units, events = (self._files(kind, since, last) for kind in ("units", "events"))
            return engine.fold(first, last, units=units, events=events, links=LINKS, personas=PERSONAS).table

        return ask

    def _step(self, step: str, kind: str, read: int, ask: Ask, days: int) -> None:
        if step in self._done:
            return
        here, there = (self._asked(ask, engine) for engine in (self._duck, self._sail))
        note = {
            "step": step,
            "kind": kind,
            "rows": self.rows,
            "read": read,
            "duckdb": here[1],
            "sail": there[1],
            "equal": _rows_of(here[0]).equals(_rows_of(there[0])),
            "came": max(here[2], there[2]) / days,
            "peak": peak_gigabytes() * 2**30,
            "server_peak": peak_of(self._server),
        }
        self.notes.append(note)
        with (self.folder / NOTES).open("a", encoding="utf-8") as file:
            file.write(json.dumps(note) + "\n")
        here_peak, there_peak = (float(str(note[name])) / 2**30 for name in ("peak", "server_peak"))
        say(
            f"{step:<18}{read:13,} rows  DuckDB {here[1]:7.1f} s  Sail {there[1]:7.1f} s  "
            f"{'equal' if note['equal'] else 'DIFFERS'}  {here_peak:.2f} and {there_peak:.2f} GB"
        )

    def _asked(self, ask: Ask, engine: SqlEngine) -> tuple[Relation, float, int]:
        """The answer, the seconds of CPU of whoever computes and of this process, and the most rows that came here."""
        server = 0 if engine is self._duck else self._server
        with _rows_that_come() as came:
            before = time.process_time() + cpu_of(server)
            answer = ask(engine)
            return answer, time.process_time() + cpu_of(server) - before, max(came)

    def _generate(self, first: date, last: date) -> None:
        """Days that are not there yet, each into files of its own that are whole or not there."""
        with duckdb.connect(config={"preserve_insertion_order": False}) as duck:
            duck.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
            for day in _between(first, last):
                for kind, sql in (("exposures", EXPOSURES_SQL), ("events", EVENTS_SQL)):
                    path = self._path(kind, day)
                    if path.exists():
                        continue
                    rows = int(self.rows * SHARES[kind])
                    query = sql.format(day=day, rows=rows, customers=self._customers, forever="")
                    duck.execute(f"COPY ({query}) TO '{path}.part' (FORMAT parquet)")
                    Path(f"{path}.part").rename(path)

    def _size(self, first: date, last: date, kind: str) -> int:
        return sum(pq.read_metadata(path).num_rows for path in self._files(kind, first, last))

    def _files(self, kind: str, first: date, last: date) -> tuple[str, ...]:
        return tuple(str(path) for day in _between(first, last) if (path := self._path(kind, day)).exists())

    def _path(self, kind: str, day: date) -> Path:
        return self.folder / f"{kind}-{day}.parquet"


@contextmanager
def _rows_that_come() -> Iterator[list[int]]:
    """How many rows each answer of an engine brings into this process."""
    came = [0]
    real = {kind: kind.answer for kind in (Session, SparkConversation)}

    def noting(answer: Callable[..., pa.Table]) -> Callable[..., pa.Table]:
        def noted(talk: object, statement: str) -> pa.Table:
            found = answer(talk, statement)
            came.append(found.num_rows)
            return found

        return noted

    for kind, answer in real.items():
        kind.answer = noting(answer)  # type: ignore[method-assign]
    try:
        yield came
    finally:
        for kind, answer in real.items():
            kind.answer = answer  # type: ignore[method-assign]


def _between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _week_before(day: date) -> tuple[date, date]:
    return day - timedelta(days=WEEK), day - timedelta(days=1)


def _taken(written: Relation, place: Path) -> tuple[str, ...]:
    """What an engine wrote, as a store takes it over before it goes with the conversation."""
    if isinstance(written, pa.Table):
        path = f"{place}-0.parquet"
        pq.write_table(written, path)
        return (path,)
    return tuple(shutil.copyfile(path, f"{place}-{number}.parquet") for number, path in enumerate(written))


def _rows_of(answer: Relation) -> pa.Table:
    """The rows of an answer; those of units, which files hold in any order, by key."""
    if isinstance(answer, pa.Table):
        return answer
    return pa.concat_tables([pq.read_table(path, schema=UNIT_SCHEMA) for path in answer]).sort_by(
        [(name, "ascending") for name in UNIT_KEY]
    )


def _notes(folder: Path, *, rows: int) -> list[dict[str, object]]:
    path = folder / NOTES
    notes = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []
    if any(note["rows"] != rows for note in notes):
        raise SystemExit(f"{path} is of days of {notes[0]['rows']:,} rows: name another folder, or remove it.")
    return notes


def _report(notes: list[dict[str, object]], *, rows: int) -> bool:
    """What each step cost in all; whether everything is as it should be."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for note in notes:
        for index, name in enumerate(("read", "duckdb", "sail")):
            sums[str(note["kind"])][index] += float(str(note[name]))
    say(f"\n{rows:,} rows, 3 of 5 exposures; microseconds of CPU a row that is read")
    say(f"{'':<10}{'read':>15}{'DuckDB':>10}{'Sail':>10}{'ratio':>8}")
    total = [0.0, 0.0]
    for kind, (read, *costs) in sums.items():
        total = [one + other for one, other in zip(total, costs, strict=True)]
        each = [cost / read * 1e6 for cost in costs]
        say(f"{kind:<10}{read:15,.0f}{each[0]:10.3f}{each[1]:10.3f}{costs[1] / costs[0]:8.2f}")
    ratio = total[1] / total[0]
    equal = all(note["equal"] for note in notes)
    came = {kind: max(float(str(note["came"])) for note in notes if note["kind"] == kind) for kind in sums}
    say(f"{'together':<10}{'':>15}{total[0]:9.1f}s{total[1]:9.1f}s{ratio:8.2f}  at most {MOST}")
    say(f"answers: {'equal to the last bit' if equal else 'DIFFER'}")
    largest = ", ".join(f"{kind} {rows:,.0f}" for kind, rows in came.items())
    say(f"rows that came here at once, for each of their days: {largest}; at most {MOST_ROWS:,}")
    peaks = [max(float(str(note[name])) for note in notes) / 2**30 for name in ("peak", "server_peak")]
    say(f"peak of this process, DuckDB in it: {peaks[0]:.2f} GB; of Sail's server: {peaks[1]:.2f} GB")
    return equal and all(rows <= MOST_ROWS for rows in came.values()) and ratio <= MOST


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", required=True, help="where the days are written")
    parser.add_argument("--millions", type=float, default=100.0, help="rows in all")
    parser.add_argument("--per-day", type=float, default=1.0, help="millions of rows of a day")
    parser.add_argument("--together", type=int, default=10, help="days of a block")
    parser.add_argument("--memory", default="4GB", help="where DuckDB begins to spill")
    parser.add_argument("--keep", action="store_true", help="leave the days in the folder")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
