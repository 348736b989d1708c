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
from living_personas.memory.codec import DAY, MARK, MOMENT, TEXT, Codec, as_json
from living_personas.memory.record import Record, Records

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
STARTED: Record[date] = Record(key="started", codec=DAY, about="The first day that was closed.")
CLOSED: Record[date] = Record(key="closed", codec=DAY, about="The last closed day.")
HISTORY: Record[date] = Record(
    key="history",
    codec=DAY,
    about="The last day of the history that was closed in one step; absent once somebody met an option.",
)
CHANGED: Record[dict[str, list[date]]] = Record(
    key="changed",
    codec=as_json(dict[str, list[date]]),
    about="The days on which something was done (`did`) or met (`met`) that was sealed since the last cycle began.",
)
REFOLD: Record[list[date]] = Record(
    key="refold", codec=as_json(list[date]), about="Closed days that late data changed, until they are folded again."
)
IGNORED_BY: Record[str] = Record(
    key="ignored_by", codec=TEXT, about="The rule that said whom to ignore when the last cycle folded."
)
CONSENT_REQUIRED: Record[bool] = Record(
    key="consent_required", codec=MARK, about="That a yes was required when the last cycle folded."
)
OLD_DAYS: Record[dict[str, list[date]]] = Record(
    key="old days",
    codec=as_json(dict[str, list[date]]),
    about="The closed days of which events came since the last cycle began: from browsers (`browser`), from others "
    "(`server`).",
)
OLD_DAYS_WAITING: Record[list[date]] = Record(
    key="old days/waiting",
    codec=as_json(list[date]),
    about="The closed days that events of browsers alone changed, and that wait to be folded again.",
)
OLD_DAYS_SPENT: Record[dict[date, int]] = Record(
    key="old days/spent",
    codec=as_json(dict[date, int]),
    about="How many such days were folded again since the last closed day.",
)
FORMER_NAMES: Record[list[tuple[str, str, str, str]]] = Record(
    key="former_names",
    codec=as_json(list[tuple[str, str, str, str]]),
    about="What options were called when the last cycle folded: persona, attribute, former and present name.",
)
DIRTY: Record[date] = Record(
    key="dirty", codec=DAY, about="What versions before 1.0 kept instead: the first day that late data changed."
)
ACCOUNTS: Records[Accounts] = Records(
    prefix="accounts/",
    codec=_ACCOUNTS,
    named_by="the days until a unit's outcomes are known",
    about="The accounts after the last closed day.",
)
CHECKPOINTS: Records[Accounts] = Records(
    prefix="checkpoint/",
    codec=_ACCOUNTS,
    named_by="the day, and the days until a unit's outcomes are known",
    about="The accounts after some earlier days: late data replay from there.",
)
CHECKPOINT_ABOUT: Records[dict[str, int]] = Records(
    prefix="checkpoint about/",
    codec=as_json(dict[str, int]),
    named_by="the day",
    about="Which version of each persona a checkpoint is about.",
)
CREDIT: Record[str] = Record(
    key="credit",
    codec=TEXT,
    about="The rule by which outcomes count for units in cells and accounts; absent: for the latest unit alone.",
)
EVIDENCE_ABOUT: Record[dict[str, int]] = Record(
    key="books", codec=as_json(dict[str, int]), about="Which version of each persona the accounts are about."
)
PROMISED: Record[str] = Record(
    key="promised", codec=TEXT, about="What was promised when the accounts were kept: `each` (also if absent) or `all`."
)
BOOKS: Record[list[Book]] = Record(
    key="promise/books",
    codec=as_json(list[Book]),
    about="The attributes that share a promise about all of them, and since when.",
)
LATENESS: Record[dict[str, int]] = Record(
    key="lateness",
    codec=as_json(dict[str, int]),
    about="By how many days the units of each persona's attributes are complete later, as their outcomes come late.",
)
MEASURED_LATENESS: Record[MeasuredLateness] = Record(
    key="lateness/measured", codec=as_json(MeasuredLateness), about="How late outcomes came when it was last measured."
)
BROUGHT: Records[list[str]] = Records(
    prefix="brought/",
    codec=as_json(list[str]),
    named_by="the source",
    about="The names of the events that a source brought.",
)
SECOND_LOOKS: Records[LastLook] = Records(
    prefix="second look/",
    codec=as_json(LastLook),
    named_by="the correction",
    about="Which units and outcomes an applied correction rested on when they were last looked at.",
)
VALUE_CAPS: Records[ValueCap] = Records(
    prefix="cap/",
    codec=as_json(ValueCap),
    named_by="the persona",
    about="The `at_most` of a goal that names a value and none, fixed from the values that were seen.",
)
VALUES_SEEN: Records[int] = Records(
    prefix="cap-values/",
    codec=as_json(int),
    named_by="the persona",
    about="How many values were seen of a goal that still waits for its `at_most`.",
)
POLICIES: Records[dict[str, float]] = Records(
    prefix="policy/",
    codec=as_json(dict[str, float]),
    named_by="the policy",
    about="The shares of the options of a policy that was logged elsewhere.",
)
COMPLETE: Records[date] = Records(
    prefix="complete/", codec=DAY, named_by="the source", about="The last day of a source whose outcomes are final."
)
RATIO_ACKNOWLEDGED: Records[list[date]] = Records(
    prefix="ratio-acknowledged/",
    codec=as_json(list[date]),
    named_by="the subject",
    about="The days with whose units the check of an attribute's shares began again, as a person said.",
)
EARLIEST: Record[date] = Record(
    key="earliest", codec=DAY, about="Before this day nothing can have happened, by the times of the first file."
)
ROWS_TOLD_BY: Records[list[str]] = Records(
    prefix="rows/",
    codec=as_json(list[str]),
    named_by="the source",
    about="The columns by which rows without an id are told apart, as they were when the first of them were read.",
)
ROWS_BEFORE: Records[bool] = Records(
    prefix="rows-before/",
    codec=MARK,
    named_by="the source",
    about="That older rows of a source have ids of file name and row number: they are found by what they say.",
)
LEFT_OUT_VALUES: Record[dict[str, int]] = Record(
    key="left-out",
    codec=as_json(dict[str, int]),
    about="How many values did not count, as they are in another currency than the sum, by what they are.",
)
TIMES_SAID: Records[dict[str, int]] = Records(
    prefix="times/",
    codec=as_json(dict[str, int]),
    named_by="the source",
    about="How many rows of a source were known by their day alone, and how many by their time.",
)
CONSENTS_READ: Record[list[str]] = Record(
    key="consents",
    codec=as_json(list[str]),
    about="The traits that were read as consents in all events; what they say is kept in the store's own index.",
)
UNCLEAR_CONSENTS: Record[dict[str, int]] = Record(
    key="unclear-consents",
    codec=as_json(dict[str, int]),
    about="How many words on each consent were neither a yes nor a no, and so a no.",
)
SPELLINGS_JOINED: Record[date] = Record(
    key="spellings",
    codec=DAY,
    about="The first day from which ids are hashed and joined in their canonical form, whatever their spelling.",
)
SPELLINGS_CHANGED: Record[int] = Record(
    key="spellings/changed",
    codec=as_json(int),
    about="How many ids are hashed in another form since then; absent once it was told.",
)
NAMES_SEEN: Record[dict[str, list[str]]] = Record(
    key="seen",
    codec=as_json(dict[str, list[str]]),
    about="The names of the events and channels that were ever seen, and of the events that browsers or agents sent.",
)
NAMES_RECALLED: Record[bool] = Record(
    key="named", codec=MARK, about="That it is known of all recorded events whom servers named in them."
)
FROM_STRANGERS: Record[dict[str, dict[str, int]]] = Record(
    key="strangers",
    codec=as_json(dict[str, dict[str, int]]),
    about="How often browsers spoke of customers of servers on each of the last days: events taken as a visitor's, "
    "noes, and yeses, which do not count.",
)
GIVEN: Records[dict[str, int]] = Records(
    prefix="given/",
    codec=as_json(dict[str, int]),
    named_by="the day",
    about="How many customers browsers were given each option for on a day, where nobody vouched for it.",
)
REPORTED: Record[list[Reported]] = Record(
    key="reported",
    codec=as_json(list[Reported]),
    about="Of how many of these browsers reported it, and the account against reporting by option.",
)
RECEIPTS: Records[dict[str, int]] = Records(
    prefix="fates/",
    codec=as_json(dict[str, int]),
    named_by="the day",
    about="How many of the rows received on a day were stored, duplicates, or quarantined.",
)
SIGNATURES: Records[tuple[str, datetime]] = Records(
    prefix="signature/",
    codec=as_json(tuple[str, datetime]),
    named_by="the SHA-256 of the signature",
    about="The SHA-256 of the body that came first with a signature that covers no body, and when: for a day.",
)
EXPIRED: Record[int] = Record(
    key="expired", codec=as_json(int), about="How many rows were dropped from quarantine because of their age."
)
NO_ROOM: Record[dict[str, int]] = Record(
    key="no-room",
    codec=as_json(dict[str, int]),
    about="How many rows were refused on each of the last days as quarantine was full.",
)
ROBOTS: Record[dict[str, int]] = Record(
    key="robots", codec=as_json(dict[str, int]), about="How many events of robots came on each of the last days."
)
FEEDS: Records[Feed] = Records(
    prefix="feed/",
    codec=as_json(Feed),
    named_by="the day",
    about="What was measured of a day's feed, and what was alarming about it.",
)
TOTALS_MADE: Record[dict[str, dict[str, str]]] = Record(
    key="totals",
    codec=as_json(dict[str, dict[str, str]]),
    about="Of which events each file of totals was made, by hashes of the aggregates and traits that it tells of.",
)
CUSTOMERS_OF: Record[str] = Record(
    key="customers of",
    codec=TEXT,
    about="Of which events, links, features, traits and rules the customers table was made, by a hash.",
)
UNITS_COUNTED: Record[dict[date, tuple[str, int, int]]] = Record(
    key="units/counted",
    codec=as_json(dict[date, tuple[str, int, int]]),
    about="Of which rows the units of each day were counted; how many no rule matched, and how many have no shares.",
)
SIZES: Record[dict[date, dict[str, int]]] = Record(
    key="sizes",
    codec=as_json(dict[date, dict[str, int]]),
    about="How many customers each persona held, on the last days on which the customers table was written.",
)
MEASURED: Record[dict[str, list[float]]] = Record(
    key="measured",
    codec=as_json(dict[str, list[float]]),
    about="Count, sum and sum of squares of each persona's traits when they were last measured.",
)

