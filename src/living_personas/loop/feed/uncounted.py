"""What came in the last weeks and does not count: nothing is left out without a name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Literal

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.consent import may_be_leaving
from living_personas.domain.decision import IGNORED, UNMATCHED
from living_personas.domain.persona import EVER, Attribute, longest_wait
from living_personas.domain.told_number import share_words
from living_personas.domain.uncounted import MUCH, Uncounted
from living_personas.loop.context import Context
from living_personas.loop.event_days.old_days import days_waiting
from living_personas.loop.event_days.seen import names_seen
from living_personas.loop.feed.summed_values import summed_values
from living_personas.loop.folding.customers import member_counts
from living_personas.loop.folding.fold import judged
from living_personas.loop.folding.vouched_exposures import uncounted_exposures
from living_personas.loop.known.ignoring import rule_columns
from living_personas.loop.privacy.consent import silent
from living_personas.loop.privacy.stranger_counts import burst_of_noes, strangers_since
from living_personas.loop.recording.receipts import robots_since
from living_personas.loop.relations import filtered, row_count
from living_personas.memory.records import CLOSED, LEFT_OUT_VALUES, STARTED, UNCLEAR_CONSENTS
from living_personas.memory.tables import CUSTOMERS, EVENTS, EXPOSURES, UNITS
from living_personas.ports import Relation

__all__ = ["left_out", "uncounted", "uncounted_units"]

_NOBODY = pa.schema([("customer", pa.string()), ("persona", pa.string())])

UNIT_DAYS, OUTCOME_DAYS = 28, 7
"""The last closed days whose units and outcomes are looked at: what was mended longer ago is no news."""


def uncounted(context: Context) -> tuple[Uncounted, ...]:
    """What came in the last closed weeks and does not count: units, outcomes of nobody's, other currencies."""
    closed, started = CLOSED.read(context.store), STARTED.read(context.store)
    found = [*left_out(context), *_ignored(context), *_robots(context, closed), *_strangers(context, closed)]
    found += summed_values(context, closed) if closed else ()
    if closed is None or started is None or started > closed:
        return tuple(found)
    first = closed - timedelta(days=UNIT_DAYS - 1)
    exposures = EXPOSURES.read(context.store, first, closed)
    found += [*_met_again(context, exposures), *_never_agreed(context, exposures)]
    if unvouched := uncounted_exposures(context, first, closed):
        found.append(Uncounted(kind="unvouched", count=unvouched, of=row_count(exposures)))
    units = UNITS.read(context.store, first, closed)
    early = row_count(UNITS.read(context.store, EVER, started - timedelta(days=1)))
    found += uncounted_units(context, units)
    found += _unowned(context, max(started, closed - timedelta(days=OUTCOME_DAYS - 1)), closed)
    if early:
        found.append(Uncounted(kind="early", count=early, of=early + row_count(UNITS.all(context.store))))
    return tuple(found)


def left_out(context: Context) -> Iterator[Uncounted]:
    """Values in currencies of no known worth, consents that nobody understands, and leaving under another name."""
    for what, count in (LEFT_OUT_VALUES.read(context.store) or {}).items():
        yield Uncounted(kind="currency", count=count, of=count, because=what)
    for name, count in (UNCLEAR_CONSENTS.read(context.store) or {}).items():
        yield Uncounted(kind="unclear", count=count, of=count, because=name)
    rests = {each.event for each in context.settings.contact.cool_downs} if context.settings.contact else set()
    for name in names_seen(context.store):
        if may_be_leaving(name) and name not in rests:
            yield Uncounted(kind="leaving", count=1, of=1, event=name)


def _met_again(context: Context, exposures: Relation) -> Iterator[Uncounted]:
    """Customers who met two options on one occasion, and those who were met again where a source names no occasions."""
    without_epoch = {s.exposure.attribute for s in context.settings.sources if s.exposure and s.exposure.epoch is None}
    ignored = pc.field("persona") == IGNORED
    rows = context.engine.met_again(
        exposures,
        links=context.store.inbox.links(),
        ignored=filtered(CUSTOMERS.newest(context.store), ignored, _NOBODY, columns=["customer"]),
        attributes=[attribute for persona in context.personas for attribute in persona.attributes],
    )
    for row in rows.to_pylist():
        name, again = row["attribute"], row["unnamed"] - row["units"]
        if row["crossed"]:
            yield Uncounted(kind="crossed", count=row["crossed"], of=row["customers"], attribute=name)
        if name in without_epoch and again > MUCH * row["unnamed"]:
            yield Uncounted(kind="again", count=again, of=row["unnamed"], attribute=name)


def _never_agreed(context: Context, exposures: Relation) -> Iterator[Uncounted]:
    """Customers who met an option and said neither yes nor no, where a yes is required."""
    if context.settings.consent == "required":
        met = filtered(exposures, schema=EXPOSURES.schema, columns=["customer", "channel"])
        channels = {name: met.filter(pc.equal(met["channel"], name)) for name in met["channel"].unique().to_pylist()}
        quiet = {who for name, rows in channels.items() for who in silent(context, rows["customer"], name).to_pylist()}
        if quiet:
            yield Uncounted(kind="consent", count=len(quiet), of=len(met["customer"].unique()))


