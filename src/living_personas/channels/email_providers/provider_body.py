"""A body as it came in: bounded, decoded, and taken apart into objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import NoReturn
from urllib.parse import parse_qsl

from living_personas.errors import WebhookError

__all__ = ["DEEPEST", "LARGEST", "header", "read_form", "read_json", "read_objects", "said_object"]

LARGEST = 1 << 20
"""Bytes of a body; the same limit as for events over HTTP."""
DEEPEST = 32
"""Levels of nesting."""
_MOST_FIELDS = 1_000


def header(headers: Mapping[str, str], name: str) -> str:
    """A header, whatever the case of its name; empty if it is not there."""
    wanted = name.lower()
    return next((text for key, text in headers.items() if key.lower() == wanted), "")


def read_json(body: bytes) -> object:
    """The JSON that a body is.

    Raises
    ------
    WebhookError
        If it is too large, not UTF-8, not JSON, or nested too deeply.
    """
    try:
        found: object = json.loads(_decoded(body), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise WebhookError(
            f"The body is no JSON: {str(error)[:100]!r}.", hint="send what the provider sends, byte by byte."
        ) from error
    if _deeper(found):
        raise WebhookError(
            f"The body is nested deeper than {DEEPEST} levels.", hint="send what the provider sends, byte by byte."
        )
    return found


def read_objects(body: bytes) -> tuple[object, ...]:
    """The items of a JSON array, or the one object that a body is."""
    found = read_json(body)
    if isinstance(found, list):
        return tuple(found)
    return (said_object(found),)


def said_object(found: object) -> Mapping[str, object]:
    """An object, where one is meant."""
    if isinstance(found, dict):
        return found
    raise WebhookError(
        f"The body is a JSON {type(found).__name__}, where an object is meant.",
        hint="is the webhook that of this provider's events?",
    )


def read_form(body: bytes) -> dict[str, str]:
    """The fields of a form; of a field that comes twice, the first counts."""
    try:
        pairs = parse_qsl(_decoded(body), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise WebhookError(
            f"The body is no form: {str(error)[:100]!r}.", hint="send what the provider sends, byte by byte."
        ) from error
    return dict(reversed(pairs))


def _decoded(body: bytes) -> str:
    if len(body) > LARGEST:
        raise WebhookError(f"The body has {len(body)} bytes.", hint=f"send at most {LARGEST} bytes at a time.")
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise WebhookError(
            f"The body is not UTF-8 at byte {error.start}.", hint="unpack it before it is read."
        ) from error


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _deeper(found: object) -> bool:
    """Whether a value is nested too deeply, looked at level by level."""
    level = [found]
    for _ in range(DEEPEST):
        level = [below for item in level for below in _below(item)]
    return any(isinstance(item, list | dict) for item in level)


def _below(item: object) -> list[object]:
    if isinstance(item, dict):
        return list(item.values())
    return item if isinstance(item, list) else []
