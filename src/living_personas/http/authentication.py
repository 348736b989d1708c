"""Whoever knocks shows a key: in a header, or in the body where a browser cannot set headers."""

from __future__ import annotations

import binascii
from base64 import b64decode

from starlette.requests import Request

from living_personas.domain.key import Key, Scope, matching
from living_personas.http.headers import header
from living_personas.http.problems import ProblemError
from living_personas.http.service import Service

__all__ = ["authorise", "authorised", "presented", "shown_key"]


def presented(request: Request) -> str:
    """The key in the headers: Basic (as user), Bearer, or ``X-API-Key``; empty if there is none."""
    scheme, _, said = (header(request.scope, b"authorization") or "").partition(" ")
    if scheme.lower() == "bearer":
        return said.strip()
    if scheme.lower() == "basic":
        return _user(said.strip())
    return header(request.scope, b"x-api-key") or ""


def authorise(service: Service, request: Request, scope: Scope, *, in_body: str = "") -> Key:
    """The key that was shown, if it opens what asks for ``scope``.

    Raises
    ------
    ProblemError
        401 without a key that is known, 403 if the key does not open this, or not from this site.
    """
    secret = presented(request) or in_body
    key = matching(service.view.keys, secret) if secret else None
    return authorised(request, key, scope, was_shown=bool(secret))


def authorised(request: Request, key: Key | None, scope: Scope, *, was_shown: bool) -> Key:
    """The key that was found, if it opens what asks for ``scope``, and from this site.

    Raises
    ------
    ProblemError
        As ``authorise``; ``was_shown`` says whether the request brought any.
    """
    if key is None:
        detail = "The key is not known, or was revoked." if was_shown else "No key was given."
        raise ProblemError(
            401,
            detail,
            hint="create one with `personas keys create`, and send it as `Authorization: Bearer KEY`.",
            headers={"WWW-Authenticate": 'Basic realm="living-personas"'},
        )
    if not key.may(scope):
        raise ProblemError(
            403, f"A {key.kind} key without the scope {scope!r} was given.", hint=_HINTS[key.kind].format(scope=scope)
        )
    origin = header(request.scope, b"origin")
    if origin is not None and key.kind == "publishable" and not key.welcomes(origin):
        raise ProblemError(
            403,
            "This site may not use the key.",
            hint="create the key with `--origin` and the site's scheme and host.",
        )
    return key


def shown_key(service: Service, request: Request, scope: Scope) -> Key | None:
    """The key in the headers, before the body is read; None if there is none: it may be in the body.

    Raises
    ------
    ProblemError
        As ``authorise``, if there is one that does not open this.
    """
    return authorise(service, request, scope) if presented(request) else None


_HINTS = {
    "publishable": "keys in browsers can only write events and decide; use a secret key on a server.",
    "secret": "create a key with this scope: `personas keys create secret --scope {scope}`.",
    "admin": "the key was revoked or limited: create another.",
}


def _user(block: str) -> str:
    try:
        return b64decode(block, validate=True).decode().partition(":")[0]
    except (binascii.Error, ValueError):
        return ""
