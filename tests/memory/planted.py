"""One customer in every table and record that may hold one: the door to forgetting it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa

from living_personas.domain.entry import ENTRY_SCHEMA
from living_personas.domain.event import ALIAS, BROWSER, EXPOSED, IDENTIFY, SENT_FROM, Event, Exposure, Quarantined
from living_personas.domain.note import Note
from living_personas.domain.stranger import stranger_id
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.notes import add_note
from living_personas.loop.recording.click_bursts import told_apart
from living_personas.loop.recording.record import record
from living_personas.loop.recording.strangers import as_strangers
from living_personas.memory.tables import ENTRIES, ENTRY_LINKS, SEGMENT_LEAVERS, SEGMENT_MEMBERS
from living_personas.wiring import open_context
from written import write_workspace

ID, DEVICE = "planted-customer-7f3a", "planted-device-91c2"
"""Texts that nothing else holds."""

VISITOR = stranger_id(ID)
"""Who a browser is that names the customer, and proves nothing."""

OTHER = "somebody-else-55"
"""A customer who stays, and who told about the first."""

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
WORKSPACE = """\
name: Shop
salt: a-salt-for-tests-only
contact: {channels: [email], caps: {week: 3}}
"""
PERSONA = """\
persona: buyer
name: Buyer
who: "plan = 'pro'"
goal: {event: Order Completed, within: 1 day}
attributes: {framing: {options: [discount, quality], we_believe: discount, assign: day}}
"""


def plant(folder: Path) -> Context:
    """A workspace in which the customer did, met and said everything, in days that are sealed and a day that waits."""
    write_workspace(folder, WORKSPACE, {"buyer": PERSONA})
    context = open_context(folder, clock=lambda: NOON)[1]
    for day in range(4):
        record(context, [*_day(day), *bystanders(day)], _bad(day), received=NOON + timedelta(days=day))
        _browse(context, day)
        cycle.run(context, now=NOON + timedelta(days=day, hours=20), owner="tests")
    for text in (f"Called by {DEVICE}, twice.", "Nobody in particular."):
        add_note(context, Note(persona="buyer", about="framing", text=text, by="Dana", at=NOON))
    SEGMENT_MEMBERS.of("s1").put(context.store, pa.table({"customer": [ID]}))
    SEGMENT_LEAVERS.of("s1").put(context.store, pa.table({"customer": [ID], "day": [NOON.date()]}))
    _enter(context)
    told_apart(context, [_event("click", 4, "Email Link Clicked", channel="email")])
    record(context, _day(4), received=NOON + timedelta(days=4))  # waits
    _browse(context, 4)
    return context


def _enter(context: Context) -> None:
    """What the customer did since it met an option of the holdout."""
    entered = {"customer": ID, "persona": "buyer", "cohort": NOON.date(), "time": NOON, "living": False, "static": True}
    row = {**dict.fromkeys(ENTRY_SCHEMA.names, 0), **entered}
    ENTRIES.of("own").replace(context.store, {NOON.date(): pa.Table.from_pylist([row], schema=ENTRY_SCHEMA)})
    links = pa.table({"id": [DEVICE], "customer": [ID]})
    ENTRY_LINKS.of("own").replace(context.store, {NOON.date(): links})


def _browse(context: Context, day: int) -> None:
    """What a browser says with the key of a page, as its route records it."""
    page = {"page": "/", SENT_FROM: BROWSER}
    looked = replace(_event("looked", day, "Looked"), properties=page)
    at = NOON + timedelta(days=day, hours=1)
    record(context, as_strangers(context, [looked], received=at), received=at)


def _day(day: int) -> list[Event]:
    met = Exposure(attribute="framing", option="discount", decision_id=f"d{day}")
    return [
        _event("said", day, IDENTIFY, plan="pro", consent_email=day % 2 == 0, nickname=f"{ID} herself"),
        _event("met", day, EXPOSED, exposures=(met,), channel="email"),
        _event("linked", day, ALIAS, also=DEVICE),
        _event("bought", day, "Order Completed"),
    ]


def _event(
    what: str,
    day: int,
    name: str,
    *,
    also: str = "",
    channel: str = "",
    exposures: tuple[Exposure, ...] = (),
    **properties: str | bool,
) -> Event:
    return Event(
        message_id=f"{what}-{day}",
        customer=ID,
        also=also,
        name=name,
        time=NOON + timedelta(days=day, minutes=day),
        channel=channel,
        properties=properties or None,
        exposures=exposures,
    )


def bystanders(day: int, *, who: str = OTHER) -> list[Event]:
    """What somebody else did on the same day."""
    met = Exposure(attribute="framing", option="quality", decision_id=f"{who}{day}")
    told = f"{'told' if who == OTHER else who}-{day}"
    return [
        Event(message_id=f"{who}-{day}", customer=who, name=EXPOSED, time=NOON + timedelta(days=day), exposures=(met,)),
        Event(message_id=told, customer=who, name="Told", time=NOON + timedelta(days=day),
              properties={"friend": ID, "n": day}),
        Event(message_id=f"{who}-{day}-plan", customer=who, name=IDENTIFY, time=NOON + timedelta(days=day, hours=-1),
              properties={"plan": "pro"}),
    ]  # fmt: skip


def _bad(day: int) -> list[Quarantined]:
    payload = f'{{"user": "{ID}", "day": {day}}}'
    return [Quarantined(source="shop", row=day, reason="bad time", detail=f"of {ID}", payload=payload)]
