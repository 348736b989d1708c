"""Lists of every kind, and what they were to the byte before they were decided in the engine."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from figures import line_each
from living_personas.domain.event import ALIAS, EXPOSED, IDENTIFY, Event, Exposure
from living_personas.engine_port import Engine
from living_personas.engines.table_files import csv_text
from living_personas.loop.context import Context
from living_personas.loop.forgetting import erase
from living_personas.loop.recording.record import record
from living_personas.memory.tables import MEMBERSHIPS
from living_personas.serving.list_exposures import exposures_of
from living_personas.serving.lists import AllKnown, deciding_list
from living_personas.serving.published import newest_snapshot
from loop.shops import noon
from serving.happenings import NOW, PERSONAS, SETTINGS, Kind, opened, said

AS_IT_WAS = Path(__file__).with_name("list_bytes.json")
FOREIGN = "Ünn@x.DE"
HAPPENED = (
    said("bob", 5, plan="gold", consent=True),
    said("dan", 5, plan="silver", consent_email=False),
    said("eve", 6, plan="gold", time_zone="Asia/Tokyo", consent=True),
    said("fay", 6, plan="gold", gpc=True),
    said("gus", 6, plan="gold", consent_email="yes"),
    said("gone", 6, plan="gold"),
    said(FOREIGN, 7, spend=400),
    said("Bea@x.io", 7, spend="1_000", time_zone="Nowhere/Land"),
    Event(message_id="l1", customer="nobody", also="bob", name=ALIAS, time=noon(-3)),
    Event(message_id="l2", customer="hal", also="phone", name=IDENTIFY, time=noon(8), properties={"trial": True}),
    Event(message_id="b1", customer="phone", name="Bought", time=noon(10)),
    Event(message_id="b2", customer="7", name="Bought", time=noon(9, hours=23)),
    *(
        Event(
            message_id=f"x{customer}{number}",
            customer=customer,
            name=EXPOSED,
            time=noon(11, hours=-hours),
            channel=channel,
            exposures=(Exposure(attribute="offer", option="gift", persona="p1", decision_id=f"d{customer}{number}"),),
        )
        for number, (customer, hours, channel) in enumerate(
            [("eve", 3, "email"), ("eve", 60, "in_product"), ("bob", 40, "email"), ("nobody", 50, "email")]
        )
    ),
)
WHO = ["hal", "phone", "bob", "nobody", "BEA@X.io", "Bea@x.io", FOREIGN, "ünn@x.de", "7", "eve", "fay", "stranger"]
WHO += ["bob", "dan", "gus", "gone", "ann", "a1", "a2", "eve"]
LISTS: dict[str, pa.Table | str] = {
    "everybody": "",
    "members": "p1",
    "ids": pa.table({"customer": WHO}),
    "numbers": pa.table({"customer": pa.array([7, 8, 7, 9]), "spend": pa.array([None, 150, 1, 99])}),
    "traits": pa.table(
        {
            "plan": [None, "gold", "silver", *["gold"] * (len(WHO) - 3)],
            "customer": WHO,
            "time_zone": ["Asia/Tokyo" if number % 3 else None for number in range(len(WHO))],
            "consent_email": ["yes" if number % 4 else "perhaps" for number in range(len(WHO))],
            "unasked": pa.array(range(len(WHO))),
        }
    ),
    "visits": pa.table(
        {"customer": WHO, "visit": ["v1" if number % 2 else None for number in range(len(WHO))], "gpc": [0] * len(WHO)}
    ),
    "nobody": pa.table({"customer": pa.array([], pa.string())}),
}
OCCASIONS = {"email": "", "in_product": "spring", "landing": "later", "": "spring"}
WHENS = {"now": NOW, "tonight": noon(11, hours=11.5)}
ASKING = {
    "assumed": SETTINGS,
    "required": replace(SETTINGS, consent="required"),
    "free": replace(SETTINGS, contact=None),
}


def _texts(context: Context, listed: pa.Table | str, *, channel: str, campaign: str, when: str) -> Iterator[str]:
    """The files that tools take, what is recorded of a mailing, and what is said of it."""
    asked = AllKnown(persona=listed) if isinstance(listed, str) else [listed]
    with deciding_list(context, asked, at=WHENS[when], channel=channel, campaign=campaign) as found:
        for pieces in (list(found.wide()), list(found.decided())):
            yield csv_text(pieces)
            yield str(pieces[0].schema)
        yield f"{found.asked} {found.refused} {json.dumps(dict(found.undecided))}"
        (sent,) = exposures_of(found, at=WHENS[when], channel=channel, zone=context.zone)
        yield csv_text([sent.events]) + csv_text([sent.exposures])


def differences(kind: Kind, asking: str, engine: Engine | None = None) -> list[str]:
    """The lists that are others than they were."""
    wanted = json.loads(AS_IT_WAS.read_text(encoding="utf-8"))
    found = dict(_all(kind, asking, engine))
    names = {name for name in wanted if name.startswith(asking)}
    return sorted(name for name in names | found.keys() if found.get(name) != wanted.get(name))


def _all(kind: Kind, asking: str, engine: Engine | None = None) -> Iterator[tuple[str, list[str]]]:
    persona = replace(PERSONAS[2], who="customer LIKE '%@x.%' OR orders >= 1 OR plan IS NOT NULL")
    with opened(kind, settings=ASKING[asking]) as (one, _):
        context = replace(one, personas=(*PERSONAS[:2], persona), engine=engine or one.engine)
        snapshot = newest_snapshot(context.store)
        personas = (*snapshot.personas[:2], replace(snapshot.personas[2], who=persona.who))
        context.store.snapshots.publish(replace(snapshot, number=2, personas=personas))
        members = [
            {"customer": who, "persona": f"p{len(who) % 2}", "since": noon(4).date()} for who in sorted(set(WHO))
        ]
        MEMBERSHIPS.put(context.store, pa.Table.from_pylist(members, schema=MEMBERSHIPS.schema))
        record(context, list(HAPPENED), received=NOW)
        erase(context, ["gone"], now=NOW, by="Dana", owner="test")
        for name, listed in LISTS.items():
            for channel, campaign in OCCASIONS.items():
                when = "tonight" if name == "everybody" else "now"
                key = f"{asking} {name} {channel} {campaign}"
                found = _texts(context, listed, channel=channel, campaign=campaign, when=when)
                yield key, [sha256(text.encode()).hexdigest() for text in found]


def write_down() -> None:
    """What lists are now becomes what they were: only where they are to be others."""
    found = {key: said_of for asking in ASKING for key, said_of in _all("memory", asking)}
    AS_IT_WAS.write_text(line_each(found), encoding="utf-8")
