"""Keys of a workspace: made, listed, revoked; only their digests are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from living_personas.domain.key import SCOPES_OF, Key, KeyKind, Scope, digest_of
from living_personas.domain.withdrawal import Withdrawal
from living_personas.errors import InvalidSettingsError, check_name
from living_personas.memory.people_records import API_KEYS, TOKEN_SECRET
from living_personas.ports import Stored

__all__ = ["create_key", "keys_of", "revoke_key", "signing_secret"]

_SHORTEST = 6


def create_key(
    context: Stored,
    kind: KeyKind,
    secret: str,
    *,
    now: datetime,
    scopes: Sequence[Scope] = (),
    origins: Sequence[str] = (),
    note: str = "",
) -> Key:
    """Keep the digest of a new key; without ``scopes`` it may do all that its kind may.

    Raises
    ------
    InvalidSettingsError
        If the key is too short, exists already, or asks for more than its kind may do.
    """
    if len(secret) < _SHORTEST or not secret.isprintable() or ":" in secret:
        raise InvalidSettingsError(
            f"A key of {len(secret)} characters cannot be used.",
            hint=f"give at least {_SHORTEST} printable characters without a colon, or none to have one made.",
        )
    with context.store.commit():  # two who make a key at once make two keys
        known = keys_of(context)
        if any(key.digest == digest_of(secret) for key in known):
            raise InvalidSettingsError("This key exists already, or was revoked.", hint="make a new one.")
        key = Key(
            id=f"k{len(known) + 1}",
            kind=kind,
            digest=digest_of(secret),
            scopes=tuple(sorted(set(scopes) or SCOPES_OF[kind])),
            created=now,
            origins=tuple(origins),
            note=note,
        )
        API_KEYS.write(context.store, key.id, key)
    return key


def keys_of(context: Stored) -> tuple[Key, ...]:
    """All keys ever made, revoked ones among them, oldest first."""
    return tuple(sorted(API_KEYS.all(context.store).values(), key=lambda key: (key.created, int(key.id[1:]))))


def revoke_key(context: Stored, key_id: str, *, now: datetime) -> Key:
    """Let a key open nothing any more, for ever."""
    known = {key.id: key for key in keys_of(context)}
    check_name("key", key_id, known)
    before = known[key_id]
    revoked = replace(before, revoked=before.revoked or now)
    with context.store.commit():
        context.withdrawn([Withdrawal(kind="key", id=before.digest, time=now)])
        API_KEYS.write(context.store, key_id, revoked)
    return revoked


def signing_secret(context: Stored, fresh: Callable[[], bytes]) -> bytes:
    """What this workspace signs its tokens with; made once, with ``fresh`` random bytes."""
    with context.store.commit():
        held = TOKEN_SECRET.read(context.store)
        if held is None:
            held = fresh()
            TOKEN_SECRET.write(context.store, held)
    return held
