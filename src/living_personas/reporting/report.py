"""Build the report of a workspace from what the loop left behind."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NamedTuple

import pyarrow as pa

from living_personas.domain.belief import Subject
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import ENDED, MERGED, RETURNED, Health, LogEntry, PersonaReport, Report
from living_personas.loop import closing
from living_personas.loop.context import Context
from living_personas.loop.corrections.ended_personas import presences
from living_personas.loop.corrections.promised import correction_bars, promised
from living_personas.loop.corrections.refine import alarms
from living_personas.loop.corrections.trait_drift import Measures, last_measures
from living_personas.loop.event_days.retired import events_from, foldable_from
from living_personas.loop.feed.feed_quality import feed_alarms
from living_personas.loop.feed.reported_ratio import reported_alarms
from living_personas.loop.feed.uncounted import uncounted
from living_personas.loop.folding.customers import member_counts
from living_personas.loop.folding.unit_counts import met_without_shares, unit_counts
from living_personas.loop.holdout.holdout_comparison import compared_from
from living_personas.loop.known.counted_from import counted_from
from living_personas.loop.learning.cap_state import capped_goals
from living_personas.loop.learning.learn import complete_rows, entry_for
from living_personas.loop.publish import fixed_subjects, shares_met
from living_personas.loop.recording.quarantine_room import no_room_alarms
from living_personas.loop.relations import table_of
from living_personas.loop.segments.lives import author_of, discovered_personas
from living_personas.loop.segments.platform_outages import outage_alarms
from living_personas.loop.splits.part_policies import part_policies
from living_personas.memory.records import STARTED
from living_personas.memory.tables import LEDGER
from living_personas.people.reviewing import asides, waiting
from living_personas.reporting.attributes import HorizonEvidence, attribute_reports
from living_personas.reporting.gain import gains
from living_personas.reporting.kill_words import held_words
from living_personas.reporting.labels import labels_of
from living_personas.reporting.proposals import with_evidence
from living_personas.reporting.share_words import share_notes
from living_personas.reporting.trait_reports import trait_reports
from living_personas.reporting.what_is_known import turned_on

__all__ = ["build_report", "known_at", "ledger_days", "log_entries", "persona_report", "persona_reports"]


def build_report(context: Context, *, known: Sequence[HorizonEvidence] | None = None, compared: bool = True) -> Report:
    """What is believed, what is proven, what is still unknown, on the last closed day.

    ``known`` may be given if it was read before. Without ``compared``, living and static customers are not compared:
    that reads every unit there ever was.
    """
    closed = closing.closed_through(context)
    versions = _by_priority(context)
    refinements = context.store.refinements.all()
    known = known_at(context, closed) if known is None else known
    people = _People(member_counts(context.store), last_measures(context))
    return Report(
        workspace=context.settings.name,
        as_of=closed,
        first_day=STARTED.read(context.store),
        error_budget=context.alpha,
        promise=promised(context),
        personas=tuple(_persona(context, version.id, known, refinements, people) for version in versions),
        gains=gains(context, versions) if compared else (),
        reviews=with_evidence(context, waiting(context), known),
        log=log_entries(context),
        health=_health(context, known, closed),
        asides=asides(context),
    )


def persona_report(context: Context, persona: str) -> PersonaReport:
    """One persona as it stands."""
    refinements = context.store.refinements.all(persona=persona)
    known = known_at(context, closing.closed_through(context))
    people = _People(member_counts(context.store), last_measures(context))
    return _persona(context, persona, known, refinements, people)


def persona_reports(context: Context) -> tuple[PersonaReport, ...]:
    """Every persona as it stands, in order of priority: the report without what is about the whole workspace."""
    refinements = context.store.refinements.all()
    known = known_at(context, closing.closed_through(context))
    people = _People(member_counts(context.store), last_measures(context))
    return tuple(_persona(context, version.id, known, refinements, people) for version in _by_priority(context))


def ledger_days(context: Context) -> pa.Table:
    """How probable each option was the best on each day, as the ledger fixed it."""
    shown = ["persona", "attribute", "channel", "option", "day", "prob_best"]
    return table_of(LEDGER.all(context.store), LEDGER.schema).select(shown)


def log_entries(context: Context, *, persona: str | None = None) -> tuple[LogEntry, ...]:
    """Every version of every persona (or of one), and every part that became one with its whole again, oldest first."""
    made = context.store.refinements.all() if persona is None else tuple(_with_parts(context, persona))
    by_id = {refinement.id: refinement for refinement in made}
    by_subject: defaultdict[Subject, list[Refinement]] = defaultdict(list)
    for refinement in made:
        by_subject[refinement.subject].append(refinement)
    discovered = discovered_personas(context.store)
    names = sorted(version.id for version in context.store.versions.latest() if persona in (None, version.id))
    entries = [
        LogEntry(
            persona=version.id,
            version=version.version,
            day=version.day,
            kind=version.kind,
            reason=version.reason,
            by=author_of(version, discovered),
            refinement=by_id.get(version.refinement or ""),
            at=_local(version, context).at,
            turned_on=_turned_on(by_id.get(version.refinement or ""), by_subject),
        )
        for name in names
        for version in context.store.versions.history(name)
    ]
    entries += [entry for entry in _merged(context, made) if persona in (None, entry.persona)]
    entries += [entry for entry in _presences(context) if persona in (None, entry.persona)]
    return tuple(sorted(entries, key=lambda entry: (entry.day, entry.persona, entry.version)))


def _presences(context: Context) -> Iterator[LogEntry]:
    """That a persona's file was taken away, or came back: it makes no version."""
    for each in presences(context.store):
        yield LogEntry(
            persona=each.persona,
            version=each.version,
            day=each.day,
            kind=RETURNED if each.there else ENDED,
            reason=each.why,
            by="workshop",
            refinement=None,
        )


