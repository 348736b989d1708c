"""What came in one request, cut into events without yet reading them: one bad event must not spoil the others."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from living_personas.domain.value import value
from living_personas.http.problems import ProblemError

__all__ = ["Envelope", "cut", "cut_one"]

MOST_EVENTS = 10_000
"""Events in one request."""
_LONGEST_NUMBER = 1_000
"""Digits; Python refuses more than 4,300, and with them the whole text."""


@value
class Envelope:
    """The texts of the events, and what stood around them."""

    events: tuple[bytes, ...]
    key: str
    sent: object
    context: object = None


class _Around(msgspec.Struct, kw_only=True):
    """What stands around events, by the names that each protocol gives it."""

    sent: Any = msgspec.field(name="sentAt", default=None)
    posthog_sent: Any = msgspec.field(name="sent_at", default=None)
    key: Any = msgspec.field(name="writeKey", default=None)
    posthog_key: Any = msgspec.field(name="api_key", default=None)
    token: Any = None
    context: Any = None


class _Batch(_Around, kw_only=True):
    batch: list[msgspec.Raw]


def cut(body: bytes) -> Envelope:
    """The events of a batch, or of a bare list.

    Raises
    ------
    ProblemError
        400 if there is no batch in it, 413 if there are too many events.
    """
    bare = body.lstrip()[:1] == b"["
    try:
        found = _Batch(batch=_list(body)) if bare else _decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        found = _slowly(body)
    if len(found.batch) > MOST_EVENTS:
        raise ProblemError(413, f"There are {len(found.batch)} events in it.", hint=f"send at most {MOST_EVENTS}.")
    return Envelope(
        events=tuple(map(bytes, found.batch)),
        key=_key(found),
        sent=_sent(found),
        context=found.context,
    )


def cut_one(body: bytes) -> Envelope:
    """A body that is one event, which carries what else would stand around it."""
    try:
        found = msgspec.json.decode(body, type=_Around)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        around = _read(body)
        found = _around(around if isinstance(around, dict) else {})
    return Envelope(events=(body,), key=_key(found), sent=_sent(found))


def _key(found: _Around) -> str:
    named = (found.key, found.posthog_key, found.token)
    return next((key for key in named if isinstance(key, str) and key), "")


def _sent(found: _Around) -> object:
    return found.sent if found.sent is not None else found.posthog_sent


def _around(said: dict[str, Any]) -> _Around:
    names = {field.name: field.encode_name for field in msgspec.structs.fields(_Around)}
    return _Around(**{name: said.get(written) for name, written in names.items()})


_decode = msgspec.json.Decoder(_Batch).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


def _slowly(body: bytes) -> _Batch:
    """The same for bodies that are not quite JSON: clients write NaN, and half surrogate pairs."""
    found = _read(body)
    around = found if isinstance(found, dict) else {"batch": found}
    found_around = _around(around)
    batch = around.get("batch")
    if not isinstance(batch, list):
        raise ProblemError(400, "There is no list of events in the body.", hint='send {"batch": [...]} as JSON.')
    try:
        texts = [msgspec.Raw(_written(event).encode()) for event in batch]
    except RecursionError as error:
        raise ProblemError(400, "The body is nested too deeply.", hint="send events of at most 32 levels.") from error
    return _Batch(batch=texts, **{name: getattr(found_around, name) for name in _Around.__struct_fields__})


def _read(body: bytes) -> Any:
    try:
        text = body.decode("utf-8-sig", "surrogateescape")
        return json.loads(text, object_pairs_hook=_Pairs.of, parse_int=_digits)
    except (ValueError, RecursionError) as error:
        raise ProblemError(400, "The body is not JSON.", hint="send JSON, plain or gzipped.") from error


@value
class _Digits:
    """A whole number of more digits than Python reads, as it was written."""

    text: str


def _digits(text: str) -> int | _Digits:
    return int(text) if len(text) <= _LONGEST_NUMBER else _Digits(text=text)


class _Pairs(dict[str, Any]):
    """An object that remembers its keys as they were written, twins among them."""

    pairs: list[tuple[str, Any]]

    @classmethod
    def of(cls, pairs: list[tuple[str, Any]]) -> _Pairs:
        found = cls(pairs)
        found.pairs = pairs
        return found


def _written(found: object) -> str:
    """A value written again as it was, so that each event is read, and judged, alone."""
    if isinstance(found, _Pairs):
        return "{" + ",".join(f"{json.dumps(key)}:{_written(item)}" for key, item in found.pairs) + "}"
    if isinstance(found, list):
        return "[" + ",".join(map(_written, found)) + "]"
    if isinstance(found, _Digits):
        return found.text
    return json.dumps(found)
