"""Beside the loop: look for segments that no persona explains, keep them, and adopt them as personas."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import TypeAdapter

from living_personas.discovery.columns import Amount, Column, Count, Rate
from living_personas.discovery.find import find_segments
from living_personas.domain.candidate import Candidate
from living_personas.domain.persona import EVER, Attribute, Persona
from living_personas.domain.response import Responses
from living_personas.domain.segment import Segment
from living_personas.domain.settings import Feature, denominator_of
from living_personas.errors import UnknownNameError
from living_personas.ports import Relation
from living_personas.steps.fold import used_columns
from living_personas.steps.parts import Parts
from living_personas.steps.responses import responses as ask_responses
from living_personas.steps.responses import window
from living_personas.steps.seen import features_of
from living_personas.steps.tables import table_of

__all__ = [
    "KNOWN_DAYS",
    "answers_of",
    "columns_of",
    "discover",
    "drafted_persona",
    "keep_candidate",
    "looked_at",
    "segment_named",
    "segments",
    "settle_segment",
]

SEGMENT = "segment/"
"""Facts of this prefix hold the segments found so far, as JSON."""

MEMBERS = "segment_"
"""Kinds of partition of this prefix hold the members of a segment when it was last seen."""

SAME = 0.4
"""Two candidates whose members' Jaccard index reaches this are one segment."""

KNOWN_DAYS = Feature(name="known__days", sql="max(age_days)", unit="days")
"""For how long a customer has been known: counts are compared among customers who were there for as long."""

_SEGMENT = TypeAdapter(Segment)


def discover(parts: Parts, day: date, *, seed: int = 0) -> tuple[Segment, ...]:
    """Look for segments among the customers as they were known at the end of ``day``; the ones found, old and new.

    A segment that was found before is recognised by its members and keeps its id and what became of it. Finding nothing
    is a good answer.

    Raises
    ------
    InsufficientEvidenceError
        If there are too few customers, or no personas.
    """
    table, columns = looked_at(parts, day, events=parts.store.partitions.read("events", EVER, day))
    found = find_segments(
        table, columns=columns, assigned="persona", known_days=KNOWN_DAYS.name, seed=seed, progress=parts.progress
    )
    kept = zip(found.candidates, answers_of(parts, found.candidates, day), strict=True)
    return tuple(keep_candidate(parts, candidate, day, responses=answered) for candidate, answered in kept)


def segments(parts: Parts) -> tuple[Segment, ...]:
    """All segments ever found, in the order of their first sighting."""
    blocks = [parts.store.facts.get(key) for key in parts.store.facts.keys(SEGMENT)]
    known = [_SEGMENT.validate_json(block) for block in blocks if block]
    return tuple(sorted(known, key=lambda segment: (segment.first_seen, segment.id)))


def segment_named(parts: Parts, name: str) -> Segment:
    """The segment of this id."""
    known = {segment.id: segment for segment in segments(parts)}
    if name not in known:
        raise UnknownNameError.among("segment", name, known)
    return known[name]


def settle_segment(parts: Parts, segment: Segment, *, state: str, by: str, persona: str = "") -> Segment:
    """The segment, adopted as a persona or dismissed, by whom."""
    settled = _SEGMENT.validate_python(
        {**_SEGMENT.dump_python(segment), "state": state, "decided_by": by, "persona": persona}
    )
    parts.store.facts.set({SEGMENT + segment.id: _SEGMENT.dump_json(settled)})
    return settled


def drafted_persona(parts: Parts, segment: Segment, *, day: date) -> Persona:
    """The persona that a segment is adopted as: its rule before all others, and its first test.

    It believes what its members got until now (the nearest persona's way), and claims nothing for it.
    """
    nearest = next((p for p in parts.personas if p.id == segment.nearest), parts.personas[0])
    believed = next((o for o in segment.options if "mail" in o), segment.options[0])
    test = Attribute(name=segment.attribute, options=segment.options, believed=believed, why=segment.why)
    return Persona(
        id=_free_id(parts, segment.name),
        name=segment.name.capitalize(),
        who=segment.who,
        goal=nearest.goal,
        priority=min(persona.priority for persona in parts.personas) - 1,
        sources=(f"discovered {day.isoformat()}",),
        channels=nearest.channels,
        attributes=(test,),
        guardrails=nearest.guardrails,
        brief=f"Discovered: {segment.explanation}",
    )


def columns_of(customers: pa.Table, features: Iterable[Feature]) -> tuple[Column, ...]:
    """Features as columns of their kind: rates with their exposures, whole numbers as counts, the rest as amounts."""
    return tuple(_column_of(customers, feature) for feature in features)


