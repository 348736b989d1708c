"""A decision that was met comes back as an exposure: an event that carries what was chosen, and how probably."""

from __future__ import annotations

from datetime import datetime

from living_personas.domain.decision import Choice, Decision
from living_personas.domain.event import EXPOSED, Event, Exposure

__all__ = ["NOTHING", "exposure_event", "shows_nothing"]

NOTHING = frozenset({"none", "nothing", "send nothing", "send_nothing", "control"})
"""Options of these names show nothing. Attributes that have one count at the decision, for all their options: an
exposure that only some options can have would break the comparison."""


def shows_nothing(options: tuple[str, ...]) -> bool:
    """Whether an attribute counts at the decision instead of at the exposure.

    >>> shows_nothing(("none", "ten_percent_off")), shows_nothing(("discount", "quality"))
    (True, False)
    """
    return any(option.lower() in NOTHING for option in options)


def exposure_event(decision: Decision, choices: tuple[Choice, ...], *, at: datetime, kind: str) -> Event:
    """The event that says a customer met these choices; the same decision and kind give the same message id."""
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
