"""HTTP over connections of which each may cost so much and no more: header bytes, time, requests in line."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from living_personas.http.connections import Gate

__all__ = ["BODY_SECONDS", "HEADER_SECONDS", "LARGEST_HEADERS", "BoundedProtocol"]

LARGEST_HEADERS = 32 << 10
"""Bytes of a request's line and headers, or of anything that is neither these nor a body."""
HEADER_SECONDS = 10.0
"""Until a new connection has brought its first request, and any request its headers."""
BODY_SECONDS = 20.0
"""Until a body is whole; one that keeps coming at ``SLOWEST`` may take longer."""
SLOWEST = 64 << 10
"""Bytes a second."""
MOST_IN_LINE = 64
"""Requests that one connection may send before the first is answered."""


class BoundedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, within limits; the ``gate`` of its configuration counts connections."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **words)
        self._gate: Gate = cast("Any", self.config).gate
        self._due: asyncio.TimerHandle | None = None
        self._since = 0.0
        self._received = self._extra = self._header_bytes = 0
        self._in_headers = self._is_open = self._is_refused = False
        self.is_silent = True

    @property
    def address(self) -> str:
        """Where the connection comes from."""
        return self.client[0] if self.client else ""

    @property
    def is_idle(self) -> bool:
        """Whether no whole request is being answered: a body that never ends must not shut others out, either."""
        return self._is_open or not self._is_answering()

    def leave(self) -> None:
        """Close the connection at once."""
        self._is_refused = True
        self.transport.abort()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection; another may have to make room for it."""
        super().connection_made(transport)
        self._since = self.loop.time()
        self._look_again(HEADER_SECONDS)
        self._gate.enter(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        super().connection_lost(exc)
        self._gate.leave(self)
        self._look_no_more()

    def data_received(self, data: bytes) -> None:
        """Bytes of requests."""
        if self._is_refused:
            return
        self._extra += len(data)
        super().data_received(data)
        if self._extra > LARGEST_HEADERS:
            self._refuse(431)
        elif self._is_open and self._due is None and not self._is_refused:
            self._look_again(HEADER_SECONDS if self._in_headers else BODY_SECONDS)

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_open = self._in_headers = True
        self._header_bytes = self._received = 0
        self._since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self._header_bytes += len(url)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or one after the body."""
        self._header_bytes += len(name) + len(value)
        if self._header_bytes <= LARGEST_HEADERS:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The headers are whole: the request is answered from here on."""
        self._in_headers = False
        self.is_silent = False
        self._since = self.loop.time()
        if self._header_bytes > LARGEST_HEADERS:
            self._refuse(431)
        elif len(self.pipeline) >= MOST_IN_LINE:
            self._refuse(429)
        if not self._is_refused:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._extra = 0
        self._received += len(body)
        if not self._is_refused:
            super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._extra = 0
        self._is_open = False
        self._look_no_more()
        if not self._is_refused:
            super().on_message_complete()

    def _look_again(self, seconds: float) -> None:
        self._due = self.loop.call_later(seconds, self._look)

    def _look_no_more(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _look(self) -> None:
        """Whether what is under way has taken too long."""
        self._due = None
        if not self._is_open and not self.is_silent:
            return
        patience = BODY_SECONDS + self._received / SLOWEST
        if self.is_silent or self._in_headers:
            patience = HEADER_SECONDS
        left = self._since + patience - self.loop.time()
        if left > 0:
            self._look_again(left)
        else:
            self._refuse(408)

    def _is_answering(self) -> bool:
        cycle: Any = self.cycle  # None before the first request, whatever it is declared as
        return cycle is not None and not cycle.response_complete

    def _refuse(self, status: int) -> None:
        """Say why, unless an answer is under way, and close."""
        if self._is_refused:
            return
        self._is_refused = True
        self._look_no_more()
        if not self._is_answering():
            self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()
        self._gate.closed += 1
