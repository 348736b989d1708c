"""A decision for a request: by what is known and what it says, signed, and recorded where it counts at once."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.deciding.token import signed_token
from living_personas.domain.decision import Choice, Decision
from living_personas.domain.value import value
from living_personas.http.problems import ProblemError
from living_personas.http.service import Service
from living_personas.http.view import Published
from living_personas.steps.expose import exposure_event

__all__ = ["LONGEST_NAME", "Asked", "count", "decided", "published", "token_of"]

LONGEST_NAME = 512
"""Characters of an id, channel, visit or campaign; the same limit as for events."""


@value
class Asked:
    """For whom to decide, where, and what the request itself knows."""

    customer: str
    traits: Mapping[str, object]
    channel: str = ""
    visit: str = ""
    campaign: str = ""


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


def decided(service: Service, asked: Asked, *, only: str | None = None) -> Decision:
    """Choose for a customer now; traits that the request gives go before what is known.

    Raises
    ------
    InvalidDecisionError
        If an attribute needs a visit or campaign that is not given.
    """
    found = published(service)
    known = service.view.known.of(asked.customer)
    return found.decider.decide(
        asked.customer,
        {**known, **asked.traits} if asked.traits else known,
        at=service.clock(),
        channel=asked.channel,
        visit=asked.visit,
        campaign=asked.campaign,
        only=only,
    )


def token_of(service: Service, decision: Decision, *, only: str = "") -> str:
    """What an exposure must bring to count; empty if there is nothing that counts when it is met."""
    choices = [choice for choice in _counting(service, decision, met=True) if only in ("", choice.attribute)]
    return signed_token(decision, choices, secret=service.secret, part=only) if choices else ""


async def count(service: Service, decision: Decision, *, only: str = "") -> None:
    """Record the choices that count when they are decided, because one of their options shows nothing."""
    choices = _counting(service, decision, met=False)
    if choices:
        kind = f"decided:{only}" if only else "decided"
        event = exposure_event(decision, tuple(choices), at=decision.time, kind=kind)
        await service.writer.write([event])


def _counting(service: Service, decision: Decision, *, met: bool) -> list[Choice]:
    at_decision = published(service).at_decision.get(decision.persona, frozenset())
    return [choice for choice in decision.choices if (choice.attribute in at_decision) != met]
