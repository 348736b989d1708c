"""Recording on PostgreSQL beside COPY of the same rows straight into a table without keys, in the same database.

    python benchmarks/beside_copy.py [--store postgresql://...] [--rounds 7]

Without ``--store`` a server of one's own is started, which writes through to the disk as any in use does. Of each size
of batch the same events are recorded one batch after the other by the bare store, then by a service for clients that
send at once; both beside one COPY and one commit a batch, and the service beside one COPY for all clients' batches.
Prints, too, what an event costs the service in seconds of processor, and the bytes of what the database keeps of it.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from over_http import workspace
from served import body_of, event_of, request_of, seconds_of, send, served

from living_personas.domain.batch import EventBatch
from living_personas.domain.event import Event
from living_personas.domain.store_address import Address
from living_personas.ports import Store
from living_personas.stores.sql.arrow_rows import plain_rows
from living_personas.wiring import open_context, system_clock
from local_postgres import local_postgres

BAR = 0.5
SIZES = ((1, 64), (20, 32), (100, 16), (900, 8))
"""Events of a batch, and how many clients send at once: those of `over_http.py`, and a large one."""
EACH = 4
"""Batches that each client sends in a round."""

Batches = Sequence[Sequence[Event]]


def main() -> None:
    """Print what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", default="")
    parser.add_argument("--rounds", type=int, default=7)
    asked = parser.parse_args()
    with _address(asked.store) as address, TemporaryDirectory() as folder:
        root = workspace(Path(folder), more=f"store: {address.uri}?schema={address.schema}\n")
        for size, clients in SIZES:
            _compare(root, address, size=size, clients=clients, rounds=asked.rounds)
        _sizes(address)


@contextmanager
def _address(said: str) -> Iterator[Address]:
    """The store that was named, or one of one's own."""
    if said:
        yield Address.of(said)
    else:
        with local_postgres(durable=True) as server:
            yield server.address("benchmark")


def _compare(root: Path, address: Address, *, size: int, clients: int, rounds: int) -> None:
    found: list[tuple[float, ...]] = []
    _, context = open_context(root)
    with (
        closing(context.store),
        served(root) as (service, port),
        psycopg.connect(address.uri, autocommit=True) as plain,
    ):
        plain.execute(_TABLE)
        for number in range(rounds + 1):
            alone, over = (_batches(f"{size}-{number}-{how}", size, clients * EACH) for how in ("alone", "http"))
            columns = [EventBatch.of(batch, zone=context.zone) for batch in alone]
            bodies = [request_of("POST /v1/batch", body_of(batch)) for batch in over]
            groups = [
                [event for batch in over[first : first + clients] for event in batch]
                for first in range(0, len(over), clients)
            ]
            together = [EventBatch.of(group, zone=context.zone) for group in groups]
            before = _processor_seconds(service.pid)
            took = (
                seconds_of(partial(_record, context.store, columns)),
                seconds_of(lambda: asyncio.run(send(port, bodies, clients))),  # noqa: B023 - called at once
                seconds_of(partial(_copy, plain, columns)),
                seconds_of(partial(_copy, plain, together)),
                _processor_seconds(service.pid) - before,
            )
            found += [took] if number else []  # the first warms up
        plain.execute("DROP TABLE beside")
    rows = size * clients * EACH
    alone_, http, each, grouped, cost = (rows / statistics.median(every) for every in zip(*found, strict=True))
    ratios = [statistics.median(one[place] / one[of] for one in found) for place, of in ((2, 0), (2, 1), (3, 1))]
    print(  # noqa: T201 - a benchmark's answer
        f"batches of {size}: the store alone {alone_:.0f} events a second, COPY {each:.0f}: {_ratio(ratios[0])}; "
        f"{clients} clients over HTTP {http:.0f}: {_ratio(ratios[1])}, {ratios[2]:.2f} of COPY of all clients' "
        f"batches at once ({grouped:.0f}), {1e6 / cost:.0f} us of the service's processor an event",
        flush=True,
    )


def _processor_seconds(process: int) -> float:
    """Of all threads of a process (Linux only)."""
    threads = Path(f"/proc/{process}/task").glob("*/schedstat")
    return sum(int(each.read_text().split()[0]) for each in threads) / 1e9


def _sizes(address: Address) -> None:
    """Bytes of a row, with its indexes."""
    with _plain(address) as plain:
        for rows in ("seen", "waiting"):
            [(size, count)] = plain.execute(_SIZE.format(table=rows).encode()).fetchall()
            print(f"{rows}: {count} rows, {size / max(count, 1):.0f} bytes a row with indexes")  # noqa: T201


def _plain(address: Address) -> psycopg.Connection:
    """A connection to the schema, without anything of ours."""
    return psycopg.connect(address.uri, autocommit=True, options=f"-c search_path={address.schema}")


def _ratio(found: float) -> str:
    return f"{found:.2f} (bar {BAR}: {'met' if found >= BAR else 'MISSED'})"


def _batches(ids: str, size: int, count: int) -> Batches:
    return [[event_of(f"{ids}-{number}-{place}") for place in range(size)] for number in range(count)]


def _record(store: Store, batches: Sequence[EventBatch]) -> None:
    for batch in batches:
        store.inbox.record(batch, received=system_clock())


def _copy(plain: psycopg.Connection, batches: Sequence[EventBatch]) -> None:
    for batch in batches:
        with plain.cursor() as cursor, cursor.copy("COPY beside FROM STDIN") as copy:
            for row in plain_rows(batch.events):
                copy.write_row((0, 0, *row))


_SIZE = "SELECT pg_total_relation_size('{table}'), count(*) FROM {table}"
_TABLE = """
CREATE TABLE beside (seq bigint, received bigint, message_id text, customer text, also text, name text, time bigint,
    day bigint, hour bigint, channel text, properties text)
"""


if __name__ == "__main__":
    main()
