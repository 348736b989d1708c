"""OFREP's event streams: whoever listens is told within a second that another snapshot is decided from."""

from __future__ import annotations

import asyncio
import hmac
import re
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any
from urllib.parse import quote

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from living_personas.domain.key import Key
from living_personas.http.authentication import authorise, authorised, presented
from living_personas.http.connections import PER_ADDRESS, open_files
from living_personas.http.deciding import desk
from living_personas.http.problems import ProblemError, documented
from living_personas.http.service import Service
from living_personas.http.view import View

__all__ = ["STREAM", "EventStreams", "caught_up", "event_stream_routes", "streams_for"]

STREAM = "/ofrep/v1/event-stream"

MOST = 1_024
"""Streams that may be open, of a process; and no more than half of its connections, in all and of one address."""
EVERY_SECONDS = 0.1
"""How often the view is looked at, once for all streams."""
BEAT_SECONDS = 15.0
"""How often a stream without news says that it is there: proxies cut what is silent for a minute."""
INACTIVE_SECONDS = 120
"""After how long a page that nobody looks at should close its stream (the protocol's default)."""
CATCH_UP_SECONDS = 2.0
"""For how long an answer waits for a snapshot that another server has told of."""

_TOKEN = re.compile(r"(k[0-9]+)\.([0-9a-f]{32})")
_ETAG = re.compile(r'"?snapshot-([0-9]{1,9})"?')
_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class EventStreams:
    """The streams that are open; while there are any, one task looks for news for all of them.

    Parameters
    ----------
    view
        What is decided from now, and by which keys.
    most, per_address
        How many may be open, and how many of one address.
    ended
        Whether the process is told to stop: streams end then.
    """

    def __init__(self, view: Callable[[], View], *, most: int, per_address: int, ended: Callable[[], bool]) -> None:
        self._view, self._most, self._per_address, self._ended = view, most, per_address, ended
        self._news = asyncio.Event()
        self._watching: asyncio.Task[None] | None = None
        self._open_of = Counter[str]()

    @property
    def open(self) -> int:
        """How many are open."""
        return self._open_of.total()

    def opened(self, key: Key, *, last: str, address: str) -> AsyncIterator[str]:
        """The stream of whoever showed a key, and has seen the event ``last``; it ends when the key is revoked.

        Raises
        ------
        ProblemError
            503 if as many are open as may be.
        """
        if self.open >= self._most or self._open_of[address] >= self._per_address:
            raise ProblemError(
                503,
                f"{self.open:,} event streams are open, {self._open_of[address]} of this address: no more may be.",
                hint="ask again every minute instead, and try the stream later.",
                headers={"Retry-After": "60"},
            )
        return self._events(key.id, last, address)

    async def _events(self, key_id: str, last: str, address: str) -> AsyncIterator[str]:
        self._open_of[address] += 1  # here, and not before: what is never read is never closed, either
        try:
            while not self._ended() and self._may(key_id):
                self._look_on()
                news = self._news  # before the view is read: what comes after it wakes this stream
                number = _number(self._view())
                yield ": still here\n\n" if number == last else _event(number)
                last = number
                with suppress(TimeoutError):
                    await asyncio.wait_for(news.wait(), BEAT_SECONDS)
        finally:
            self._open_of[address] -= 1
            self._open_of += Counter()  # who has none is forgotten

    def _may(self, key_id: str) -> bool:
        return any(key.id == key_id and key.may("decide") for key in self._view().keys)

    def _look_on(self) -> None:
        """See to it that somebody looks."""
        if self._watching is None or self._watching.done():
            self._watching = asyncio.get_running_loop().create_task(self._watch())

    async def _watch(self) -> None:
        before = self._seen()
        while self.open:
            await asyncio.sleep(EVERY_SECONDS)
            now = self._seen()
            if now != before:
                before = now
                told, self._news = self._news, asyncio.Event()
                told.set()

    def _seen(self) -> tuple[str, bool, tuple[Key, ...]]:
        view = self._view()
        return _number(view), self._ended(), view.keys


