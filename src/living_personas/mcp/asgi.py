"""The same server over HTTP: an ASGI app to mount at ``/mcp``, with a key for every request."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, MutableMapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from living_personas.domain.loopback import is_loopback
from living_personas.mcp.asking import Caller
from living_personas.mcp.server import CALLER, AgentService, agent_server

__all__ = ["AgentApp", "CheckKey"]

CheckKey = Callable[[str], Caller | None]
"""Who a bearer key belongs to, and whether that caller may write; None if it is no key."""

MOST_BYTES = 256 * 1024
"""The longest question that is read."""

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class AgentApp:
    """An ASGI app that answers agents; the host enters ``running`` once, in its own lifespan.

    Every request carries its key and is answered on its own: there are no sessions to steal. A request that says which
    page it comes from (``Origin``, as browsers do) is answered if that page is of this machine, or one of ``origins``.
    """

    def __init__(self, service: AgentService, *, check: CheckKey, origins: Collection[str] = ()) -> None:
        self._check = check
        self._origins = frozenset(origins)
        self._sessions = StreamableHTTPSessionManager(
            agent_server(service), json_response=True, stateless=True, max_request_body_size=MOST_BYTES
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Serve for as long as this is open; once for each app."""
        async with self._sessions.run():
            yield

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or refuse it."""
        if scope["type"] != "http":
            return
        if not all(map(self._welcomes, _said(scope, b"origin"))):
            await _refuse(send, 403, "the page of another site may not ask: leave out the header Origin")
            return
        caller = self._check(_key(scope))
        if caller is None:
            await _refuse(send, 401, "a key is needed: Authorization: Bearer KEY", (b"www-authenticate", b"Bearer"))
            return
        if scope["method"] != "POST":  # a stream would stay open with nothing to tell, also after its key was revoked
            await _refuse(send, 405, "there are no sessions and no news to stream: ask by POST", (b"allow", b"POST"))
            return
        await self._sessions.handle_request({**scope, CALLER: caller}, receive, send)

    def _welcomes(self, origin: str) -> bool:
        return origin in self._origins or _is_of_this_machine(origin)


def _is_of_this_machine(origin: str) -> bool:
    try:
        return is_loopback(urlsplit(origin).hostname or "")
    except ValueError:
        return False


def _said(scope: Scope, header: bytes) -> list[str]:
    return [value.decode("latin-1") for name, value in scope["headers"] if name == header]


def _key(scope: Scope) -> str:
    said = _said(scope, b"authorization")
    scheme, _, key = said[0].partition(" ") if len(said) == 1 else ("", "", "")
    return key.strip() if scheme.lower() == "bearer" else ""


async def _refuse(send: Send, status: int, why: str, *also: tuple[bytes, bytes]) -> None:
    headers = [(b"content-type", b"application/problem+json"), *also]
    problem = {"title": HTTPStatus(status).phrase, "status": status, "detail": why}
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})
