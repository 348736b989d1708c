"""OFREP, the OpenFeature Remote Evaluation Protocol: attributes are flags, and options their values."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import msgspec
from fastapi import APIRouter, Request, Response

from living_personas.domain.decision import UNMATCHED, Choice
from living_personas.errors import InvalidDecisionError, LivingPersonasError, did_you_mean
from living_personas.http.body import read_body
from living_personas.http.decide import is_same
from living_personas.http.deciding import (
    LONGEST_NAME,
    Asked,
    Found,
    count,
    decided,
    delivery_words,
    published,
    says_no,
    token_of,
)
from living_personas.http.door import let_in
from living_personas.http.ofrep_schema import described_all, described_one
from living_personas.http.problems import problem_of
from living_personas.http.service import Service

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
        let_in(service, request, "decide")
        try:
            asked = _asked(await read_body(request), no=says_no(request))
            return _json(await _one(service, key, asked))
        except _RefusedError as error:
            return _json({"key": key, **error.said}, error.status)
        except InvalidDecisionError as error:
            return _json({"key": key, **_invalid(error)}, 400)
        except LivingPersonasError as error:
            raise problem_of(error) from error

    async def every(request: Request) -> Response:
        """Evaluate all flags of a customer; with the ETag of an earlier answer, 304 if nothing has changed."""
        let_in(service, request, "decide")
        try:
            asked = _asked(await read_body(request), no=says_no(request))
            return await _every(service, request, asked)
        except _RefusedError as error:
            return _json(error.said, error.status)
        except LivingPersonasError as error:
            raise problem_of(error) from error

    routes.add_api_route("/ofrep/v1/evaluate/flags/{key}", one, methods=["POST"], **described_one())
    routes.add_api_route("/ofrep/v1/evaluate/flags", every, methods=["POST"], **described_all())


async def _one(service: Service, key: str, asked: Asked) -> dict[str, Any]:
    flags = published(service).flags
    if key not in flags and key != PERSONA_FLAG:
        hint = did_you_mean(key, {*flags, PERSONA_FLAG}, kind="flag")
        raise _RefusedError(404, "FLAG_NOT_FOUND", f"There is no flag {key!r}: {hint}")
    found = decided(service, asked, only=(key,))
    service.metrics.decided("ofrep")
    if key == PERSONA_FLAG:
        return _persona(found)
    if not found.decision.choices:  # the flag exists, and this customer's persona has no say in it
        return {"key": key, "reason": "DEFAULT", "variant": "default", "metadata": _about(found)}
    await count(service, found, only=(key,))
    return _flag(service, found, found.decision.choices[0])


async def _every(service: Service, request: Request, asked: Asked) -> Response:
    decisions, failed = _all_decisions(service, asked)
    etag = _etag(decisions, failed)
    if is_same(request, etag):
        return Response(status_code=304, headers={"ETag": etag})
    flags = [_persona(decisions[0])] if decisions else []
    for found in decisions:
        choices = found.decision.choices
        await count(service, found, only=(choices[0].attribute,) if len(decisions) > 1 and choices else None)
        flags += [_flag(service, found, choice) for choice in choices]
    service.metrics.decided("ofrep")
    return _json({"flags": [*flags, *failed]}, headers={"ETag": etag})


def _all_decisions(service: Service, asked: Asked) -> tuple[list[Found], list[dict[str, Any]]]:
    """One decision; where an occasion is missing one for each flag, and what those say that cannot be made."""
    try:
        return [decided(service, asked)], []
    except InvalidDecisionError:
        decisions, failed = [decided(service, asked, only=())], []
        for key in sorted(published(service).flags):
            try:
                found = decided(service, asked, only=(key,))
            except InvalidDecisionError as error:
                failed.append({"key": key, **_invalid(error)})
            else:
                decisions += [found] if found.decision.choices else []
        return decisions, failed


def _flag(service: Service, found: Found, choice: Choice) -> dict[str, Any]:
    return {
        "key": choice.attribute,
        "value": choice.option,
        "variant": choice.option,
        "reason": "SPLIT" if choice.propensity < 1 else "TARGETING_MATCH",
        "metadata": {
            **_about(found),
            "propensity": choice.propensity,
            "decision_id": found.decision.id,
            "token": token_of(service, found.decision, only=(choice.attribute,)),
        },
    }


def _persona(found: Found) -> dict[str, Any]:
    decision = found.decision
    return {
        "key": PERSONA_FLAG,
        "value": decision.persona,
        "variant": decision.persona,
        "reason": "DEFAULT" if decision.persona == UNMATCHED else "TARGETING_MATCH",
        "metadata": _about(found),
    }


def _about(found: Found) -> dict[str, str | int | bool]:
    decision = found.decision
    return {
        "persona": decision.persona,
        "persona_version": decision.persona_version,
        "holdout": decision.holdout,
        "snapshot": decision.snapshot,
        **delivery_words(found.delivery),
    }


def _asked(body: bytes, *, no: bool) -> Asked:
    try:
        said = msgspec.json.decode(body)
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        raise _RefusedError(400, "PARSE_ERROR", f"The body is not JSON: {error}.") from error
    context = said.get("context") if isinstance(said, dict) else None
    if context is None and isinstance(said, dict):
        context = {}
    if not isinstance(context, dict):
        raise _RefusedError(400, "INVALID_CONTEXT", "'context' must be an object.")
    if context.get("targetingKey") in (None, ""):
        raise _RefusedError(400, "TARGETING_KEY_MISSING", "Put the customer's id into context.targetingKey.")
    traits = {
        name: found
        for name, found in context.items()
        if name not in ("targetingKey", *_OCCASION) and isinstance(found, str | int | float | bool)
    }
    occasion = {name: _name(context, name) for name in _OCCASION}
    return Asked(customer=_name(context, "targetingKey"), traits=traits, no=no, **occasion)


def _name(context: Mapping[str, object], field: str) -> str:
    found = context.get(field, "")
    if not isinstance(found, str) or len(found) > LONGEST_NAME or "\0" in found:
        raise _RefusedError(
            400, "INVALID_CONTEXT", f"context.{field} must be text of at most {LONGEST_NAME} characters."
        )
    return found


def _invalid(error: InvalidDecisionError) -> dict[str, str]:
    return {"errorCode": "INVALID_CONTEXT", "errorDetails": f"{error.message} {error.hint}"}


def _etag(decisions: list[Found], failed: list[dict[str, Any]]) -> str:
    """The same as long as the choices are; tokens expire after a week, so no answer may be kept for longer."""
    said = [
        (
            d.persona,
            d.persona_version,
            d.holdout,
            d.time.toordinal() // 3,
            [(c.policy, c.epoch, c.option) for c in d.choices],
            found.delivery.reason,
        )
        for found in decisions
        for d in [found.decision]
    ]
    return f'"{blake2b(_encode([said, failed]), digest_size=16).hexdigest()}"'


def _json(body: dict[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(_encode(body), status, media_type="application/json", headers=dict(headers or {}))
