"""The lives of segments: each search is held against those that are known, and what happened to each is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from math import sqrt

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.discovery.track import Kinship, kinship, overlap
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.segment import LifeEvent, LifeKind, Segment
from living_personas.domain.value import value
from living_personas.loop.relations import filtered, table_of
from living_personas.memory.records import SEGMENTS
from living_personas.memory.tables import SEGMENT_LEAVERS, SEGMENT_MEMBERS
from living_personas.ports import Store

__all__ = [
    "LONGEST_GAP",
    "MET_AGAIN",
    "author_of",
    "confirmed",
    "discovered_personas",
    "happened",
    "known_segments",
    "live",
    "members_of",
]

MET_AGAIN = timedelta(days=6)
"""Days between two searches from which both count: one a week later has other customers and other days to see."""

LONGEST_GAP = timedelta(days=14)
"""Days without a search from which a sighting begins anew."""

RESIZED, DRIFTED = 1.25, 0.6
"""Times its share, and members' Jaccard, from which a segment is not what was last told of it."""

SURELY = 3.0
"""Standard deviations by which its share must have changed besides."""

DISCOVERY = "discovery"
"""Who wrote the first version of a persona that nobody wrote."""

Sighting = tuple[Segment, pa.Table]
"""A candidate as a segment that would be new, and its members."""


def known_segments(store: Store) -> tuple[Segment, ...]:
    """All segments ever found, in the order of their first sighting."""
    return tuple(sorted(SEGMENTS.all(store).values(), key=lambda segment: (segment.first_seen, segment.id)))


def confirmed(segment: Segment) -> bool:
    """Whether every search has found it for a week."""
    return segment.last_seen - (segment.since or segment.first_seen) >= MET_AGAIN


def discovered_personas(store: Store) -> dict[str, Segment]:
    """The segment that each persona was adopted from whose first version the machine wrote, also if that was undone."""
    adopted = ((event.other, each) for each in known_segments(store) for event in each.life if event.kind == "adopted")
    return {**dict(adopted), **{each.persona: each for each in known_segments(store) if each.persona}}


def author_of(version: PersonaVersion, discovered: Mapping[str, Segment]) -> str:
    """Who made a version: the first of a discovered persona nobody wrote, whoever adopted it."""
    return DISCOVERY if version.kind == "baseline" and version.id in discovered else version.by


def happened(
    segment: Segment,
    kind: LifeKind,
    day: date,
    *,
    others: Iterable[str] = ("",),
    by: str = "",
    at: datetime | None = None,
) -> Segment:
    """The segment with an event more, one for each of the others; ``by`` says who did it, if anybody, and when."""
    event = LifeEvent(day=day, kind=kind, share=segment.share, share_before=_last_share(segment), by=by, at=at)
    events = (replace(event, other=each) for each in others)
    return replace(segment, life=(*segment.life, *events))


def live(store: Store, seen: Sequence[Sighting], day: date) -> tuple[Segment, ...]:
    """Keep all that a search on ``day`` saw; the segments that it is, old and new.

    Each is recognised by its members, one to one. Those that are not among them are missing, gone after a week,
    merged into others, or split.
    """
    search = _Search.of(store, seen, day)
    found = [search.sighted(place) for place in range(len(seen))]
    lost = [search.missed(place) for place in search.not_found()]
    with store.commit():
        for segment in (*found, *lost):
            SEGMENTS.write(store, segment.id, segment)
        for segment, (_, members) in zip(found, seen, strict=True):
            SEGMENT_MEMBERS.of(segment.id).put(store, members)
        for name, left in search.leavers().items():
            SEGMENT_LEAVERS.of(name).put(store, left)
    return tuple(found)


def members_of(store: Store, segment: Segment) -> pa.Table:
    """The members of a segment when it was last found; one column ``customer``."""
    members = SEGMENT_MEMBERS.of(segment.id)
    return table_of(members.all(store), members.schema)


def _leavers_of(store: Store, segment: Segment, *, since: date) -> pa.Table:
    left = SEGMENT_LEAVERS.of(segment.id)
    return filtered(left.all(store), pc.field("day") >= pa.scalar(since, pa.date32()), left.schema)


_KEPT = ("id", "name", "state", "first_seen", "persona", "decided_by", "life", "file", "file_waits")
"""What a segment keeps when it is seen again; all else is as it was seen last."""


