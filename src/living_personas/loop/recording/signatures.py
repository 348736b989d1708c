"""Signatures that do not cover the body they come with: each proves the first body that it came with, and no other."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from living_personas.loop.context import Context
from living_personas.memory.records import SIGNATURES

__all__ = ["KEPT_FOR", "forget_signatures", "is_first_body"]

KEPT_FOR = timedelta(days=1)
"""How long signatures are remembered: longer than any of them is taken."""


def is_first_body(context: Context, signature: str, body: bytes, *, now: datetime) -> bool:
    """Whether a signature came with this body first, which a retry sends again byte for byte; it is remembered."""
    name, digest = sha256(signature.encode("utf-8", "surrogatepass")).hexdigest(), sha256(body).hexdigest()
    first = SIGNATURES.read(context.store, name)
    if first is None:
        SIGNATURES.write(context.store, name, (digest, now))
        return True
    return first[0] == digest


def forget_signatures(context: Context, *, now: datetime) -> None:
    """Forget those that are too old to be taken."""
    old = [name for name, (_, at) in SIGNATURES.all(context.store).items() if at < now - KEPT_FOR]
    if old:
        SIGNATURES.write_all(context.store, dict.fromkeys(old))
