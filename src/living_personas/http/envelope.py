"""What came in one request, cut into events without yet reading them: one bad event must not spoil the others."""

from __future__ import annotations

from typing import Any

import msgspec

from living_personas.domain.value import value
from living_personas.http.json_cuts import elements_of, members_of, read_member
from living_personas.http.problems import ProblemError

__all__ = ["Envelope", "cut", "cut_one"]

MOST_EVENTS = 10_000
"""Events in one request."""


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
        found = _slowly(body, bare=bare)
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
        try:
            found = _Around(**_around(members_of(body)))
        except ValueError as error:
            raise _no_json() from error
    return Envelope(events=(body,), key=_key(found), sent=_sent(found))


def _key(found: _Around) -> str:
    named = (found.key, found.posthog_key, found.token)
    return next((key for key in named if isinstance(key, str) and key), "")


def _sent(found: _Around) -> object:
    return found.sent if found.sent is not None else found.posthog_sent


_decode = msgspec.json.Decoder(_Batch).decode
_list = msgspec.json.Decoder(list[msgspec.Raw]).decode


def _slowly(body: bytes, *, bare: bool) -> _Batch:
    """The same for bodies that are not quite JSON: clients write NaN, half surrogate pairs, and nest without end."""
    try:
        members = {} if bare else members_of(body)
        listed = body if bare else members.get("batch", b"")
        if not bare and listed[:1] != b"[":
            raise ProblemError(400, "There is no list of events in the body.", hint='send {"batch": [...]} as JSON.')
        return _Batch(batch=[msgspec.Raw(each) for each in elements_of(listed)], **_around(members))
    except ValueError as error:
        raise _no_json() from error


def _around(members: dict[str, bytes]) -> dict[str, Any]:
    fields = msgspec.structs.fields(_Around)
    return {field.name: read_member(members, field.encode_name) for field in fields}


def _no_json() -> ProblemError:
    return ProblemError(400, "The body is not JSON.", hint="send JSON, plain or gzipped.")
