"""Every table that a workspace keeps. Names are what workspaces hold on disk: never change one."""

from __future__ import annotations

import pyarrow as pa

from living_personas.domain.batch import EVENT_SCHEMA, EXPOSURE_SCHEMA
from living_personas.domain.cell import CELL_KEY, CELL_SCHEMA
from living_personas.domain.entry import ENTRY_SCHEMA
from living_personas.domain.unit import MEMBERSHIP_SCHEMA, UNIT_SCHEMA
from living_personas.memory.table import Table, TableFamily

__all__ = [
    "ARRIVALS",
    "BREAKDOWNS",
    "BREAKDOWN_SCHEMA",
    "CAPS",
    "CELLS",
    "CUSTOMERS",
    "ENTRIES",
    "ENTRY_LINKS",
    "ERASED_CELLS",
    "EVENTS",
    "EXPOSURES",
    "LEDGER",
    "LINKS",
    "MEANS",
    "MEMBERSHIPS",
    "SEGMENT_LEAVERS",
    "SEGMENT_MEMBERS",
    "SHARES",
    "SPLIT_BETS",
    "SPLIT_PAIRS",
    "SPLIT_PARTS",
    "TOTALS",
    "UNITS",
    "WINDOWS",
]

_SUBJECT = [(name, pa.string()) for name in ("persona", "attribute", "channel")]

