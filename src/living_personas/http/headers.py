"""One header of a request, read from the bytes: four are asked for on every request, and most are not there."""

from __future__ import annotations

from starlette.types import Scope

__all__ = ["header"]


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of this lower-case name.

    >>> header({"headers": [(b"origin", b"https://a.example")]}, b"origin")
    'https://a.example'
    """
    for found, said in scope["headers"]:
        if found == name:
            text: str = said.decode("latin-1")
            return text
    return None
