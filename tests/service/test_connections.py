"""What a connection may cost: strangers with endless headers, slow bodies and silence keep nobody else waiting."""

from __future__ import annotations

import asyncio
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from living_personas.http import bounded_protocol
from living_personas.http.connections import Gate
from living_personas.http.listening import listening
from living_personas.people.keys import create_key, revoke_key
from living_personas.wiring import open_context
from service.running import Running, serving
from service.shop import NOON, Hands, track, write_shop

pytestmark = pytest.mark.long

KEY = "sk_of_a_server"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The service, with few open files."""
    folder = write_shop(tmp_path_factory.mktemp("connections") / "shop")
    _, context = open_context(folder, clock=Hands())
    with closing(context.store):
        create_key(context, "secret", KEY, now=NOON)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with serving(folder, before=["prlimit", "--nofile=1024:1024"]) as found:
        yield found
    assert limits == resource.getrlimit(resource.RLIMIT_NOFILE)


def memory(process: int) -> float:
    """MiB that a process has in memory."""
    text = Path(f"/proc/{process}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def dial(running: Running, said: bytes = b"") -> socket.socket:
    made = socket.create_connection(running.address, timeout=10)
    made.sendall(said)
    return made


@contextmanager
def crowd(running: Running, count: int, said: bytes = b"") -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        yield [stack.enter_context(closing(dial(running, said))) for _ in range(count)]


def is_served(running: Running, key: str = KEY) -> tuple[int, float]:
    """The answer to a server's event, on a connection of its own, and its seconds."""
    began = time.perf_counter()
    headers = {"Authorization": f"Bearer {key}"}
    answer = httpx.post(f"{running.url}/v1/track", json=track(f"m{began}"), headers=headers, timeout=10)
    return answer.status_code, time.perf_counter() - began


@pytest.mark.promise("P6")
@pytest.mark.parametrize("endless", [b"x-a: 1\r\n", b"x", b"x-a: " + b"b" * 90])
def test_headers_without_end_are_cut(running: Running, endless: bytes) -> None:
    before = memory(running.process.pid)
    sent = 0
    with closing(dial(running, b"POST /v1/batch HTTP/1.1\r\nhost: a\r\nx-b: ")) as one, suppress(OSError):
        for _ in range(4_000):
            sent += one.send(endless * 2_000)
    assert sent < 16 << 20
    assert memory(running.process.pid) - before < 20
    assert is_served(running)[0] == 200


def test_headers_that_are_too_large_are_told_so(running: Running) -> None:
    answer = httpx.get(f"{running.url}/healthz", headers={"x-large": "x" * 40_000})
    assert answer.status_code == 431
    assert httpx.get(f"{running.url}/healthz", headers={"x-large": "x" * 20_000}).status_code == 200


@pytest.mark.promise("P20")
def test_silent_connections_keep_no_server_and_no_news_out(running: Running) -> None:
    context = open_context(running.folder, clock=Hands())[1]
    with crowd(running, 1_100), closing(context.store):
        times = [is_served(running) for _ in range(20)]
        assert {status for status, _ in times} == {200}
        assert max(seconds for _, seconds in times) < 2
        made = create_key(context, "secret", "will_be_gone", now=NOON)
        time.sleep(2)
        assert is_served(running, "will_be_gone")[0] == 200
        revoke_key(context, made.id, now=NOON)
        time.sleep(2)
        assert is_served(running, "will_be_gone")[0] == 401


@pytest.mark.promise("P6")
def test_bodies_that_stop_one_byte_short_make_room_for_others(running: Running) -> None:
    """300 of a mebibyte each were 364 MiB, held."""
    before = memory(running.process.pid)
    size = (1 << 20) - 1
    head = b"POST /v1/batch HTTP/1.1\r\nhost: a\r\ncontent-length: %d\r\n\r\n" % (size + 1)
    with ExitStack() as stack:
        for _ in range(200):
            one = stack.enter_context(closing(dial(running, head)))
            with suppress(OSError):
                one.sendall(b" " * size)
        assert is_served(running)[0] == 200
        assert memory(running.process.pid) - before < 200


def test_a_key_in_a_header_is_looked_at_before_the_body(running: Running) -> None:
    for path in ("/v1/batch", "/v1/decide", "/flags/", "/ofrep/v1/evaluate/flags"):
        head = f"POST {path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer wrong\r\ncontent-length: 1000\r\n\r\n"
        with closing(dial(running, head.encode())) as one:
            assert one.recv(100).startswith(b"HTTP/1.1 401"), path


@dataclass(eq=False)
class Someone:
    address: str
    is_silent: bool = True
    is_idle: bool = True
    gone: list[bool] = field(default_factory=list)

    def leave(self) -> None:
        self.gone.append(True)


def test_who_has_said_nothing_for_the_longest_makes_room() -> None:
    gate = Gate(most=4, per_address=3, is_proxy=lambda address: address == "proxy")
    asked, busy = Someone("a", is_silent=False), Someone("a", is_silent=False, is_idle=False)
    silent = [Someone("a"), Someone("a")]
    for each in (asked, busy, *silent):
        gate.enter(each)
    assert [bool(each.gone) for each in (asked, busy, *silent)] == [False, False, True, False]
    others = [Someone("proxy", is_silent=False, is_idle=False) for _ in range(9)]
    for each in others:
        gate.enter(each)
    assert (len(gate), busy.gone, bool(asked.gone), bool(silent[1].gone)) == (4, [], True, True)
    assert gate.closed == 9


def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded_protocol, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(bounded_protocol, "BODY_SECONDS", 0.3)

    async def answered(said: bytes) -> bytes:
        async def app(_scope: Scope, receive: Receive, _send: Send) -> None:
            await receive()
            await asyncio.sleep(60)

        config = listening(app, drain=0)
        config.lifespan, config.port = "off", 0
        server = uvicorn.Server(config)
        running = asyncio.create_task(server.serve())
        while not server.started:
            await asyncio.sleep(0.01)
        reader, writer = await asyncio.open_connection(*server.servers[0].sockets[0].getsockname())
        writer.write(said)
        began = time.monotonic()
        try:
            found = await asyncio.wait_for(reader.read(), 5)
        finally:
            server.force_exit = server.should_exit = True
            writer.close()
            await running
        assert time.monotonic() - began < 3
        return found

    assert asyncio.run(answered(b"")).startswith(b"HTTP/1.1 408")
    assert asyncio.run(answered(b"GET / HTTP/1.1\r\n")).startswith(b"HTTP/1.1 408")
    short = b"POST / HTTP/1.1\r\ncontent-length: 5\r\n\r\nabcd"
    assert asyncio.run(answered(short)) == b""