def streams_for(service: Service, key: Key) -> list[dict[str, Any]]:
    """Where clients with a key listen, as the answer for all flags says it.

    The address carries the key's id, signed: browsers cannot send headers there, and a key does not belong into it.
    """
    uri = f"{STREAM}?token={quote(_token(service, key.id))}"
    return [{"type": "sse", "endpoint": {"requestUri": uri}, "inactivityDelaySec": INACTIVE_SECONDS}]


async def caught_up(service: Service, etag: str) -> None:
    """Wait a little until this server decides from the snapshot that a stream, perhaps another server's, told of."""
    told = _ETAG.fullmatch(etag)
    if told is None:
        return
    for _ in range(int(CATCH_UP_SECONDS / EVERY_SECONDS)):
        if int(_number(service.view) or 0) >= int(told[1]):
            return
        await asyncio.sleep(EVERY_SECONDS)


def event_stream_routes(service: Service, routes: APIRouter, *, ended: Callable[[], bool]) -> None:
    """Add the route of the streams; they end when the process is told to stop."""
    most = min(MOST, open_files() // 2)
    streams = EventStreams(lambda: service.view, most=most, per_address=PER_ADDRESS // 2, ended=ended)
    service.metrics.watch("event_streams", "Event streams that are open.", lambda: streams.open)

    async def stream(request: Request) -> Response:
        """Server-sent events: one at once, and one within a second of each new snapshot."""
        key = _key(service, request)
        desk(service)
        address = request.client.host if request.client else ""
        events = streams.opened(key, last=request.headers.get("last-event-id", ""), address=address)
        return StreamingResponse(events, media_type="text/event-stream", headers=_HEADERS)

    routes.add_api_route(STREAM, stream, methods=["GET"], **_described())


def _key(service: Service, request: Request) -> Key:
    """The key in a header, or the one that the token in the address stands for."""
    token = request.query_params.get("token", "")
    if presented(request) or not token:
        return authorise(service, request, "decide")
    found = _TOKEN.fullmatch(token)
    genuine = found is not None and hmac.compare_digest(token, _token(service, found[1]))
    named = found[1] if found is not None and genuine else ""
    key = next((key for key in service.view.keys if key.id == named and key.revoked is None), None)
    return authorised(request, key, "decide", was_shown=True)


def _token(service: Service, key_id: str) -> str:
    return f"{key_id}.{hmac.digest(service.secret, f'event stream|{key_id}'.encode(), 'sha256').hex()[:32]}"


def _number(view: View) -> str:
    return "" if view.desk is None else str(view.desk.published.snapshot.number)


def _event(number: str) -> str:
    data = msgspec.json.encode({"type": "refetchEvaluation", "etag": f'"snapshot-{number}"'}).decode()
    return f"id: {number}\nevent: message\ndata: {data}\n\n"


_TEXT = {"type": "string"}
_EVENT = {
    "type": "object",
    "description": "One of the events: `data` is JSON, as OFREP's `refetchEvaluation` says it.",
    "properties": {"id": _TEXT, "event": _TEXT, "data": _TEXT},
    "required": ["id", "event", "data"],
}


def _described() -> dict[str, Any]:
    content = {"text/event-stream": {"schema": _EVENT}}
    return {
        "operation_id": "event_stream",
        "response_class": Response,
        "tags": ["decisions"],
        "responses": {
            200: {"description": "Events `refetchEvaluation`, as long as the key may decide.", "content": content},
            **documented(401, 403, 503),
        },
        "openapi_extra": {
            "parameters": [
                {"name": "token", "in": "query", "required": False, "schema": _TEXT},
                {"name": "Last-Event-ID", "in": "header", "required": False, "schema": _TEXT},
            ]
        },
    }
