"""Who may do what: a key is known by its digest, and opens what its kind and scopes say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from hmac import compare_digest
from typing import Literal

from living_personas.domain.value import value
from living_personas.errors import InvalidSettingsError, did_you_mean

__all__ = ["SCOPES", "SCOPES_OF", "Key", "KeyKind", "Scope", "digest_of", "matching"]

KeyKind = Literal["publishable", "secret", "admin"]
Scope = Literal["write", "decide", "snapshot", "metrics", "manage"]

SCOPES: tuple[Scope, ...] = ("write", "decide", "snapshot", "metrics", "manage")
"""What a route may ask for."""

SCOPES_OF: dict[KeyKind, frozenset[Scope]] = {
    "publishable": frozenset({"write", "decide"}),
    "secret": frozenset({"write", "decide", "snapshot", "metrics"}),
    "admin": frozenset(SCOPES),
}
"""The most that a key of each kind may do; a publishable key is in every visitor's browser."""


@value
class Key:
    """A key of a workspace. The key itself is shown once and kept nowhere: ``digest`` is its SHA-256.

    ``origins`` are the sites from which a publishable key may be used; none means any that a browser does not check
    (servers), ``*`` means every site.
    """

    id: str
    kind: KeyKind
    digest: str
    scopes: tuple[Scope, ...]
    created: datetime
    origins: tuple[str, ...] = ()
    note: str = ""
    revoked: datetime | None = None

    def __post_init__(self) -> None:
        beyond = sorted(set(self.scopes) - SCOPES_OF[self.kind])
        if beyond:
            raise InvalidSettingsError(
                f"A {self.kind} key cannot have the scope {beyond[0]!r}.",
                hint=did_you_mean(beyond[0], SCOPES_OF[self.kind], kind="scope"),
            )
        if self.origins and self.kind != "publishable":
            raise InvalidSettingsError(
                f"A {self.kind} key has the origins {list(self.origins)!r}.",
                hint="only publishable keys belong into browsers; create one of those for the site.",
            )
        wrong = [origin for origin in self.origins if origin != "*" and not _is_origin(origin)]
        if wrong:
            raise InvalidSettingsError(
                f"{wrong[0]!r} is not an origin.", hint="write scheme and host, such as https://www.example.com, or *."
            )

    def may(self, scope: Scope) -> bool:
        """Whether the key opens what asks for ``scope``."""
        return self.revoked is None and scope in self.scopes

    def welcomes(self, origin: str) -> bool:
        """Whether a page of this origin may use the key."""
        return "*" in self.origins or origin in self.origins


def digest_of(text: str) -> str:
    """The SHA-256 of a text, in hex: how a key is kept, and what tells one text from every other."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def matching(keys: Iterable[Key], presented: str) -> Key | None:
    """The key that was presented, if it is one of these and not revoked; every key takes the same time to compare."""
    digest = digest_of(presented)
    found = [key for key in keys if compare_digest(key.digest, digest)]
    return next((key for key in found if key.revoked is None), None)


def _is_origin(text: str) -> bool:
    scheme, _, host = text.partition("://")
    return scheme in ("http", "https") and bool(host) and not set(host) & set("/?#@ ,")