def _with_parts(context: Context, persona: str) -> Iterator[Refinement]:
    """What was proposed about a persona, about parts of it, and about the whole that it is a part of."""
    related = {version.id: version.persona.split_of for version in context.store.versions.latest()}
    parts = (part for part, whole in related.items() if whole == persona)
    for name in filter(None, (persona, *parts, related.get(persona, ""))):
        yield from context.store.refinements.all(persona=name)


def _merged(context: Context, made: Sequence[Refinement]) -> Iterator[LogEntry]:
    """Every applied merge, as an entry of the whole: it makes no version of it, and of the part there are no more."""
    for each in made:
        if each.kind == "merge" and each.verdict == "apply":
            whole = context.store.versions.history(each.subject.persona)[-1].persona.split_of
            day = each.day if each.at is None else context.yesterday(each.at)
            stood = [version.version for version in context.store.versions.history(whole) if version.day <= day]
            yield LogEntry(
                persona=whole,
                version=stood[-1],
                day=day,
                kind=MERGED,
                reason=each.why,
                by=each.decided_by,
                refinement=each,
                at=_in_zone(each.at, context),
            )


def _local(version: PersonaVersion, context: Context) -> PersonaVersion:
    """The version with its moment by the clocks of the workspace."""
    return replace(version, at=_in_zone(version.at, context))


def _in_zone(moment: datetime | None, context: Context) -> datetime | None:
    return None if moment is None else moment.astimezone(context.zone)


def _turned_on(made: Refinement | None, by_subject: Mapping[Subject, Sequence[Refinement]]) -> date | None:
    if made is None:
        return None
    return turned_on(made, [each for each in by_subject[made.subject] if each.day < made.day])


def _by_priority(context: Context) -> list[PersonaVersion]:
    return sorted(context.versions(), key=lambda version: version.persona.rank)


