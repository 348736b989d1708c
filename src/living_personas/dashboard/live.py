"""A stream that says when a new snapshot was published."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from living_personas.dashboard.sessions import COOKIE, find_session
from living_personas.loop.context import Context

__all__ = ["live_stream"]

EVERY_SECONDS = 2.0
MOST_SECONDS = 600.0
"""A stream ends by itself, and the browser opens another: then the session is checked again."""


def live_stream(
    context: Callable[[], Context],
    clock: Callable[[], datetime],
    *,
    every: float = EVERY_SECONDS,
    ended: Callable[[], bool] = lambda: False,
) -> Callable[[Request], Awaitable[Response]]:
    """Server-sent events ``snapshot`` with the number of the newest snapshot, one at once and one for each new one."""

    def newest() -> int:
        return context().store.snapshots.held()

    async def numbers(request: Request) -> AsyncIterator[str]:
        last = -1
        for _ in range(int(MOST_SECONDS / every)):
            number = await run_in_threadpool(newest)
            if number != last:
                yield f"event: snapshot\nid: {number}\ndata: {number}\n\n"
                last = number
            else:
                yield ": still here\n\n"
            if ended() or await request.is_disconnected():
                return
            await asyncio.sleep(every)

    async def live(request: Request) -> Response:
        token = request.cookies.get(COOKIE, "")
        session = await run_in_threadpool(lambda: find_session(context().store, token, now=clock()))
        if session is None:
            return Response(status_code=204)  # a browser does not ask again after it
        return StreamingResponse(numbers(request), media_type="text/event-stream")

    return live
