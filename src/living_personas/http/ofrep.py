"""OFREP, the OpenFeature Remote Evaluation Protocol: attributes are flags, and options their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from living_personas.channels.user_hash import USER_HASH
from living_personas.domain.decision import UNMATCHED, Choice
from living_personas.domain.key import Key
from living_personas.errors import BadValueError, InvalidDecisionError, LivingPersonasError, did_you_mean
from living_personas.http.authentication import authorise
from living_personas.http.body import read_body
from living_personas.http.decide import is_same
from living_personas.http.deciding import LONGEST_NAME, desk, note_given, question_of, token_of
from living_personas.http.event_streams import caught_up, streams_for
from living_personas.http.ofrep_schema import described_all, described_one
from living_personas.http.problems import problem_of
from living_personas.http.service import Service
from living_personas.reporting.labels import Labels
from living_personas.serving.delivery_words import delivery_words
from living_personas.serving.question import Answer, Question

__all__ = ["PERSONA_FLAG", "ofrep_routes"]

PERSONA_FLAG = "persona"
"""The flag whose value is the customer's persona."""

_OCCASION = ("channel", "visit", "campaign")
_encode = msgspec.json.Encoder().encode


class _RefusedError(Exception):
    """An evaluation that fails in the protocol's own words."""

    def __init__(self, status: int, code: str, details: str) -> None:
        super().__init__(details)
        self.status = status
        self.said = {"errorCode": code, "errorDetails": details}


def ofrep_routes(service: Service, routes: APIRouter) -> None:
    """Add the two routes of the protocol."""

    async def one(key: str, request: Request) -> Response:
        """Evaluate one flag."""
        shown = authorise(service, request, "decide")
        try:
            return _one(service, key, _question(service, request, shown, await read_body(request)))
        except _RefusedError as error:
            return _json({"key": key, **error.said}, error.status)
        except LivingPersonasError as error:
            raise problem_of(error) from error

    async def every(request: Request) -> Response:
        """Evaluate all flags of a customer; with the ETag of an earlier answer, 304 if nothing has changed."""
        shown = authorise(service, request, "decide")
        try:
            body = await read_body(request)
            await caught_up(service, request.query_params.get("flagConfigEtag", ""))
            return _every(service, request, shown, _question(service, request, shown, body))
        except _RefusedError as error:
            return _json(error.said, error.status)
        except LivingPersonasError as error:
            raise problem_of(error) from error

    routes.add_api_route("/ofrep/v1/evaluate/flags/{key}", one, methods=["POST"], **described_one())
    routes.add_api_route("/ofrep/v1/evaluate/flags", every, methods=["POST"], **described_all())


def _one(service: Service, key: str, question: Question) -> Response:
    flags = desk(service).published.attributes
    if key not in flags and key != PERSONA_FLAG:
        hint = did_you_mean(key, {*flags, PERSONA_FLAG}, kind="flag")
        raise _RefusedError(404, "FLAG_NOT_FOUND", f"There is no flag {key!r}: {hint}")
    answer = desk(service).answer(replace(question, only=() if key == PERSONA_FLAG else (key,)))
    note_given(service, answer)
    service.metrics.decided("ofrep")
    if key == PERSONA_FLAG:
        return _json(_persona(answer))
    if key in answer.decision.undecided:
        return _json(_undecided(answer, key), 400)
    if not answer.decision.choices:  # the flag exists, and this customer's persona has no say in it
        return _json({"key": key, "reason": "DEFAULT", "variant": "default", "metadata": _about(answer)})
    return _json(_flag(service, answer, answer.decision.choices[0]))


