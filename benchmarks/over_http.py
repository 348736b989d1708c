"""The service: decisions beside GrowthBook's, requests beside an empty route, events and files beside the bare store.

    python benchmarks/over_http.py [--rounds 15] [--requests 400]

Everything is compared within one run. Requests go through real sockets to a process of their own. For decisions what is
compared is that process's time on the processor (Linux only), so that neighbours on the machine matter little; for
events it is the time on the wall, with the clients on the same two cores, against the same batches in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
from growthbook import GrowthBook
from served import KEY, body_of, event_of, request_of, seconds_of, send, served

from living_personas.deciding.decide import Decider
from living_personas.domain.event import Event
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.ingest import ingest
from living_personas.loop.recording.record import record
from living_personas.people.keys import create_key
from living_personas.wiring import open_context, system_clock

CSV, ARROW = "text/csv", "application/vnd.apache.arrow.stream"
SETTINGS = """\
name: Benchmark
salt: of-the-benchmark
traits: [plan]
features:
  orders: count(*) filter (where name = 'Order Completed')
sources:
  rows: {customer: user, time: at, event: {fixed: Seen}, message_id: id, properties: [a, b]}
"""
PERSONA = """\
persona: p{number}
name: P{number}
who: plan = 'p{number}' and orders >= 1
goal: {{event: Order Completed, within: 1 day}}
attributes:
  framing: {{options: [discount, quality, service], we_believe: discount, assign: week}}
  tone: {{options: [warm, brief], we_believe: warm, assign: day}}
  image: {{options: [person, product], we_believe: person, assign: always}}
"""
OPTIONS = {"framing": ["discount", "quality", "service"], "tone": ["warm", "brief"], "image": ["person", "product"]}
FEATURES = {
    name: {
        "defaultValue": None,
        "rules": [
            {
                "key": f"{name}-{number}",
                "condition": {"plan": f"p{number}", "orders": {"$gte": 1}},
                "variations": options,
                "weights": [1 / len(options)] * len(options),
            }
            for number in range(6)
        ],
    }
    for name, options in OPTIONS.items()
}
"""The personas of the benchmark as GrowthBook's features: an experiment for each persona."""

QUESTION = json.dumps({"customer": "u1", "channel": "email", "traits": {"plan": "p3", "orders": 2}}).encode()


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=400)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = workspace(Path(folder))
        _decide(root)
        _requests(root, rounds=asked.rounds, count=asked.requests)
        for size, clients in ((1, 64), (20, 32), (100, 16)):
            _events(root, size=size, clients=clients)
        _files(root)


def workspace(root: Path, *, more: str = "") -> Path:
    """A workspace that has a key and has published once; ``more`` stands in its settings, too."""
    (root / "personas").mkdir()
    (root / "workspace.yaml").write_text(SETTINGS + more)
    for number in range(6):
        (root / "personas" / f"p{number}.yaml").write_text(PERSONA.format(number=number))
    _, context = open_context(root)
    with closing(context.store):
        create_key(context, "secret", KEY, now=system_clock())
        cycle.run(context, now=system_clock(), owner="benchmark")
    return root


def _decide(root: Path) -> None:
    _, context = open_context(root)
    with closing(context.store):
        snapshot = context.store.snapshots.latest()
    if snapshot is None:
        raise SystemExit("nothing was published")
    decider, at, rounds = Decider(snapshot), system_clock(), []
    theirs = GrowthBook(features=FEATURES)
    for _ in range(6):
        ours = _median_of(lambda customer, known: decider.decide(customer, known, at=at, channel="email"))
        rounds.append((ours, _median_of(lambda customer, known: _growthbook(theirs, customer, known))))
    ours, others = (statistics.median(each) for each in zip(*rounds, strict=True))
    ratio = statistics.median(one / other for one, other in rounds)
    print(  # noqa: T201 - a benchmark's answer
        f"a decision of three attributes in the process: median {ours:.1f} us (bar 20: {_verdict(ours <= 20)}); "
        f"GrowthBook's SDK with equal rules {others:.1f} us: {ratio:.2f} of its time"
    )


def _median_of(decide: Callable[[str, dict[str, object]], object]) -> float:
    """Microseconds a decision, over customers who are all different."""
    took = []
    for number in range(5_000):
        customer, known = f"c{number}", {"plan": f"p{number % 6}", "orders": 2.0}
        began = time.perf_counter_ns()
        decide(customer, known)
        took.append((time.perf_counter_ns() - began) / 1000)
    return statistics.median(took)


def _growthbook(theirs: GrowthBook, customer: str, known: dict[str, object]) -> list[object]:
    """The same question: whose persona, and which of its options, by the same conditions and shares."""
    theirs.set_attributes({"id": customer, **known})
    return [theirs.eval_feature(name).value for name in FEATURES]


def _verdict(is_met: bool) -> str:  # noqa: FBT001 - its only argument, and what it speaks of
    return "met" if is_met else "MISSED"


def _requests(root: Path, *, rounds: int, count: int) -> None:
    with served(root) as (process, port), socket.create_connection(("127.0.0.1", port)) as connection:
        rates: list[tuple[float, float]] = []
        for number in range(rounds + 1):
            empty = _rate(process, connection, request_of("GET /healthz"), count=count)
            decide = _rate(process, connection, request_of("POST /v1/decide", QUESTION), count=count)
            rates += [(empty, decide)] if number else []  # the first warms up
        empty, decide = (statistics.median(each) for each in zip(*rates, strict=True))
        ratio = statistics.median(decide / empty for empty, decide in rates)
        print(  # noqa: T201 - a benchmark's answer
            f"/v1/decide {decide:.0f}, empty route {empty:.0f} requests a second of processor: {ratio:.2f} "
            f"(bar .7: {_verdict(ratio >= 0.7)})"
        )


