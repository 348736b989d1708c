"""What a provider is to us: a reader and a proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol, TypeAlias

from living_personas.channels.email_providers.email_event import Read
from living_personas.channels.email_providers.proof import Sent
from living_personas.domain.value import value

__all__ = ["Provider", "Reader", "Verifier"]


class Reader(Protocol):
    """Reads what a provider sent."""

    def __call__(self, body: bytes, headers: Mapping[str, str], *, nobody: frozenset[str]) -> Read:
        """The events and refusals of a body; a body that is no use at all raises ``WebhookError``.

        ``nobody`` are the workspace's words that name nobody.
        """
        ...


Verifier: TypeAlias = Callable[[Sent], None]
"""Raises ``WebhookError`` unless it is proven that a body comes from its provider."""


@value
class Provider:
    """A provider of e-mail; ``secret`` says what its secret is and where it is found.

    ``loose`` gives the signature of a body where that does not cover the body: it proves only the first it came with.
    """

    name: str
    secret: str
    read: Reader
    verify: Verifier
    loose: Callable[[bytes], str] | None = None