def _every(service: Service, request: Request, key: Key, question: Question) -> Response:
    answer = desk(service).answer(question)
    note_given(service, answer)
    service.metrics.decided("ofrep")
    etag = _etag(answer, service.view.labels)
    if is_same(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    flags = [_flag(service, answer, choice) for choice in answer.decision.choices]
    failed = [_undecided(answer, key) for key in answer.decision.undecided]
    said = {"flags": [_persona(answer), *flags, *failed], "eventStreams": streams_for(service, key)}
    return _json(said, headers={"ETag": etag})


def _flag(service: Service, answer: Answer, choice: Choice) -> dict[str, Any]:
    label = service.view.labels.label(answer.decision.persona, choice.attribute, choice.option)
    return {
        "key": choice.attribute,
        "value": choice.option,
        "variant": choice.option,
        "reason": "SPLIT" if choice.propensity < 1 else "TARGETING_MATCH",
        "metadata": {
            **_about(answer),
            "propensity": choice.propensity,
            "decision_id": answer.decision.id,
            "token": token_of(service, answer, only=(choice.attribute,)),
            **({"label": label} if label else {}),
        },
    }


def _persona(answer: Answer) -> dict[str, Any]:
    decision = answer.decision
    return {
        "key": PERSONA_FLAG,
        "value": decision.persona,
        "variant": decision.persona,
        "reason": "DEFAULT" if decision.persona == UNMATCHED else "TARGETING_MATCH",
        "metadata": _about(answer),
    }


def _undecided(answer: Answer, key: str) -> dict[str, str]:
    return {"key": key, "errorCode": "INVALID_CONTEXT", "errorDetails": answer.decision.undecided[key]}


def _about(answer: Answer) -> dict[str, str | int | bool]:
    decision = answer.decision
    return {
        "persona": decision.persona,
        "persona_version": decision.persona_version,
        "holdout": decision.holdout,
        "snapshot": decision.snapshot,
        **delivery_words(answer.delivery),
    }


def _question(service: Service, request: Request, key: Key, body: bytes) -> Question:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise _RefusedError(400, "PARSE_ERROR", f"The body is not JSON: {error}.") from error
    context = said.get("context") if isinstance(said, dict) else None
    if (context is None or context == []) and isinstance(said, dict):
        context = {}
    if not isinstance(context, dict):
        raise _RefusedError(400, "INVALID_CONTEXT", "'context' must be an object.")
    traits = {
        name: found
        for name, found in context.items()
        if name not in ("targetingKey", USER_HASH, *_OCCASION) and isinstance(found, str | int | float | bool)
    }
    occasion = {name: _name(context, name) for name in _OCCASION}
    try:
        whom, proof = context.get("targetingKey"), context.get(USER_HASH)
        return question_of(service, request, key, whom, traits=traits, proof=proof, **occasion)
    except InvalidDecisionError as error:
        missing = isinstance(error.__cause__, BadValueError) and error.__cause__.reason == "missing customer"
        code = "TARGETING_KEY_MISSING" if missing else "INVALID_CONTEXT"
        raise _RefusedError(400, code, f"context.targetingKey: {error.message}") from error


def _name(context: Mapping[str, object], field: str) -> str:
    found = context.get(field, "")
    if not isinstance(found, str) or len(found) > LONGEST_NAME or "\0" in found:
        raise _RefusedError(
            400, "INVALID_CONTEXT", f"context.{field} must be text of at most {LONGEST_NAME} characters."
        )
    return found


def _etag(answer: Answer, labels: Labels) -> str:
    """The same as long as choices and their labels are; tokens expire after a week, so no answer may be kept longer."""
    decision = answer.decision
    said = (
        decision.persona,
        decision.persona_version,
        decision.holdout,
        decision.time.toordinal() // 3,
        [
            (each.policy, each.epoch, each.option, labels.label(decision.persona, each.attribute, each.option))
            for each in decision.choices
        ],
        answer.delivery.reason,
        dict(decision.undecided),
    )
    return f'"{blake2b(_encode(said), digest_size=16).hexdigest()}"'


def _json(body: dict[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(_encode(body), status, media_type="application/json", headers=dict(headers or {}))
