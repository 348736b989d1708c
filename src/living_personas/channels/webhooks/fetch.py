"""One GET over TLS to the very address that was checked: no redirects, a bounded answer, five seconds."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable
from http.client import HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from living_personas.channels.webhooks.address import public_address
from living_personas.errors import DeliveryError

__all__ = ["LARGEST", "fetch"]

LARGEST = 64 * 1024
"""Bytes of an answer: certificates have a few thousand."""

_SECONDS = 5.0


def fetch(
    url: str,
    *,
    address_of: Callable[[str, int], str] = public_address,
    context: ssl.SSLContext | None = None,
    seconds: float = _SECONDS,
) -> bytes:
    """What lies at an https address; the host is looked up once, and its name is used to prove who answers.

    Raises
    ------
    DeliveryError
        If it cannot be had: an address that may not be, no connection, no proof, another answer than 200, too long.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or 443
    if parts.scheme != "https" or not host:
        raise DeliveryError(f"{url!r} is no https address.", hint="only https addresses are fetched.")
    address = address_of(host, port)
    connection = HTTPSConnection(host, port, timeout=seconds)
    try:
        plain = socket.create_connection((address, port), timeout=seconds)
        connection.sock = (context or ssl.create_default_context()).wrap_socket(plain, server_hostname=host)
        connection.request("GET", f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/")
        answer = connection.getresponse()
        body = answer.read(LARGEST + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise DeliveryError(f"{host!r} did not answer: {error}.", hint="try again.") from error
    finally:
        connection.close()
    if answer.status != 200 or len(body) > LARGEST:
        raise DeliveryError(f"{host!r} answered with {answer.status} and {len(body)} bytes.", hint="try again.")
    return body
