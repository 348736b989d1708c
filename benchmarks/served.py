"""A service in a process of its own, and clients that send it events through real sockets."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from living_personas.domain.event import Event
from living_personas.wiring import system_clock

KEY = "sk_of_the_benchmark"


@contextmanager
def served(root: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """A process that serves a workspace on a port of 127.0.0.1, without a worker."""
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


def request_of(line: str, body: bytes = b"") -> bytes:
    """Headers and body in one packet, as clients that are in a hurry send them."""
    line, _, more = line.partition(" HTTP/1.1")
    head = f"{line} HTTP/1.1{more}\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def send(port: int, requests: Sequence[bytes], clients: int) -> None:
    """Each client sends its requests one after another, each when the one before was acknowledged."""

    async def client(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in requests[number::clients]:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise SystemExit(head.decode())
            await reader.readexactly(int(head.lower().partition(b"content-length:")[2].split()[0]))
        writer.close()

    await asyncio.gather(*map(client, range(clients)))


def body_of(batch: Sequence[Event]) -> bytes:
    """The batch as Segment's clients send it."""
    calls = [
        {
            "type": "track",
            "event": each.name,
            "userId": each.customer,
            "messageId": each.message_id,
            "timestamp": each.time.isoformat(),
            "properties": dict(each.properties or {}),
        }
        for each in batch
    ]
    return json.dumps({"batch": calls}).encode()


def event_of(id_: str) -> Event:
    """An event of no consequence."""
    return Event(message_id=id_, customer="u1", name="Seen", time=system_clock(), properties={"a": 1, "b": "x"})


def seconds_of(work: Callable[[], object]) -> float:
    """How long it takes on the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
