"""OFREP's event streams: a new snapshot is told of within a second, to whoever may still decide, until the end."""

from __future__ import annotations

import asyncio
import json
import shutil
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import httpx
import pytest

from living_personas.domain.key import SCOPES_OF, Key, digest_of
from living_personas.http import event_streams
from living_personas.http.event_streams import STREAM, EventStreams
from living_personas.http.problems import ProblemError
from living_personas.http.view import View
from living_personas.people.keys import revoke_key
from living_personas.wiring import open_context, system_clock
from service.running import publish_next, serving
from service.shop import KEYS, Served

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
KEY = Key(id="k1", kind="secret", digest=digest_of("s"), scopes=tuple(sorted(SCOPES_OF["secret"])), created=NOON)


class Room:
    """A view that tests change, and the streams that look at it."""

    def __init__(self, *, most: int = 3) -> None:
        self.number, self.keys, self.ended = 7, (KEY,), False
        self.streams = EventStreams(self._view, most=most, per_address=2, ended=lambda: self.ended)

    def _view(self) -> View:
        desk = SimpleNamespace(published=SimpleNamespace(snapshot=SimpleNamespace(number=self.number)))
        return cast("View", SimpleNamespace(desk=desk, keys=self.keys))

    def opened(self, last: str = "", address: str = "10.0.0.1") -> AsyncIterator[str]:
        return self.streams.opened(KEY, last=last, address=address)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """A beat is a tenth of a second."""
    monkeypatch.setattr(event_streams, "EVERY_SECONDS", 0.01)
    monkeypatch.setattr(event_streams, "BEAT_SECONDS", 0.1)


async def said(stream: AsyncIterator[str]) -> str:
    """The next that is no beat; empty where the stream has ended."""
    async with asyncio.timeout(5):
        async for text in stream:
            if not text.startswith(":"):
                return text
    return ""


def test_each_snapshot_is_told_of_once() -> None:
    async def story() -> None:
        room = Room()
        stream = room.opened()
        first = await said(stream)
        assert first.splitlines()[:2] == ["id: 7", "event: message"]
        assert json.loads(first.splitlines()[2].removeprefix("data: ")) == {
            "type": "refetchEvaluation", "etag": '"snapshot-7"'
        }  # fmt: skip
        next_one = asyncio.create_task(said(stream))
        await asyncio.sleep(0.25)
        assert not next_one.done()
        room.number = 8
        assert "id: 8" in await next_one

    asyncio.run(story())


def test_what_was_seen_before_the_connection_broke_is_not_told_again() -> None:
    async def story() -> None:
        seen, missed = Room(), Room()
        assert (await anext(seen.opened(last="7"))).startswith(":")
        assert "id: 7" in await anext(missed.opened(last="6"))

    asyncio.run(story())


@pytest.mark.parametrize("end", ["revoked", "may no longer decide", "stopped"])
def test_a_stream_ends_with_its_key_and_with_the_server(end: str) -> None:
    async def story() -> None:
        room = Room()
        streams = [room.opened(), room.opened()]
        assert [bool(await said(stream)) for stream in streams] == [True, True]
        if end == "stopped":
            room.ended = True
        else:
            room.keys = (replace(KEY, revoked=NOON) if end == "revoked" else replace(KEY, scopes=("write",)),)
        assert [await said(stream) for stream in streams] == ["", ""]
        assert room.streams.open == 0

    asyncio.run(story())


@pytest.mark.parametrize(("most", "others"), [(2, "10.0.0.2"), (9, "10.0.0.1")])
def test_no_more_are_open_than_may_be_in_all_and_of_one_address(most: int, others: str) -> None:
    async def story() -> None:
        room = Room(most=most)
        first, second = room.opened(), room.opened()
        await said(first), await said(second)
        with pytest.raises(ProblemError) as refused:
            room.opened(address=others)
        assert (refused.value.status, refused.value.headers) == (503, {"Retry-After": "60"})
        await cast("Any", first).aclose()
        third = room.opened(address=others)
        assert "id: 7" in await said(third)
        assert room.streams.open == 2

    asyncio.run(story())


