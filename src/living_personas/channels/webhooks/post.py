"""One POST over TLS to the very address that was checked: no redirects, five seconds in all."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from time import monotonic
from urllib.parse import urlsplit

from living_personas.channels.webhooks.address import public_address
from living_personas.domain.value import value
from living_personas.errors import DeliveryError

__all__ = ["SECONDS", "PostAnswer", "Send", "post"]


@value
class PostAnswer:
    """The status of an answer, and what it said of when to come again (``Retry-After``), if it did."""

    status: int
    retry_after: str = ""


Send = Callable[[str, bytes, Mapping[str, str]], PostAnswer]
"""Posts a body with headers to an address; what it was answered with. What fails raises ``DeliveryError``."""

SECONDS = 5.0
_LONGEST_LINE = 4_096
_LONGEST_HEAD = 16_384
_BUSY = (429, 503)
"""Answers that may say when to come again."""


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    address_of: Callable[[str, int], str] = public_address,
    context: ssl.SSLContext | None = None,
    seconds: float = SECONDS,
) -> PostAnswer:
    """Post a body, and wait for the first line of the answer, if it is busy for its headers; no redirect is followed.

    The host is looked up once, by ``address_of``; its name is only used to prove who answers (SNI and certificate).

    Raises
    ------
    DeliveryError
        If it cannot be delivered: an address that may not be, no connection, no proof, no answer in time.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme != "https" or not host:
        raise DeliveryError(f"{url!r} is no https address.", hint="changes are told over https only.")
    address = address_of(host, port)
    ends = monotonic() + seconds
    trusted = context or ssl.create_default_context()
    try:
        with (
            socket.create_connection((address, port), timeout=seconds) as plain,
            trusted.wrap_socket(plain, server_hostname=host) as line,
        ):
            line.settimeout(_left(ends))
            line.sendall(_request(parts.path, parts.query, parts.netloc, body, headers))
            return _answered(line, ends)
    except (OSError, ValueError) as error:
        raise DeliveryError(f"{host!r} did not take it: {error}.", hint="it is tried again by itself.") from error


def _request(path: str, query: str, host: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    target = (path or "/") + (f"?{query}" if query else "")
    lines = {"Host": host, "Content-Length": str(len(body)), "Connection": "close", **headers}
    if any(not text.isprintable() for text in (target, *lines, *lines.values())):
        raise ValueError("a header or the path holds a character that cannot be sent")
    head = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
    return f"POST {target} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


def _answered(line: ssl.SSLSocket, ends: float) -> PostAnswer:
    """What the first line of the answer says, and where it says that the receiver is busy, until when."""
    read = b""
    while b"\n" not in read:
        more = _more(line, ends)
        if not more or len(read) > _LONGEST_LINE:
            raise ValueError("the answer is no HTTP")
        read += more
    words = read.split(b"\n", 1)[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise ValueError("the answer is no HTTP")
    status = int(words[1])
    return PostAnswer(status=status, retry_after=_retry_after(line, ends, read) if status in _BUSY else "")


def _retry_after(line: ssl.SSLSocket, ends: float, read: bytes) -> str:
    """What the header says; nothing if it does not come."""
    try:
        while b"\r\n\r\n" not in read and len(read) < _LONGEST_HEAD and (more := _more(line, ends)):
            read += more
    except OSError:
        return ""
    for header in read.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        name, _, said = header.partition(b":")
        if name.strip().lower() == b"retry-after":
            return said.strip().decode("latin-1")
    return ""


def _more(line: ssl.SSLSocket, ends: float) -> bytes:
    line.settimeout(_left(ends))
    return line.recv(_LONGEST_LINE)


def _left(ends: float) -> float:
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left
