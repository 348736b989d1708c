"""Is the feed sound? Each day is measured, and compared with the sound days before: what jumps holds all changes."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import reduce
from hashlib import blake2b
from statistics import fmean, median

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.json as arrow_json

from living_personas.domain.batch import UNVOUCHED_MARKS
from living_personas.domain.counted import counted
from living_personas.domain.feed import Feed, FeedOutcome
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.names import named
from living_personas.domain.told_number import share_words
from living_personas.loop.context import Context
from living_personas.loop.folding.vouched_exposures import counting_exposures
from living_personas.loop.relations import table_of
from living_personas.memory.records import FEEDS
from living_personas.memory.tables import EVENTS
from living_personas.ports import Store
from living_personas.stats.quality import jumped, scale_jumped

__all__ = ["feed_alarms", "watch"]

_BACK, _WEEK, _LEAST_DAYS = 14, 7, 5
"""A day is compared with up to a week of sound days among the fourteen before it, if there are five: a level that has
changed for longer is how it is now."""
_FEW = 20
"""Fewer events than this say nothing."""
_EMPTIED = 0.5
_SEVERAL, _SHARED = 2, 0.001
"""Decisions met by several customers, in number and as a share: one decision names one customer."""
_MICROS = 86_400_000_000


def watch(context: Context, day: date) -> tuple[str, ...]:
    """Measure the feed of a day that is over; what is wrong with it, if anything."""
    events = table_of(EVENTS.read(context.store, day, day))
    exposures = table_of(counting_exposures(context, day))
    if not events.num_rows or not exposures.num_rows:
        return ()
    feed = _measured(context, events, exposures)
    alarms = tuple(_wrong(context.store, feed, day, decisions=exposures.num_rows))
    FEEDS.write(context.store, day.isoformat(), replace(feed, alarms=alarms))
    return alarms


def feed_alarms(store: Store, day: date) -> tuple[str, ...]:
    """What was wrong with the feed of a day."""
    feed = FEEDS.read(store, day.isoformat())
    return feed.alarms if feed else ()


def _measured(context: Context, events: pa.Table, exposures: pa.Table) -> Feed:
    judged: list[Goal | Guardrail] = [p.goal for p in context.personas]
    judged += [guardrail for p in context.personas for guardrail in p.guardrails]
    names = {each.event for each in judged}
    open_to_all = pa.array(sorted({each.event for each in judged if each.from_browsers != "never"}), pa.string())
    marked = (pc.match_substring(events["properties"], mark) for mark in UNVOUCHED_MARKS)
    forgeable = reduce(pc.or_, marked)
    events = events.filter(pc.or_(pc.invert(forgeable), pc.is_in(events["name"], open_to_all)))
    channels = exposures["channel"].value_counts().to_pylist()
    decided = exposures.filter(pc.not_equal(exposures["decision_id"], "")).select(["decision_id", "customer"])
    customers = decided.group_by("decision_id").aggregate([("customer", "count_distinct")])["customer_count_distinct"]
    return Feed(
        outcomes={name: _outcome(events.filter(pc.equal(events["name"], name))) for name in sorted(names)},
        channels={each["values"]: each["counts"] for each in channels},
        shared=pc.sum(pc.greater(customers, 1)).as_py() or 0,
    )


def _outcome(rows: pa.Table) -> FeedOutcome:
    said = rows["properties"]
    nulls = pc.sum(pc.match_substring_regex(said, r":\s*null")).as_py() or 0
    return FeedOutcome(
        count=rows.num_rows,
        digest=_digest(rows),
        nulls=nulls / max(rows.num_rows, 1),
        medians=_medians(said),
    )


def _digest(rows: pa.Table) -> str:
    """Whose events, and at what time of day: the same on two days means that nobody counted anew."""
    moments = rows["time"].cast(pa.int64()).to_numpy() % _MICROS
    whose = sorted(zip(rows["customer"].to_pylist(), moments.tolist(), strict=True))
    return blake2b(json.dumps(whose).encode(), digest_size=8).hexdigest()


def _medians(properties: pa.ChunkedArray) -> dict[str, float]:
    """The median of each numeric property, where properties are plain."""
    if not len(properties):
        return {}
    try:
        table = arrow_json.read_json(io.BytesIO("\n".join(properties.to_pylist()).encode()))
    except pa.ArrowInvalid:  # a property that is text here and a number there has no median
        return {}
    numbers = [name for name, type_ in zip(table.schema.names, table.schema.types, strict=True) if _is_number(type_)]
    found = {name: pc.approximate_median(table[name]).as_py() for name in numbers}
    return {name: float(middle) for name, middle in found.items() if middle is not None}


def _is_number(type_: pa.DataType) -> bool:
    return bool(pa.types.is_integer(type_) or pa.types.is_floating(type_))


def _wrong(store: Store, feed: Feed, day: date, *, decisions: int) -> Iterator[str]:
    if feed.shared >= _SEVERAL and feed.shared > _SHARED * decisions:
        yield f"{feed.shared} decisions were met by several customers: do robots walk through them?"
    yesterday = FEEDS.read(store, (day - timedelta(days=1)).isoformat())
    for name, outcome in feed.outcomes.items():
        before = yesterday.outcomes.get(name) if yesterday else None
        if before and outcome.count >= _FEW and outcome.digest == before.digest:
            yield f"{named(name)} came from the same customers at the same times as the day before: is the feed frozen?"
    sound = _sound(store, day)
    if len(sound) >= _LEAST_DAYS:
        yield from _jumps(feed, sound)


def _sound(store: Store, day: date) -> list[Feed]:
    """The newest days before on which nothing was wrong, up to a week of them."""
    known = (FEEDS.read(store, (day - timedelta(days=back)).isoformat()) for back in range(1, _BACK + 1))
    return [feed for feed in known if feed is not None and not feed.alarms][:_WEEK]


def _jumps(feed: Feed, sound: Sequence[Feed]) -> Iterator[str]:
    """What is not as it was on the sound days before."""
    for name, outcome in feed.outcomes.items():
        before = [each.outcomes[name] for each in sound if name in each.outcomes]
        usual = fmean([each.count for each in before]) if before else 0.0
        if jumped(outcome.count, usual, days=len(before)):
            yield f"{named(name)} came {outcome.count:,} times, and {usual:,.0f} times a day before."
        if min(outcome.count, usual) >= _FEW:
            yield from _others(name, outcome, before)
    for channel in sorted({name for each in (feed, *sound) for name in each.channels}):
        now, usual = feed.channels.get(channel, 0), fmean([each.channels.get(channel, 0) for each in sound])
        if jumped(now, usual, days=len(sound)):
            came = f"{counted(now, 'exposure')} came through the channel {named(channel)}"
            yield f"{came}, and {usual:,.0f} a day before."


def _others(name: str, outcome: FeedOutcome, before: Sequence[FeedOutcome]) -> Iterator[str]:
    """What else is not as it was: properties that are empty, numbers in another unit."""
    nulls = fmean([each.nulls for each in before])
    if outcome.nulls - nulls > _EMPTIED:
        now, then = share_words(outcome.nulls), share_words(nulls)
        yield f"{now} of {named(name)} have empty properties, and {then} had before."
    for number, value_now in outcome.medians.items():
        usual = [each.medians[number] for each in before if number in each.medians]
        if usual and scale_jumped(value_now, median(usual)):
            yield f"the median {named(number)} of {named(name)} is {value_now:g}, and was {median(usual):g} before."
