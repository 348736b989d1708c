"""The bytes of a request, within limits, before anything is made of them."""

from __future__ import annotations

import asyncio
import zlib

from starlette.requests import Request
from starlette.types import Message

from living_personas.http.headers import header
from living_personas.http.problems import ProblemError

__all__ = ["LARGEST_BODY", "LARGEST_INFLATED", "inflated", "read_body"]

LARGEST_BODY = 1 << 20
"""Bytes of a body as it travels."""
LARGEST_INFLATED = 4 << 20
"""Bytes of a body once it is inflated: batches shrink to a tenth, bombs to a thousandth."""

MOST_MEMBERS = 100
"""Members of gzip in a body: each copies all that comes after it."""

MOST_COMING = 64 << 20
"""Bytes of all bodies that are coming in pieces."""

_GZIP = b"\x1f\x8b"
_GZIP_WINDOW = 31


async def read_body(request: Request) -> bytes:
    """The body, inflated if its bytes say that they are gzip, whatever the headers say.

    Raises
    ------
    ProblemError
        413 if it is larger than it may be, 400 if it is damaged.
    """
    _check_length(header(request.scope, b"content-length") or "0")
    message = await request.receive()
    if not message.get("more_body") and len(message.get("body", b"")) <= LARGEST_BODY:
        return inflated(message.get("body", b""))  # most bodies come in one piece
    return inflated(await _collected(request, message))


def inflated(body: bytes) -> bytes:
    """The bytes, inflated if they are gzip, in one member or several; never more than ``LARGEST_INFLATED``."""
    if not body.startswith(_GZIP):
        return body
    plain, rest = b"", body
    for _ in range(MOST_MEMBERS):
        member, rest = _member(rest, LARGEST_INFLATED - len(plain))
        plain += member
        if not rest.startswith(_GZIP):
            return plain
    raise ProblemError(413, f"The body has more than {MOST_MEMBERS} members of gzip.", hint="pack it as one.")


def _member(body: bytes, most: int) -> tuple[bytes, bytes]:
    """The first member, inflated, and what follows it."""
    stream = zlib.decompressobj(_GZIP_WINDOW)
    try:
        plain = stream.decompress(body, most + 1)
    except zlib.error as error:
        raise ProblemError(400, "The body is damaged gzip.", hint="send it again, or send it plain.") from error
    if len(plain) > most:
        raise _too_large("inflated body", LARGEST_INFLATED)
    if not stream.eof:
        raise ProblemError(400, "The body is gzip that was cut off.", hint="send it again, or send it plain.")
    return plain, stream.unused_data


class _Coming:
    """Bodies that come in pieces, oldest first, and their bytes: beyond ``MOST_COMING`` the oldest is cut off."""

    def __init__(self) -> None:
        self._sizes: dict[asyncio.Timeout, int] = {}
        self._size = 0

    def grow(self, body: asyncio.Timeout, size: int) -> None:
        """Count more bytes of a body; the oldest others make room."""
        self._sizes[body] = self._sizes.get(body, 0) + size
        self._size += size
        while self._size > MOST_COMING and len(self._sizes) > 1:
            oldest = next(iter(self._sizes))
            self.end(oldest)
            oldest.reschedule(asyncio.get_running_loop().time())

    def end(self, body: asyncio.Timeout) -> None:
        """Forget a body."""
        self._size -= self._sizes.pop(body, 0)


_COMING = _Coming()
"""Of the whole process, as its memory is."""


async def _collected(request: Request, message: Message) -> bytes:
    patience = asyncio.timeout(None)
    try:
        async with patience:
            return await _pieces(request, message, patience)
    except TimeoutError as error:
        detail = "The body came too slowly while others waited."
        raise ProblemError(503, detail, hint="send it again.", headers={"Retry-After": "2"}) from error
    finally:
        _COMING.end(patience)


async def _pieces(request: Request, message: Message, patience: asyncio.Timeout) -> bytes:
    body = bytearray()
    while True:
        body += message.get("body", b"")
        _COMING.grow(patience, len(message.get("body", b"")))
        if len(body) > LARGEST_BODY:
            raise _too_large("body", LARGEST_BODY)
        if not message.get("more_body"):
            return bytes(body)
        message = await request.receive()
        if message["type"] == "http.disconnect":
            raise ProblemError(400, "The request was cut off.", hint="send it again.")


def _check_length(said: str) -> None:
    if said.isdigit() and int(said[:20]) > LARGEST_BODY:
        raise _too_large("body", LARGEST_BODY)


def _too_large(what: str, most: int) -> ProblemError:
    return ProblemError(413, f"The {what} is larger than {most} bytes.", hint="send fewer events at once.")
