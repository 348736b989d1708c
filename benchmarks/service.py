"""The service: a decision in the process, requests against an empty route, and events against the bare store.

    python benchmarks/service.py [--rounds 15] [--requests 400]

Everything is compared within one run. Requests go through real sockets to a process of their own, and what is compared
is that process's time on the processor (Linux only), so that neighbours on the machine matter little.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from living_personas import loop
from living_personas.deciding.decide import Decider
from living_personas.domain.event import Event
from living_personas.http.service import Service, open_service
from living_personas.http.writer import Written
from living_personas.steps.keys import create_key
from living_personas.steps.record import record_events
from living_personas.wiring import open_parts, system_clock

__all__ = ["main"]

KEY = "sk_of_the_benchmark"
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
QUESTION = json.dumps({"customer": "u1", "channel": "email", "traits": {"plan": "p3", "orders": 2}}).encode()


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--requests", type=int, default=400)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = _workspace(Path(folder))
        _decide(root)
        _requests(root, rounds=asked.rounds, count=asked.requests)
        for size, clients in ((1, 64), (20, 64), (100, 32)):
            _events(root, size=size, clients=clients)


def _workspace(root: Path) -> Path:
    (root / "personas").mkdir()
    (root / "workspace.yaml").write_text("name: Benchmark\nsalt: of-the-benchmark\n")
    for number in range(6):
        (root / "personas" / f"p{number}.yaml").write_text(PERSONA.format(number=number))
    _, parts = open_parts(root)
    with closing(parts.store):
        create_key(parts, "secret", KEY, now=system_clock())
        loop.run(parts, now=system_clock(), owner="benchmark")
    return root


def _decide(root: Path) -> None:
    _, parts = open_parts(root)
    with closing(parts.store):
        snapshot = parts.store.snapshots.latest()
    if snapshot is None:
        raise SystemExit("nothing was published")
    decider, at, took = Decider(snapshot), system_clock(), []
    for number in range(20_000):
        customer, known = f"c{number}", {"plan": f"p{number % 6}", "orders": 2.0}
        began = time.perf_counter_ns()
        decider.decide(customer, known, at=at, channel="email")
        took.append((time.perf_counter_ns() - began) / 1000)
    p99 = statistics.quantiles(took, n=100)[98]
    print(f"a decision in the process: median {statistics.median(took):.1f} us, p99 {p99:.1f} us")  # noqa: T201


def _requests(root: Path, *, rounds: int, count: int) -> None:
    with _served(root) as (process, port), socket.create_connection(("127.0.0.1", port)) as connection:
        rates: list[tuple[float, float]] = []
        for number in range(rounds + 1):
            empty = _rate(process, connection, _request("GET /healthz"), count=count)
            decide = _rate(process, connection, _request("POST /v1/decide", QUESTION), count=count)
            rates += [(empty, decide)] if number else []  # the first warms up
        empty, decide = (statistics.median(each) for each in zip(*rates, strict=True))
        ratio = statistics.median(decide / empty for empty, decide in rates)
        print(f"/v1/decide {decide:.0f}, empty route {empty:.0f} requests a second of processor: {ratio:.2f}")  # noqa: T201


def _request(line: str, body: bytes = b"") -> bytes:
    """Headers and body in one packet, as clients that are in a hurry send them."""
    head = f"{line} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


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


@contextmanager
def _served(root: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    code = "from living_personas.cli import main; main()"
    command = [sys.executable, "-c", code, "serve", "--no-worker", "--port", str(port), "--workspace", str(root)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, env=os.environ) as process:  # noqa: S603 - our own words
        try:
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionRefusedError:
                    time.sleep(0.1)
            yield process, port
        finally:
            process.terminate()


def _events(root: Path, *, size: int, clients: int, rounds: int = 20) -> None:
    service = open_service(root)
    service.start()
    batches = [[_event(f"{size}-{c}-{r}-{n}") for n in range(size)] for r in range(rounds) for c in range(clients)]
    began = time.perf_counter()
    asyncio.run(_write(service, batches, clients=clients))
    through = len(batches) * size / (time.perf_counter() - began)
    began = time.perf_counter()
    for first in range(0, len(batches), clients):
        group = [_again(event) for batch in batches[first : first + clients] for event in batch]
        record_events(service.parts, group, received=system_clock())
    straight = len(batches) * size / (time.perf_counter() - began)
    service.close()
    print(  # noqa: T201
        f"{clients} clients with {size} events each: {through:.0f} acknowledged a second by the writer, "
        f"{straight:.0f} straight into the store in the same groups: {through / straight:.2f}"
    )


async def _write(service: Service, batches: list[list[Event]], *, clients: int) -> None:
    async def client(number: int) -> list[Written]:
        return [await service.writer.write(batch) for batch in batches[number::clients]]

    await asyncio.gather(*map(client, range(clients)))


def _event(id_: str) -> Event:
    return Event(message_id=id_, customer="u1", name="Seen", time=system_clock(), properties={"a": 1, "b": "x"})


def _again(event: Event) -> Event:
    return Event(
        message_id=f"again-{event.message_id}",
        customer=event.customer,
        name=event.name,
        time=event.time,
        properties=event.properties,
    )


if __name__ == "__main__":
    main()
