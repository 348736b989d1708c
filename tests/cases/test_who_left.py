"""Whoever leaves a channel, complains, or cannot be reached on it said no there, until a later yes."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from living_personas.domain.consent import LEAVING
from living_personas.domain.event import EXPOSED, IDENTIFY, Event, Exposure
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.tables import UNITS
from living_personas.serving.desk import desk_of
from living_personas.serving.question import Question
from loop.shops import PERSONA, SETTINGS, context_of, morning_after, noon
from serving.answered import answer_list


def said(name: str, day: float, **properties: bool) -> Event:
    return Event(
        message_id=f"{name}-{day}", customer="ann", name=name, time=noon(0, hours=24 * day), properties=properties
    )


def delivered(context: Context, day: int) -> bool:
    """Whether ann would get an e-mail, by herself and on a list."""
    alone = desk_of(context).answer(Question(customer="ann", at=noon(day), channel="email"))
    listed = answer_list(context, pa.table({"customer": ["ann"]}), at=noon(day), channel="email")
    assert (listed.refused == 0) is alone.delivery.deliver
    return alone.delivery.deliver


@pytest.mark.parametrize("name", LEAVING)
def test_it_holds_for_good_and_for_its_channel(name: str) -> None:
    context = context_of(replace(PERSONA, channels=("email", "landing")), settings=SETTINGS)
    cycle.run(context, now=noon(0, hours=-11), owner="w")
    record(context, [said(name, 0)], received=noon(0))
    assert not delivered(context, 1)
    assert not delivered(context, 500)
    assert desk_of(context).answer(Question(customer="ann", at=noon(1), channel="landing")).delivery.deliver
    record(context, [said(IDENTIFY, 2, consent_email=True)], received=noon(2))
    assert delivered(context, 3)


def test_what_was_met_before_is_still_learned_from() -> None:
    """To leave is an outcome of what was met: without it no guardrail could be judged."""
    context = context_of(PERSONA, settings=SETTINGS)
    cycle.run(context, now=noon(0, hours=-11), owner="w")
    met = [
        Event(
            message_id=f"met-{day}",
            customer="ann",
            name=EXPOSED,
            time=noon(day),
            channel="email",
            exposures=(Exposure(attribute="framing", option="a", persona="buyer", policy="logged", epoch=str(day)),),
        )
        for day in (0, 1)
    ]
    record(context, [*met, said("Unsubscribed", 0.1)], received=noon(1))
    cycle.run(context, now=morning_after(1), owner="w", until=noon(1).date())
    assert table_of(UNITS.all(context.store))["epoch"].to_pylist() == ["0"]
