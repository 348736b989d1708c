"""Events in: every event of a request gets a named fate, and 200 means that it is on disk."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from living_personas.channels.moments import Moments
from living_personas.channels.posthog import key_in
from living_personas.channels.segment import KINDS
from living_personas.domain.event import Quarantined, Receipt
from living_personas.domain.key import Key
from living_personas.errors import LivingPersonasError, StoreError
from living_personas.http.authentication import authorise, shown_key
from living_personas.http.body import read_body
from living_personas.http.deciding import is_visited_by_robot
from living_personas.http.direct import DirectRoute
from living_personas.http.envelope import Envelope, cut, cut_one
from living_personas.http.form_data import unwrapped
from living_personas.http.loads import MEDIA_READ, TOTALS_SCHEMA, answer_with_totals, is_load, totals
from living_personas.http.problems import ProblemError, documented, problem_of
from living_personas.http.receipts import FATES_SCHEMA, answer_with_receipts
from living_personas.http.service import Service
from living_personas.loop.recording.messages import Protocol, ReadOne
from living_personas.loop.recording.strangers import as_strangers

__all__ = ["event_routes"]

_ERRORS = documented(400, 401, 403, 413, 429, 503)
_MESSAGE = {"type": "object", "description": "One call of the client's library, as it sends it."}
_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What became of each event; what is stored is on disk.",
        "content": {"application/json": {"schema": FATES_SCHEMA}},
    },
    **_ERRORS,
}
_BATCHES = ("/v1/b", "/v1/import", "/v1/import/", "/beacon/v1/batch")
"""Where Segment's browser and mobile clients, those for Ruby and Java, and RudderStack's beacons send batches."""


def event_routes(service: Service, routes: APIRouter) -> None:
    """Add the routes that record events."""

    async def batch(request: Request) -> bytes:
        """Record a batch of Segment's or RudderStack's calls or, with `source`, a whole file of rows."""
        if is_load(request):
            return await _load(service, request)
        return await _record(service, request, "segment", single=False)

    async def calls(request: Request) -> bytes:
        """Record a batch of Segment's or RudderStack's calls, where their other clients send it."""
        return await _record(service, request, "segment", single=False)

    async def captured(request: Request) -> bytes:
        """Record events of PostHog's clients: one, a list, or a batch."""
        return await _record(service, request, "posthog", single=False)

    many = {"type": "object", "required": ["batch"], "properties": {"batch": {"type": "array", "items": _MESSAGE}}}
    routes.add_api_route("/v1/batch", batch, methods=["POST"], **_with_files(_described("batch", many)))
    for path in _BATCHES:
        routes.add_api_route(path, calls, methods=["POST"], **_described(_named("batch", path), many))
    for kind in KINDS:
        one = _one_kind(service, kind)
        for path, name in ((f"/v1/{kind}", kind), (f"/v1/{kind[0]}", f"{kind}_by_letter")):
            routes.add_api_route(path, one, methods=["POST"], **_described(name, _MESSAGE))
    for path in ("/batch/", "/batch", "/capture/", "/capture", "/e/", "/i/v0/e/"):
        routes.add_api_route(path, captured, methods=["POST"], **_described(_named("captured", path), _MESSAGE))


def _named(name: str, path: str) -> str:
    return f"{name}{path.replace('/', '_')}"


def _one_kind(service: Service, kind: str) -> Any:
    async def one(request: Request) -> bytes:
        return await _record(service, request, "segment", single=True, kind=kind)

    one.__doc__ = f"Record one {kind!r} call."
    return one


