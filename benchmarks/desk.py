"""What the desk adds: one answer beside the bare decider, and a list for a tool beside writing the same rows.

    python benchmarks/desk.py [--customers 10000,1000000] [--rounds 200]

For each number of customers, with a contact policy, everything in one run and as time on this process's processor:

* an answer of an open workspace (`ws.decide`) over the decider that is given what is known: while nobody writes
  (bar 4), and right after another process has recorded an event (bar 10);
* everybody's list, from the question to the file, over DuckDB's COPY of the same rows (bar 6).

Ratios of pairs, with the range that holds 90 % of them. Leaves with 1 if a bar is missed.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from functools import partial
from itertools import cycle as cycled
from itertools import islice
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from spent import cpu_seconds

from living_personas.api.open_workspace import open_workspace
from living_personas.cli.list_files import write_list
from living_personas.deciding.decide import Decider
from living_personas.domain.decision import Decision
from living_personas.domain.event import Event
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.memory.tables import CUSTOMERS
from living_personas.serving.lists import AllKnown, deciding_list
from living_personas.serving.published import newest_snapshot
from living_personas.wiring import open_context, system_clock

SETTINGS = "name: Desk\nsalt: a-salt-for-the-benchmark\ntraits: [plan]\ncontact: {channels: [email], caps: {week: 3}}\n"
PERSONA = """\
persona: p{number}
who: plan = 'p{number}'
goal: {{event: Order Completed, within: 1 day}}
attributes:
  framing: {{options: [discount, quality, service], we_believe: discount}}
  tone: {{options: [warm, brief], we_believe: warm, assign: day}}
"""
OTHER = "other"
"""The word by which this file is asked to be another process, which records an event for each line that it reads."""


def main() -> None:
    """Print what was measured."""
    if sys.argv[1:2] == [OTHER]:
        _record_for_each_line(Path(sys.argv[2]))
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--customers", default="10000,1000000")
    parser.add_argument("--rounds", type=int, default=200)
    asked = parser.parse_args()
    met = True
    for customers in map(int, asked.customers.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            root = _workspace(Path(folder), customers)
            met &= _answers(root, customers, rounds=asked.rounds)
            met &= _list(root, customers)
    sys.exit(int(not met))


def _workspace(root: Path, customers: int) -> Path:
    (root / "personas").mkdir()
    (root / "workspace.yaml").write_text(SETTINGS)
    for number in range(6):
        (root / "personas" / f"p{number}.yaml").write_text(PERSONA.format(number=number))
    _, context = open_context(root)
    now = system_clock()
    with closing(context.store):
        cycle.run(context, now=now, owner="benchmark")
        ids = pa.array([f"customer-{number:08}" for number in range(customers)])
        plans = pa.array([f"p{number}" for number in range(6)]).take(pa.array(np.arange(customers) % 6))
        known = {"customer": ids, "plan": plans, "persona": plans, "matches": pa.array(np.ones(customers, np.int64))}
        with context.store.commit():
            CUSTOMERS.keep(context.store, now.date() - timedelta(days=1), pa.table(known))
    return root


def _answers(root: Path, customers: int, *, rounds: int) -> bool:
    with open_workspace(root) as workspace, _other(root) as note:
        _, context = open_context(root)
        with closing(context.store):
            decider, at = Decider(newest_snapshot(context.store)), system_clock()
        ids = [f"customer-{number:08}" for number in range(min(500, customers))]
        known = {id_: {"plan": f"p{number % 6}"} for number, id_ in enumerate(ids)}

        bare = _asking(lambda id_: decider.decide(id_, known[id_], at=at, channel="email"))
        full = _asking(lambda id_: workspace.decide(id_, channel="email"))
        _same(workspace.decide(ids[0], channel="email"), decider.decide(ids[0], known[ids[0]], at=at, channel="email"))
        idle = [_median(full, id_) / _median(bare, id_) for id_ in islice(cycled(ids), rounds)]
        written = []
        for id_ in islice(cycled(ids), rounds):
            note()
            took = full(id_)
            note()
            written.append(took / bare(id_))
    what = f"{customers:,} customers: an answer over the bare decider"
    return _say(f"{what}, nobody writing", idle, 4) & _say(f"{what}, after another process wrote", written, 10)


def _asking(ask: Callable[[str], Decision]) -> Callable[[str], float]:
    """Processor seconds that it takes to ask for a customer."""
    return lambda id_: cpu_seconds(partial(ask, id_))


def _median(asking: Callable[[str], float], id_: str, times: int = 5) -> float:
    return statistics.median(asking(id_) for _ in range(times))


def _same(ours: Decision, theirs: Decision) -> None:
    """Both sides choose for the same persona, or nothing is compared."""
    if (ours.persona, len(ours.choices)) != (theirs.persona, len(theirs.choices)):
        raise SystemExit(f"the two sides differ: {ours!r}, {theirs!r}")


def _list(root: Path, customers: int, rounds: int = 5) -> bool:
    _, context = open_context(root)
    ratios = []
    with closing(context.store):
        for _ in range(rounds):
            took = cpu_seconds(partial(_written, context, root / "list.csv"))
            with deciding_list(context, AllKnown(), at=system_clock(), channel="email") as found:
                rows = pa.concat_tables(found.wide())
            ratios.append(took / cpu_seconds(partial(_copied, rows, root / "copy.csv")))
    return _say(f"{customers:,} customers: everybody's list over COPY of its {rows.num_rows:,} rows", ratios, 6)


def _written(context: Context, path: Path) -> None:
    with deciding_list(context, AllKnown(), at=system_clock(), channel="email") as found:
        write_list(found.wide(), path)


def _copied(rows: pa.Table, path: Path) -> None:
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        connection.execute(f"COPY rows TO '{path}' (HEADER)")


@contextmanager
def _other(root: Path) -> Iterator[Callable[[], None]]:
    command = [sys.executable, __file__, OTHER, str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        told, answered = process.stdin, process.stdout
        if told is None or answered is None:
            raise SystemExit("the other process has no pipes")

        def note() -> None:
            told.write("record\n")
            told.flush()
            answered.readline()

        note()
        yield note
        told.close()


def _record_for_each_line(root: Path) -> None:
    _, context = open_context(root)
    for number, _line in enumerate(sys.stdin):
        now = system_clock()
        event = Event(message_id=f"{now.isoformat()}/{number}", customer="somebody", name="Seen", time=now)
        record(context, [event], received=now)
        print("recorded", flush=True)  # noqa: T201 - the answer that is waited for


def _say(what: str, ratios: list[float], bar: float) -> bool:
    middle, (low, high) = statistics.median(ratios), np.quantile(ratios, [0.05, 0.95])
    verdict = "met" if middle <= bar else "MISSED"
    print(f"{what}: {middle:.2f} [{low:.2f}, {high:.2f}] (bar {bar}: {verdict})", flush=True)  # noqa: T201
    return middle <= bar


if __name__ == "__main__":
    main()