def test_a_stream_opens_by_the_address_that_was_given_and_for_its_site(served: Served) -> None:
    question = {"context": {"targetingKey": "u1"}}
    [told] = served.post("/ofrep/v1/evaluate/flags", question).json()["eventStreams"]
    assert (told["type"], told["inactivityDelaySec"]) == ("sse", 120)
    address = told["endpoint"]["requestUri"]
    assert KEYS["publishable"] not in address
    get = served.client.get
    assert get(STREAM).status_code == 401
    assert get(f"{address[:-1]}{'0' if address[-1] != '0' else '1'}").status_code == 401
    assert get(address.replace("k1.", "k2.")).status_code == 401
    assert get(address, headers={"Origin": "https://elsewhere.example"}).status_code == 403


def test_who_was_told_of_a_snapshot_is_answered_by_it(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another server may have told of it first: the answer waits for it, and not for ever."""
    monkeypatch.setattr(event_streams, "CATCH_UP_SECONDS", 0.5)
    question, path = {"context": {"targetingKey": "u1"}}, "/ofrep/v1/evaluate/flags"

    def numbers(etag: str) -> set[int]:
        flags = served.post(f"{path}?flagConfigEtag={etag}", question).json()["flags"]
        return {flag["metadata"]["snapshot"] for flag in flags}

    publish = threading.Timer(0.1, publish_next, [served.folder])
    publish.start()
    assert numbers('"snapshot-2"') == {2}
    publish.join()
    assert numbers('"snapshot-900"') == numbers("nonsense") == {2}


@contextmanager
def listening(url: str, **headers: str) -> Iterator[Iterator[tuple[float, str]]]:
    """The lines of a stream, each with the moment at which it came."""
    with httpx.stream("GET", url, headers=headers, timeout=30) as answer:
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
        yield ((time.monotonic(), line) for line in answer.iter_lines())


@pytest.mark.long
def test_a_served_workspace_tells_within_a_second_and_ends_at_once(published: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(published, tmp_path / "shop"))
    key = {"Authorization": f"Bearer {KEYS['secret']}"}
    with serving(folder) as running:
        body = {"context": {"targetingKey": "u1"}}
        answer = httpx.post(f"{running.url}/ofrep/v1/evaluate/flags", json=body, headers=key).json()
        [told] = answer["eventStreams"]
        with (
            listening(running.url + told["endpoint"]["requestUri"]) as by_address,
            listening(running.url + STREAM, **key) as by_key,
        ):
            assert [_id(by_address)[1], _id(by_key)[1]] == ["1", "1"]
            before = time.monotonic()
            publish_next(folder)
            published_in = time.monotonic() - before
            for stream in (by_address, by_key):
                moment, number = _id(stream)
                assert number == "2"
                assert moment - before - published_in < 1
            assert "living_personas_event_streams 2.0" in httpx.get(f"{running.url}/metrics", headers=key).text
            revoke(folder, KEYS["secret"])
            assert [list(by_address)[3:], list(by_key)[3:]] == [[], []]  # the rest of the last event, and the end
        other = {"Authorization": f"Bearer {KEYS['publishable']}"}
        with listening(running.url + STREAM, **other) as stream:
            assert _id(stream)[1] == "2"
            before = time.monotonic()
            running.process.send_signal(signal.SIGTERM)
            assert not [line for _, line in stream if line.startswith("id:")]
            running.process.wait(10)
            assert time.monotonic() - before < 10


def revoke(folder: Path, secret: str) -> None:
    _, context = open_context(folder)
    with closing(context.store):
        revoke_key(context, {"wk_test_1": "k1", "sk_test_1": "k2", "ak_test_1": "k3"}[secret], now=system_clock())


def _id(lines: Iterator[tuple[float, str]]) -> tuple[float, str]:
    return next((moment, line.removeprefix("id: ")) for moment, line in lines if line.startswith("id: "))