@value
class _Search:
    """What a search saw, what was known before with its members and those who left it lately, and how they descend."""

    day: date
    seen: Sequence[Sighting]
    known: Sequence[Segment]
    before: Sequence[pa.Table]
    left: Sequence[pa.Table]
    kin: Kinship
    names: Mapping[int, str]

    @classmethod
    def of(cls, store: Store, seen: Sequence[Sighting], day: date) -> _Search:
        """The search beside what the store knows; new segments are numbered on."""
        known = known_segments(store)
        before = [members_of(store, each) for each in known]
        left = [_leavers_of(store, each, since=day - LONGEST_GAP) for each in known]
        ended = [place for place, each in enumerate(known) if each.state != "open"]
        kin = kinship(before, [members for _, members in seen], left=left, ended=ended)
        fresh = (place for place in range(len(seen)) if place not in kin.same)
        names = {place: f"s{number}" for number, place in enumerate(fresh, start=len(known) + 1)}
        names |= {place: known[old].id for place, old in kin.same.items()}
        return cls(day=day, seen=seen, known=known, before=before, left=left, kin=kin, names=names)

    def sighted(self, place: int) -> Segment:
        """The segment that a candidate is, with what happened to it."""
        found, members = self.seen[place]
        if place not in self.kin.same:
            born = replace(found, id=self.names[place], since=self.day)
            born = happened(born, "split", self.day, others=self._wholes(place))
            return happened(born, "merged", self.day, others=self._joined(place))
        old = self.known[self.kin.same[place]]
        segment = replace(found, **{name: getattr(old, name) for name in _KEPT})
        if old.last_seen >= self.day:  # the same customers, asked again
            return replace(segment, since=old.since, last_seen=old.last_seen)
        segment = self._once_more(segment, old)
        segment = happened(segment, "split", self.day, others=self._parts(self.kin.same[place]))
        segment = happened(segment, "merged", self.day, others=self._joined(place))
        if _resized(segment, old):
            return happened(segment, "resized", self.day)
        moved = overlap(self.before[self.kin.same[place]], members) < DRIFTED
        return happened(segment, "drifted", self.day) if moved else segment

    def leavers(self) -> dict[str, pa.Table]:
        """Who left each known segment lately, with the day of the first search that did not find each there."""
        left = dict(enumerate(self.left))
        for new, old in self.kin.same.items():
            if self.known[old].last_seen < self.day:  # else the same customers, asked again
                before = self.before[old]
                today = pa.repeat(pa.scalar(self.day, pa.date32()), before.num_rows)
                left[old] = pa.concat_tables([left[old], before.append_column("day", today)])
            here = pc.is_in(left[old]["customer"], value_set=self.seen[new][1]["customer"].combine_chunks())
            left[old] = left[old].filter(pc.invert(here))
        return {self.known[old].id: rows for old, rows in left.items()}

    def not_found(self) -> list[int]:
        """The places of known segments that wait for a person and were not seen."""
        living = set(self.kin.same.values())
        return [place for place, each in enumerate(self.known) if each.state == "open" and place not in living]

    def missed(self, place: int) -> Segment:
        """A segment that was not seen: merged into others, split into parts, missing, or gone after a week."""
        segment = self.known[place]
        if segment.last_seen >= self.day:
            return segment
        into, parts = self._into(place), self._parts(place)
        if into or parts:
            ended = replace(segment, state="gone")
            return happened(ended, "merged" if into else "split", self.day, others=into or parts)
        if segment.missing_since is None:
            return happened(replace(segment, missing_since=self.day), "missing", self.day)
        if self.day - segment.missing_since >= MET_AGAIN:
            return happened(replace(segment, state="gone"), "gone", self.day)
        return segment

    def _once_more(self, segment: Segment, old: Segment) -> Segment:
        """The segment with the day from which every search has found it; a birth that is believed stays so."""
        unbroken = old.missing_since is None and self.day - old.last_seen <= LONGEST_GAP
        believed = confirmed(old) and old.state != "gone"
        since = (old.since or old.first_seen) if unbroken or believed else self.day
        segment = replace(segment, since=since, state="open" if old.state == "gone" else old.state)
        if old.missing_since is not None or old.state == "gone":
            segment = happened(segment, "returned", self.day)
        return happened(segment, "confirmed", self.day) if confirmed(segment) and not believed else segment

    def _wholes(self, place: int) -> list[str]:
        """The segments that a new one was a part of."""
        return [self.known[whole].id for whole in self.kin.parts.get(place, ())]

    def _parts(self, whole: int) -> list[str]:
        """The new segments that were parts of a known one."""
        return [self.names[part] for part, wholes in self.kin.parts.items() if whole in wholes]

    def _into(self, lost: int) -> list[str]:
        """The segments in which most members of a known one are now."""
        return [self.names[into] for into in self.kin.merged.get(lost, ())]

    def _joined(self, place: int) -> list[str]:
        """The known segments of which members are in this one now."""
        return [self.known[lost].id for lost, into in self.kin.merged.items() if place in into]


def _last_share(segment: Segment) -> float:
    """Its share when something was last told of it."""
    return segment.life[-1].share if segment.life else segment.share


def _resized(segment: Segment, old: Segment) -> bool:
    """Whether its share has changed by much, and by more than chance, since something was last told of it."""
    before, now = old.life[-1].share if old.life else old.share, segment.share
    if min(before, now) <= 0 or max(before, now) < RESIZED * min(before, now):
        return False
    customers = segment.size / now
    return abs(now - before) > SURELY * sqrt((now * (1 - now) + before * (1 - before)) / customers)
