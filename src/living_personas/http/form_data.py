"""JSON inside a form, as PostHog's browser client sends it where a page may ask no other site for permission first."""

from __future__ import annotations

import binascii
from base64 import b64decode
from urllib.parse import unquote_to_bytes

__all__ = ["unwrapped"]

_FIELD = b"data="


def unwrapped(body: bytes) -> bytes:
    """The JSON in the field ``data`` of a form, plain or in base64; any other body as it is.

    >>> unwrapped(b"data=eyJhIjogMX0%3D"), unwrapped(b"data=%7B%22a%22%3A1%7D"), unwrapped(b'{"a": 1}')
    (b'{"a": 1}', b'{"a":1}', b'{"a": 1}')
    """
    if not body.startswith(_FIELD):
        return body
    field = body[len(_FIELD) :].partition(b"&")[0]
    said = unquote_to_bytes(field.replace(b"+", b" "))
    if said[:1] in (b"{", b"["):
        return said
    try:
        return b64decode(unquote_to_bytes(field), validate=True)
    except binascii.Error:
        return body