def known_at(context: Context, closed: date | None) -> tuple[HorizonEvidence, ...]:
    """Every evidence state with their complete rows on the last closed day; before the first, what is assumed."""
    versions = {version.id: version for version in context.versions()}
    if not versions:
        return ()
    if closed is None:
        closed = min(version.day for version in versions.values()) - timedelta(days=1)
    states = closing.renewed(context, closing.kept_states(context))
    rows = [complete_rows(context.store, state, closed) for state in states]
    wrong = [alarms(state.accounts, state.panel, each.last_day()) for state, each in zip(states, rows, strict=True)]
    bars = correction_bars(context, states, closed, alarming=[frozenset(each) for each in wrong])
    fixed = fixed_subjects(context, states)
    published, unproving = context.store.snapshots.latest(), met_without_shares(context.store, closed)
    entries = [entry_for(context.store, state, closed + timedelta(days=1)) for state in states]
    known = tuple(
        HorizonEvidence(
            state,
            each,
            entry=entry,
            shares=shares_met(state, entry, fixed, published=published),
            versions=versions,
            alpha=context.alpha,
            bars=bar,
            alarms=found,
            unproving=unproving,
        )
        for state, each, entry, bar, found in zip(states, rows, entries, bars, wrong, strict=True)
    )
    parts = part_policies(context, states, entries, fixed=fixed)
    for each in known:
        each.show_by_part(parts)
    return known


class _People(NamedTuple):
    """How many customers each persona holds (None before they were told apart), and what was measured on them."""

    counts: Counter[str] | None
    measured: Measures


def _persona(
    context: Context,
    persona: str,
    known: Sequence[HorizonEvidence],
    refinements: Sequence[Refinement],
    people: _People,
) -> PersonaReport:
    history = [_local(each, context) for each in context.store.versions.history(persona)]
    version = history[-1]
    segment = discovered_personas(context.store).get(persona)
    discovered = segment is not None
    mine = [each for each in refinements if each.subject.persona == persona]
    attributes = tuple(
        report for each in known for report in attribute_reports(each, history, mine, discovered=discovered)
    )
    return PersonaReport(
        persona=version.id,
        name=version.persona.name,
        who=version.persona.who,
        version=version.version,
        members=people.counts[version.id] if people.counts is not None else None,
        units=max((attribute.units for attribute in attributes), default=0),
        attributes=attributes,
        traits=trait_reports(version, people.measured),
        origin="discovered" if discovered else "split" if history[0].is_split_off else "workshop",
        short_rule=segment.explanation if segment else "",
        short_f1=segment.explanation_f1 if segment else None,
    )


def _health(context: Context, known: Sequence[HorizonEvidence], closed: date | None) -> Health:
    held, units = context.store.quarantine.counts(), unit_counts(context.store)
    labels = labels_of(version.persona for version in context.versions())
    return Health(
        events_waiting=context.store.inbox.waiting(),
        quarantined=tuple((source, reason, count) for (source, reason), count in sorted(held.items())),
        unmatched_units=units.unmatched,
        observational_units=units.observational,
        alarms=(
            *filter(None, [held_words(context)]),
            *no_room_alarms(context),
            *outage_alarms(context),
            *(feed_alarms(context.store, closed) if closed else ()),
            *(
                f"{labels.subject(about)}: {text}"
                for each in known
                for a, about in enumerate(each.state.panel.subjects)
                for text in each.alarms.get(a, ())
            ),
            *(
                f"{labels.subject(Subject(persona=persona, attribute=attribute))}: {text}"
                for persona, attribute, text in reported_alarms(context)
            ),
        ),
        uncounted=uncounted(context),
        capped=capped_goals(context),
        shares=tuple(line for each in known for line in share_notes(each.state, labels)),
        kept_from=_some(events_from(context.store)),
        again_from=_some(foldable_from(context)),
        compared_from=_some(compared_from(context.store)),
        counted_from=counted_from(context),
    )


def _some(day: date) -> date | None:
    """A day, if it is not the first of all."""
    return None if day == date.min else day