# Segments.
SEGMENTS: Records[Segment] = Records(
    prefix="segment/",
    codec=as_json(Segment),
    named_by="the segment",
    about="A segment that was found, and what became of it.",
    holds="staff",
)
SUGGESTED_NAMES: Records[dict[str, str]] = Records(
    prefix="suggested_name/",
    codec=as_json(dict[str, str]),
    named_by="the segment",
    about="The names suggested for a segment, by who did.",
    holds="staff",
)
DISCOVERED: Record[date] = Record(key="discovered", codec=DAY, about="The last day on which segments were looked for.")

# What leaves the house.
AD_NUMBERS: Record[dict[str, int]] = Record(
    key="ads/numbers", codec=as_json(dict[str, int]), about="The number by which a persona's lists for ads are called."
)
CLICKS: Record[list[tuple[str, str, float]]] = Record(
    key="email/clicks",
    codec=as_json(list[tuple[str, str, float]]),
    about="Who clicked in an e-mail in the last seconds: salted hash, message, seconds.",
    holds="customers' hashes",
)
OUTBOX: Records[Outgoing] = Records(
    prefix="outbox/",
    codec=as_json(Outgoing),
    named_by="the change and address",
    about="A change on its way.",
    holds="staff",
)
GIVEN_UP: Records[Outgoing] = replace(
    OUTBOX, prefix="given-up/", about="A change that nobody took, until a person has it tried again."
)
ANNOUNCED: Records[bool] = Records(
    prefix="announced/", codec=MARK, named_by="the change", about="That a change was put into the outbox once."
)
ANNOUNCING_SINCE: Record[datetime] = Record(
    key="announcing", codec=MOMENT, about="Since when changes are announced: what changed before is old news."
)
