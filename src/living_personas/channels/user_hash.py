"""The proof that a browser speaks for a customer: an HMAC of the customer's id, which the site's server rendered."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Iterator
from dataclasses import replace
from hashlib import sha256

from living_personas.channels.secret_variables import Lookup, secret_of
from living_personas.domain.customer_id import canonical_id
from living_personas.domain.event import Event
from living_personas.errors import InvalidSettingsError
from living_personas.sources.rows import Row

__all__ = ["IDENTITY_SECRET", "INTEGRATION", "USER_HASH", "bare_of_proof", "hash_in", "identity_secrets", "is_proof"]

IDENTITY_SECRET = "LIVING_PERSONAS_IDENTITY_SECRET"  # noqa: S105 - the name of a variable
"""The environment variable that holds the secret which the site's server shares with us; two, with a blank between,
while one takes the other's place. With ``_FILE`` behind it, the path of a file that does."""

_SHORTEST = 16

USER_HASH = "user_hash"
"""The name under which the proof travels; it is never kept."""

INTEGRATION = "Living Personas"
"""What this product is called among the ``integrations`` of a call."""


def identity_secrets(lookup: Lookup) -> tuple[bytes, ...]:
    """The secrets by which browsers prove for whom they speak; none if the variable is not set.

    Raises
    ------
    InvalidSettingsError
        If one is short enough to be guessed, or the variable cannot be read.
    """
    secrets = secret_of(lookup, IDENTITY_SECRET).split()
    for each in secrets:
        if len(each) < _SHORTEST:
            raise InvalidSettingsError(
                f"{IDENTITY_SECRET} holds a secret of {len(each)} characters, which can be guessed.",
                hint=f"make one of {_SHORTEST} and more, such as by `openssl rand -hex 32`.",
            )
    return tuple(each.encode() for each in secrets)


def is_proof(said: str, customer: str, *, secrets: Collection[bytes]) -> bool:
    """Whether what was said is the HMAC-SHA256 of the customer's id under one of the secrets, in hex.

    >>> import hmac
    >>> made = hmac.new(b"a secret of the site", b"u1", "sha256").hexdigest()
    >>> is_proof(made, "u1", secrets=[b"a secret of the site"]), is_proof(made, "u2", secrets=[b"a secret of the site"])
    (True, False)
    """
    block = said.strip().lower().encode("utf-8", "surrogatepass")
    right = [
        hmac.compare_digest(hmac.new(secret, id_.encode("utf-8", "surrogatepass"), sha256).hexdigest().encode(), block)
        for secret in secrets
        for id_ in {customer, canonical_id(customer)}
    ]
    return any(right)


def hash_in(message: Row) -> str:
    """The proof in a call of Segment's, RudderStack's or PostHog's clients; empty if there is none.

    It stands among the traits, also those of the context, among the properties, or in ``integrations``.
    """
    return next((said for place in _places(message) if isinstance(said := place.get(USER_HASH), str) and said), "")


def bare_of_proof(event: Event) -> Event:
    """The event without the proof among its properties."""
    if not event.properties or USER_HASH not in event.properties:
        return event
    return replace(event, properties={name: said for name, said in event.properties.items() if name != USER_HASH})


def _places(message: Row) -> Iterator[Row]:
    properties = _object(message.get("properties"))
    yield from map(_object, (message.get("traits"), _object(message.get("context")).get("traits")))
    yield properties
    yield from map(_object, (properties.get("$set"), message.get("$set")))
    yield _object(_object(message.get("integrations")).get(INTEGRATION))


def _object(found: object) -> Row:
    return found if isinstance(found, dict) else {}
