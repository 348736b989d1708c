"""PostHog's ``/flags/``: its clients ask for attributes as flags, too."""

from __future__ import annotations

import json
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Request, Response

from living_personas.channels.user_hash import USER_HASH
from living_personas.domain.customer_id import LONGEST_ID
from living_personas.domain.decision import Choice
from living_personas.domain.key import Key
from living_personas.errors import LivingPersonasError
from living_personas.http.authentication import authorise, shown_key
from living_personas.http.body import read_body
from living_personas.http.deciding import NoKeys, desk, note_given, question_of, token_of
from living_personas.http.form_data import unwrapped
from living_personas.http.problems import ProblemError, documented, problem_of
from living_personas.http.service import Service
from living_personas.serving.delivery_words import delivery_words
from living_personas.serving.question import Answer

__all__ = ["flag_routes"]

_Id = Annotated[str, msgspec.Meta(min_length=1, pattern="^[^\\x00]+$")] | int | float


class _Question(msgspec.Struct):
    """What the clients send that matters here."""

    distinct_id: _Id
    api_key: str | None = None
    token: str | None = None
    person_properties: dict[str, Any] | NoKeys | None = None
    flag_keys_to_evaluate: list[str] | None = None


_read = msgspec.json.Decoder(_Question).decode
_ANSWER = {"type": "object", "required": ["flags", "errorsWhileComputingFlags"]}


def flag_routes(service: Service, routes: APIRouter) -> None:
    """Add the route that PostHog's clients know."""

    async def flags(request: Request) -> Response:
        """Decide the attributes of a customer, as flags of PostHog's clients."""
        shown = shown_key(service, request, "decide")
        question = _question(unwrapped(await read_body(request)))
        in_body = question.api_key or question.token or ""
        key = shown or authorise(service, request, "decide", in_body=in_body)
        try:
            found, failed = _flags(service, request, key, question)
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


def _flags(service: Service, request: Request, key: Key, question: _Question) -> tuple[dict[str, Any], bool]:
    """The flags by key, and whether one of them lacked a visit or campaign, which these clients cannot give."""
    said = question.person_properties if isinstance(question.person_properties, dict) else {}
    traits = {
        name: is_ for name, is_ in said.items() if name != USER_HASH and isinstance(is_, str | int | float | bool)
    }
    known = desk(service).published.attributes
    wanted = None if question.flag_keys_to_evaluate is None else known & set(question.flag_keys_to_evaluate)
    proof = said.get(USER_HASH)
    answer = desk(service).answer(
        question_of(service, request, key, question.distinct_id, traits=traits, only=wanted, proof=proof)
    )
    note_given(service, answer)
    return {choice.attribute: _flag(service, answer, choice) for choice in answer.decision.choices}, bool(
        answer.decision.undecided
    )


def _flag(service: Service, answer: Answer, choice: Choice) -> dict[str, Any]:
    decision = answer.decision
    payload = {
        "decision_id": decision.id,
        "token": token_of(service, answer, only=(choice.attribute,)),
        "persona": decision.persona,
        **delivery_words(answer.delivery),
    }
    return {
        "key": choice.attribute,
        "enabled": True,
        "variant": choice.option,
        "reason": {"code": "condition_match", "description": f"Persona {decision.persona}"},
        "metadata": {"id": 0, "version": decision.persona_version, "payload": json.dumps(payload)},
    }


_SCHEMA = {
    "type": "object",
    "required": ["distinct_id"],
    "properties": {
        "distinct_id": {"type": ["string", "number"], "minLength": 1, "maxLength": LONGEST_ID},
        "api_key": {"type": ["string", "null"]},
        "token": {"type": ["string", "null"]},
        "person_properties": {"type": ["object", "null"]},
        "flag_keys_to_evaluate": {"type": ["array", "null"], "items": {"type": "string"}},
    },
}
