"""Segments that evidence adopts, where the workspace says so; and what holds each of the others back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.discovery.find import LEAST_MEMBERS
from living_personas.discovery.segment_gate import LEAST_LOOKED_AT, LEAST_SHARE
from living_personas.domain.candidate import SAID_WELL
from living_personas.domain.head_count import head_words
from living_personas.domain.names import named
from living_personas.domain.segment import Segment
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import anybody_may_have_sent, features_of
from living_personas.loop.feed.feed_quality import feed_alarms
from living_personas.loop.segments.adopting import adopt_segment
from living_personas.loop.segments.discovery import segment_named
from living_personas.loop.segments.lives import LONGEST_GAP, confirmed, known_segments, members_of
from living_personas.loop.segments.platform_outages import outage_alarms
from living_personas.memory.people_records import KILLED
from living_personas.ports import Store
from living_personas.refining.apply import EVIDENCE
from living_personas.rules.parse import parse
from living_personas.rules.withheld import uses_protected

__all__ = ["MONTH", "WEEK", "adopt_by_evidence", "born", "held_back"]

WEEK, MONTH = timedelta(days=7), timedelta(days=28)
"""The days in which one is adopted at most, and in which ``a_month`` are."""

_MUCH = 0.5
"""The share of members that a segment has from one that people dismissed, from which it is that one again."""


def adopt_by_evidence(context: Context, *, root: Path, day: date) -> tuple[Segment, ...]:
    """Adopt what nothing holds back at the end of ``day``, if the workspace says so: the one that is known for longest.

    Raises
    ------
    InvalidFilesError
        If the files are not valid, or would not be; then nothing is changed.
    """
    if not context.settings.adopts_by_evidence:
        return ()
    open_ = [each for each in known_segments(context.store) if each.state == "open"]
    free = [each for each in open_ if not held_back(context, each, day)]
    first = sorted(free, key=lambda each: (each.first_seen, -each.size, each.id))[:1]
    for segment in first:
        adopt_segment(context, segment, root=root, day=day, by=EVIDENCE)
    return tuple(segment_named(context.store, each.id) for each in first)


def held_back(context: Context, segment: Segment, day: date | None = None) -> tuple[str, ...]:
    """Why evidence does not adopt an open segment at the end of ``day``, the last closed one unless said.

    Nothing is said of a workspace in which people adopt.
    """
    day = day or closed_through(context)
    if day is None or not context.settings.adopts_by_evidence:
        return ()
    return (
        *_of_itself(segment),
        *_lost(segment, day),
        *_protected(context, segment),
        *_of_anybody(context, segment),
        *_held(context, day),
        *_unwanted(context, segment),
        *_enough(context, day),
    )


def born(seen: Iterable[Segment]) -> tuple[Segment, ...]:
    """The open segments whose birth is believed without a person: of themselves, nothing holds them back."""
    return tuple(each for each in seen if each.state == "open" and not any(_of_itself(each)))


def _of_itself(segment: Segment) -> Iterator[str]:
    """What speaks against it whatever goes on around it."""
    if not confirmed(segment):
        yield f"the searches of a week have not all found it yet{_opened_again(segment)}"
    yield from (f"a person must look first: {reason}" for reason in segment.review)
    if segment.f1 < SAID_WELL:
        yield f"its rule says too badly who belongs (F1 {segment.f1:.2f}, {SAID_WELL} is asked for)"
    least = max(LEAST_MEMBERS, min(LEAST_SHARE * segment.of, LEAST_LOOKED_AT))
    if segment.size < least:
        yield f"it has {head_words(segment.size)} members, and {least:.0f} are asked for"


def _opened_again(segment: Segment) -> str:
    """That the week began when a person opened it again."""
    days = [event.day for event in segment.life if event.kind == "reopened"]
    return f" since a person opened it again on {days[-1]}" if days and days[-1] == segment.since else ""


def _lost(segment: Segment, day: date) -> Iterator[str]:
    if segment.missing_since is not None or day - segment.last_seen > LONGEST_GAP:
        yield f"it was last found on {segment.last_seen}"


def _protected(context: Context, segment: Segment) -> Iterator[str]:
    used = uses_protected(context.settings, features_of(context), segment.who)
    if used:
        yield f"it was found by {', '.join(map(named, used))}, which is protected now"


def _of_anybody(context: Context, segment: Segment) -> Iterator[str]:
    """What browsers send changes no persona alone, and makes none either, unless somebody said that it may."""
    settings = context.settings
    if settings.discovery.from_browsers == "always" and settings.browser_identity == "verified":
        return
    used = {name for name, _ in parse(segment.who).columns}
    sent = sorted(name for name in used if anybody_may_have_sent(context, name))
    if sent:
        yield f"it was found by {', '.join(map(named, sent))}, which may be made of what browsers sent: anybody can"


def _held(context: Context, day: date) -> Iterator[str]:
    """What holds all changes."""
    if KILLED.read(context.store) is not None:
        yield "the kill switch is on"
    yield from (f"the feed of {day} is not sound: {alarm}" for alarm in feed_alarms(context.store, day))
    yield from (f"tracking may be broken: {outage}" for outage in outage_alarms(context))


def _unwanted(context: Context, segment: Segment) -> Iterator[str]:
    """Segments of which people want none, and that have half of the members or more."""
    refused = [each for each in known_segments(context.store) if each.id != segment.id and _is_refused(context, each)]
    members = _customers(context.store, segment) if refused else pa.array([], pa.string())
    for each in refused if len(members) else ():
        both = pc.sum(pc.is_in(members, value_set=_customers(context.store, each))).as_py()
        if both >= _MUCH * len(members):
            yield f"half of its members or more are of segment {each.id}, which people dismissed"


def _is_refused(context: Context, segment: Segment) -> bool:
    """Whether people dismissed it, undid its adoption, or took the file away of the persona that it was."""
    if segment.state != "adopted":
        return segment.state == "dismissed"
    written = any(persona.id == segment.persona for persona in context.personas)
    return not written and bool(context.store.versions.history(segment.persona))


def _customers(store: Store, segment: Segment) -> pa.Array:
    return members_of(store, segment)["customer"].combine_chunks()


def _enough(context: Context, day: date) -> Iterator[str]:
    """What was adopted lately, if that is as many as may be."""
    lives = (event for each in known_segments(context.store) for event in each.life)
    days = sorted(event.day for event in lives if event.kind == "adopted" and event.by == EVIDENCE)
    if days and day - days[-1] < WEEK:
        yield f"another was adopted on {days[-1]}, and one a week is"
    lately = [each for each in days if day - each < MONTH]
    if len(lately) >= context.settings.discovery.a_month:
        yield f"{len(lately)} were adopted since {lately[0]}, as many as `discovery.a_month` allows"
