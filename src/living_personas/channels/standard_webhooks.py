"""The signature of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over id, moment and body, in base64."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping
from datetime import datetime

from living_personas.errors import WebhookError

__all__ = ["PREFIX", "signature_of", "signed_headers"]

PREFIX = "whsec_"
"""How a secret begins; the rest is in base64."""
_SHORTEST = 16
"""Bytes of a key; the specification asks for 24 to 64, and its own examples have fewer."""


def signature_of(body: bytes, *, id_: str, timestamp: str, secret: str) -> str:
    """The signature of a body, as ``v1,<base64>``.

    Raises
    ------
    WebhookError
        If the secret is none.
    """
    message = f"{id_}.{timestamp}.".encode("utf-8", "surrogatepass") + body
    return "v1," + b64encode(hmac.new(_key(secret), message, hashlib.sha256).digest()).decode()


def signed_headers(body: bytes, *, id_: str, now: datetime, secret: str) -> Mapping[str, str]:
    """The three headers that go with a body."""
    timestamp = str(int(now.timestamp()))
    return {
        "webhook-id": id_,
        "webhook-timestamp": timestamp,
        "webhook-signature": signature_of(body, id_=id_, timestamp=timestamp, secret=secret),
    }


def _key(secret: str) -> bytes:
    hint = f"a secret is {PREFIX} and at least {_SHORTEST} bytes in base64."
    if not secret.startswith(PREFIX):
        raise WebhookError(f"The secret does not begin with {PREFIX!r}.", hint=hint)
    try:
        key = b64decode(secret.removeprefix(PREFIX).encode("utf-8", "surrogatepass"), validate=True)
    except (Base64Error, ValueError) as error:
        raise WebhookError("The secret is not in base64.", hint=hint) from error
    if len(key) < _SHORTEST:
        raise WebhookError(f"The secret has only {len(key)} bytes.", hint=hint)
    return key
