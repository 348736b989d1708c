"""Who is signed in: kept in the store, named by the hash of a secret that only the browser has."""

from __future__ import annotations

import hmac
import json
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

from living_personas.domain.value import value
from living_personas.steps.parts import Parts
from living_personas.steps.people import Account, people

__all__ = [
    "COOKIE",
    "HOURS",
    "Session",
    "close_session",
    "csrf_of",
    "find_session",
    "open_session",
    "tell_once",
    "told",
]

SESSION = "session/"
"""Facts of this prefix hold the sessions, by the SHA-256 of their token."""

COOKIE = "lp_session"
HOURS = 12


@value
class Session:
    """A person who is signed in, by the browser's token."""

    token: str
    account: Account


def open_session(parts: Parts, account: Account, *, now: datetime) -> str:
    """The token of a new session; sessions that ran out are forgotten."""
    token = secrets.token_urlsafe(32)
    until = now + timedelta(hours=HOURS)
    over: dict[str, bytes | None] = {key: None for key in parts.store.facts.keys(SESSION) if _is_over(parts, key, now)}
    plain = {"name": account.name, "until": until.isoformat(), "password": account.password, "said": ""}
    parts.store.facts.set({**over, _key(token): json.dumps(plain).encode()})
    return token


def find_session(parts: Parts, token: str, *, now: datetime) -> Session | None:
    """The session of a token, unless it ran out, was closed, or its person was removed or has another password."""
    plain = _read(parts, token)
    if not plain or datetime.fromisoformat(plain["until"]) <= now:
        return None
    account = next((each for each in people(parts) if each.name == plain["name"]), None)
    if account is None or not hmac.compare_digest(account.password, plain["password"]):
        return None
    return Session(token=token, account=account)


def close_session(parts: Parts, token: str) -> None:
    """Sign out."""
    parts.store.facts.set({_key(token): None})


def csrf_of(token: str, *, secret: bytes) -> str:
    """What every form must carry: nobody can know it who cannot read the page.

    ``token`` is the session's, or before signing in the browser's own random cookie.
    """
    return hmac.new(secret, f"csrf|{token}".encode(), sha256).hexdigest()


def tell_once(parts: Parts, token: str, said: str) -> None:
    """Keep a sentence for the next page."""
    plain = _read(parts, token)
    if plain:
        parts.store.facts.set({_key(token): json.dumps({**plain, "said": said}).encode()})


def told(parts: Parts, token: str) -> str:
    """The sentence that was kept for this page; it is told once."""
    said = _read(parts, token).get("said", "")
    if said:
        tell_once(parts, token, "")
    return said


def _key(token: str) -> str:
    return SESSION + sha256(token.encode()).hexdigest()


def _read(parts: Parts, token: str) -> dict[str, str]:
    block = parts.store.facts.get(_key(token)) if token else None
    plain: dict[str, str] = json.loads(block) if block else {}
    return plain


def _is_over(parts: Parts, key: str, now: datetime) -> bool:
    block = parts.store.facts.get(key)
    return block is None or datetime.fromisoformat(json.loads(block)["until"]) <= now
