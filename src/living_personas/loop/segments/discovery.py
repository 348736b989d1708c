"""Beside the loop: look for segments that no persona explains, keep them, and adopt them as personas."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.discovery.columns import Amount, Column, Count, Rate
from living_personas.discovery.feature_matrix import LEAST_CUSTOMERS, NOBODY, Sheet, read_sheet, why_unfit
from living_personas.discovery.find import find_segments, search
from living_personas.discovery.segment_words import segment_words
from living_personas.domain.candidate import Candidate, FoundSegments
from living_personas.domain.persona import Attribute, Persona, before_all
from living_personas.domain.response import Responses
from living_personas.domain.segment import Segment, SegmentState
from living_personas.domain.settings import Feature, denominator_of
from living_personas.errors import InsufficientEvidenceError, by_name_among
from living_personas.loop.context import Context
from living_personas.loop.event_days.seen import KNOWN_DAYS, features_of
from living_personas.loop.folding.known_customers import InEngine, KnownCustomers, known_customers
from living_personas.loop.segments.lives import known_segments, live
from living_personas.loop.segments.outages import fell_silent
from living_personas.loop.segments.platform_outages import is_outage, platform_outages
from living_personas.loop.segments.responses import responses as ask_responses
from living_personas.loop.segments.responses import window
from living_personas.loop.segments.upkeep_proposals import look_after
from living_personas.loop.unused_id import unused_id
from living_personas.memory.records import SEGMENTS
from living_personas.memory.search_records import LEFT_OUT, OUTAGES
from living_personas.ports import Store
from living_personas.rules.withheld import withheld

__all__ = [
    "answers_of",
    "columns_of",
    "discover",
    "drafted_persona",
    "segment_named",
    "segments",
    "settle_segment",
    "sighting",
]


def discover(context: Context, day: date, *, seed: int = 0) -> tuple[Segment, ...]:
    """Look for segments among the customers as they were known at the end of ``day``; the ones found, old and new.

    A segment that was found before is recognised by its members and keeps its id and what became of it. Finding nothing
    is a good answer. What tracking lost on one platform is an alarm and no segment (``loop.platform_outages``); what
    the personas themselves need is looked for, too (``loop.upkeep_proposals``).

    Raises
    ------
    InsufficientEvidenceError
        If there are too few customers, no personas, or fewer than two features that can be looked at.
    """
    with known_customers(context, day) as known:
        sample = known.sample(str(seed))
        columns = _fit(context, known, known.telling(sample))
        outages = platform_outages(context, sample["customer"].combine_chunks(), day, seed=seed)
        OUTAGES.write(context.store, [each.found for each in outages])
        look_after(context, sample, columns, day, filed=known.filed, known_days=KNOWN_DAYS.name, seed=seed)
        found = _found(context, known, sample, columns, seed=seed)
    there = tuple(each for each in found.candidates if not is_outage(context, each, outages))
    asked = (replace(each, review=(*each.review, *fell_silent(context, each, day))) for each in there)
    kept = zip(asked, answers_of(context, there, day), strict=True)
    return live(context.store, [sighting(each, day, answered) for each, answered in kept], day)


def _found(
    context: Context, known: KnownCustomers, sample: pa.Table, columns: Sequence[Column], *, seed: int
) -> FoundSegments:
    """What is found among everybody: in memory, if the sample is all of them, else by what the engine says of them."""
    protected = sorted(withheld(context.settings, features_of(context)) & {*sample.column_names})
    of: dict[str, Any] = {"columns": columns, "assigned": "persona", "known_days": KNOWN_DAYS.name}
    if sample.num_rows == len(known):
        return find_segments(sample, **of, protected=protected, seed=seed, progress=context.progress)
    personas = sorted({*known.filed} - {NOBODY})

    def read(some: pa.Table) -> Sheet:
        return read_sheet(some, **of, customer="customer", protected=protected, personas=personas)

    everybody = InEngine(known=known, sheet=read(sample), read=read, salt=str(seed))
    return search(everybody, seed=seed, progress=context.progress)


def segments(context: Context) -> tuple[Segment, ...]:
    """All segments ever found, in the order of their first sighting."""
    return known_segments(context.store)


def segment_named(store: Store, name: str, *, state: SegmentState | None = None) -> Segment:
    """The segment of this id; whoever means one in a ``state`` and misspells it is offered those only."""
    if (found := SEGMENTS.read(store, name)) is not None:
        return found
    every = SEGMENTS.all(store)
    able = [id_ for id_, each in every.items() if state in (None, each.state)]
    return by_name_among("segment", name, every, able=able, none=f"no segment is {state or 'there'} now.")


def settle_segment(store: Store, segment: Segment, *, state: SegmentState, by: str, persona: str = "") -> Segment:
    """The segment, adopted as a persona or dismissed, by whom."""
    settled = replace(segment, state=state, decided_by=by, persona=persona)
    SEGMENTS.write(store, segment.id, settled)
    return settled


def drafted_persona(context: Context, segment: Segment, *, day: date, taken: Collection[str]) -> Persona:
    """The persona that a segment is adopted as: its rule before all others, and its first test.

    It believes what its members got until now (the nearest persona's way), and claims nothing for it. Without a first
    test it asks what the nearest persona asks. Its id is none that a persona ever had, and none of those ``taken``.
    """
    nearest = next((p for p in context.personas if p.id == segment.nearest), context.personas[0])
    return Persona(
        id=unused_id(context, segment.name, longest=40, otherwise="segment", taken=taken),
        name=segment.name.capitalize(),
        who=segment.who,
        goal=nearest.goal,
        priority=before_all(context.personas),
        sources=(f"discovered {day.isoformat()}",),
        channels=nearest.channels,
        attributes=_first_attributes(segment, nearest),
        guardrails=nearest.guardrails,
        brief=f"Discovered: {segment_words(segment)}",
    )


def _first_attributes(segment: Segment, nearest: Persona) -> tuple[Attribute, ...]:
    """The first test; without one what the nearest persona asks, believing the same."""
    if not segment.options:
        return nearest.attributes
    believed = next((o for o in segment.options if "mail" in o), segment.options[0])
    return (Attribute(name=segment.attribute, options=segment.options, believed=believed, why=segment.why),)


def _fit(context: Context, known: KnownCustomers, telling: Mapping[str, pa.Table]) -> tuple[Column, ...]:
    """The columns that can be looked at; what is wrong with the others is remembered, and stops nobody.

    Raises
    ------
    InsufficientEvidenceError
        If fewer than two are left.
    """
    columns = tuple(each for name, table in telling.items() for each in columns_of(table, [known.features[name]]))
    if len(known) < LEAST_CUSTOMERS:
        return columns
    unfit = {column.name: why for column in columns if (why := why_unfit(telling[column.name], column))}
    LEFT_OUT.write(context.store, list(unfit.values()))
    fit = tuple(column for column in columns if column.name not in unfit)
    if len(fit) < _LEAST_COLUMNS:
        raise InsufficientEvidenceError(
            f"Of the features of the workspace {len(fit)} can be looked at. {' '.join(unfit.values())}".strip(),
            hint="a segment differs in two at least: declare more under `features` in workspace.yaml.",
        )
    return fit


def columns_of(customers: pa.Table, features: Iterable[Feature]) -> tuple[Column, ...]:
    """Features as columns of their kind: rates with their exposures, whole numbers as counts, the rest as amounts."""
    return tuple(_column_of(customers, feature) for feature in features)


def _column_of(customers: pa.Table, feature: Feature) -> Column:
    values = customers[feature.name]
    if feature.of is not None:
        of = denominator_of(feature.name)
        is_share = _is_share(values, customers[of])
        return (
            Rate(feature.name, of=of, ratio=True, means=feature.means)
            if is_share
            else Amount(feature.name, means=feature.means)
        )
    counts = pc.all(pc.equal(values, pc.floor(values))).as_py() is not False and (pc.min(values).as_py() or 0) >= 0
    return (Count if counts else Amount)(feature.name, means=feature.means)


def _is_share(ratio: pa.ChunkedArray, of: pa.ChunkedArray) -> bool:
    """Whether a ratio says how many of so many, for every customer."""
    hits = pc.multiply(ratio, of)
    whole = pc.less_equal(pc.abs(pc.subtract(hits, pc.round(hits))), _ROUNDING)
    return bool(pc.all(pc.and_(whole, pc.less_equal(hits, pc.add(of, _ROUNDING)))).as_py() is not False)


_ROUNDING = 1e-6
_LEAST_COLUMNS = 2


def answers_of(context: Context, candidates: Sequence[Candidate], day: date) -> tuple[Responses, ...]:
    """How the members of each answered; customers are looked at once for all whose windows begin alike."""
    waits = {persona.id: persona.longest_wait for persona in context.personas}
    windows = [window(context, day, wait=waits.get(candidate.nearest, 0)) for candidate in candidates]
    found: dict[int, Responses] = {}
    for since in dict.fromkeys(days and days.since for days in windows):
        before = nullcontext() if since is None else known_customers(context, since - timedelta(days=1))
        with before as known:
            for place, (candidate, days) in enumerate(zip(candidates, windows, strict=True)):
                if (days and days.since) == since:
                    found[place] = ask_responses(context, candidate, day, known=known)
    return tuple(found[place] for place in range(len(candidates)))


def sighting(candidate: Candidate, day: date, responses: Responses | None) -> tuple[Segment, pa.Table]:
    """The candidate as a segment that would be new, and its members."""
    return replace(_segment(candidate, day), responses=responses), candidate.members


def _segment(candidate: Candidate, day: date) -> Segment:
    test = candidate.first_test
    return Segment(
        id="",
        name=candidate.name,
        state="open",
        first_seen=day,
        last_seen=day,
        size=candidate.size,
        share=candidate.share,
        nearest=candidate.nearest,
        who=candidate.assignment,
        f1=candidate.by_scorecard.f1,
        explanation=candidate.explanation.rule,
        explanation_f1=candidate.explanation.f1,
        returned=candidate.returned,
        splits=candidate.splits,
        differs=tuple(f"{each.column} {each.deviations:+.1f} sd" for each in candidate.differences),
        proof=tuple(f"{check.says} {check.measured:.3g} ({check.must} {check.bar:g})" for check in candidate.checks),
        attribute=test.attribute if test else "",
        options=test.options if test else (),
        why=test.why if test else "",
        review=candidate.review,
    )
