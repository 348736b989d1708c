"""Every error as Problem Details (RFC 9457): what was wrong, and a hint that can be followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

from living_personas.errors import (
    LivingPersonasError,
    OverloadedError,
    StoreError,
    UnknownNameError,
)

__all__ = ["MEDIA", "PROBLEM_SCHEMA", "ProblemError", "answer_of", "documented", "problem_of"]

MEDIA = "application/problem+json"

PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "hint"],
    "properties": {
        "type": {"type": "string", "description": "A name of the kind of problem, which does not change."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was wrong, with the value."},
        "hint": {"type": "string", "description": "What to do about it."},
    },
}

_KINDS: dict[int, tuple[str, str]] = {
    400: ("bad-request", "The request cannot be understood"),
    401: ("no-key", "A key is needed"),
    403: ("not-allowed", "The key does not open this"),
    404: ("not-found", "There is no such thing"),
    405: ("wrong-method", "This cannot be done here"),
    413: ("too-large", "The request is too large"),
    415: ("not-read", "A body of this kind is not read"),
    429: ("overloaded", "Too much is waiting"),
    500: ("failed", "The service failed"),
    503: ("unavailable", "This cannot be answered now"),
}
_RETRY_SECONDS = "2"


class ProblemError(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, detail: str, *, hint: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.hint = hint
        self.headers = dict(headers or {})


def answer_of(problem: ProblemError) -> Response:
    """The problem as an answer."""
    kind, title = _KINDS.get(problem.status, ("failed", "The request failed"))
    body = {
        "type": f"urn:living-personas:problem:{kind}",
        "title": title,
        "status": problem.status,
        "detail": problem.detail,
        "hint": problem.hint,
    }
    return Response(msgspec.json.encode(body), problem.status, media_type=MEDIA, headers=problem.headers)


def problem_of(error: LivingPersonasError) -> ProblemError:
    """An error of the product, with the status that says whose turn it is."""
    if isinstance(error, OverloadedError):
        return ProblemError(429, error.message, hint=error.hint, headers={"Retry-After": _RETRY_SECONDS})
    if isinstance(error, StoreError):
        # The message may name files of this machine: it belongs into the log, not into an answer.
        detail = "The store did not confirm the write; whether it is there is unknown."
        hint = "send it again with the same message ids: what was stored will not count twice."
        return ProblemError(503, detail, hint=hint, headers={"Retry-After": _RETRY_SECONDS})
    status = 404 if isinstance(error, UnknownNameError) else 400
    return ProblemError(status, error.message, hint=error.hint)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How OpenAPI describes these errors."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {status: {"description": _KINDS[status][1], "content": {MEDIA: {"schema": schema}}} for status in statuses}
