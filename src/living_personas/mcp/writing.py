"""The three things that an agent may leave behind, where writes are enabled; none of them decides anything."""

from __future__ import annotations

from living_personas.domain.belief import Subject
from living_personas.domain.customer_id import customer_id
from living_personas.domain.event import AGENT, SENT_FROM, Event, Json
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.stranger import agent_id
from living_personas.errors import InvalidDecisionError
from living_personas.loop.recording.record import record
from living_personas.loop.recording.value_reading import intake_of
from living_personas.loop.segments.discovery import segments
from living_personas.mcp.answers import Answer, NotThereError, picked
from living_personas.mcp.arguments import NameSegment, ProposeChange, RecordOutcome
from living_personas.mcp.asking import Asked
from living_personas.mcp.beliefs import belief
from living_personas.mcp.persona_questions import subject_of
from living_personas.people.person import Person
from living_personas.people.proposing import propose
from living_personas.people.suggesting import suggest_name
from living_personas.sources.own_events import own_event

__all__ = ["name_segment", "outcome_events", "propose_change", "record_outcome"]


def propose_change(asked: Asked, given: ProposeChange) -> Answer:
    """Open a review for another value of an attribute; a person approves or rejects it."""
    persona, found = subject_of(asked, given.persona, given.attribute, given.channel)
    options = [option.option for option in found.options]
    value = picked("option", given.value, options)
    subject = Subject(persona=persona.persona, attribute=found.attribute, channel=found.channel)
    person = Person(by=asked.caller.name, now=asked.now, owner=asked.owner)
    made = propose(asked.context, subject, person, value=value, why=given.why)
    return asked.opening() | {
        "review": made.id,
        "waits_for": "a person",
        "version": persona.version,
        "proposed": asked.frame.data(made.new),
        "belief": belief(found, persona, asked.frame),
    }


def name_segment(asked: Asked, given: NameSegment) -> Answer:
    """Suggest a name for a segment; it keeps its own until a person adopts it."""
    told = [each for each in segments(asked.context) if asked.discretion.count(each.size) is not None]
    segment = picked("segment", given.segment, [each.id for each in told])
    names = suggest_name(asked.context, segment, name=given.name, by=asked.caller.name)
    return asked.opening() | {
        "segment": asked.frame.data(segment),
        "suggested": [asked.frame.data(name) for name in names.values()],
        "waits_for": "a person",
    }


def record_outcome(asked: Asked, given: RecordOutcome) -> Answer:
    """Record an outcome that a goal or guardrail names, marked as an agent's: it counts by their `from_browsers`."""
    events = outcome_events(asked)
    name = picked("event", given.event, events)
    if given.value is not None and events[name] is None:
        raise InvalidDecisionError("This event is judged by whether it happens.", hint="leave out the value.")
    properties = {str(events[name]): given.value} if given.value is not None else {}
    event = Event(
        message_id=agent_id(given.message_id),
        customer=customer_id(given.customer, nobody=asked.context.settings.nobody.words),
        name=name,
        time=asked.now,
        properties={**properties, SENT_FROM: AGENT},
    )
    own = own_event(event, intake_of(asked.context, received=asked.now))
    receipt = record(asked.context, [own], received=asked.now).receipt
    return asked.opening() | {
        "event": asked.frame.data(name),
        "received": receipt.received,
        "stored": receipt.stored,
        "duplicate": receipt.duplicate,
        "refused": receipt.refused,
        "counts_for": _counts_for(asked, name),
    }


def _counts_for(asked: Asked, event: str) -> list[Json]:
    """The personas for which an outcome counts that an agent recorded."""
    found: list[Json] = []
    for persona in asked.context.personas:
        judged: list[Goal | Guardrail] = [persona.goal, *persona.guardrails]
        if any(each.event == event and each.from_browsers != "never" for each in judged):
            found.append(persona.id)
    return found


def outcome_events(asked: Asked) -> dict[str, str | None]:
    """The events that goals and guardrails name, with the property that is their value."""
    found: dict[str, str | None] = {}
    for persona in asked.context.personas:
        found.setdefault(persona.goal.event, persona.goal.value)
        for guardrail in persona.guardrails:
            found.setdefault(guardrail.event, guardrail.value)
    if not found:
        raise NotThereError("event", "", ())
    return found
