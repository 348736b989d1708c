"""Keys of a workspace: made, listed, revoked; only their digests are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from pydantic import TypeAdapter

from living_personas.domain.key import SCOPES_OF, Key, KeyKind, Scope, digest_of
from living_personas.errors import InvalidSettingsError, UnknownNameError
from living_personas.steps.parts import Parts

__all__ = ["SIGNING", "create_key", "keys_of", "revoke_key", "signing_secret"]

KEY = "key/"
"""Facts of this prefix hold the keys, as JSON."""

SIGNING = "secret/tokens"
"""The fact that holds what tokens are signed with."""

_SHORTEST = 6
_KEY = TypeAdapter(Key)


def create_key(
    parts: Parts,
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
    with parts.store.commit():  # two who make a key at once make two keys
        known = keys_of(parts)
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
        parts.store.facts.set({KEY + key.id: _KEY.dump_json(key)})
    return key


def keys_of(parts: Parts) -> tuple[Key, ...]:
    """All keys ever made, revoked ones among them, oldest first."""
    blocks = (parts.store.facts.get(name) for name in parts.store.facts.keys(KEY))
    found = [_KEY.validate_json(block) for block in blocks if block]
    return tuple(sorted(found, key=lambda key: (key.created, int(key.id[1:]))))


def revoke_key(parts: Parts, key_id: str, *, now: datetime) -> Key:
    """Let a key open nothing any more, for ever."""
    known = {key.id: key for key in keys_of(parts)}
    if key_id not in known:
        raise UnknownNameError.among("key", key_id, known)
    before = known[key_id]
    revoked = _KEY.validate_python({**_KEY.dump_python(before), "revoked": before.revoked or now})
    parts.store.facts.set({KEY + key_id: _KEY.dump_json(revoked)})
    return revoked


def signing_secret(parts: Parts, fresh: Callable[[], bytes]) -> bytes:
    """What this workspace signs its tokens with; made once, with ``fresh`` random bytes."""
    with parts.store.commit():
        held = parts.store.facts.get(SIGNING)
        if held is None:
            held = fresh()
            parts.store.facts.set({SIGNING: held})
    return held