def _rate(process: subprocess.Popen[bytes], connection: socket.socket, request: bytes, *, count: int) -> float:
    began = _processor_seconds(process.pid)
    for _ in range(count):
        connection.sendall(request)
        _read_answer(connection)
    return count / (_processor_seconds(process.pid) - began)


def _read_answer(connection: socket.socket) -> None:
    answer = connection.recv(1 << 16)
    while b"\r\n\r\n" not in answer:
        answer += connection.recv(1 << 16)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200"):
        raise SystemExit(head.decode())
    length = int(head.lower().partition(b"content-length:")[2].split()[0])
    while len(body) < length:
        body += connection.recv(1 << 16)


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/schedstat").read_text().split()
    return int(fields[0]) / 1e9


def _events(root: Path, *, size: int, clients: int, rounds: int = 5) -> None:
    """Acknowledged events a second: over HTTP, straight into the store batch by batch, and in groups of all clients."""
    _, context = open_context(root)
    found: list[tuple[float, float, float]] = []
    with closing(context.store), served(root) as (_, port):
        for number in range(rounds + 1):
            batches = [[event_of(f"{size}-{number}-{n}-{e}") for e in range(size)] for n in range(clients * 8)]
            bodies = [request_of("POST /v1/batch", body_of(batch)) for batch in batches]
            through = len(bodies) * size / seconds_of(lambda: asyncio.run(send(port, bodies, clients)))  # noqa: B023 - called at once
            alone = [[_again(event, "alone") for event in batch] for batch in batches]
            groups = [
                [_again(event, "group") for batch in batches[first : first + clients] for event in batch]
                for first in range(0, len(batches), clients)
            ]
            rates = [len(batches) * size / seconds_of(partial(_record, context, each)) for each in (alone, groups)]
            found += [(through, rates[0], rates[1])] if number else []  # the first warms up
    through, alone_, grouped = (statistics.median(each) for each in zip(*found, strict=True))
    ratio, harder = (statistics.median(each[0] / each[place] for each in found) for place in (1, 2))
    print(  # noqa: T201 - a benchmark's answer
        f"{clients} clients with {size} events each: {through:.0f} acknowledged a second over HTTP; straight into the "
        f"store {alone_:.0f} batch by batch: {ratio:.2f} (bar .5: {_verdict(ratio >= 0.5)}), {grouped:.0f} with all "
        f"clients' batches in one commit: {harder:.2f} (bar .5: {_verdict(harder >= 0.5)})"
    )


def _files(root: Path, *, rows: int = 60_000, rounds: int = 3) -> None:
    """A whole file in the body of one request, beside the same rows as a file that is ingested on the same machine."""
    _, context = open_context(root)
    with closing(context.store), served(root) as (_, port):
        for media, write in ((CSV, pc.write_csv), (ARROW, _write_stream)):
            found: list[tuple[float, float]] = []
            for number in range(rounds + 1):
                sent, read = (_rows(f"{media}-{number}-{how}", rows) for how in ("sent", "read"))
                body, file = BytesIO(), root / "rows.csv"
                write(sent, body)
                pc.write_csv(read, file)
                request = request_of(f"POST /v1/batch?source=rows HTTP/1.1\r\nContent-Type: {media}", body.getvalue())
                through = seconds_of(lambda: asyncio.run(send(port, [request], 1)))  # noqa: B023 - called at once
                what = file if media == CSV else read
                alone = seconds_of(partial(ingest, context, what, received=system_clock(), source="rows"))
                found += [(rows / through, rows / alone)] if number else []  # the first warms up
            through, alone = (statistics.median(each) for each in zip(*found, strict=True))
            ratio = statistics.median(one / other for one, other in found)
            print(  # noqa: T201 - a benchmark's answer
                f"{rows} rows as {media} in one body: {through:.0f} acknowledged a second; `ingest` of the same "
                f"{alone:.0f}: {ratio:.2f} (bar .8: {_verdict(ratio >= 0.8)})"
            )


def _rows(ids: str, count: int) -> pa.Table:
    times = [f"{system_clock() - timedelta(minutes=number % 40_000):%Y-%m-%dT%H:%M:%SZ}" for number in range(count)]
    return pa.table(
        {
            "id": [f"{ids}-{number}" for number in range(count)],
            "user": [f"u{number % 5_000}" for number in range(count)],
            "at": times,
            "a": [number % 100 for number in range(count)],
            "b": ["x"] * count,
        }
    )


def _write_stream(table: pa.Table, where: BytesIO) -> None:
    with pa.ipc.new_stream(where, table.schema) as stream:
        stream.write_table(table)


def _record(context: Context, groups: Sequence[Sequence[Event]]) -> None:
    for group in groups:
        record(context, group, received=system_clock())


def _again(event: Event, how: str) -> Event:
    return Event(
        message_id=f"{how}-{event.message_id}",
        customer=event.customer,
        name=event.name,
        time=event.time,
        properties=event.properties,
    )


if __name__ == "__main__":
    main()
