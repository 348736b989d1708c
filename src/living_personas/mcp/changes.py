"""What changed, since when, and what waits; and which segments were found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from living_personas.domain.aside import Aside
from living_personas.domain.event import Json
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import ENDED, LogEntry, PersonaReport
from living_personas.domain.segment import Segment
from living_personas.domain.upkeep import Upkeep
from living_personas.loop.segments.automatic_adoption import held_back
from living_personas.loop.segments.discovery import segments
from living_personas.loop.segments.upkeep_proposals import proposals
from living_personas.mcp.answers import Answer, filled, picked
from living_personas.mcp.arguments import ListSegments, WhatChanged
from living_personas.mcp.asking import Asked
from living_personas.mcp.beliefs import attribute_named, chance, status_of
from living_personas.people.reviewing import asides, waiting
from living_personas.reporting.as_json import day_text, interval_ends
from living_personas.reporting.changes import kind_words, new_value, old_value
from living_personas.reporting.compared_options import compared
from living_personas.reporting.labels import labels_of
from living_personas.reporting.period import first_day, unknown_words
from living_personas.reporting.proposals import with_evidence
from living_personas.reporting.report import known_at, log_entries
from living_personas.reporting.response_words import told_first
from living_personas.reporting.words import moment_text

__all__ = ["decision_of", "list_segments", "what_changed"]

MOST_WHY = 160


def what_changed(asked: Asked, given: WhatChanged) -> Answer:
    """Every version since a day, newest first, and how many changes wait for a person."""
    first = first_day(given.since, asked.as_of)
    personas = {report.persona: report for report in asked.personas()}
    if given.persona:
        picked("persona", given.persona, personas)
    log = log_entries(asked.context)
    mine = [entry for entry in log if given.persona in ("", entry.persona)]
    entries = [entry for entry in mine if entry.day >= first and (entry.persona in personas or entry.kind == ENDED)]
    open_ = waiting(asked.context)
    answer: Answer = asked.opening() | {"since": day_text(first), "waiting": len(open_)}
    if unknown := unknown_words(first, begins=min((each.day for each in log), default=None), as_of=asked.as_of):
        answer["says"] = unknown
    asked_for = [each for each in proposals(asked.context.store) if each.state == "open"]
    answer["upkeep"] = len(asked_for)
    called = labels_of(version.persona for version in asked.context.store.versions.latest()).persona
    rows = [_change(asked, entry, personas.get(entry.persona), called) for entry in reversed(entries)]
    if given.detail:
        known = known_at(asked.context, asked.as_of) if open_ else ()
        later = asides(asked.context)
        answer["reviews"] = [
            decision_of(asked, each, known=_is_known(personas, each)) | {"id": each.id} | _aside(asked, each, later)
            for each in with_evidence(asked.context, open_[:20], known)
        ]
        answer["proposals"] = [_proposal(asked, each) for each in asked_for[:20]]
    return filled(answer, "changes", rows, detail=given.detail)


def list_segments(asked: Asked, given: ListSegments) -> Answer:
    """Segments that no persona explained, how they answer, what to test first; nothing of those with few members."""
    mine = [each for each in segments(asked.context) if given.state in ("any", each.state)]
    rows: list[Json] = []
    for each in reversed(mine):
        size = asked.discretion.count(each.size)
        if size is None:
            continue
        frame = asked.frame
        row: Answer = {
            "segment": frame.data(each.id),
            "name": frame.data(each.name),
            "state": each.state,
            "n": size,
            "like": frame.data(each.nearest),
            "rule": frame.data(each.in_words, most=400 if given.detail else MOST_WHY),
            "f1": round(each.explanation_f1, 2),
            "returned": f"{each.returned} of {each.splits}",
            "last_event": next(reversed(list(_life(asked, each))), None),
            "seen": [each.first_seen.isoformat(), each.last_seen.isoformat()],
            "first_test": _first_test(asked, each),
            "persona": frame.data(each.persona) if each.persona else None,
            "status": "learning",
            "value": None,
            "prob_best": None,
            "interval": None,
            "response": next(iter(_responses(asked, each)), None),
        }
        if given.detail:
            row |= {
                "responses": list(_responses(asked, each)),
                "differs": [frame.data(text) for text in each.differs],
                "why": frame.data(each.why, most=MOST_WHY),
                "review": [frame.data(text, most=MOST_WHY) for text in each.review],
                "life": list(_life(asked, each)),
                "held_back": [frame.data(text, most=MOST_WHY) for text in _held(asked, each)],
            }
        rows.append(row)
    return filled(asked.opening() | {"withheld": len(mine) - len(rows)}, "segments", rows, detail=given.detail)


def decision_of(asked: Asked, made: Refinement, *, known: bool) -> Answer:
    """A refinement: old, new, effect with its interval, on how many units, and what was judged."""
    n = asked.discretion.count(made.behind) if known else None
    found = compared(made)
    effect = asked.discretion.interval(found.effect, n, scale=_scale_of(asked, made))
    frame = asked.frame
    return {
        "attribute": frame.data(made.subject.attribute),
        "kind": made.kind,
        "old": frame.data(old_value(made)) if made.kind != "measure" or known else None,
        "new": frame.data(new_value(made)) if made.kind != "measure" or known else None,
        "compared": frame.data(found.new) if found.new and made.kind != "measure" else None,
        "effect": effect.estimate if effect else None,
        "interval": interval_ends(effect),
        "n": n,
        "grade": made.grade,
        "day": made.day.isoformat(),
    }


def _aside(asked: Asked, made: Refinement, asides: Mapping[str, Aside]) -> Answer:
    """By whom it was set aside, and until how many occasions; nothing if it is asked about now."""
    found = asides.get(made.id)
    if found is None or not found.waits(made):
        return {}
    return {"set_aside_by": asked.frame.data(found.by), "asked_again_from": found.until_units or None}


def _proposal(asked: Asked, found: Upkeep) -> Answer:
    """Another rule, one persona for two, or one less; a person decides."""
    frame = asked.frame
    return {
        "id": found.id,
        "kind": found.kind,
        "persona": frame.data(found.persona),
        "other": frame.data(found.other) if found.other else None,
        "rule": frame.data(found.proposed, most=400) if found.proposed else None,
        "f1": found.f1,
        "f1_before": found.f1_before,
        "overlap": found.overlap,
        "why": frame.data(found.why, most=400),
    }


def _held(asked: Asked, segment: Segment) -> tuple[str, ...]:
    """Why evidence does not adopt an open segment, where the workspace lets it."""
    return held_back(asked.context, segment) if segment.state == "open" else ()


def _life(asked: Asked, segment: Segment) -> Iterator[Answer]:
    """What happened to it, the oldest first."""
    for event in segment.life:
        other = asked.frame.data(event.other) if event.other else None
        yield {
            "day": event.day.isoformat(),
            "kind": event.kind,
            "other": other,
            "by": asked.frame.data(event.by) if event.by else None,
            "at": moment_text(event.at.astimezone(asked.context.zone)) if event.at else None,
            "share": asked.discretion.share(event.share, of=segment.of),
        }


def _first_test(asked: Asked, segment: Segment) -> Answer | None:
    if not segment.options:
        return None
    options: list[Json] = [asked.frame.data(option) for option in segment.options]
    return {"attribute": asked.frame.data(segment.attribute), "options": options}


def _responses(asked: Asked, segment: Segment) -> Iterator[Answer]:
    """How members answered next to the others of their persona, what differs first; nothing about too few."""
    answers = segment.responses
    for each in told_first(answers) if answers else ():
        n = asked.discretion.count(min(each.members, each.others))
        told = asked.discretion.interval(each.difference, n, scale=_most(asked, segment))
        if told is not None:
            yield {
                "attribute": asked.frame.data(each.attribute),
                "option": asked.frame.data(each.option) if each.option else None,
                "difference": told.estimate,
                "interval": interval_ends(told),
                "n": n,
            }


def _most(asked: Asked, segment: Segment) -> float:
    """The most that one customer can move a mean; a persona that is gone is told in points of a rate."""
    known = {version.id for version in asked.context.versions()}
    return asked.scale(segment.nearest) if segment.nearest in known else 1.0


def _change(asked: Asked, entry: LogEntry, persona: PersonaReport | None, called: Callable[[str], str]) -> Answer:
    frame = asked.frame
    said: Answer = {
        "day": entry.day.isoformat(),
        "persona": frame.data(entry.persona),
        "name": frame.data(called(entry.persona)),
        "version": entry.version,
        "kind": entry.kind,
        "did": kind_words(entry),
        "by": frame.data(entry.by),
        "at": moment_text(entry.at) if entry.at is not None else None,
    }
    made = entry.refinement
    if made is None or persona is None:
        return said | {"why": frame.data(entry.reason, most=MOST_WHY)}
    found = attribute_named(persona, made.subject.attribute, made.subject.channel)
    value = next((option for option in found.options if option.option == found.value), None) if found else None
    return (
        said
        | decision_of(asked, made, known=persona.members is not None)
        | {
            "status": status_of(found, persona) if found else "measured",
            "prob_best": chance(value.prob_best) if value and value.rate else None,
        }
    )


def _is_known(personas: dict[str, PersonaReport], made: Refinement) -> bool:
    found = personas.get(made.subject.persona)
    return found is not None and found.members is not None


def _scale_of(asked: Asked, made: Refinement) -> float:
    return 0.0 if made.kind == "measure" else asked.scale(made.subject.persona)
