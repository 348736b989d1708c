"""How OpenAPI describes the routes of OFREP."""

from __future__ import annotations

from typing import Any

from fastapi import Response

from living_personas.http.problems import documented

__all__ = ["described_all", "described_one"]

_SCALAR = {"type": ["string", "number", "boolean"]}
_FLAG: dict[str, Any] = {
    "type": "object",
    "required": ["key", "reason", "variant", "metadata"],
    "properties": {
        "key": {"type": "string"},
        "value": {"type": "string", "description": "Missing where the customer's persona has no say: use the default."},
        "variant": {"type": "string"},
        "reason": {"enum": ["SPLIT", "TARGETING_MATCH", "DEFAULT"]},
        "metadata": {"type": "object", "additionalProperties": _SCALAR},
    },
}
_FAILED: dict[str, Any] = {
    "type": "object",
    "required": ["errorCode"],
    "properties": {
        "key": {"type": "string"},
        "errorCode": {"enum": ["FLAG_NOT_FOUND", "TARGETING_KEY_MISSING", "PARSE_ERROR", "INVALID_CONTEXT"]},
        "errorDetails": {"type": "string"},
    },
}
_STREAM: dict[str, Any] = {
    "type": "object",
    "required": ["type", "endpoint"],
    "properties": {
        "type": {"enum": ["sse"]},
        "endpoint": {
            "type": "object",
            "required": ["requestUri"],
            "properties": {"requestUri": {"type": "string", "pattern": "^/"}},
        },
        "inactivityDelaySec": {"type": "integer", "minimum": 1},
    },
}
_QUESTION: dict[str, Any] = {
    "type": "object",
    "required": ["context"],
    "properties": {
        "context": {
            "type": "object",
            "required": ["targetingKey"],
            "properties": {
                "targetingKey": {"type": ["string", "number"], "minLength": 1, "maxLength": 512},
                "channel": {"type": "string"},
                "visit": {"type": "string"},
                "campaign": {"type": "string"},
            },
            "additionalProperties": True,
        }
    },
}


def described_one() -> dict[str, Any]:
    """One flag."""
    missing = {404: {"description": "There is no such flag", "content": {"application/json": {"schema": _FAILED}}}}
    return _described("evaluate_flag", {200: _answer("The flag.", _FLAG), **missing})


def described_all() -> dict[str, Any]:
    """All flags."""
    flags = {"type": "array", "items": {"anyOf": [_FLAG, _FAILED]}}
    streams = {"type": "array", "items": _STREAM}
    schema = {"type": "object", "required": ["flags"], "properties": {"flags": flags, "eventStreams": streams}}
    tag = {"ETag": {"schema": {"type": "string"}}}
    answers = {
        200: {**_answer("All flags.", schema), "headers": tag},
        304: {"description": "Nothing has changed.", "headers": tag},
    }
    described = _described("evaluate_flags", answers)
    told = {"name": "flagConfigEtag", "in": "query", "required": False, "schema": {"type": "string"}}
    described["openapi_extra"]["parameters"] = [told]
    return described


def _described(name: str, answers: dict[int, dict[str, Any]]) -> dict[str, Any]:
    problems = documented(400, 401, 403, 413, 429, 503)
    problems[400]["content"]["application/json"] = {"schema": _FAILED}
    return {
        "operation_id": name,
        "response_class": Response,
        "tags": ["decisions"],
        "responses": {**answers, **problems},
        "openapi_extra": {"requestBody": {"required": True, "content": {"application/json": {"schema": _QUESTION}}}},
    }


def _answer(says: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": says, "content": {"application/json": {"schema": schema}}}
