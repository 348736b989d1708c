"""What customers may ask for, through a server that may manage: to be erased, let back, and told what is kept."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from living_personas.domain.customer_id import LONGEST_ID
from living_personas.domain.key import Key
from living_personas.errors import LeaseHeldError, LivingPersonasError
from living_personas.http.authentication import authorise
from living_personas.http.body import read_body
from living_personas.http.problems import ProblemError, documented, problem_of
from living_personas.http.service import Service
from living_personas.loop.context import Context
from living_personas.loop.forgetting import erase, lift
from living_personas.loop.person_data import PersonRow, as_lines, export_person
from living_personas.wiring import owner

__all__ = ["MOST_IDS", "privacy_routes"]

MOST_IDS = 1_000
"""Customers of one request."""

A = TypeVar("A")
_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_ID)] | int
_IDS = {"type": "array", "minItems": 1, "maxItems": MOST_IDS, "items": {"type": ["string", "integer"]}}
_BUSY_SECONDS = "10"


class _Asked(msgspec.Struct, forbid_unknown_fields=True):
    customers: Annotated[list[_Id], msgspec.Meta(min_length=1, max_length=MOST_IDS)]
    lift: bool = False


class _AskedPerson(msgspec.Struct, forbid_unknown_fields=True):
    customer: _Id


_read = msgspec.json.Decoder(_Asked).decode
_read_person = msgspec.json.Decoder(_AskedPerson).decode
_LINES = "application/x-ndjson"


def privacy_routes(service: Service, routes: APIRouter) -> None:
    """Add the routes that erase, and that say what is kept."""
    one = threading.Lock()

    async def erased(request: Request) -> Response:
        """Erase customers, or with `lift` let those back who have signed up again."""
        key = authorise(service, request, "manage")
        asked = _decoded(_read, await read_body(request), hint=_HINT)
        found = await run_in_threadpool(_done, service, one, lambda context: _change(service, context, key, asked))
        return Response(msgspec.json.encode(found), media_type="application/json")

    async def exported(request: Request) -> Response:
        """Write all that is kept of one customer, as JSON lines."""
        key = authorise(service, request, "manage")
        asked, by = _decoded(_read_person, await read_body(request), hint=_HINT_PERSON), key.note or key.id
        lines = await run_in_threadpool(
            _done, service, one, lambda context: "".join(as_lines(_kept(context, asked.customer, by, service.clock())))
        )
        return Response(lines, media_type=_LINES, headers={"Cache-Control": "no-store"})

    routes.add_api_route("/v1/erase", erased, methods=["POST"], **_described())
    routes.add_api_route("/v1/export/person", exported, methods=["POST"], **_described_export())


def _kept(context: Context, asked: str | int, by: str, at: datetime) -> tuple[PersonRow, ...]:
    return export_person(context, asked, by=by, at=at)


def _change(service: Service, context: Context, key: Key, asked: _Asked) -> dict[str, object]:
    ids, by = [str(each) for each in asked.customers], key.note or key.id
    if asked.lift:
        return {"lifted": list(lift(context, ids, now=service.clock(), by=by))}
    done = erase(context, ids, now=service.clock(), by=by, owner=owner())
    return {"erased": done.asked, "ids": done.ids, "rows": dict(done.rows), "unknown": list(done.unknown)}


def _done(service: Service, one: threading.Lock, act: Callable[[Context], A]) -> A:
    try:
        with one:
            return act(service.privacy())
    except LeaseHeldError as error:
        raise ProblemError(
            503, "A worker runs the workspace now.", hint="ask again soon.", headers={"Retry-After": _BUSY_SECONDS}
        ) from error
    except LivingPersonasError as error:
        raise problem_of(error) from error


def _decoded(decode: Callable[[bytes], A], body: bytes, *, hint: str) -> A:
    try:
        return decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(400, f"The body is not what is asked for: {str(error)[:200]}.", hint=hint) from error


_HINT = f'send {{"customers": ["ID", ...]}} as JSON, at most {MOST_IDS:,} at once.'
_HINT_PERSON = 'send {"customer": "ID"} as JSON.'


def _described() -> dict[str, Any]:
    properties = {"customers": _IDS, "lift": {"type": "boolean", "default": False}}
    body = {"type": "object", "required": ["customers"], "properties": properties, "additionalProperties": False}
    answer = {
        "type": "object",
        "properties": {
            "erased": {"type": "integer"},
            "ids": {"type": "integer"},
            "rows": {"type": "object", "additionalProperties": {"type": "integer"}},
            "unknown": {"type": "array", "items": {"type": "string"}},
            "lifted": {"type": "array", "items": {"type": "string"}},
        },
    }
    return {
        "operation_id": "erase",
        "response_class": Response,
        "tags": ["privacy"],
        "responses": {
            200: {"description": "What is gone.", "content": {"application/json": {"schema": answer}}},
            **documented(400, 401, 403, 413, 429, 503),
        },
        "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}},
    }


def _described_export() -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["customer"],
        "properties": {"customer": _IDS["items"]},
        "additionalProperties": False,
    }
    text = {"schema": {"type": "string", "description": "A JSON object a line: `of` says what it is a row of."}}
    return {
        "operation_id": "export_person",
        "response_class": Response,
        "tags": ["privacy"],
        "responses": {
            200: {"description": "All that is kept; nothing if nothing is.", "content": {_LINES: text}},
            **documented(400, 401, 403, 413, 429, 503),
        },
        "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": {"schema": body}}}},
    }
