"""The demo as sentences: what happened, each with its numbers, and what was true all along."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from living_personas.demo.drive import DayOfStory
from living_personas.domain.event import Json
from living_personas.domain.goal import Goal
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import Report
from living_personas.domain.segment import Segment
from living_personas.reporting.changes import change_sentence
from living_personas.simulate.truth import Truth

__all__ = ["ending", "outcome", "sentences"]


def sentences(day: DayOfStory, goals: Mapping[str, Goal]) -> Iterator[str]:
    """What there is to tell of a day; most days nothing."""
    for refinement in day.refinements:
        if refinement.verdict == "apply" or refinement.review == "open":
            yield change_sentence(refinement, goals)
    for segment in day.seen or ():
        yield _sighting(segment)
    if day.seen is not None and not day.seen:
        yield "looked for segments that no persona explains: none is there."
    if day.adopted:
        yield f"adopted as persona {day.adopted!r}; its first test begins."


def ending(report: Report, truth: Truth) -> Iterator[str]:
    """What is known at the end, beside what was true."""
    last = next(iter(truth.attributes)).rates.shape[0] - 1
    for persona in report.personas:
        for attribute in persona.attributes:
            true = _true(truth, persona.persona, attribute.attribute, last)
            yield f"{persona.persona}/{attribute.attribute}: {attribute.says} Truth: {true}"
    for gain in report.gains:
        yield f"{gain.persona}: {gain.says}"


def outcome(
    report: Report, truth: Truth, found: Sequence[Segment], corrections: Sequence[Refinement]
) -> dict[str, Json]:
    """The outcome beside the truth, for machines."""
    return {
        "truth": truth.summary(),
        "personas": [
            {
                "persona": persona.persona,
                "members": persona.members,
                "attributes": [
                    {"attribute": a.attribute, "believed": a.believed, "value": a.value, "status": a.status}
                    for a in persona.attributes
                ],
                "traits": [{"trait": t.trait, "believed": t.believed, "value": t.value} for t in persona.traits],
            }
            for persona in report.personas
        ],
        "changes": [
            {"day": r.day.isoformat(), "subject": str(r.subject), "kind": r.kind, "old": r.old, "new": r.new}
            for r in corrections
        ],
        "segments": [
            {"id": s.id, "name": s.name, "state": s.state, "size": s.size, "who": s.who, "persona": s.persona}
            for s in found
        ],
    }


def _sighting(segment: Segment) -> str:
    again = "" if segment.first_seen == segment.last_seen else " again"
    return (
        f"seen{again}: {segment.name!r}, {segment.size} customers ({segment.share:.1%}) filed under "
        f"{segment.nearest!r}, returned in {segment.returned} of {segment.splits} random splits; "
        f"in words: {segment.explanation} (F1 {segment.explanation_f1:.2f})."
    )


def _true(truth: Truth, persona: str, attribute: str, day: int) -> str:
    known = [t for t in truth.attributes if (t.persona, t.attribute) == (persona, attribute)]
    if not known:
        return "this persona is not one that people wrote."
    (true,) = known
    verdict = true.verdict_on(day)
    flipped = f" (flipped on day {true.flips[0]})" if true.flips else ""
    if verdict == "undecidable":
        return "nothing makes a difference" + flipped + "."
    return f"{true.best_on(day)!r} is best{flipped}."
