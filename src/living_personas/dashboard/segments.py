"""Segments that no persona explains: the map, a card for each, and what becomes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from starlette.responses import Response

from living_personas.dashboard.visit import Visit
from living_personas.domain.head_count import SMALLEST
from living_personas.domain.segment import Segment
from living_personas.errors import InvalidDecisionError
from living_personas.loop.closing import next_day
from living_personas.loop.segments.adopting import (
    adopt_segment,
    dismiss_segment,
    rename_segment,
    reopen_segment,
    undo_adoption,
)
from living_personas.loop.segments.automatic_adoption import held_back
from living_personas.loop.segments.discovery import segment_named
from living_personas.loop.segments.discovery import segments as found_segments
from living_personas.loop.segments.upkeep_files import Decision, decide_upkeep
from living_personas.loop.segments.upkeep_proposals import proposals, upkeep_named
from living_personas.memory.tables import CUSTOMERS
from living_personas.reporting.charts import map_chart
from living_personas.reporting.difference_text import differences
from living_personas.reporting.labels import requoted
from living_personas.reporting.life_words import Called, called_in, life_words
from living_personas.reporting.plain import quoted
from living_personas.reporting.response_words import response_words
from living_personas.reporting.segment_map import SegmentMap, segment_map
from living_personas.reporting.upkeep_words import event_words, proposal_words

__all__ = [
    "adopt",
    "all_segments",
    "apply_proposal",
    "dismiss",
    "dismiss_proposal",
    "name",
    "reopen",
    "reopen_proposal",
    "undo",
    "undo_proposal",
]


def all_segments(visit: Visit) -> Response:
    """Open segments on cards, the map, and the history."""
    reading = visit.reading()
    called, seen = called_in(visit.context), _map(visit)
    labels = called.personas
    found = [labels.segment(segment) for segment in found_segments(visit.context) if segment.size >= SMALLEST]
    asked = [
        (replace(each, why=labels.told(each.why, each.persona)), event_words(each, zone=called.zone))
        for each in proposals(visit.context.store)
    ]
    return visit.page(
        "segments.html",
        asked=[each for each, _ in asked if each.state == "open"],
        decided=[(each, words) for each, words in asked if each.state != "open"],
        reading=reading,
        open=[
            (segment, differences(segment), response_words(segment), _lived(segment, called), _held(visit, segment))
            for segment in found
            if segment.state == "open"
        ],
        past=[(segment, _lived(segment, called)) for segment in found if segment.state != "open"],
        map=seen,
        chart=map_chart(seen, labels.names) if seen else None,
        names=labels.names,
    )


def name(visit: Visit) -> Response:
    """A segment is called something else."""
    day, called = next_day(visit.context, now=visit.board.clock()), visit.form.get("name", "")
    who = visit.person
    segment = rename_segment(visit.context.store, _shown(visit), name=called, day=day, by=who.by, at=who.now)
    return visit.to("/segments", said=f"It is called {segment.name!r} now.")


def adopt(visit: Visit) -> Response:
    """A segment becomes a persona file; its first version comes with the next cycle."""
    day = next_day(visit.context, now=visit.board.clock())
    persona = adopt_segment(
        visit.context, _shown(visit), root=visit.board.root, day=day, by=visit.person.by, at=visit.person.now
    )
    said = f"Adopted as {persona.name}: it is version 1 after the next cycle (`personas run`)."
    return visit.to("/segments", said=said)


def dismiss(visit: Visit) -> Response:
    """A segment is of no use."""
    day = next_day(visit.context, now=visit.board.clock())
    dismissed = dismiss_segment(visit.context.store, _shown(visit), day=day, by=visit.person.by, at=visit.person.now)
    return visit.to("/segments", said=f"Dismissed: {dismissed.name}. It can be opened again below.")


def reopen(visit: Visit) -> Response:
    """A dismissed segment waits for a person again."""
    day, found = next_day(visit.context, now=visit.board.clock()), _shown(visit)
    _check_may_reopen(visit, [event.kind for event in found.life])
    again = reopen_segment(
        visit.context, found, root=visit.board.root, day=day, by=visit.person.by, at=visit.person.now
    )
    return visit.to("/segments", said=f"Open again: {again.name}.")


def undo(visit: Visit) -> Response:
    """The persona file of an adopted segment is taken away, and the segment dismissed."""
    day = next_day(visit.context, now=visit.board.clock())
    undone = undo_adoption(
        visit.context, _shown(visit), root=visit.board.root, day=day, by=visit.person.by, at=visit.person.now
    )
    return visit.to("/segments", said=f"Undone: {undone.name}. Its persona ends with the next cycle (`personas run`).")


def apply_proposal(visit: Visit) -> Response:
    """A proposal about personas is written into their files."""
    return _decide(visit, "applied")


def dismiss_proposal(visit: Visit) -> Response:
    """The personas stay as they are."""
    return _decide(visit, "dismissed")


def undo_proposal(visit: Visit) -> Response:
    """The files are what they were before a proposal was applied."""
    return _decide(visit, "undone")


def reopen_proposal(visit: Visit) -> Response:
    """A proposal that was dismissed or undone waits for a person again."""
    found = upkeep_named(visit.context.store, visit.request.path_params["proposal"])
    _check_may_reopen(visit, [event.state for event in found.events])
    return _decide(visit, "open")


def _check_may_reopen(visit: Visit, told: Sequence[str]) -> None:
    """Whoever may dismiss may open that again; what an approver undid is for approvers."""
    decided = [each for each in told if each in ("dismissed", "undone")]
    if decided[-1:] == ["undone"] and not visit.may("approver"):
        raise InvalidDecisionError(
            "It was an approver's decision to undo it.", hint="ask an approver to open it again."
        )


def _decide(visit: Visit, decision: Decision) -> Response:
    day = next_day(visit.context, now=visit.board.clock())
    name = visit.request.path_params["proposal"]
    done = decide_upkeep(
        visit.context, name, decision, root=visit.board.root, day=day, by=visit.person.by, at=visit.person.now
    )
    later = " It holds after the next cycle (`personas run`)." if decision in ("applied", "undone") else ""
    did = "Open again" if decision == "open" else decision.capitalize()
    return visit.to("/segments", said=f"{did}: {proposal_words(done, called_in(visit.context))}.{later}")


def _lived(segment: Segment, called: Called) -> tuple[str, ...]:
    return tuple(requoted(line, quoted) for line in life_words(segment, called))


def _held(visit: Visit, segment: Segment) -> tuple[str, ...]:
    """Why evidence does not adopt it, beside what a person must look at first, which its card says anyway."""
    return tuple(each for each in held_back(visit.context, segment) if not each.endswith(segment.review))


def _shown(visit: Visit) -> Segment:
    segment = segment_named(visit.context.store, visit.request.path_params["segment"])
    if segment.size < SMALLEST:
        raise InvalidDecisionError("The segment has too few members.", hint=f"it takes at least {SMALLEST}.")
    return segment


def _map(visit: Visit) -> SegmentMap | None:
    store = visit.context.store
    told_by = f"{CUSTOMERS.etags(store)} {visit.context.settings.protected}"
    return visit.board.maps.get(told_by, lambda: segment_map(visit.context))
