"""Questions that come as requests, and what of their answers is said and recorded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import partial
from typing import Annotated

import msgspec
from starlette.requests import Request

from living_personas.channels.robots import is_robot
from living_personas.channels.user_hash import is_proof
from living_personas.domain.key import Key
from living_personas.domain.stranger import UNVOUCHED, Asker
from living_personas.http.headers import header
from living_personas.http.metrics import Visited
from living_personas.http.problems import ProblemError
from living_personas.http.service import Service
from living_personas.loop.recording.strangers import as_strangers
from living_personas.serving.counting import counted_event, exposure_token
from living_personas.serving.desk import Desk
from living_personas.serving.question import Answer, Question, asked_customer

__all__ = [
    "LONGEST_NAME",
    "NoKeys",
    "count",
    "desk",
    "is_visited_by_robot",
    "note_given",
    "question_of",
    "token_of",
]

NoKeys = Annotated[list[str], msgspec.Meta(max_length=0)]
"""What PHP writes for an object without keys."""

LONGEST_NAME = 512
"""Characters of an id, channel, visit or campaign; the same limit as for events."""


def desk(service: Service) -> Desk:
    """The desk that answers now.

    Raises
    ------
    ProblemError
        503 if nothing was published yet.
    """
    service.watch.held.hear()
    found = service.view.desk
    if found is None:
        raise ProblemError(
            503,
            "Nothing has been published yet.",
            hint="the worker publishes with its first turn, so ask again; without one, run `personas run` once.",
            headers={"Retry-After": "5"},
        )
    return found


def question_of(
    service: Service,
    request: Request,
    key: Key,
    customer: object,
    *,
    traits: Mapping[str, object] | None = None,
    only: Collection[str] | None = None,
    channel: str = "",
    visit: str = "",
    campaign: str = "",
    proof: object = None,
) -> Question:
    """The question that a request asks now; whose browser sends Global Privacy Control asks to be let alone.

    ``proof`` is what a browser sent to prove that it speaks for the customer.
    """
    whom = asked_customer(customer, service.context.settings)
    return Question(
        customer=whom,
        at=service.clock(),
        channel=channel,
        visit=visit,
        campaign=campaign,
        traits=traits,
        only=only,
        refused=header(request.scope, b"sec-gpc") == "1",
        robot=is_visited_by_robot(service, request, key, what="question"),
        asker=_asker(service, key, whom, proof),
    )


def _asker(service: Service, key: Key, customer: str, proof: object) -> Asker:
    if key.kind != "publishable":
        return "server"
    proven = isinstance(proof, str) and is_proof(proof, customer, secrets=service.identity)
    return "verified" if proven else "browser"


def is_visited_by_robot(service: Service, request: Request, key: Key, *, what: Visited, count: int = 1) -> bool:
    """Whether a robot or headless browser shows the key of a page, which is counted; on servers nobody looks."""
    found = key.kind == "publishable" and is_robot(header(request.scope, b"user-agent") or "")
    if found:
        service.metrics.visited_by_robot(what, count)
    return found


def token_of(service: Service, answer: Answer, *, only: Collection[str] | None, counted: bool = False) -> str:
    """What an exposure must bring to count; empty if there is nothing that counts when it is met."""
    return exposure_token(answer, secret=service.secret, only=only, counted=counted)


async def count(service: Service, answer: Answer, *, only: Collection[str] | None = None) -> None:
    """Record what counts at once, as whoever asks wishes."""
    event = counted_event(answer, only=only)
    if event is not None:
        mend = partial(as_strangers, received=service.clock()) if answer.standing in UNVOUCHED else None
        await service.writer.write([event], mend=mend)


def note_given(service: Service, answer: Answer) -> None:
    """Count what a browser was given for which nobody vouches: what it reports is compared with that."""
    if answer.standing in UNVOUCHED:
        service.given.note(answer, service.context.today(answer.decision.time))
    service.given.write_soon(service.writer, now=answer.decision.time)
