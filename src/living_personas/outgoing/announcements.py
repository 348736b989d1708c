"""What changed, read from what the store holds: the same state always tells the same changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from hashlib import sha256

from living_personas.domain.announcement import Announcement, AnnouncementName
from living_personas.domain.event import Json
from living_personas.domain.forgotten import Tombstone
from living_personas.domain.head_count import SMALLEST, head_count, head_share
from living_personas.domain.kill_turn import KillTurn
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.presence import Presence
from living_personas.domain.refinement import Refinement
from living_personas.domain.segment import LifeEvent, LifeKind, Segment
from living_personas.domain.upkeep import Upkeep
from living_personas.loop.closing import closed_through, kept_states, renewed
from living_personas.loop.context import Context
from living_personas.loop.learning.learn import entry_for
from living_personas.loop.segments.discovery import segments
from living_personas.loop.segments.lives import author_of, discovered_personas
from living_personas.loop.segments.upkeep_proposals import proposals
from living_personas.memory.people_records import ERASED_IDS, KILL_TURNS, PRESENCES

__all__ = ["change_of", "changes_in"]


def changes_in(context: Context, *, told: AbstractSet[str] = frozenset()) -> tuple[Announcement, ...]:
    """Every change that the store knows of but those ``told``, each with an id of its own, in order of time.

    What happened at one time is in the order in which it came about: proposed, asked, decided, then the version.
    """
    made = {each.id: each for each in context.store.refinements.all()}
    erased = ((mark, each) for mark, each in ERASED_IDS.all(context.store).items() if each.main)
    found = [
        *(change for each in made.values() for change in _refinement(each)),
        *_versions(context, told, made),
        *(_presence(number, each) for number, each in PRESENCES.all(context.store).items()),
        *(change for each in segments(context) if each.size >= SMALLEST for change in _segment(each)),
        *(change for each in proposals(context.store) for change in _upkeep(each)),
        *_contested(context),
        *(_turned(name, turn) for name, turn in KILL_TURNS.all(context.store).items()),
        *(_erased(mark, each) for mark, each in erased),
    ]
    news = (replace(each, time=_local(context, each.time)) for each in found if each.id not in told)
    return tuple(sorted(news, key=lambda change: change.time))


def change_of(
    name: AnnouncementName, subject: str, *mark: str, on: date, data: dict[str, Json], at: datetime | None = None
) -> Announcement:
    """A change whose id is made of what it is about: ``mark`` tells apart changes of one kind and subject.

    It happened at a moment if a person did it, and otherwise on a day, whose midnight has no time zone yet.
    """
    text = "\n".join((name, subject, *mark))
    id_ = "evt_" + sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return Announcement(id=id_, name=name, subject=subject, time=at or datetime.combine(on, time()), data=data)


def _presence(number: str, found: Presence) -> Announcement:
    """That a persona's file was taken away, or is there again."""
    name: AnnouncementName = "persona.returned" if found.there else "persona.ended"
    data: dict[str, Json] = {"persona": found.persona, "version": found.version, "why": found.why}
    return change_of(name, found.persona, number, on=found.day, data=data)


def _turned(number: str, turn: KillTurn) -> Announcement:
    """That somebody held everything, or let evidence go on."""
    name: AnnouncementName = "workspace.held" if turn.on else "workspace.released"
    return change_of(name, "workspace", number, on=turn.at.date(), at=turn.at, data={"by": turn.by})


def _erased(mark: str, found: Tombstone) -> Announcement:
    """That a customer was erased; who it was is only told as a hash, which those who know the id can compare."""
    at, data = found.at, dict[str, Json](customer_hash=mark)
    return change_of("customer.erased", mark, at.isoformat(), on=at.date(), at=at, data=data)


def _local(context: Context, moment: datetime) -> datetime:
    """A moment as it is; of a day, midnight by the workspace's own clocks."""
    return moment if moment.tzinfo else moment.replace(tzinfo=context.zone)


def _versions(context: Context, told: AbstractSet[str], made: Mapping[str, Refinement]) -> Iterator[Announcement]:
    """Versions are told in order: whose newest is told has no others to be read."""
    discovered = discovered_personas(context.store)
    for newest in context.store.versions.latest():
        if _version(newest, None, by="").id in told:
            continue
        before = datetime.min.replace(tzinfo=UTC)
        for each in context.store.versions.history(newest.id):
            change = _version(each, made.get(each.refinement or ""), by=author_of(each, discovered))
            before = max(before, _local(context, change.time))
            yield replace(change, time=before)  # evidence speaks of a day on which people may have acted since


def _version(version: PersonaVersion, made: Refinement | None, *, by: str) -> Announcement:
    name: AnnouncementName = (
        "persona.version.rolled_back" if version.kind == "rolled back" else "persona.version.published"
    )
    data: dict[str, Json] = {
        "persona": version.id,
        "version": version.version,
        "kind": version.kind,
        "reason": version.reason,
        "by": by,
        "day": version.day.isoformat(),
        "grade": made.grade if made else None,
    }
    return change_of(name, version.id, str(version.version), on=version.day, at=version.at, data=data)


