"""What a hash chain is: the hash of each document covers the one before it, and so all of them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from hashlib import sha256

__all__ = ["chained", "head_of"]


def chained(previous: bytes, body: bytes) -> bytes:
    """The hash of a document that follows one whose hash is ``previous``; empty for the first."""
    return sha256(previous + body).digest()


def head_of(bodies: Iterable[bytes]) -> bytes:
    """The hash of the last of some documents; empty if there are none."""
    return reduce(chained, bodies, b"")
