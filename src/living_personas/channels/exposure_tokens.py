"""An event that says a decision was met: it counts by the token that came with the decision, and by nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, tzinfo

from living_personas.channels.weights import drawn_with
from living_personas.deciding.token import Signed, read_token
from living_personas.domain.customer_id import canonical_id
from living_personas.domain.event import DECIDED_ON, EXPOSED, STANDING, Event, Exposure, Json
from living_personas.domain.stranger import UNVOUCHED, stranger_id
from living_personas.errors import InvalidTokenError
from living_personas.sources.rows import BadRowError

__all__ = ["TOKENS", "VIEWED", "with_exposures"]

VIEWED = "Experiment Viewed"
"""What Segment's and GrowthBook's clients call it."""

TOKENS = ("persona_token", "token")
"""The property that holds the token; PostHog's clients keep ``token`` for their own key."""


def with_exposures(event: Event, *, secret: bytes, received: datetime, trusted: bool, zone: tzinfo) -> Event:
    """The event with what it says was met.

    With a token: the signed choices, under a message id of the decision's own, so that it counts once however often it
    is sent; it was met after it was decided, and from a browser it is marked with what the decision rests on. Without
    one: from a server (``trusted``) what it says, with the shares of its weights (without weights they are unknown, and
    it is observational); from a browser nothing but the event: anybody could have made it up.

    Raises
    ------
    BadRowError
        If the token is not genuine, or is somebody else's, or the weights are no shares.
    """
    if event.name not in (EXPOSED, VIEWED):
        return event
    properties = event.properties or {}
    token = next((properties[name] for name in TOKENS if properties.get(name) is not None), None)
    if token is None:
        return replace(event, exposures=_said(properties)) if trusted else event
    if not isinstance(token, str):
        raise BadRowError("bad token", "the token is no text")
    return _met(event, token, secret=secret, received=received, trusted=trusted, zone=zone)


def _met(event: Event, token: str, *, secret: bytes, received: datetime, trusted: bool, zone: tzinfo) -> Event:
    try:
        signed = read_token(token, secret=secret, at=received)
    except InvalidTokenError as error:
        raise BadRowError("bad token", error.message) from error
    whose = [id_ for id_ in (event.customer, event.also) if id_]
    if canonical_id(signed.customer) not in {*map(canonical_id, whose), *map(stranger_id, whose)}:
        raise BadRowError("bad token", "the token was given to another customer")
    kept = {name: found for name, found in (event.properties or {}).items() if name not in TOKENS}
    met = event if trusted else _by_browser(event, signed)
    if not trusted:
        kept |= {STANDING: signed.standing, DECIDED_ON: signed.decided.astimezone(zone).date().isoformat()}
    return replace(
        met,
        time=max(event.time, signed.decided),
        message_id=":".join(part for part in (signed.decision_id, "exposed", signed.part) if part),
        name=EXPOSED,
        channel=signed.channel or event.channel,
        properties={**kept, "decision_id": signed.decision_id},
        exposures=signed.exposures,
    )


def _by_browser(event: Event, signed: Signed) -> Event:
    """The event of whom the token was given to, if it was given to whoever may speak for that customer."""
    if signed.standing in UNVOUCHED:
        return event
    if canonical_id(event.customer) == canonical_id(signed.customer):
        return replace(event, proven=True)
    return replace(event, customer=signed.customer, also="", proven=True)


def _said(properties: Mapping[str, Json]) -> tuple[Exposure, ...]:
    attribute = _first(properties, "attribute", "experiment_name", "experiment_id", "experimentId")
    option = _first(properties, "option", "variation_name", "variation_id", "variationId")
    if not attribute or not option:
        return ()
    drawn = drawn_with(properties, attribute=attribute, option=option)
    exposure = Exposure(attribute=attribute, option=option, persona=_first(properties, "persona"))
    return (replace(exposure, policy=drawn.policy, propensity=drawn.shares[option]) if drawn else exposure,)


def _first(properties: Mapping[str, Json], *names: str) -> str:
    found = (properties.get(name) for name in names)
    return next((str(said).strip() for said in found if isinstance(said, str | int) and str(said).strip()), "")
