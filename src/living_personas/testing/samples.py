"""Small values for tests: an event, a persona version, a refinement, a snapshot."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from living_personas.domain.batch import EventBatch
from living_personas.domain.belief import Interval, Subject
from living_personas.domain.event import EXPOSED, Event, Exposure, Quarantined, QuarantineReason
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.persona import Attribute, Persona, PersonaVersion, Standing, Trait
from living_personas.domain.refinement import Refinement
from living_personas.domain.snapshot import PolicyTable, Snapshot, SnapshotAttribute, SnapshotPersona

__all__ = [
    "FIRST_DAY",
    "NOON",
    "batch_of",
    "event",
    "exposure_event",
    "persona",
    "quarantined",
    "refinement",
    "snapshot",
    "version",
    "word",
]

FIRST_DAY = date(2026, 9, 1)
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


def event(message_id: str, customer: str = "ann", *, hours: float = 0.0, also: str = "", name: str = "Viewed") -> Event:
    """An event so many hours after noon of the first day."""
    return Event(
        message_id=message_id,
        customer=customer,
        also=also,
        name=name,
        time=NOON + timedelta(hours=hours),
        channel="email",
        properties={"value": 12.5, "currency": "€"},
    )


def exposure_event(message_id: str, customer: str = "ann", *, hours: float = 0.0, option: str = "saving") -> Event:
    """An event that carries two exposures."""
    return Event(
        message_id=message_id,
        customer=customer,
        name=EXPOSED,
        time=NOON + timedelta(hours=hours),
        exposures=(
            Exposure(attribute="framing", option=option, persona="budget", policy="p1", propensity=0.25),
            Exposure(attribute="tone", option="plain", holdout=True),
        ),
    )


def word(
    customer: str, name: str = "consent", *, refuses: bool = True, message_id: str = "m1", hours: float = 0.0
) -> dict[str, Any]:
    """A row of what was said of consents, so many hours after noon of the first day."""
    time = NOON + timedelta(hours=hours)
    return {
        "customer": customer,
        "name": name,
        "day": time.date(),
        "time": time,
        "message_id": message_id,
        "refuses": refuses,
    }


def batch_of(*events: Event) -> EventBatch:
    """Events in columns, days in UTC."""
    return EventBatch.of(events, zone=ZoneInfo("UTC"))


def quarantined(
    row: int, *, source: str = "crm", reason: QuarantineReason = "bad time", payload: str = '{"at": "31 Feb"}'
) -> Quarantined:
    """A row that could not be recorded."""
    return Quarantined(source=source, row=row, reason=reason, detail="there is no 31 February", payload=payload)


def persona(persona_id: str = "budget") -> Persona:
    """A persona that uses every kind of thing a persona may say."""
    return Persona(
        id=persona_id,
        name="Budget first",
        who="orders_90d >= 1 AND discount_share > 0.5",
        goal=Goal(event="Order Completed", within=timedelta(days=7), value="value", at_most=500.0),
        channels=("email", "push"),
        attributes=(
            Attribute(name="framing", options=("saving", "quality"), believed="saving", confidence="workshop"),
            Attribute(name="hour", options=("08:00", "18:00"), believed="08:00", per="channel", worth_changing=0.02),
        ),
        traits=(Trait(name="order_value", believed=31.5, unit="€", confidence="hunch"),),
        guardrails=(Guardrail(metric="Unsubscribed", event="Unsubscribed", points=0.002),),
        brief="Saves where it can.\nGrüße!",
    )


def version(number: int, *, of: str = "budget", reason: str = "as the workshop believed") -> PersonaVersion:
    """A version of a persona."""
    subject = persona(of)
    day = FIRST_DAY + timedelta(days=number)
    return PersonaVersion(
        persona=subject,
        version=number,
        day=day,
        kind="baseline" if number == 1 else "corrected",
        reason=reason,
        standings=(
            Standing(attribute="framing", value="saving", since=FIRST_DAY, status="learning"),
            Standing(attribute="hour", channel="email", value="18:00", since=day, decided_on=day, pinned=True),
        ),
        traits=subject.traits,
        refinement=None if number == 1 else f"{of}/framing/correct/{day}",
    )


def refinement(
    refinement_id: str, *, of: str = "budget", day: date = FIRST_DAY, why: str = "more orders"
) -> Refinement:
    """A refinement that is known only on one side."""
    return Refinement(
        id=refinement_id,
        kind="correct",
        subject=Subject(persona=of, attribute="framing"),
        version=1,
        old="saving",
        new="quality",
        effect=Interval(estimate=0.011, lower=0.002, upper=float("inf")),
        units=12_345,
        wealth=1 / 3,
        grade="proven",
        day=day,
        verdict="apply",
        why=why,
    )


def snapshot(number: int) -> Snapshot:
    """A snapshot with one persona, one attribute, one table."""
    table = PolicyTable(policy="p1", day=FIRST_DAY, shares=(0.25, 0.75), thresholds=("40000000", "g"))
    framing = SnapshotAttribute(
        attribute="framing",
        channel="",
        options=("saving", "quality"),
        assign="week",
        believed="saving",
        since=FIRST_DAY,
        tables=(table,),
    )
    return Snapshot(
        number=number,
        day=FIRST_DAY + timedelta(days=number),
        salt="grain",
        time_zone="Europe/Berlin",
        holdout_share=0.05,
        holdout_below="0ccccccd",
        personas=(SnapshotPersona(persona="budget", version=number, who="orders_90d >= 1", attributes=(framing,)),),
        campaigns=(("autumn", FIRST_DAY),),
    )