def _refinement(found: Refinement) -> Iterator[Announcement]:
    subject = str(found.subject)
    data: dict[str, Json] = {
        "refinement": found.id,
        "persona": found.subject.persona,
        "attribute": found.subject.attribute,
        "channel": found.subject.channel,
        "kind": found.kind,
        "old": found.old,
        "new": found.new,
        "verdict": found.verdict,
        "grade": found.grade,
        "units": head_count(found.units) if found.kind == "measure" else found.units,
        "why": found.why,
    }
    if found.split is not None:
        data |= {"part": found.split.part, "part_persona": found.split.persona, "values": list(found.split.values)}
    yield change_of("persona.version.proposed", subject, found.id, on=found.day, at=_asked(found), data=data)
    if found.kind == "restore":
        yield change_of("guardrail.breached", subject, found.id, on=found.day, data=data)
    if found.review is not None:
        yield from _reviews(found, data)


def _reviews(found: Refinement, data: dict[str, Json]) -> Iterator[Announcement]:
    """That it waits and what was decided, as often as it was opened again, in that order."""
    asked, decided = [_asked(found)], list[tuple[str, str, datetime | None]]()
    for each in found.reopened:
        decided.append(("rejected", each.rejected_by, asked[-1]))
        asked.append(each.at)
    if found.review in ("approved", "rejected"):
        decided.append((found.review, found.decided_by, found.at))
    subject = str(found.subject)
    for turn, at in enumerate(asked):
        yield change_of("review.requested", subject, found.id, *_turn(turn), on=found.day, at=at, data=data)
        for decision, by, moment in decided[turn : turn + 1]:
            told: dict[str, Json] = {**data, "decision": decision, "decided_by": by}
            mark = (found.id, decision, *_turn(turn))
            yield change_of("review.decided", subject, *mark, on=found.day, at=moment, data=told)


def _asked(found: Refinement) -> datetime | None:
    """The moment at which a person proposed it, as long as nobody has decided on it."""
    return found.at if found.review == "open" and not found.reopened else None


def _segment(segment: Segment) -> Iterator[Announcement]:
    data: dict[str, Json] = {
        "segment": segment.id,
        "name": segment.name,
        "share": head_share(segment.share, of=segment.of),
        "who": segment.who,
        "nearest": segment.nearest,
    }
    yield change_of("segment.discovered", segment.id, on=segment.first_seen, data=data)
    for place, event in enumerate(segment.life):
        happened = {**data, **_shares(segment, event), "other": event.other, "by": event.by}
        mark = (event.day.isoformat(), event.other, *_again(segment.life[:place], event))
        yield change_of(_LIVED[event.kind], segment.id, *mark, on=event.day, at=event.at, data=happened)


def _again(before: Sequence[LifeEvent], event: LifeEvent) -> tuple[str, ...]:
    """Which time it is that the same happens on one day; nothing of the first, which is told as ever."""
    return _turn(sum((each.day, each.kind, each.other) == (event.day, event.kind, event.other) for each in before))


def _turn(number: int) -> tuple[str, ...]:
    return (str(number),) if number else ()


def _shares(segment: Segment, event: LifeEvent) -> dict[str, Json]:
    """Its shares of all customers, in whole groups; null where it was fewer than one."""
    now, before = (head_share(each, of=segment.of) for each in (event.share, event.share_before))
    return {"share": now, "share_before": before}


_LIVED: Mapping[LifeKind, AnnouncementName] = {
    "confirmed": "segment.confirmed",
    "resized": "segment.resized",
    "drifted": "segment.drifted",
    "split": "segment.split",
    "merged": "segment.merged",
    "missing": "segment.missing",
    "gone": "segment.gone",
    "returned": "segment.returned",
    "adopted": "segment.adopted",
    "undone": "segment.undone",
    "dismissed": "segment.dismissed",
    "reopened": "segment.reopened",
    "renamed": "segment.renamed",
}


def _upkeep(found: Upkeep) -> Iterator[Announcement]:
    data: dict[str, Json] = {
        "proposal": found.id,
        "kind": found.kind,
        "persona": found.persona,
        "other": found.other,
        "proposed": found.proposed,
        "f1": found.f1,
        "f1_before": found.f1_before,
        "overlap": found.overlap,
        "why": found.why,
    }
    for number, event in enumerate(found.events):
        mark = (found.id, str(number))
        if event.state == "open":
            yield change_of("persona.upkeep.proposed", found.persona, *mark, on=event.day, at=event.at, data=data)
        else:
            decided = {**data, "decision": event.state, "decided_by": event.by}
            yield change_of("persona.upkeep.decided", found.persona, *mark, on=event.day, at=event.at, data=decided)


def _contested(context: Context) -> Iterator[Announcement]:
    """The attributes whose value and one challenger now have the units between them."""
    closed = closed_through(context)
    if closed is None:
        return
    for state in renewed(context, kept_states(context)):
        entry = entry_for(context.store, state, closed + timedelta(days=1))
        for a, subject in enumerate(state.panel.subjects):
            if entry.pair[a] >= 0:
                value = state.panel.options[a][int(state.panel.current[a])]
                challenger = state.panel.options[a][int(entry.pair[a])]
                since = _since(context, subject.persona, subject.attribute, subject.channel)
                data: dict[str, Json] = {
                    "persona": subject.persona,
                    "attribute": subject.attribute,
                    "channel": subject.channel,
                    "value": value,
                    "challenger": challenger,
                }
                yield change_of("attribute.contested", str(subject), value, challenger, since, on=closed, data=data)


def _since(context: Context, persona: str, attribute: str, channel: str) -> str:
    version = next(each for each in context.versions() if each.id == persona)
    return version.standing(attribute, channel).since.isoformat()
