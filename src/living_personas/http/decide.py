"""``/v1/decide`` and ``/v1/snapshot``: all attributes of a customer at once, or everything to decide locally."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response

from living_personas.domain.key import Key
from living_personas.errors import LivingPersonasError
from living_personas.http.authentication import authorise, shown_key
from living_personas.http.body import read_body
from living_personas.http.deciding import LONGEST_NAME, NoKeys, count, desk, note_given, question_of, token_of
from living_personas.http.direct import DirectRoute
from living_personas.http.problems import ProblemError, documented, problem_of
from living_personas.http.service import Service
from living_personas.serving.question import asked_customer

__all__ = ["decision_routes", "is_same"]

_Name = Annotated[str, msgspec.Meta(max_length=LONGEST_NAME, pattern="^[^\\x00]*$")]
_Id = Annotated[str, msgspec.Meta(min_length=1, pattern="^[^\\x00]+$")] | int | float


class _Question(msgspec.Struct, forbid_unknown_fields=True):
    """Whom to decide for; every attribute unless one, or some, are named.

    With ``count``, choices of attributes that have an option which shows nothing count now, and not when they are met.
    ``user_hash`` proves that a browser speaks for the customer: the HMAC that the site's server made of its id.
    """

    customer: _Id
    channel: _Name | None = ""
    visit: _Name | None = ""
    campaign: _Name | None = ""
    traits: dict[str, str | int | float | bool | None] | NoKeys | None = None
    attribute: _Name = ""
    attributes: list[_Name] | None = None
    count: bool = False
    user_hash: str = ""
    writeKey: str = ""  # noqa: N815 - the protocol's word, for browsers that cannot set headers


class _Chosen(msgspec.Struct):
    option: str
    propensity: float
    policy: str
    epoch: str


class _Decided(msgspec.Struct):
    id: str
    customer: str
    channel: str
    persona: str
    persona_version: int
    holdout: bool
    snapshot: int
    token: str
    deliver: bool
    held_for: str
    hold_until: str | None
    attributes: dict[str, _Chosen]
    undecided: dict[str, str]


_read = msgspec.json.Decoder(_Question).decode
_write = msgspec.json.Encoder().encode
_, _COMPONENTS = msgspec.json.schema_components((_Question, _Decided), ref_template="#/components/schemas/{name}")


def decision_routes(service: Service, routes: APIRouter) -> None:
    """Add the routes that decide."""

    async def decide(request: Request) -> bytes:
        """Choose every attribute of a customer that has a say on a channel."""
        shown = shown_key(service, request, "decide")
        question = _question(await read_body(request))
        key = shown or authorise(service, request, "decide", in_body=question.writeKey)
        try:
            return await _decide(service, request, key, question)
        except LivingPersonasError as error:
            raise problem_of(error) from error

    async def snapshot(request: Request) -> Response:
        """Everything that is needed to decide elsewhere exactly as here."""
        authorise(service, request, "snapshot")
        found = desk(service).published
        headers = {"ETag": found.etag, "Cache-Control": "private, no-cache"}
        if is_same(request, found.etag):
            return Response(status_code=304, headers=headers)
        return Response(found.document, media_type="application/json", headers=headers)

    routes.add_api_route(
        "/v1/decide", decide, methods=["POST"], route_class_override=DirectRoute, **_described_decide()
    )
    routes.add_api_route("/v1/snapshot", snapshot, methods=["GET"], **_described_snapshot())


def is_same(request: Request, etag: str) -> bool:
    """Whether the client has this answer already."""
    said = request.headers.get("if-none-match", "")
    return etag in {each.strip().removeprefix("W/") for each in said.split(",")}


def _question(body: bytes) -> _Question:
    try:
        return _read(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        hint = 'send {"customer": "u1", "channel": "email", "traits": {"plan": "free"}} as JSON.'
        raise ProblemError(400, f"The question cannot be read: {error}.", hint=hint) from error


def _only(question: _Question) -> frozenset[str] | None:
    """The attributes that were named; None for all of them."""
    if not question.attribute and question.attributes is None:
        return None
    return frozenset([*(question.attributes or ()), *filter(None, [question.attribute])])


async def _decide(service: Service, request: Request, key: Key, question: _Question) -> bytes:
    only = _only(question)
    answer = desk(service).answer(
        question_of(
            service,
            request,
            key,
            question.customer,
            traits=question.traits if isinstance(question.traits, dict) else {},
            only=only,
            channel=question.channel or "",
            visit=question.visit or "",
            campaign=question.campaign or "",
            proof=question.user_hash,
        )
    )
    note_given(service, answer)
    if question.count:
        await count(service, answer, only=only)
    service.metrics.decided("decide")
    decision, delivery = answer.decision, answer.delivery
    return _write(
        _Decided(
            decision.id,
            decision.customer
            if answer.standing != "known"
            else asked_customer(question.customer, service.context.settings),
            decision.channel,
            decision.persona,
            decision.persona_version,
            decision.holdout,
            decision.snapshot,
            token_of(service, answer, only=only, counted=question.count),
            delivery.deliver,
            delivery.reason,
            delivery.hold_until.isoformat() if delivery.hold_until else None,
            {c.attribute: _Chosen(c.option, c.propensity, c.policy, c.epoch) for c in decision.choices},
            dict(decision.undecided),
        )
    )


def _described_decide() -> dict[str, Any]:
    question = _COMPONENTS["_Question"]
    answer = {**_COMPONENTS["_Decided"]}
    answer["properties"] = {
        **answer["properties"],
        "attributes": {"type": "object", "additionalProperties": _COMPONENTS["_Chosen"]},
    }
    return {
        "operation_id": "decide",
        "response_class": Response,
        "tags": ["decisions"],
        "responses": {
            200: {"description": "What was decided.", "content": {"application/json": {"schema": answer}}},
            **documented(400, 401, 403, 404, 413, 429, 503),
        },
        "openapi_extra": {
            "requestBody": {
                "required": True,
                "content": {media: {"schema": question} for media in ("application/json", "text/plain")},
            },
        },
    }


def _described_snapshot() -> dict[str, Any]:
    tag = {"ETag": {"schema": {"type": "string"}}}
    return {
        "operation_id": "snapshot",
        "response_class": Response,
        "tags": ["decisions"],
        "responses": {
            200: {
                "description": "The newest snapshot.",
                "headers": tag,
                "content": {"application/json": {"schema": {"type": "object", "required": ["number", "personas"]}}},
            },
            304: {"description": "It has not changed.", "headers": tag},
            **documented(401, 403, 503),
        },
    }
