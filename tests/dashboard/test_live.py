"""What is dear is read once; a new snapshot is told, and a page that is behind says so."""

from __future__ import annotations

import asyncio
from threading import Event

import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse

from dashboard.desk import Desk
from living_personas.dashboard.cache import Shelf
from living_personas.dashboard.live import live_stream
from living_personas.dashboard.sessions import COOKIE
from living_personas.errors import StoreError
from living_personas.people import acting
from living_personas.people.person import Person
from living_personas.reporting.reading import stamp_of


def test_an_answer_is_reckoned_once_and_the_one_before_is_shown_meanwhile() -> None:
    shelf: Shelf[int, str] = Shelf(patience=0.05)
    begun: list[int] = []
    go_on = Event()

    def build(number: int, *, slow: bool) -> str:
        begun.append(number)
        if slow:
            assert go_on.wait(30)
        return f"answer {number}"

    assert shelf.get(1, lambda: build(1, slow=True)) is None
    assert shelf.get(1, lambda: build(1, slow=True)) is None
    go_on.set()
    patient = [shelf.get(1, lambda: build(1, slow=False)) for _ in range(100)]
    assert patient[-1] == "answer 1"
    go_on.clear()
    assert shelf.get(2, lambda: build(2, slow=True)) == "answer 1"
    go_on.set()
    assert [shelf.get(2, lambda: build(2, slow=False)) for _ in range(100)][-1] == "answer 2"
    assert begun == [1, 2]


def test_a_failure_is_told_and_tried_again() -> None:
    shelf: Shelf[int, str] = Shelf(patience=30)

    def fail() -> str:
        raise StoreError("The disk is full.", hint="free some space.")

    with pytest.raises(StoreError, match="full"):
        shelf.get(1, fail)
    assert shelf.get(1, lambda: "well") == "well"


def test_the_stream_tells_of_a_new_snapshot(desk: Desk) -> None:
    client = desk.client("Vic")
    token = client.cookies[COOKIE]
    first = stamp_of(desk.context).snapshot

    async def listen() -> list[str]:
        heard: list[str] = []
        answer = await live_stream(desk.fresh, desk.clock, every=0.01)(_request(token))
        assert isinstance(answer, StreamingResponse)
        assert answer.media_type == "text/event-stream"
        async for piece in answer.body_iterator:
            if not str(piece).startswith(":"):
                heard.append(str(piece))
                acting.kill(desk.context, Person(by="Dana", now=desk.now, owner="test"), on=len(heard) == 1)
            if len(heard) == 3:
                break
        return heard

    heard = asyncio.run(listen())
    assert heard[0] == f"event: snapshot\nid: {first}\ndata: {first}\n\n"
    assert f"data: {first + 2}\n" in heard[2]


def test_the_stream_is_for_people_who_are_signed_in(shown: Desk) -> None:
    assert shown.client().get("/live").status_code == 204


def _request(token: str) -> Request:
    async def receive() -> dict[str, str]:
        await asyncio.sleep(3600)
        return {"type": "http.disconnect"}

    scope = {"type": "http", "headers": [(b"cookie", f"{COOKIE}={token}".encode())]}
    return Request(scope, receive)
