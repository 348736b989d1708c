"""Attacks on a service: each runs in a process of its own until it is told to stop, and says what it did."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event

from limits.flood import BATCH, flooding

from faults.books import EvidenceState, Operation

SENDERS, BODIES, SILENT = 8, 300, 1_100
"""Connections with endless headers, with bodies that never end, and with nothing at all."""
OVERLOAD = "5x overload"
OFFERED = "events offered a second"

_ADDRESSES = tuple(f"127.0.0.{n}" for n in range(1, 7))
"""An address may have 256 connections: strangers have several, one of them that of the server's key."""
_PAUSE = 1.0
"""Seconds after which one who was cut off comes back."""
_BODY = (1 << 20) - 1

Counts = Counter[str]
Session = Callable[[asyncio.StreamReader, asyncio.StreamWriter, Counts], Awaitable[None]]


class Attack:
    """An attack on a port, in a process of its own, so that it takes no time from the clients that are measured.

    ``rate`` is that of an overload: events a second.
    """

    def __init__(self, name: str, port: int, *, rate: float = 0.0) -> None:
        make = get_context("spawn")
        self._signals = _Signals(make.Event(), make.Event(), make.Event(), make.SimpleQueue())
        self._process = make.Process(target=_run, args=(name, port, rate, self._signals), daemon=True)
        self._process.start()
        self._signals.ready.wait()

    def begin(self) -> None:
        """Attack from now on."""
        self._signals.go.set()

    def end(self) -> tuple[Counts, list[Operation]]:
        """Attack no more: what was done, and the books of those who sent events."""
        self._signals.stop.set()
        found = self._signals.done.get()
        self._process.join()
        return found


@dataclass(frozen=True)
class _Signals:
    """What an attack and whoever starts it tell each other."""

    ready: Event
    go: Event
    stop: Event
    done: SimpleQueue[tuple[Counts, list[Operation]]]


def _run(name: str, port: int, rate: float, signals: _Signals) -> None:
    signals.ready.set()
    signals.go.wait()
    if name == OVERLOAD:
        signals.done.put(_overload(port, rate, signals.stop))
        return
    count, session = _SESSIONS[name]
    signals.done.put((asyncio.run(_sessions(port, count, session, signals.stop)), []))


def _overload(port: int, rate: float, stop: Event) -> tuple[Counts, list[Operation]]:
    """Clients that send at a rate, and do not care about being refused."""
    states, began = EvidenceState(), time.monotonic()
    with flooding(states, port, rate=rate):
        stop.wait()
        seconds = time.monotonic() - began
    offered = BATCH * len(states.history)
    refused = BATCH * sum(each.status in (429, 503) and bool(each.retry_after) for each in states.history)
    counts = Counter({OFFERED: round(offered / seconds), "events refused with Retry-After": refused})
    return counts, states.history


async def _sessions(port: int, count: int, session: Session, stop: Event) -> Counts:
    """So many connections at a time: whoever is cut off comes back."""
    counts: Counts = Counter()
    addresses = itertools.cycle(_ADDRESSES)
    tasks = [asyncio.create_task(_again(port, next(addresses), session, counts)) for _ in range(count)]
    while not stop.is_set():
        await asyncio.sleep(0.1)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return counts


async def _again(port: int, address: str, session: Session, counts: Counts) -> None:
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
            counts["connections"] += 1
            try:
                await session(reader, writer, counts)
            finally:
                writer.transport.abort()
        await asyncio.sleep(_PAUSE)


async def _headers(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counts: Counts) -> None:
    """Headers that never end, as fast as they are taken."""
    writer.write(b"POST /v1/batch HTTP/1.1\r\nhost: a\r\n")
    for number in itertools.count():
        line = b"x-%d: %s\r\n" % (number, b"x" * 2_000)
        writer.write(line)
        await writer.drain()
        counts["bytes"] += len(line)


async def _stopping_short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counts: Counts) -> None:
    """A body of a mebibyte that stops one byte short."""
    writer.write(_head() + b" " * _BODY)
    await writer.drain()
    counts["bytes"] += _BODY
    await reader.read()


async def _slowly(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counts: Counts) -> None:
    """A body that comes by some bytes a second."""
    writer.write(_head())
    while True:
        writer.write(b" " * 100)
        await writer.drain()
        counts["bytes"] += 100
        await asyncio.sleep(1)


async def _bodies(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, counts: Counts) -> None:
    """Every other body is slow, and every other stops short."""
    await (_slowly if counts["connections"] % 2 else _stopping_short)(reader, writer, counts)


async def _silence(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _counts: Counts) -> None:
    await reader.read()


def _head() -> bytes:
    """Without a key in a header: it may stand in the body, so the body is waited for."""
    return b"POST /v1/batch HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % (_BODY + 1)


_SESSIONS: dict[str, tuple[int, Session]] = {
    "endless headers": (SENDERS, _headers),
    "300 bodies without end": (BODIES, _bodies),
    "1,100 silent connections": (SILENT, _silence),
}

ATTACKS = (*_SESSIONS, OVERLOAD)
"""The names of all attacks."""
