"""A decision for a request: by what is known and what it says, signed, and recorded where it counts at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import msgspec
from starlette.requests import Request

from living_personas.deciding.contact import consented, delivery, refuses
from living_personas.deciding.token import signed_token
from living_personas.domain.contact import Delivery
from living_personas.domain.decision import Choice, Decision
from living_personas.http.headers import header
from living_personas.http.problems import ProblemError
from living_personas.http.service import Service
from living_personas.http.view import Published, View
from living_personas.steps.expose import exposure_event

__all__ = ["LONGEST_NAME", "Asked", "Found", "count", "decided", "delivery_words", "published", "says_no", "token_of"]

LONGEST_NAME = 512
"""Characters of an id, channel, visit or campaign; the same limit as for events."""

_DELIVERED = Delivery(deliver=True)
_REFUSED = Delivery(deliver=False, reason="no consent")


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """For whom to decide, where, and what the request itself knows; ``no`` says that a browser asks to be let alone."""

    customer: str
    traits: Mapping[str, object]
    channel: str = ""
    visit: str = ""
    campaign: str = ""
    no: bool = False


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided, as it may be given out, and whether it may be delivered now."""

    decision: Decision
    delivery: Delivery


def published(service: Service) -> Published:
    """What to decide from.

    Raises
    ------
    ProblemError
        503 if nothing was published yet.
    """
    found = service.view.published
    if found is None:
        raise ProblemError(
            503,
            "Nothing has been published yet.",
            hint="run `personas run` once, or let the service's own worker do it.",
            headers={"Retry-After": "5"},
        )
    return found


def says_no(request: Request) -> bool:
    """Whether the browser sends Global Privacy Control."""
    return header(request.scope, b"sec-gpc") == "1"


def decided(service: Service, asked: Asked, *, only: Collection[str] | None = None) -> Found:
    """Choose for a customer now; traits that the request gives go before what is known.

    Raises
    ------
    InvalidDecisionError
        If an attribute needs a visit or campaign that is not given.
    """
    found, view, at = published(service), service.view, service.clock()
    known = view.known.of(asked.customer)
    decision = found.decider.decide(
        asked.customer,
        {**known, **asked.traits} if asked.traits else known,
        at=at,
        channel=asked.channel,
        visit=asked.visit,
        campaign=asked.campaign,
        only=only,
    )
    delivery = _REFUSED if asked.no else _delivery(view, asked, known, at)
    return Found(decision=consented(decision, delivery), delivery=delivery)


def token_of(service: Service, decision: Decision, *, only: Collection[str] | None = None) -> str:
    """What an exposure must bring to count; empty if there is nothing that counts when it is met."""
    choices = _counting(service, decision, met=True)
    if only is not None:
        choices = tuple(choice for choice in choices if choice.attribute in only)
    return signed_token(decision, choices, secret=service.secret, part=_names(only)) if choices else ""


async def count(service: Service, found: Found, *, only: Collection[str] | None = None) -> None:
    """Record the choices that count when they are decided, because one of their options shows nothing.

    What is held back is not: it counts when it is asked for again and may be delivered.
    """
    choices = _counting(service, found.decision, met=False) if found.delivery.deliver else ()
    if choices:
        kind = f"decided:{_names(only)}" if only else "decided"
        event = exposure_event(found.decision, choices, at=found.decision.time, kind=kind)
        await service.writer.write([event])


def delivery_words(delivery: Delivery) -> dict[str, str | bool]:
    """Whether, why not, and until when: flat, for protocols that know no more."""
    if delivery.deliver:
        return {"deliver": True}
    until = delivery.hold_until.isoformat() if delivery.hold_until else ""
    return {"deliver": False, "held_for": delivery.reason, "hold_until": until}


def _names(only: Collection[str] | None) -> str:
    """What tells a decision of some attributes apart from one of all, or of others, at the same moment."""
    return ",".join(sorted(only)) if only else ""


def _counting(service: Service, decision: Decision, *, met: bool) -> tuple[Choice, ...]:
    at_decision = published(service).at_decision.get(decision.persona)
    if not at_decision:
        return decision.choices if met else ()
    return tuple(choice for choice in decision.choices if (choice.attribute in at_decision) != met)


def _delivery(view: View, asked: Asked, known: Mapping[str, object], at: datetime) -> Delivery:
    """As ``steps.contact.delivery_of`` says it, from memory; a no that was recorded is not undone by a request."""
    if view.policy is None:
        facts = {**known, **asked.traits} if asked.traits else known
        return _REFUSED if refuses(facts, channel=asked.channel) else _DELIVERED
    contacted, said = view.recent.of(asked.customer)
    facts = {**known, **said}
    if refuses(facts, channel=asked.channel, consent=view.policy.consent):
        return _REFUSED
    return delivery(
        view.policy,
        {**facts, **asked.traits},
        at=at,
        channel=asked.channel,
        zone=view.zone,
        contacted=contacted,
    )
