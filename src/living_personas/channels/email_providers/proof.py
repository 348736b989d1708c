"""That a body comes from its provider: shared secrets, compared in constant time, and moments not long past."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import NoReturn

from living_personas.channels.email_providers.provider_body import header
from living_personas.channels.email_providers.provider_fields import moment
from living_personas.domain.value import value
from living_personas.errors import WebhookError

__all__ = [
    "WINDOW",
    "Fetch",
    "Sent",
    "check_fresh",
    "decoded",
    "hmac_of",
    "no_fetch",
    "refuse",
    "same",
    "verify_shared",
]

WINDOW = timedelta(minutes=5)
"""How far the moment of a signature may be from now."""

Fetch = Callable[[str], bytes]
"""Gets what lies at an address; asked only for addresses that were found trustworthy."""


def no_fetch(url: str) -> NoReturn:
    """The fetch of those who fetch nothing."""
    raise WebhookError(f"Nothing may be fetched, and {url!r} is needed.", hint="pass `fetch`.")


@value
class Sent:
    """A body as it came in, and what may prove where it comes from; ``url`` is the address that was to be called."""

    body: bytes
    headers: Mapping[str, str]
    secret: str
    now: datetime
    url: str = ""
    fetch: Fetch = no_fetch


def refuse(why: str, *, hint: str = "is the secret the one that the provider shows?") -> NoReturn:
    """Refuse a body that is not proven to come from its provider."""
    raise WebhookError(why, hint=hint)


def same(one: str | bytes, other: str | bytes) -> bool:
    """Whether two secrets are equal, in a time that does not say where they differ."""
    left, right = (text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text for text in (one, other))
    return hmac.compare_digest(left, right)


def hmac_of(secret: bytes, message: bytes, *, digest: str = "sha256") -> bytes:
    """The keyed hash of a message."""
    return hmac.new(secret, message, getattr(hashlib, digest)).digest()


def decoded(text: str, *, what: str) -> bytes:
    """The bytes that a text in base64 is."""
    try:
        return b64decode(text.encode("utf-8", "surrogatepass"), validate=True)
    except (Base64Error, ValueError) as error:
        raise WebhookError(f"The {what} is not in base64.", hint="copy it whole.") from error


def check_fresh(said: object, now: datetime, *, window: timedelta = WINDOW) -> None:
    """Refuse a signature whose moment is unknown, or further than ``window`` from ``now``."""
    when = moment(said)
    if when is None:
        refuse(f"The moment of the signature is {str(said)[:60]!r}.", hint="is the clock of this machine right?")
    if abs(now - when) > window:
        refuse(f"The signature was made at {when.isoformat()}.", hint="is the clock of this machine right?")


def verify_shared(sent: Sent) -> None:
    """Refuse a request without the shared secret: ``user:password`` for basic auth, or ``Bearer <token>``."""
    basic = "Basic " + b64encode(sent.secret.encode("utf-8", "surrogatepass")).decode()
    meant = sent.secret if sent.secret.startswith("Bearer ") else basic
    shown = header(sent.headers, "authorization")
    if not sent.secret or not same(shown, meant):
        refuse(f"The request has {'another' if shown else 'no'} authorization.")
