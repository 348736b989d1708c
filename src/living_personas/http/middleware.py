"""Around every request: which sites may ask, how long it took, and a line in the log if something was wrong."""

from __future__ import annotations

import logging
import time

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from living_personas.http.headers import header
from living_personas.http.problems import ProblemError, answer_of
from living_personas.http.service import Service

__all__ = ["Border"]

_LOG = logging.getLogger("living_personas.http.access")
_STREAM = b"text/event-stream; charset=utf-8"
_SLOW = 1.0
"""Seconds; the metrics count every request, the log holds those that failed or took longer than this."""
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Expose-Headers": "etag, retry-after",
    "Access-Control-Max-Age": "600",
}


class Border:
    """Answers preflights, adds CORS headers for the sites of publishable keys, counts and logs.

    What is served ``beside`` the routes, below these paths, is for no other site.
    """

    def __init__(self, app: ASGIApp, *, service: Service, beside: tuple[str, ...] = ()) -> None:
        self._app = app
        self._beside = beside
        self._service = service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = header(scope, b"origin")
        allowed = origin if origin is not None and self._welcome(origin, scope["path"]) else None
        if scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method"):
            asked = header(scope, b"access-control-request-headers") or ""
            await _preflight(allowed, asked)(scope, receive, send)
            return
        if scope["method"] == "HEAD" and not scope["path"].startswith(self._beside):
            scope, send = {**scope, "method": "GET"}, _Bodiless(send)
        await self._served(scope, receive, send, allowed)

    async def _served(self, scope: Scope, receive: Receive, send: Send, allowed: str | None) -> None:
        began = time.perf_counter()
        status, streaming = 0, 0.0

        async def sent(message: Message) -> None:
            nonlocal status, streaming
            if message["type"] == "http.response.start":
                status = message["status"]
                if (b"content-type", _STREAM) in message["headers"]:
                    streaming = time.perf_counter()  # its length says nothing about how soon it was answered
                if allowed is not None:
                    answer = MutableHeaders(scope=message)
                    answer["Access-Control-Allow-Origin"] = allowed
                    answer["Access-Control-Expose-Headers"] = _PREFLIGHT["Access-Control-Expose-Headers"]
                    answer.add_vary_header("Origin")
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            if status:
                raise
            _LOG.exception("a request failed", exc_info=error)
            failed = ProblemError(500, "The service failed.", hint="look into its log, and report what it says.")
            await answer_of(failed)(scope, receive, sent)
        finally:
            self._note(scope, status, (streaming or time.perf_counter()) - began)

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        route = getattr(scope.get("route"), "path", "unmatched")
        self._service.metrics.answered(route, status, seconds)
        if status >= 400 or seconds > _SLOW or _LOG.isEnabledFor(logging.DEBUG):
            line = {"method": scope["method"], "route": route, "status": status, "ms": round(seconds * 1000, 2)}
            _LOG.info("answered", extra=line)

    def _welcome(self, origin: str, path: str) -> bool:
        if path.startswith(self._beside):
            return False
        keys = self._service.view.keys
        return any(key.revoked is None and key.welcomes(origin) for key in keys)


class _Bodiless:
    """What is answered to GET, without its body: for HEAD, which monitors and load balancers ask."""

    def __init__(self, send: Send) -> None:
        self._send = send

    async def __call__(self, message: Message) -> None:
        """Status and headers, and with them the end: whoever streams is told that nobody listens."""
        if message["type"] == "http.response.start":
            await self._send(message)
            await self._send({"type": "http.response.body", "body": b""})


def _preflight(allowed: str | None, asked: str) -> Response:
    """The answer to a site that asks first; one that may use a key may send what headers its clients like."""
    if allowed is None:
        return answer_of(
            ProblemError(403, "No key may be used from this site.", hint="create one with `--origin` and this site.")
        )
    given = {"Access-Control-Allow-Origin": allowed, "Access-Control-Allow-Headers": asked, "Vary": "Origin"}
    return Response(status_code=204, headers={**_PREFLIGHT, **given})
