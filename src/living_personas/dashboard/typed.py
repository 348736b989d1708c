"""What somebody typed into a form that was refused, so that nobody has to write it again."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.requests import Request

__all__ = ["is_from_here", "typed_in"]

_CALLED = {"text": "Note", "why": "Why", "name": "Name", "origins": "Sites", "note": "Note", "traits": "What is known"}
"""What the fields of small forms are called; those of a persona and of the settings are places of their files."""

_NOT_TYPED = frozenset((
    "about", "again", "asked", "attribute", "base", "campaign", "channel", "csrf", "customer", "file", "groups",
    "hold", "kind", "more", "new", "of", "onward", "order", "overlap", "page", "password", "persona", "reader",
    "remove", "role", "seen", "sent", "state", "sure", "to", "username",
))  # fmt: skip
"""Fields that nobody writes in, and those of secrets and of ids of customers, which no page repeats."""


def typed_in(form: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """The fields in which people write, as they are called, with what was written.

    >>> typed_in({"csrf": "0f", "why": "They asked for it.", "attributes.0.why": "A guess", "goal.event": ""})
    (('Why', 'They asked for it.'), ('attributes.0.why', 'A guess'))
    """
    told = ((name, said) for name, said in form.items() if name not in _NOT_TYPED and said.strip())
    return tuple((_CALLED.get(name, name), said) for name, said in told)


def is_from_here(request: Request) -> bool:
    """Whether the browser says that a page of this dashboard sent the form: what others wrote is repeated to nobody."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    origin = urlsplit(request.headers.get("origin", ""))
    return bool(origin.netloc) and origin.netloc == request.headers.get("host")
