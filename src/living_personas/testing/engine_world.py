"""A small world for engines: links, late events, NULLs, Unicode, ties, a change of clocks, and money of 15 digits."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from living_personas.deciding.assign import thresholds
from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA
from living_personas.domain.event import IDENTIFY
from living_personas.domain.forgotten import marked, tombstone_of
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.listed import ROW, SAYS_NO
from living_personas.domain.persona import Assign, Attribute, Persona, Trait
from living_personas.domain.settings import Feature
from living_personas.domain.snapshot import PolicyTable, Snapshot, SnapshotAttribute, SnapshotPersona
from living_personas.domain.unit import LINKED_SCHEMA
from living_personas.rules.parse import Kind

__all__ = [
    "COUNTRIES",
    "CUSTOMERS",
    "FEATURES",
    "FIRST",
    "KINDS",
    "LARGE",
    "LAST",
    "LINKED",
    "LINKS",
    "MARKED",
    "PERSONAS",
    "TRAITS",
    "events_of",
    "exposures_of",
    "link_table",
    "list_of",
    "list_rows",
    "mark_of",
    "snapshot_of",
]

ZONE = ZoneInfo("Europe/Amsterdam")
START = datetime(2026, 3, 26, 22, tzinfo=UTC)
FIRST, LAST = date(2026, 3, 26), date(2026, 4, 2)
"""The clocks of the zone go forward on 29 March."""

LARGE = 10.0**15
"""Money of 15 digits before the point, in which a double still has three binary places."""

CUSTOMERS = (*(f"cüst'omer|{number}" for number in range(24)), "Ünn@x.DE", "anonymous", "日本 語", 'say "hi"\\')
LINKS = {"anonymous": CUSTOMERS[0], CUSTOMERS[3]: CUSTOMERS[4]}

PERSONAS = (
    Persona(
        id="spender's",
        name="Spender",
        who="spend >= 20 and country in ('NL', 'it''s')",
        goal=Goal(event="bought", within=timedelta(days=2), value="revenue", at_most=LARGE),
        guardrails=(Guardrail(metric="left", event="left", within=timedelta(days=1), points=0.1),),
        attributes=(
            Attribute(name="framing", options=("a", "b'"), believed="a", assign="week"),
            Attribute(name="tone", options=("a", "b'"), believed="a", assign="day", was=(("a", "A"),)),
        ),
    ),
    Persona(
        id="reader é",
        name="Reader",
        who="spend < 20 or lower(country) = 'éi' or customer like '%本%'",
        priority=1,
        goal=Goal(event="bought", within=timedelta(hours=36), from_browsers="always"),
        attributes=(Attribute(name="framing", options=("a", "b'"), believed="a", assign="day"),),
    ),
)

FEATURES = (
    Feature(name="orders", sql="count(*) filter (where name = 'bought')"),
    Feature(name="spend", sql="sum(revenue) filter (where name = 'bought')"),
    Feature(name="recent spend's", sql="sum(revenue)", within=timedelta(days=2)),
    Feature(name="mean", sql="sum(revenue)", of="count(revenue)"),
    Feature(name="least", sql='min("a.b\'~/$")'),
    Feature(name="late", sql="count(*) filter (where hour >= 22)", of="count(*)"),
    Feature(name="recency", sql="min(age_days) filter (where name = 'bought') - 1"),
    Feature(name="recently known", sql="max(age_days)", within=timedelta(days=2)),
)
"""All of them add up."""

KINDS: dict[str, Kind] = {"country": "text", "age": "number", "vip": "boolean"}
TRAITS = (Trait(name="spend", believed=1.0), Trait(name="mean", believed=1.0), Trait(name="age", believed=30.0))


def events_of(random: Random, *, many: int = 300) -> pa.Table:
    """Events of all days; several happen at one moment."""
    return pa.Table.from_pylist([_event(random, number) for number in range(many)], schema=EVENT_SCHEMA)


def exposures_of(random: Random, *, many: int = 160) -> pa.Table:
    """Exposures of all days, some without a persona, some that meet an attribute twice at one moment."""
    return pa.Table.from_pylist([_exposure(random, number) for number in range(many)], schema=EXPOSURE_SCHEMA)


def link_table(links: dict[str, str]) -> pa.Table:
    """Whose each id is."""
    return pa.table({"id": pa.array(links, pa.string()), "customer": pa.array(links.values(), pa.string())})


LINKED = pa.Table.from_pylist(
    [
        {
            "id": CUSTOMERS[5],
            "since": START + timedelta(days=1),
            "until": START + timedelta(days=4),
            "customer": CUSTOMERS[6],
            "row": CUSTOMERS[6],
        }
    ],
    schema=LINKED_SCHEMA,
)


def list_of(random: Random) -> pa.Table:
    """A list of customers with what is known of them, some of it loosely typed."""
    rows = [
        {
            "customer": name,
            "spend": random.choice([None, 0.0, 7.25, 20.0, LARGE + 0.125]),
            "country": random.choice([None, "NL", "it's", "ÉI", "Éİ", ""]),
            "visit": random.choice(["v1", "", None]),
        }
        for name in CUSTOMERS
    ]
    schema = pa.schema(
        [("customer", pa.string()), ("spend", pa.float64()), ("country", pa.string()), ("visit", pa.string())]
    )
    return pa.Table.from_pylist(rows, schema=schema)


def list_rows() -> pa.Table:
    """A list whose rows have numbers: some customers twice, some by another id, and one that says no."""
    table = list_of(Random(11))  # noqa: S311 - a list that is the same every time
    twice = pa.concat_tables([table, table.slice(4, 6), table.slice(0, 1)]).drop_columns("country")
    many = twice.num_rows
    zones = [(None, "", "Asia/Tokyo", "Nowhere/É")[number % 4] for number in range(many)]
    return (
        twice.append_column("time_zone", pa.array(zones, pa.string()))
        .append_column(ROW, pa.array(range(many)))
        .append_column(SAYS_NO, pa.array([number == 5 for number in range(many)]))
    )


def mark_of(id_: str) -> str:
    """The mark of an id that was erased, here."""
    return tombstone_of(id_, salt=_SALT)


COUNTRIES = (None, "NL", "it's", "ÉI")
_SALT = "it's | salt"
MARKED = marked(_SALT)
"""What stands before a canonical id where its mark is made, here."""


def snapshot_of() -> Snapshot:
    """Attributes of every kind of epoch, with the tables of two days."""
    kinds: tuple[Assign, ...] = ("day", "week", "always", "campaign", "visit")
    personas = tuple(
        SnapshotPersona(
            persona=persona.id,
            version=number + 1,
            who=persona.who,
            attributes=tuple(_attribute(kind, options=("a", "it's", "é|{}")) for kind in kinds),
        )
        for number, persona in enumerate(PERSONAS)
    )
    return Snapshot(
        number=7,
        day=FIRST,
        salt="s'a|lt \\",
        time_zone="Europe/Amsterdam",
        holdout_share=0.25,
        holdout_below="40000000",
        personas=personas,
        campaigns=(("spring's | sale", FIRST),),
    )


def _attribute(assign: Assign, *, options: tuple[str, ...]) -> SnapshotAttribute:
    tables = []
    for number, shares in enumerate(([0.5, 0.3, 0.2], [0.1, 1 / 3, 17 / 30])):
        exact, ends = thresholds(shares)
        day = FIRST - timedelta(days=9 - 7 * number)
        tables.append(PolicyTable(policy=f"p'{number}", day=day, shares=exact, thresholds=ends))
    return SnapshotAttribute(
        attribute=f"{assign}'s",
        channel="",
        options=options,
        assign=assign,
        believed=options[1],
        since=FIRST - timedelta(days=3),
        tables=tuple(tables),
    )


def _event(random: Random, number: int) -> dict[str, Any]:
    time = START + timedelta(hours=random.randrange(0, 7 * 24, 3))
    local = time.astimezone(ZONE)
    name = random.choice(["bought", "bought", "left", "Seen ☃", IDENTIFY])
    revenue = random.choice([None, 4, 0.1, 19.99, "2.5", " 7 ", "1_0", "NaN", -3, LARGE, LARGE / 3, True, [1]])
    properties: dict[str, object] = {"revenue": revenue, "a.b'~/$": random.choice([1.5, -2, None])}
    if name == IDENTIFY:
        properties = {
            "country": random.choice(["NL", "it's", "Éİ", None]),
            "age": random.choice([31, "42.5", "old", None]),
            "vip": random.choice([True, "false", 1, None]),
        }
    return {
        "message_id": f"m{number:04}",
        "customer": random.choice(CUSTOMERS),
        "also": "",
        "name": name,
        "time": time,
        "day": local.date(),
        "hour": local.hour,
        "channel": "web",
        "properties": json.dumps(properties, ensure_ascii=False),
    }


def _exposure(random: Random, number: int) -> dict[str, Any]:
    time = START + timedelta(hours=random.randrange(0, 6 * 24, 6))
    day = time.astimezone(ZONE).date()
    return {
        "message_id": f"x{number // 2:04}",
        "customer": random.choice(CUSTOMERS),
        "time": time,
        "day": day,
        "channel": random.choice(["", "web"]),
        "persona": random.choice(["spender's", "reader é", ""]),
        "attribute": random.choice(["framing", "tone"]),
        "option": random.choice(["a", "b'", "A"]),
        "policy": random.choice(["p1", "p2"]),
        "epoch": random.choice(["", day.isoformat(), "2026-03-23", "2026-02-30", "visit 7"]),
        "stratum": "",
        "propensity": random.choice([0.5, 1 / 3, None]),
        "decision_id": "",
        "holdout": random.random() < 0.2,
    }