def _robots(context: Context, closed: date | None) -> Iterator[Uncounted]:
    """The events that robots sent in the last weeks."""
    count = robots_since(context, closed - timedelta(days=UNIT_DAYS - 1) if closed else EVER)
    if count:
        yield Uncounted(kind="robot", count=count, of=count)


def _strangers(context: Context, closed: date | None) -> Iterator[Uncounted]:
    """What browsers said of customers of servers in the last weeks, and a burst of their noes on the last day."""
    since = closed - timedelta(days=UNIT_DAYS - 1) if closed else EVER
    kinds: tuple[Literal["claimed", "yes"], ...] = ("claimed", "yes")
    for kind in kinds:
        if count := strangers_since(context, kind, since):
            yield Uncounted(kind=kind, count=count, of=count)
    if waiting := days_waiting(context.store):
        yield Uncounted(kind="old", count=waiting, of=waiting)
    for day in (closed, closed + timedelta(days=1)) if closed else ():
        if burst := burst_of_noes(context, day):
            yield Uncounted(kind="noes", count=burst, of=burst, because=day.isoformat())


def _ignored(context: Context) -> Iterator[Uncounted]:
    """The customers whom the workspace ignores, as the last cycle knew them."""
    counts: Mapping[str, int] = member_counts(context.store) or {}
    if counts.get(IGNORED):
        yield Uncounted(kind="ignored", count=counts[IGNORED], of=sum(counts.values()))


def uncounted_units(context: Context, units: Relation) -> Iterator[Uncounted]:
    """Units whose persona, attribute or option no file knows, and those that no rule holds."""
    counts = context.engine.counts(units, by=["persona", "attribute", "option"]).to_pylist()
    known = {persona.id: {each.name: each for each in persona.attributes} for persona in context.personas}
    names = {name for attributes in known.values() for name in attributes}
    every = sum(row["n"] for row in counts)
    of_attribute: dict[tuple[str, str], int] = {}
    found: dict[tuple[str, str, str, str], int] = {}
    for row in counts:
        persona, attribute = row["persona"], row["attribute"]
        of_attribute[persona, attribute] = of_attribute.get((persona, attribute), 0) + row["n"]
        key = _unknown(persona, attribute, row["option"], known, names)
        if key:
            found[key] = found.get(key, 0) + row["n"]
    for (kind, persona, attribute, option), count in found.items():
        match kind:
            case "rule":
                yield Uncounted(kind="rule", count=count, of=every, because=_why(context, units))
            case "option":
                of = of_attribute[persona, attribute]
                yield Uncounted(kind="option", count=count, of=of, persona=persona, attribute=attribute, option=option)
            case "attribute":
                yield Uncounted(kind="attribute", count=count, of=every, persona=persona, attribute=attribute)
            case _:
                yield Uncounted(kind="persona", count=count, of=every, persona=persona)


def _unknown(
    persona: str, attribute: str, option: str, known: Mapping[str, Mapping[str, Attribute]], names: set[str]
) -> tuple[str, str, str, str] | None:
    """What is unknown of a unit: its kind, and the names that tell which."""
    if attribute not in names:
        return ("attribute", "", attribute, "")
    if persona == UNMATCHED:
        return ("rule", "", "", "")
    if persona not in known:
        return ("persona", persona, "", "")
    if attribute not in known[persona]:
        return ("attribute", persona, attribute, "")
    if known[persona][attribute].called(option) not in known[persona][attribute].options:
        return ("option", persona, attribute, option)
    return None


def _why(context: Context, units: Relation) -> str:
    """Why no rule holds so many, as far as it can be told: what their rules ask for and is not known of them."""
    unmatched = filtered(units, pc.field("persona") == UNMATCHED, columns=["customer"])["customer"].unique()
    rows = filtered(CUSTOMERS.newest(context.store), pc.field("customer").isin(unmatched))
    asked = rule_columns(context)
    missing = {
        name: len(unmatched) - (len(rows) - rows[name].null_count if name in rows.column_names else 0) for name in asked
    }
    told = [
        f"`{name}` is not known of {share_words(count / len(unmatched))} of them"
        for name, count in missing.items()
        if 2 * count > len(unmatched)
    ]
    return ", ".join(told) or "what is known of them makes no rule true"


def _unowned(context: Context, first: date, last: date) -> Iterator[Uncounted]:
    units = UNITS.read(context.store, first - longest_wait(context.personas), last)
    waiting = context.engine.counts(units, by=["customer"]).num_rows
    everybody = sum(count for persona, count in (member_counts(context.store) or {}).items() if persona != IGNORED)
    rows = context.engine.owned(
        first,
        last,
        units=units,
        events=EVENTS.read(context.store, first, last),
        links=context.store.inbox.links(),
        personas=[judged(context, persona) for persona in context.personas],
    )
    for row in rows.to_pylist():
        if row["owned"] < row["outcomes"]:
            yield Uncounted(
                kind="outcome",
                count=row["outcomes"] - row["owned"],
                of=row["outcomes"],
                event=row["event"],
                expected=row["outcomes"] * waiting / max(everybody, 1),
            )
