"""The same server over HTTP: an ASGI app to mount at ``/mcp``, with a key for every request."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

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

    Every request carries its key and is answered on its own: there are no sessions to steal. As keys are required,
    the page of another site cannot ask through a browser, and hosts need no list.
    """

    def __init__(self, service: AgentService, *, check: CheckKey) -> None:
        self._check = check
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
        caller = self._check(_key(scope))
        if caller is None:
            await _refuse(send)
            return
        await self._sessions.handle_request({**scope, CALLER: caller}, receive, send)


def _key(scope: Scope) -> str:
    said = [value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"]
    scheme, _, key = said[0].partition(" ") if len(said) == 1 else ("", "", "")
    return key.strip() if scheme.lower() == "bearer" else ""


async def _refuse(send: Send) -> None:
    body = b'{"error": "a key is needed: Authorization: Bearer KEY"}'
    headers = [(b"content-type", b"application/json"), (b"www-authenticate", b"Bearer")]
    await send({"type": "http.response.start", "status": 401, "headers": headers})
    await send({"type": "http.response.body", "body": body})
