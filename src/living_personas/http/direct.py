"""Routes that are asked thousands of times a second: they take their request apart themselves, so nothing else does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.types import Receive, Scope, Send

from living_personas.http.problems import ProblemError, answer_of

__all__ = ["DirectRoute"]

Endpoint = Callable[[Request], Awaitable[bytes]]
"""Answers with JSON, or raises a problem."""

_JSON = (b"content-type", b"application/json")


class DirectRoute(APIRoute):
    """A route that is described like any other, and calls its endpoint without solving dependencies first.

    The endpoint takes the request and nothing else, and gives the JSON of its answer.
    """

    def __init__(self, path: str, endpoint: Endpoint, **described: Any) -> None:
        super().__init__(path, endpoint, **described)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            try:
                answer = await endpoint(Request(scope, receive, send))
            except ProblemError as problem:
                await answer_of(problem)(scope, receive, send)
                return
            headers = [_JSON, (b"content-length", str(len(answer)).encode())]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": answer})

        self.app = app