def _described(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    content = {media: {"schema": schema} for media in ("application/json", "text/plain")}
    return {
        "operation_id": name,
        "response_class": Response,
        "route_class_override": DirectRoute,
        "tags": ["events"],
        "responses": _ANSWERS,
        "openapi_extra": {"requestBody": {"required": True, "content": content}},
    }


def _with_files(described: dict[str, Any]) -> dict[str, Any]:
    """The same route, which takes whole files, too."""
    extra = described["openapi_extra"]
    files = {media: {"schema": {"type": "string", "format": "binary"}} for media in MEDIA_READ}
    source = {
        "name": "source",
        "in": "query",
        "description": "The source of workspace.yaml that says what the columns of a file mean.",
        "schema": {"type": "string"},
    }
    fates = {"anyOf": [FATES_SCHEMA, TOTALS_SCHEMA]}
    answered = {**_ANSWERS[200], "content": {"application/json": {"schema": fates}}}
    body = {**extra["requestBody"], "content": {**extra["requestBody"]["content"], **files}}
    return {
        **described,
        "responses": {**_ANSWERS, 200: answered, **documented(404, 415)},
        "openapi_extra": {"requestBody": body, "parameters": [source]},
    }


async def _load(service: Service, request: Request) -> bytes:
    try:
        service.writer.check()
        key = authorise(service, request, "write")
        if key.kind == "publishable":
            raise ProblemError(
                403,
                "A publishable key cannot bring files.",
                hint="use a secret key, from a server: what it says counts.",
            )
        receipt = await _loaded(service, request, key)
    except (ProblemError, LivingPersonasError) as error:
        service.metrics.count({"refused": 1})
        raise problem_of(error) if isinstance(error, LivingPersonasError) else error from error
    service.metrics.count(totals(receipt))
    return answer_with_totals(receipt)


async def _loaded(service: Service, request: Request, key: Key) -> Receipt:
    def spend(size: int) -> None:
        service.budget.spend(key, size, now=service.clock())

    try:
        return await service.loads.record(request, spend)
    except StoreError as error:
        service.writer.note_failure(error)
        raise


async def _record(service: Service, request: Request, protocol: Protocol, *, single: bool, kind: str = "") -> bytes:
    envelope: Envelope | None = None
    try:
        service.writer.check()
        shown = shown_key(service, request, "write")
        body = await read_body(request)
        async with service.turns.turn(len(body)):
            service.writer.check()  # as others were read meanwhile, there may be no room any more
            envelope = _cut(body, protocol, single=single)
            inside = envelope.key or _key_of(envelope, protocol) or request.query_params.get("writeKey", "")
            key = shown or authorise(service, request, "write", in_body=inside)
            service.budget.spend(key, len(body), now=service.clock())
            read = list(map(_reader(service, envelope, protocol, key, kind), envelope.events))
        if is_visited_by_robot(service, request, key, what="event", count=len(read)):
            await service.writer.ignore(len(read))
            return answer_with_receipts(service, read, None)
        rows = [each for each in read if isinstance(each, Quarantined)]
        events = [event for each in read if not isinstance(each, Quarantined) for event in each]
        mend = partial(as_strangers, received=service.clock()) if key.kind == "publishable" else None
        if mend and any(event.exposures for event in events):
            await service.given.write(service.writer)
        written = await service.writer.write(events, rows, size=len(body), mend=mend)
    except (ProblemError, LivingPersonasError) as error:
        service.metrics.count({"refused": len(envelope.events) if envelope else 1})
        raise problem_of(error) if isinstance(error, LivingPersonasError) else error from error
    return answer_with_receipts(service, read, written)


def _cut(body: bytes, protocol: Protocol, *, single: bool) -> Envelope:
    if single:
        return cut_one(body)
    if protocol == "posthog":
        body = unwrapped(body)
    is_batch = protocol == "segment" or body.lstrip()[:1] == b"[" or b'"batch"' in body
    return cut(body) if is_batch else cut_one(body)


def _key_of(envelope: Envelope, protocol: Protocol) -> str:
    """PostHog's browser client puts the key into each event."""
    if protocol != "posthog" or not envelope.events:
        return ""
    try:
        first = msgspec.json.decode(envelope.events[0])
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return ""
    return key_in(first) if isinstance(first, dict) else ""


def _reader(service: Service, envelope: Envelope, protocol: Protocol, key: Key, kind: str) -> ReadOne:
    return ReadOne(
        protocol=protocol,
        moments=Moments.of(service.clock(), sent=envelope.sent),
        secret=service.secret,
        trusted=key.kind != "publishable",
        identity=service.identity,
        zone=service.context.zone,
        intake=service.view.intake,
        kind=kind,
        context=envelope.context,
    )
