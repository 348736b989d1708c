"""PostHog's ``/flags/``: its clients ask for attributes as flags, too."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response

from living_personas.errors import InvalidDecisionError, LivingPersonasError
from living_personas.http.body import read_body
from living_personas.http.deciding import (
    LONGEST_NAME,
    Asked,
    count,
    decided,
    delivery_words,
    published,
    says_no,
    token_of,
)
from living_personas.http.door import let_in
from living_personas.http.problems import ProblemError, documented, problem_of
from living_personas.http.service import Service

__all__ = ["flag_routes"]

_Id = Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_NAME, pattern="^[^\\x00]+$")]


class _Question(msgspec.Struct):
    """What the clients send that matters here."""

    distinct_id: _Id
    api_key: str = ""
    token: str = ""
    person_properties: dict[str, Any] = {}
    flag_keys_to_evaluate: list[str] | None = None


_read = msgspec.json.Decoder(_Question).decode
_ANSWER = {"type": "object", "required": ["flags", "errorsWhileComputingFlags"]}


def flag_routes(service: Service, routes: APIRouter) -> None:
    """Add the route that PostHog's clients know."""

    async def flags(request: Request) -> Response:
        """Decide the attributes of a customer, as flags of PostHog's clients."""
        question = _question(await read_body(request))
        let_in(service, request, "decide", in_body=question.api_key or question.token)
        try:
            found, failed = await _flags(service, question, no=says_no(request))
        except LivingPersonasError as error:
            raise problem_of(error) from error
        service.metrics.decided("posthog")
        answer = {"flags": found, "errorsWhileComputingFlags": failed}
        return Response(msgspec.json.encode(answer), media_type="application/json")

    for path in ("/flags/", "/flags"):
        routes.add_api_route(
            path,
            flags,
            methods=["POST"],
            operation_id="posthog_flags" + "_" * (path == "/flags"),
            response_class=Response,
            tags=["decisions"],
            responses={
                200: {"description": "The flags.", "content": {"application/json": {"schema": _ANSWER}}},
                **documented(400, 401, 403, 413, 429, 503),
            },
            openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": _SCHEMA}}}},
        )


def _question(body: bytes) -> _Question:
    try:
        return _read(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise ProblemError(400, f"The question cannot be read: {error}.", hint="send `distinct_id` in JSON.") from error


async def _flags(service: Service, question: _Question, *, no: bool) -> tuple[dict[str, Any], bool]:
    """The flags by key, and whether one of them lacked a visit or campaign, which these clients cannot give."""
    traits = {
        name: said for name, said in question.person_properties.items() if isinstance(said, str | int | float | bool)
    }
    asked = Asked(customer=question.distinct_id, traits=traits, no=no)
    known = published(service).flags
    wanted = known if question.flag_keys_to_evaluate is None else known & set(question.flag_keys_to_evaluate)
    found: dict[str, Any] = {}
    failed = False
    for key in sorted(wanted):
        try:
            each = decided(service, asked, only=(key,))
        except InvalidDecisionError:
            failed = True
            continue
        await count(service, each, only=(key,))
        decision = each.decision
        for choice in decision.choices:
            payload = {
                "decision_id": decision.id,
                "token": token_of(service, decision, only=(key,)),
                "persona": decision.persona,
                **delivery_words(each.delivery),
            }
            found[key] = {
                "key": key,
                "enabled": True,
                "variant": choice.option,
                "reason": {"code": "condition_match", "description": f"Persona {decision.persona}"},
                "metadata": {"id": 0, "version": decision.persona_version, "payload": json.dumps(payload)},
            }
    return found, failed


_SCHEMA = {
    "type": "object",
    "required": ["distinct_id"],
    "properties": {
        "distinct_id": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
        "api_key": {"type": "string"},
        "token": {"type": "string"},
        "person_properties": {"type": "object"},
        "flag_keys_to_evaluate": {"type": ["array", "null"], "items": {"type": "string"}},
    },
}