def looked_at(parts: Parts, day: date, *, events: Relation) -> tuple[pa.Table, tuple[Column, ...]]:
    """Every customer in these events at the end of ``day``: features and their kinds, its persona, and since when."""
    features = tuple(feature for feature in features_of(parts) if "age_days" not in feature.sql)
    customers = parts.engine.features(
        day + timedelta(days=1),
        events=events,
        links=parts.store.inbox.links(),
        features=(*features, KNOWN_DAYS),
        traits=used_columns(parts)[1],
    )
    members = parts.engine.members(customers, personas=parts.personas)
    return customers.append_column("persona", members["persona"]), columns_of(customers, features)


def _column_of(customers: pa.Table, feature: Feature) -> Column:
    values = customers[feature.name]
    if feature.of is not None:
        of = denominator_of(feature.name)
        is_share = _is_share(values, customers[of])
        return Rate(feature.name, of=of, ratio=True) if is_share else Amount(feature.name)
    counts = pc.all(pc.equal(values, pc.floor(values))).as_py() is not False and (pc.min(values).as_py() or 0) >= 0
    return Count(feature.name) if counts else Amount(feature.name)


def _is_share(ratio: pa.ChunkedArray, of: pa.ChunkedArray) -> bool:
    """Whether a ratio says how many of so many, for every customer."""
    hits = pc.multiply(ratio, of)
    whole = pc.less_equal(pc.abs(pc.subtract(hits, pc.round(hits))), _ROUNDING)
    return bool(pc.all(pc.and_(whole, pc.less_equal(hits, pc.add(of, _ROUNDING)))).as_py() is not False)


_ROUNDING = 1e-6


def keep_candidate(parts: Parts, candidate: Candidate, day: date, *, responses: Responses | None = None) -> Segment:
    """The candidate as a segment: the one whose members it shares, or a new one; with how its members answered."""
    same = next((s for s in segments(parts) if _jaccard(_members(parts, s), candidate.members) >= SAME), None)
    segment = replace(_segment(candidate, day, number=len(segments(parts)) + 1), responses=responses)
    if same is not None:
        kept = ("id", "name", "state", "first_seen", "persona", "decided_by")
        segment = replace(segment, **{name: getattr(same, name) for name in kept})
    parts.store.facts.set({SEGMENT + segment.id: _SEGMENT.dump_json(segment)})
    parts.store.partitions.replace(MEMBERS + segment.id, {EVER: candidate.members})
    return segment


def answers_of(parts: Parts, candidates: tuple[Candidate, ...], day: date) -> Iterator[Responses]:
    """How the members of each answered; customers are looked at once for all whose windows begin alike."""
    known: dict[date, pa.Table] = {}
    for candidate in candidates:
        horizon = next((p.goal.horizon_days for p in parts.personas if p.id == candidate.nearest), 0)
        days = window(parts, day, horizon=horizon)
        if days is not None and days.since not in known:
            before = days.since - timedelta(days=1)
            events = parts.store.partitions.read("events", EVER, before)
            known[days.since], _columns = looked_at(parts, before, events=events)
        yield ask_responses(parts, candidate, day, known=known[days.since] if days else None)


def _segment(candidate: Candidate, day: date, *, number: int) -> Segment:
    said = candidate.by_scorecard if candidate.assignment == candidate.by_scorecard.rule else candidate.explanation
    return Segment(
        id=f"s{number}",
        name=candidate.name,
        state="open",
        first_seen=day,
        last_seen=day,
        size=candidate.size,
        share=candidate.share,
        nearest=candidate.nearest,
        who=candidate.assignment or said.rule,
        f1=said.f1,
        explanation=candidate.explanation.rule,
        explanation_f1=candidate.explanation.f1,
        returned=candidate.returned,
        splits=candidate.splits,
        differs=tuple(f"{each.column} {each.deviations:+.1f} sd" for each in candidate.differences),
        proof=tuple(f"{check.says} {check.measured:.3g} ({check.must} {check.bar:g})" for check in candidate.checks),
        attribute=candidate.first_test.attribute,
        options=candidate.first_test.options,
        why=candidate.first_test.why,
        review=(*candidate.review, *(() if candidate.assignment else ("no rule says well enough who belongs",))),
    )


def _members(parts: Parts, segment: Segment) -> pa.Table:
    return table_of(
        parts.store.partitions.read(MEMBERS + segment.id, EVER, EVER), pa.schema([("customer", pa.string())])
    )


def _jaccard(one: pa.Table, other: pa.Table) -> float:
    both = pc.sum(pc.is_in(one["customer"], value_set=other["customer"].combine_chunks())).as_py() or 0
    union = one.num_rows + other.num_rows - both
    return both / union if union else 0.0


def _free_id(parts: Parts, name: str) -> str:
    taken: Mapping[str, Persona] = {persona.id: persona for persona in parts.personas}
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].rstrip("-") or "segment"
    tries = [slug, *(f"{slug}-{number}" for number in range(2, len(taken) + 3))]
    return next(each for each in tries if each not in taken)
