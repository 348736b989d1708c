"""One POST over TLS to the very address that was checked: no redirects, five seconds in all."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Mapping
from time import monotonic
from urllib.parse import urlsplit

from living_personas.channels.webhooks.address import public_address
from living_personas.errors import DeliveryError

__all__ = ["SECONDS", "Send", "post"]

Send = Callable[[str, bytes, Mapping[str, str]], int]
"""Posts a body with headers to an address; the status it was answered with. What fails raises ``DeliveryError``."""

SECONDS = 5.0
_LONGEST_LINE = 4_096


def post(
    url: str,
    body: bytes,
    headers: Mapping[str, str],
    *,
    address_of: Callable[[str, int], str] = public_address,
    context: ssl.SSLContext | None = None,
    seconds: float = SECONDS,
) -> int:
    """Post a body, and wait for the first line of the answer; nothing more of it is read, and no redirect followed.

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
            return _status(line, ends)
    except (OSError, ValueError) as error:
        raise DeliveryError(f"{host!r} did not take it: {error}.", hint="it is tried again by itself.") from error


def _request(path: str, query: str, host: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    target = (path or "/") + (f"?{query}" if query else "")
    lines = {"Host": host, "Content-Length": str(len(body)), "Connection": "close", **headers}
    if any(not text.isprintable() for text in (target, *lines, *lines.values())):
        raise ValueError("a header or the path holds a character that cannot be sent")
    head = "".join(f"{name}: {text}\r\n" for name, text in lines.items())
    return f"POST {target} HTTP/1.1\r\n{head}\r\n".encode("ascii") + body


def _status(line: ssl.SSLSocket, ends: float) -> int:
    """The number in the first line of the answer."""
    read = b""
    while b"\n" not in read:
        line.settimeout(_left(ends))
        more = line.recv(_LONGEST_LINE)
        if not more or len(read) > _LONGEST_LINE:
            raise ValueError("the answer is no HTTP")
        read += more
    words = read.split(b"\n", 1)[0].split()
    if len(words) < 2 or not words[0].startswith(b"HTTP/1.") or not words[1].isdigit():
        raise ValueError("the answer is no HTTP")
    return int(words[1])


def _left(ends: float) -> float:
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left
