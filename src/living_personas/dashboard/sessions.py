"""Who is signed in: kept in the store, named by the hash of a secret that only the browser has."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from living_personas.domain.account import Account, SignIn
from living_personas.domain.key import digest_of
from living_personas.domain.value import value
from living_personas.memory.people_records import PEOPLE, SIGN_INS
from living_personas.ports import Store

__all__ = [
    "COOKIE",
    "HOURS",
    "SignedIn",
    "close_session",
    "csrf_of",
    "find_session",
    "known_browser",
    "mark_browser",
    "open_session",
    "tell_once",
    "told",
]

COOKIE = "lp_session"
HOURS = 12


@value
class SignedIn:
    """A person who is signed in, by the browser's token."""

    token: str
    account: Account


def open_session(store: Store, account: Account, *, now: datetime) -> str:
    """The token of a new session; sessions that ran out are forgotten."""
    token = secrets.token_urlsafe(32)
    over: dict[str, SignIn | None] = {name: None for name, each in SIGN_INS.all(store).items() if each.until <= now}
    mine = SignIn(name=account.name, until=now + timedelta(hours=HOURS), password=account.password)
    SIGN_INS.write_all(store, over | {digest_of(token): mine})
    return token


def find_session(store: Store, token: str, *, now: datetime) -> SignedIn | None:
    """The session of a token, unless it ran out, was closed, or its person was removed or has another password."""
    found = _read(store, token)
    account = PEOPLE.read(store, found.name) if found is not None and found.until > now else None
    if found is None or account is None or not hmac.compare_digest(account.password, found.password):
        return None
    return SignedIn(token=token, account=account)


def close_session(store: Store, token: str) -> None:
    """Sign out."""
    SIGN_INS.write(store, digest_of(token), None)


def csrf_of(token: str, *, secret: bytes) -> str:
    """What every form must carry: nobody can know it who cannot read the page.

    ``token`` is the session's, or before signing in the browser's own random cookie.
    """
    return hmac.new(secret, f"csrf|{token}".encode(), sha256).hexdigest()


def mark_browser(name: str, browser: str, *, secret: bytes) -> str:
    """What a browser keeps to show later that this person has signed in in it; ``browser`` is its random name."""
    return f"{browser}.{_mark(name, browser, secret)}"


def known_browser(mark: str, name: str, *, secret: bytes) -> str:
    """The name of the browser that kept this mark, if it is one of this person; empty if it is not."""
    browser, _, signature = mark.partition(".")
    meant = _mark(name, browser, secret)
    return browser if browser and hmac.compare_digest(signature.encode(), meant.encode()) else ""


def _mark(name: str, browser: str, secret: bytes) -> str:
    return hmac.new(secret, f"known|{browser}|{name}".encode(), sha256).hexdigest()


def tell_once(store: Store, token: str, said: str) -> None:
    """Keep a sentence for the next page."""
    found = _read(store, token)
    if found is not None:
        SIGN_INS.write(store, digest_of(token), replace(found, said=said))


def told(store: Store, token: str) -> str:
    """The sentence that was kept for this page; it is told once."""
    found = _read(store, token)
    if found is None or not found.said:
        return ""
    tell_once(store, token, "")
    return found.said


def _read(store: Store, token: str) -> SignIn | None:
    return SIGN_INS.read(store, digest_of(token)) if token else None
