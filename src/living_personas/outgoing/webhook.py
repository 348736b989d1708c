"""One JSON message to the address of a chat; redirects are not followed, and nothing goes in the clear."""

from __future__ import annotations

import json
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from living_personas.domain.event import Json
from living_personas.outgoing.mail import SendingError

__all__ = ["post_json"]

SECONDS = 30.0
_HERE = ("localhost", "127.0.0.1", "::1")


def post_json(url: str, body: Json) -> None:
    """Post a message; any answer but 2xx raises. The address is a secret, and is not told in errors.

    Raises
    ------
    SendingError
        If the address cannot be meant or reached, or refuses.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme != "https" and not (parts.scheme == "http" and host in _HERE):
        raise SendingError(f"Messages are not sent to {parts.scheme!r} addresses.", hint="use an https:// address.")
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    session = kind(host, parts.port, timeout=SECONDS)
    try:
        session.request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        status = session.getresponse().status
    except (OSError, HTTPException) as error:
        raise SendingError(f"{host} could not be reached: {error}.", hint="check the address and try again.") from error
    finally:
        session.close()
    if not 200 <= status < 300:
        raise SendingError(f"{host} answered {status}.", hint="check that the address is still valid.")
