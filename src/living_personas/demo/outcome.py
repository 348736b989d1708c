"""The outcome beside the truth, for machines: what was believed, what the loop says, what was true."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import pyarrow.compute as pc

from living_personas.domain.belief import Interval
from living_personas.domain.event import Json
from living_personas.domain.persona import EVER
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import AttributeReport, Gain, PersonaReport, Report, TraitReport
from living_personas.domain.segment import Segment
from living_personas.loop.feed.feed_quality import feed_alarms
from living_personas.loop.relations import filtered, table_of
from living_personas.memory.tables import EVENTS, EXPOSURES, SEGMENT_MEMBERS
from living_personas.ports import Store
from living_personas.reporting.as_json import interval_ends
from living_personas.simulate.spec import WorldSpec
from living_personas.simulate.truth import AttributeTruth, SegmentTruth, Truth

__all__ = ["alarmed", "jaccard", "outcome", "planted"]


def outcome(
    report: Report,
    truth: Truth,
    *,
    spec: WorldSpec,
    segments: Sequence[dict[str, Json]],
    changes: Sequence[Refinement],
    alarms: Sequence[dict[str, Json]],
) -> dict[str, Json]:
    """Everything that was planted with its truth and verdict, and everything that was found.

    Effects are outcomes per occasion (0.05 is 5 of 100); a day is a date, and ``number`` its place in the story.
    """
    applied = [each for each in changes if each.verdict == "apply"]
    attributes = {(p.persona, a.attribute): a for p in report.personas for a in p.attributes}
    return {
        "world": truth.world,
        "seed": truth.seed,
        "customers": spec.customers,
        "days": spec.days,
        "beliefs": [_belief(t, attributes[t.persona, t.attribute], applied, spec) for t in truth.attributes],
        "traits": [_trait(persona, t, truth, applied, spec) for persona in report.personas for t in persona.traits],
        "changes": [_change(each, spec) for each in applied],
        "flips": [_flip(t, day, applied, spec) for t in truth.attributes for day in t.flips],
        "planted": [each.summary() for each in truth.segments],
        "segments": list(segments),
        "gains": [_gain(gain) for gain in report.gains],
        "alarms": list(alarms),
    }


def planted(
    store: Store, truth: Truth, segments: Sequence[Segment], personas: Sequence[PersonaReport]
) -> list[dict[str, Json]]:
    """Each segment that was found, beside the planted one that it agrees with best."""
    return list(_segments(store, truth, segments, {persona.persona: persona for persona in personas}))


def alarmed(store: Store) -> list[dict[str, Json]]:
    """The days whose feed did not seem sound: the demo's tracking never breaks, so each is a false alarm."""
    days = ((day, feed_alarms(store, day)) for day in EXPOSURES.days(store))
    return [{"day": day.isoformat(), "says": list(alarms)} for day, alarms in days if alarms]


def jaccard(store: Store, segment: Segment, true: SegmentTruth) -> float:
    """How well a segment's members, when last seen, agree with the planted customers known by then: 1 is the same."""
    found = table_of(SEGMENT_MEMBERS.of(segment.id).all(store))["customer"]
    events = filtered(EVENTS.read(store, EVER, segment.last_seen), schema=EVENTS.schema, columns=["customer"])
    there = events["customer"].unique()
    planted = true.members.filter(pc.is_in(true.members, value_set=there))
    both = pc.sum(pc.is_in(found, value_set=planted)).as_py() or 0
    return float(both / (len(found) + len(planted) - both))


def _segments(
    store: Store, truth: Truth, segments: Sequence[Segment], personas: Mapping[str, PersonaReport]
) -> Iterator[dict[str, Json]]:
    for segment in segments:
        agreement = {true.id: jaccard(store, segment, true) for true in truth.segments}
        best = max(agreement, key=lambda name: agreement[name], default=None)
        persona = personas.get(segment.persona)
        yield {
            "id": segment.id,
            "name": segment.name,
            "state": segment.state,
            "persona": segment.persona,
            "size": segment.size,
            "nearest": segment.nearest,
            "who": segment.who,
            "first_seen": segment.first_seen.isoformat(),
            "last_seen": segment.last_seen.isoformat(),
            "planted": best,
            "jaccard": round(agreement[best], 4) if best is not None else None,
            "answers": [_answers(each) for each in persona.attributes] if persona else [],
        }


def _belief(
    true: AttributeTruth, report: AttributeReport, changes: Sequence[Refinement], spec: WorldSpec
) -> dict[str, Json]:
    last = len(true.rates) - 1
    mine = [
        each for each in changes if (each.subject.persona, each.subject.attribute) == (true.persona, true.attribute)
    ]
    return {
        "persona": true.persona,
        **true.summary(),
        "value": report.value,
        "status": report.status,
        "verdict": true.verdict_on(last, of=report.value),
        "says": report.says,
        "compared": report.contender,
        **_measured(report.effect),
        "units": report.units,
        "changes": [_change(each, spec) for each in mine],
    }


def _answers(report: AttributeReport) -> dict[str, Json]:
    return {
        "attribute": report.attribute,
        "value": report.value,
        "status": report.status,
        "options": [{"option": each.option, "units": each.units, **_rate(each.rate)} for each in report.options],
    }


def _trait(
    persona: PersonaReport, report: TraitReport, truth: Truth, changes: Sequence[Refinement], spec: WorldSpec
) -> dict[str, Json]:
    true = truth.trait(persona.persona, report.trait)
    mine = [each for each in changes if (each.subject.persona, each.subject.attribute) == (true.persona, true.trait)]
    return {
        "persona": persona.persona,
        **true.summary(),
        "value": report.value,
        "measured": report.measured.estimate if report.measured else None,
        "interval": interval_ends(report.measured),
        "customers": report.customers,
        "changes": [_change(each, spec) for each in mine],
    }


def _flip(true: AttributeTruth, day: int, changes: Sequence[Refinement], spec: WorldSpec) -> dict[str, Json]:
    """A preference that flipped, and the first day on which the loop said what was best from then on."""
    best = true.best_on(day)
    after = [
        number
        for each in changes
        if (each.subject.persona, each.subject.attribute, each.kind, each.new)
        == (true.persona, true.attribute, "correct", best)
        and (number := _number(each.day, spec)) >= day
    ]
    return {
        "persona": true.persona,
        "attribute": true.attribute,
        "number": day,
        "best_before": true.best_on(max(day - 1, 0)),
        "best_after": best,
        "corrected_again": after[0] if after else None,
    }


def _change(each: Refinement, spec: WorldSpec) -> dict[str, Json]:
    return {
        "number": _number(each.day, spec),
        "day": each.day.isoformat(),
        "persona": each.subject.persona,
        "attribute": each.subject.attribute,
        "kind": each.kind,
        "old": each.old,
        "new": each.new,
        "grade": each.grade,
        **_measured(each.effect),
        "units": each.units,
    }


def _gain(gain: Gain) -> dict[str, Json]:
    customers: dict[str, Json] = {
        "living_customers": gain.living_customers,
        "static_customers": gain.static_customers,
    }
    return {"persona": gain.persona, **customers, **_measured(gain.difference), "says": gain.says}


def _number(day: date, spec: WorldSpec) -> int:
    return (day - spec.first_day).days


def _measured(effect: Interval | None) -> dict[str, Json]:
    return {"effect": effect.estimate if effect else None, "interval": interval_ends(effect)}


def _rate(rate: Interval | None) -> dict[str, Json]:
    return {"rate": rate.estimate if rate else None, "interval": interval_ends(rate)}
