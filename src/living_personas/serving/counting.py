"""Which choices of a decision count, and when: as an event that carries what was chosen, and how probably.

What a customer meets counts when it is met. A choice of an attribute that has an option which shows nothing may count
when it is decided, if whoever asks says so: an exposure that only some options can have would break the comparison.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from living_personas.deciding.token import signed_token
from living_personas.domain.decision import Choice, Decision
from living_personas.domain.event import BROWSER, EXPOSED, SENT_FROM, STANDING, Event, Exposure
from living_personas.serving.question import Answer

__all__ = ["NOTHING", "counted_event", "exposure_event", "exposure_token", "met_event", "shows_nothing"]

NOTHING = frozenset({"none", "nothing", "send nothing", "send_nothing", "control"})
"""Options of these names show nothing."""


def shows_nothing(options: Collection[str]) -> bool:
    """Whether one of the options shows nothing.

    >>> shows_nothing(("none", "ten_percent_off")), shows_nothing(("discount", "quality"))
    (True, False)
    """
    return any(option.lower() in NOTHING for option in options)


def met_event(decision: Decision, *, at: datetime) -> Event | None:
    """The event that says a customer met what was decided."""
    return exposure_event(decision, decision.choices, at=at, kind="exposed") if decision.choices else None


def counted_event(answer: Answer, *, only: Collection[str] | None = None) -> Event | None:
    """What counts at once, for whoever asks to be counted so: choices of attributes that may show nothing.

    What is held back does not: it counts when it is asked for again and may be delivered. ``only`` were asked for.
    """
    choices = [choice for choice in answer.decision.choices if choice.attribute in answer.may_show_nothing]
    if not choices or not answer.delivery.deliver:
        return None
    event = exposure_event(
        answer.decision,
        choices,
        at=answer.decision.time,
        kind=f"decided:{','.join(sorted(only))}" if only else "decided",
    )
    if answer.standing == "server":
        return event
    marked = {**(event.properties or {}), SENT_FROM: BROWSER, STANDING: answer.standing}
    return replace(event, properties=marked, proven=answer.standing == "verified")


def exposure_token(answer: Answer, *, secret: bytes, only: Collection[str] | None = None, counted: bool = False) -> str:
    """What an exposure must bring to count; empty if nothing is left to be met (what was ``counted`` is not)."""
    but = answer.may_show_nothing if counted and answer.delivery.deliver else ()
    choices = [
        choice
        for choice in answer.decision.choices
        if choice.attribute not in but and (only is None or choice.attribute in only)
    ]
    if not choices:
        return ""
    part = ",".join(sorted(only)) if only else ""
    return signed_token(answer.decision, choices, secret=secret, standing=answer.standing, part=part)


def exposure_event(decision: Decision, choices: Sequence[Choice], *, at: datetime, kind: str) -> Event:
    """The event of these choices; the same decision and kind give the same message id."""
    return Event(
        message_id=f"{decision.id}:{kind}",
        customer=decision.customer,
        name=EXPOSED,
        time=at,
        channel=decision.channel,
        properties={"decision_id": decision.id},
        exposures=tuple(
            Exposure(
                attribute=choice.attribute,
                option=choice.option,
                persona=decision.persona,
                policy=choice.policy,
                epoch=choice.epoch,
                propensity=choice.propensity,
                decision_id=decision.id,
                holdout=decision.holdout,
            )
            for choice in choices
        ),
    )