EVENTS = Table(
    name="events",
    schema=EVENT_SCHEMA,
    key=("message_id",),
    cut="day",
    about="One row an event, on its day in the workspace's time zone.",
    customers=("customer", "also"),
    beside=("also",),
    texts=("properties",),
)
EXPOSURES = Table(
    name="exposures",
    schema=EXPOSURE_SCHEMA,
    key=("message_id", "attribute"),
    cut="day",
    about="One row for each attribute that an exposure event carries.",
    customers=("customer",),
)
UNITS = Table(
    name="units",
    schema=UNIT_SCHEMA,
    key=("customer", "attribute", "epoch"),
    cut="day",
    about="One row a customer, attribute and epoch, on the day of its first exposure.",
    customers=("customer",),
    made_of="exposures",
)
CELLS = Table(
    name="cells",
    schema=CELL_SCHEMA,
    key=CELL_KEY,
    cut="day",
    about="Counts and sums of the outcomes that became known on a day.",
    made_of="units and events",
)
ERASED_CELLS = Table(
    name="erased_cells",
    schema=CELL_SCHEMA,
    key=CELL_KEY,
    cut="day",
    about="What customers who were erased counted for: it is added to the cells of a day that is folded again.",
)
ARRIVALS = Table(
    name="arrivals",
    schema=pa.schema(
        [
            ("day", pa.date32()),
            *((name, pa.string()) for name in ("persona", "attribute", "option")),
            ("known", pa.date32()),
            ("s", pa.int64()),
        ]
    ),
    key=("persona", "attribute", "option", "known"),
    cut="day",
    about="How many of the successes of each of the last weeks' days were known when which day was closed.",
)
LEDGER = Table(
    name="ledger",
    schema=pa.schema(
        [
            *_SUBJECT,
            ("option", pa.string()),
            ("prob_best", pa.float64()),
            ("omega", pa.float64()),
            *((name, pa.bool_()) for name in ("gate", "nominee", "pair")),
            ("day", pa.date32()),
        ]
    ),
    key=("persona", "attribute", "channel", "option"),
    cut="day",
    about="What the bets on a day's units use, fixed before the day, never rewritten.",
)
MEANS = Table(
    name="means",
    schema=pa.schema(
        [
            *_SUBJECT,
            *((name, pa.float64()) for name in ("n", "sum", "sum_sq")),
            ("stratum", pa.string()),
            ("day", pa.date32()),
        ]
    ),
    key=("persona", "attribute", "channel", "stratum"),
    cut="day",
    about="The means that the bets on a day's units predict with; a NULL stratum is all of them together.",
)
WINDOWS = Table(
    name="windows",
    schema=pa.schema([*_SUBJECT, ("window", pa.int64()), ("completion", pa.float64()), ("day", pa.date32())]),
    key=("persona", "attribute", "channel"),
    cut="day",
    about="The early windows by which a day's units are judged, too, fixed before the day, never rewritten.",
)
CAPS = Table(
    name="caps",
    schema=pa.schema(
        [
            *((name, pa.string()) for name in ("persona", "event", "property")),
            *((name, pa.float64()) for name in ("at_most", "cap", "reach")),
            ("n", pa.int64()),
            ("day", pa.date32()),
        ]
    ),
    key=("persona",),
    cut="day",
    about="What a unit of the day counts for at most, fixed before the day, never rewritten: the goal's `at_most`, or "
    "less by the values of earlier units (`n` of them, of which the share `reach` came to `at_most`).",
)
SHARES = Table(
    name="policies",
    schema=pa.schema([("day", pa.date32()), ("policy", pa.string()), ("option", pa.string()), ("share", pa.float64())]),
    key=("policy", "option"),
    cut="day",
    about="The shares of the options under each policy that begins on a day.",
)
SPLIT_BETS = Table(
    name="split_bets",
    schema=pa.schema(
        [
            *_SUBJECT,
            *((name, pa.int64()) for name in ("leaf", "part")),
            *((name, pa.string()) for name in ("against", "option")),
            *((f"weight_{lift}", pa.float64()) for lift in range(6)),
            ("rate", pa.float64()),
            ("day", pa.date32()),
        ]
    ),
    key=("persona", "attribute", "channel", "part", "against"),
    cut="day",
    about='What is bet on a day\'s units against "one option suits everybody", fixed before the day, never rewritten; '
    "part 0 is the leaf, 1 everybody else, and a NULL option no bet.",
)
SPLIT_PARTS = Table(
    name="split_parts",
    schema=pa.schema(
        [
            *_SUBJECT,
            ("inside", pa.bool_()),
            *((name, pa.string()) for name in ("policy", "option")),
            *((name, pa.int64()) for name in ("n", "s")),
            ("day", pa.date32()),
        ]
    ),
    key=("persona", "attribute", "channel", "inside", "policy", "option"),
    cut="day",
    about="Units and successes of a day inside and outside of the leaf that was bet on, once their outcomes are known.",
    made_of="units and events; who was erased is lost",
)
SPLIT_PAIRS = Table(
    name="split_pairs",
    schema=pa.schema(
        [
            *_SUBJECT,
            *((name, pa.int64()) for name in ("first", "second")),
            ("option", pa.string()),
            ("inside", pa.bool_()),
            *((name, pa.int64()) for name in ("n", "s")),
            ("day", pa.date32()),
        ]
    ),
    key=("persona", "attribute", "channel", "first", "second", "option", "inside"),
    cut="day",
    about="The same of those who said yes to both of two questions, by their numbers: every leaf follows from them.",
    made_of="units and events; who was erased is lost",
)
BREAKDOWN_SCHEMA = pa.schema(
    [
        *_SUBJECT,
        *((name, pa.string()) for name in ("option", "stratum", "policy", "column", "value")),
        ("others", pa.bool_()),
        *((name, pa.int64()) for name in ("customers", "n", "s")),
        *((name, pa.float64()) for name in ("sum", "sum_sq")),
        ("day", pa.date32()),
    ]
)
"""``value`` is what ``column`` said of the customers before the day: NULL where it is not known, and for all ``others``
together. ``customers`` are those of ``n`` who had no unit before in the same span of days."""
BREAKDOWNS = Table(
    name="breakdowns",
    schema=BREAKDOWN_SCHEMA,
    key=("persona", "attribute", "channel", "option", "stratum", "policy", "column", "value", "others"),
    cut="day",
    about="Units of a day and what they came to, by what a trait or feature said of their customers before: counted "
    "once their outcomes are known.",
    made_of="units and events; who was erased is not known",
)
CUSTOMERS = Table(
    name="customers",
    schema=None,
    key=("customer",),
    cut="newest",
    about="What was known of every customer at the end of the last closed day: features, traits, persona.",
    customers=("customer",),
    made_of="events",
)
MEMBERSHIPS = Table(
    name="memberships",
    schema=MEMBERSHIP_SCHEMA,
    key=("customer",),
    cut="ever",
    about="Since when each customer belongs to its persona.",
    customers=("customer",),
    made_of="customers; since when each is who it is, is lost",
)
LINKS = Table(
    name="links",
    schema=pa.schema([("id", pa.string()), ("customer", pa.string())]),
    key=("id",),
    cut="ever",
    about="Which ids were one customer when days were last folded.",
    customers=("id", "customer"),
    made_of="the links of the store",
)
TOTALS = TableFamily(
    prefix="totals_",
    named_by="how many days a span has, and which of its files it is",
    like=Table(
        name="totals_1",
        schema=None,
        key=("customer",),
        cut="day",
        about="What features need to know of a span of days, on its first day.",
        customers=("customer",),
        made_of="events",
    ),
)
SEGMENT_MEMBERS = TableFamily(
    prefix="segment_",
    named_by="the segment",
    like=Table(
        name="segment_s1",
        schema=pa.schema([("customer", pa.string())]),
        key=("customer",),
        cut="ever",
        about="The members of a segment when it was last seen.",
        customers=("customer",),
        made_of="customers, by the next `personas discover`",
    ),
)
SEGMENT_LEAVERS = TableFamily(
    prefix="left_segment_",
    named_by="the segment",
    like=Table(
        name="left_segment_s1",
        schema=pa.schema([("customer", pa.string()), ("day", pa.date32())]),
        key=("customer",),
        cut="ever",
        about="Who was in a segment until lately, and the day of the first search that did not find each there.",
        customers=("customer",),
        made_of="the members, search by search; who left before is lost",
    ),
)
ENTRIES = TableFamily(
    prefix="entries_",
    named_by="whose goals they are by",
    like=Table(
        name="entries_own",
        schema=ENTRY_SCHEMA,
        key=("customer",),
        cut="day",
        about="What each customer did since it entered, inside or outside of the holdout, at the end of the day: the "
        "comparison of a later day goes on from there.",
        customers=("customer",),
        made_of="units and events",
    ),
)
ENTRY_LINKS = TableFamily(
    prefix="entry_links_",
    named_by="whose goals they are by",
    like=Table(
        name="entry_links_own",
        schema=pa.schema([("id", pa.string()), ("customer", pa.string())]),
        key=("id",),
        cut="day",
        about="Which ids were one customer when the entries of the day were made.",
        customers=("id", "customer"),
        made_of="the links of the store",
    ),
)
