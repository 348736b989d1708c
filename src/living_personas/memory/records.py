"""Every record that a workspace keeps by name. Keys and bytes are what workspaces hold on disk: never change one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from living_personas.domain.book import Book
from living_personas.domain.feed import Feed
from living_personas.domain.last_look import LastLook
from living_personas.domain.measured_lateness import MeasuredLateness
from living_personas.domain.outgoing import Outgoing
from living_personas.domain.reported import Reported
from living_personas.domain.segment import Segment
from living_personas.domain.value_cap import ValueCap
from living_personas.memory.codec import DAY, MARK, MOMENT, TEXT, Codec
from living_personas.memory.record import record, records

if TYPE_CHECKING:
    from living_personas.refining.accounts import Accounts

__all__ = [
    "ACCOUNTS",
    "AD_NUMBERS",
    "ANNOUNCED",
    "ANNOUNCING_SINCE",
    "BOOKS",
    "BROUGHT",
    "CHANGED",
    "CHECKPOINTS",
    "CHECKPOINT_ABOUT",
    "CLICKS",
    "CLOSED",
    "COMPLETE",
    "CONSENTS_READ",
    "CONSENT_REQUIRED",
    "CREDIT",
    "CUSTOMERS_OF",
    "DIRTY",
    "DISCOVERED",
    "EARLIEST",
    "EVIDENCE_ABOUT",
    "EXPIRED",
    "FEEDS",
    "FORMER_NAMES",
    "FROM_STRANGERS",
    "GIVEN",
    "GIVEN_UP",
    "HISTORY",
    "IGNORED_BY",
    "LATENESS",
    "LEFT_OUT_VALUES",
    "MEASURED",
    "MEASURED_LATENESS",
    "NAMES_RECALLED",
    "NAMES_SEEN",
    "NO_ROOM",
    "OLD_DAYS",
    "OLD_DAYS_SPENT",
    "OLD_DAYS_WAITING",
    "OUTBOX",
    "POLICIES",
    "PROMISED",
    "RATIO_ACKNOWLEDGED",
    "RECEIPTS",
    "REFOLD",
    "REPORTED",
    "ROBOTS",
    "ROWS_BEFORE",
    "ROWS_TOLD_BY",
    "SECOND_LOOKS",
    "SEGMENTS",
    "SIGNATURES",
    "SIZES",
    "SPELLINGS_CHANGED",
    "SPELLINGS_JOINED",
    "STARTED",
    "SUGGESTED_NAMES",
    "TIMES_SAID",
    "TOTALS_MADE",
    "UNCLEAR_CONSENTS",
    "UNITS_COUNTED",
    "VALUES_SEEN",
    "VALUE_CAPS",
]


def _block_of(accounts: Accounts) -> bytes:
    from living_personas.memory.account_blocks import block_of  # noqa: PLC0415 - arrays, which few commands touch

    return block_of(accounts)


def _accounts_from(block: bytes) -> Accounts:
    from living_personas.memory.account_blocks import accounts_from  # noqa: PLC0415 - as above

    return accounts_from(block)


_ACCOUNTS: Codec[Accounts] = Codec(encode=_block_of, decode=_accounts_from)

# The loop: which days are done, and the evidence after them.
STARTED = record("started", DAY, about="The first day that was closed.")
CLOSED = record("closed", DAY, about="The last closed day.")
HISTORY = record(
    "history", DAY, about="The last day of the history that was closed in one step; absent once somebody met an option."
)
CHANGED = record(
    "changed",
    dict[str, list[date]],
    about="The days on which something was done (`did`) or met (`met`) that was sealed since the last cycle began.",
)
REFOLD = record("refold", list[date], about="Closed days that late data changed, until they are folded again.")
IGNORED_BY = record("ignored_by", TEXT, about="The rule that said whom to ignore when the last cycle folded.")
CONSENT_REQUIRED = record("consent_required", MARK, about="That a yes was required when the last cycle folded.")
OLD_DAYS = record(
    "old days",
    dict[str, list[date]],
    about="The closed days of which events came since the last cycle began: from browsers (`browser`), from others "
    "(`server`).",
)
OLD_DAYS_WAITING = record(
    "old days/waiting",
    list[date],
    about="The closed days that events of browsers alone changed, and that wait to be folded again.",
)
OLD_DAYS_SPENT = record(
    "old days/spent", dict[date, int], about="How many such days were folded again since the last closed day."
)
FORMER_NAMES = record(
    "former_names",
    list[tuple[str, str, str, str]],
    about="What options were called when the last cycle folded: persona, attribute, former and present name.",
)
DIRTY = record("dirty", DAY, about="What versions before 1.0 kept instead: the first day that late data changed.")
ACCOUNTS = records(
    "accounts/",
    _ACCOUNTS,
    named_by="the days until a unit's outcomes are known",
    about="The accounts after the last closed day.",
)
CHECKPOINTS = records(
    "checkpoint/",
    _ACCOUNTS,
    named_by="the day, and the days until a unit's outcomes are known",
    about="The accounts after some earlier days: late data replay from there.",
)
CHECKPOINT_ABOUT = records(
    "checkpoint about/",
    dict[str, int],
    named_by="the day",
    about="Which version of each persona a checkpoint is about.",
)
CREDIT = record(
    "credit",
    TEXT,
    about="The rule by which outcomes count for units in cells and accounts; absent: for the latest unit alone.",
)
EVIDENCE_ABOUT = record("books", dict[str, int], about="Which version of each persona the accounts are about.")
PROMISED = record(
    "promised", TEXT, about="What was promised when the accounts were kept: `each` (also if absent) or `all`."
)
BOOKS = record(
    "promise/books", list[Book], about="The attributes that share a promise about all of them, and since when."
)
LATENESS = record(
    "lateness",
    dict[str, int],
    about="By how many days the units of each persona's attributes are complete later, as their outcomes come late.",
)
MEASURED_LATENESS = record(
    "lateness/measured", MeasuredLateness, about="How late outcomes came when it was last measured."
)
BROUGHT = records("brought/", list[str], named_by="the source", about="The names of the events that a source brought.")
SECOND_LOOKS = records(
    "second look/",
    LastLook,
    named_by="the correction",
    about="Which units and outcomes an applied correction rested on when they were last looked at.",
)
VALUE_CAPS = records(
    "cap/",
    ValueCap,
    named_by="the persona",
    about="The `at_most` of a goal that names a value and none, fixed from the values that were seen.",
)
VALUES_SEEN = records(
    "cap-values/",
    int,
    named_by="the persona",
    about="How many values were seen of a goal that still waits for its `at_most`.",
)
POLICIES = records(
    "policy/",
    dict[str, float],
    named_by="the policy",
    about="The shares of the options of a policy that was logged elsewhere.",
)
COMPLETE = records("complete/", DAY, named_by="the source", about="The last day of a source whose outcomes are final.")
RATIO_ACKNOWLEDGED = records(
    "ratio-acknowledged/",
    list[date],
    named_by="the subject",
    about="The days with whose units the check of an attribute's shares began again, as a person said.",
)
EARLIEST = record("earliest", DAY, about="Before this day nothing can have happened, by the times of the first file.")
ROWS_TOLD_BY = records(
    "rows/",
    list[str],
    named_by="the source",
    about="The columns by which rows without an id are told apart, as they were when the first of them were read.",
)
ROWS_BEFORE = records(
    "rows-before/",
    MARK,
    named_by="the source",
    about="That older rows of a source have ids of file name and row number: they are found by what they say.",
)
LEFT_OUT_VALUES = record(
    "left-out",
    dict[str, int],
    about="How many values did not count, as they are in another currency than the sum, by what they are.",
)
TIMES_SAID = records(
    "times/",
    dict[str, int],
    named_by="the source",
    about="How many rows of a source were known by their day alone, how many by their time, and at how many midnights.",
)
CONSENTS_READ = record(
    "consents",
    list[str],
    about="The traits that were read as consents in all events; what they say is kept in the store's own index.",
)
UNCLEAR_CONSENTS = record(
    "unclear-consents", dict[str, int], about="How many words on each consent were neither a yes nor a no, and so a no."
)
SPELLINGS_JOINED = record(
    "spellings",
    DAY,
    about="The first day from which ids are hashed and joined in their canonical form, whatever their spelling.",
)
SPELLINGS_CHANGED = record(
    "spellings/changed", int, about="How many ids are hashed in another form since then; absent once it was told."
)
NAMES_SEEN = record(
    "seen",
    dict[str, list[str]],
    about="The names of the events and channels that were ever seen, and of the events that browsers or agents sent.",
)
NAMES_RECALLED = record("named", MARK, about="That it is known of all recorded events whom servers named in them.")
FROM_STRANGERS = record(
    "strangers",
    dict[str, dict[str, int]],
    about="How often browsers spoke of customers of servers on each of the last days: events taken as a visitor's, "
    "noes, and yeses, which do not count.",
)
GIVEN = records(
    "given/",
    dict[str, int],
    named_by="the day",
    about="How many customers browsers were given each option for on a day, where nobody vouched for it.",
)
REPORTED = record(
    "reported",
    list[Reported],
    about="Of how many of these browsers reported it, and the account against reporting by option.",
)
RECEIPTS = records(
    "fates/",
    dict[str, int],
    named_by="the day",
    about="How many of the rows received on a day were stored, duplicates, or quarantined.",
)
SIGNATURES = records(
    "signature/",
    tuple[str, datetime],
    named_by="the SHA-256 of the signature",
    about="The SHA-256 of the body that came first with a signature that covers no body, and when: for a day.",
)
EXPIRED = record("expired", int, about="How many rows were dropped from quarantine because of their age.")
NO_ROOM = record(
    "no-room", dict[str, int], about="How many rows were refused on each of the last days as quarantine was full."
)
ROBOTS = record("robots", dict[str, int], about="How many events of robots came on each of the last days.")
FEEDS = records(
    "feed/", Feed, named_by="the day", about="What was measured of a day's feed, and what was alarming about it."
)
TOTALS_MADE = record(
    "totals",
    dict[str, dict[str, str]],
    about="Of which events each file of totals was made, by hashes of the aggregates and traits that it tells of.",
)
CUSTOMERS_OF = record(
    "customers of",
    TEXT,
    about="Of which events, links, features, traits and rules the customers table was made, by a hash.",
)
UNITS_COUNTED = record(
    "units/counted",
    dict[date, tuple[str, int, int]],
    about="Of which rows the units of each day were counted; how many no rule matched, and how many have no shares.",
)
SIZES = record(
    "sizes",
    dict[date, dict[str, int]],
    about="How many customers each persona held, on the last days on which the customers table was written.",
)
MEASURED = record(
    "measured",
    dict[str, list[float]],
    about="Count, sum and sum of squares of each persona's traits when they were last measured.",
)

# Segments.
SEGMENTS = records(
    "segment/", Segment, named_by="the segment", about="A segment that was found, and what became of it.", holds="staff"
)
SUGGESTED_NAMES = records(
    "suggested_name/",
    dict[str, str],
    named_by="the segment",
    about="The names suggested for a segment, by who did.",
    holds="staff",
)
DISCOVERED = record("discovered", DAY, about="The last day on which segments were looked for.")

# What leaves the house.
AD_NUMBERS = record("ads/numbers", dict[str, int], about="The number by which a persona's lists for ads are called.")
CLICKS = record(
    "email/clicks",
    list[tuple[str, str, float]],
    about="Who clicked in an e-mail in the last seconds: salted hash, message, seconds.",
    holds="customers' hashes",
)
OUTBOX = records("outbox/", Outgoing, named_by="the change and address", about="A change on its way.", holds="staff")
GIVEN_UP = replace(OUTBOX, prefix="given-up/", about="A change that nobody took, until a person has it tried again.")
ANNOUNCED = records("announced/", MARK, named_by="the change", about="That a change was put into the outbox once.")
ANNOUNCING_SINCE = record(
    "announcing", MOMENT, about="Since when changes are announced: what changed before is old news."
)
