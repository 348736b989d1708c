"""Build the report of a workspace from what the loop left behind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from living_personas.domain.decision import UNMATCHED
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import Health, LogEntry, PersonaReport, Report
from living_personas.reporting.attributes import Known, attribute_reports
from living_personas.reporting.gain import gains
from living_personas.reporting.traits import trait_reports
from living_personas.steps import calendar
from living_personas.steps.learn import complete_rows
from living_personas.steps.members import member_counts
from living_personas.steps.parts import Parts
from living_personas.steps.tables import table_of
from living_personas.steps.watch import feed_alarms

__all__ = ["build_report", "known_of_books", "ledger_days", "log_entries", "persona_report", "persona_reports"]

LEDGER_SCHEMA = pa.schema(
    [
        pa.field("persona", pa.string()),
        pa.field("attribute", pa.string()),
        pa.field("channel", pa.string()),
        pa.field("option", pa.string()),
        pa.field("day", pa.date32()),
        pa.field("prob_best", pa.float64()),
    ]
)
"""The part of the ledger that is shown over time."""


def build_report(parts: Parts, *, known: Sequence[Known] | None = None, compared: bool = True) -> Report:
    """What is believed, what is proven, what is still unknown, on the last closed day.

    ``known`` may be given if it was read before. Without ``compared``, living and static customers are not compared:
    that reads every unit there ever was.
    """
    closed = calendar.closed_through(parts)
    versions = _by_priority(parts)
    refinements = parts.store.refinements.all()
    known = known_of_books(parts, closed) if known is None else known
    counts = member_counts(parts)
    return Report(
        workspace=parts.settings.name,
        as_of=closed,
        first_day=parts.day_fact(calendar.STARTED),
        error_budget=parts.alpha,
        personas=tuple(_persona(parts, version, known, refinements, counts) for version in versions),
        gains=gains(parts, versions) if compared else (),
        reviews=tuple(r for r in refinements if r.review == "open"),
        log=log_entries(parts),
        health=_health(parts, known, closed),
    )


def persona_report(parts: Parts, persona: str) -> PersonaReport:
    """One persona as it stands."""
    version = parts.store.versions.history(persona)[-1]
    refinements = parts.store.refinements.all(persona=persona)
    known = known_of_books(parts, calendar.closed_through(parts))
    return _persona(parts, version, known, refinements, member_counts(parts))


def persona_reports(parts: Parts) -> tuple[PersonaReport, ...]:
    """Every persona as it stands, in order of priority: the report without what is about the whole workspace."""
    refinements = parts.store.refinements.all()
    known = known_of_books(parts, calendar.closed_through(parts))
    counts = member_counts(parts)
    return tuple(_persona(parts, version, known, refinements, counts) for version in _by_priority(parts))


def ledger_days(parts: Parts) -> pa.Table:
    """How probable each option was the best on each day, as the ledger fixed it."""
    days = parts.store.partitions.days("ledger")
    if not days:
        return LEDGER_SCHEMA.empty_table()
    return table_of(parts.store.partitions.read("ledger", days[0], days[-1])).select(LEDGER_SCHEMA.names)


def log_entries(parts: Parts, *, persona: str | None = None) -> tuple[LogEntry, ...]:
    """Every version of every persona (or of one), oldest first."""
    by_id = {refinement.id: refinement for refinement in parts.store.refinements.all()}
    names = sorted(version.id for version in parts.store.versions.latest() if persona in (None, version.id))
    entries = [
        LogEntry(
            persona=version.id,
            version=version.version,
            day=version.day,
            kind=version.kind,
            reason=version.reason,
            by=version.by,
            refinement=by_id.get(version.refinement or ""),
        )
        for name in names
        for version in parts.store.versions.history(name)
    ]
    return tuple(sorted(entries, key=lambda entry: (entry.day, entry.persona, entry.version)))


def _by_priority(parts: Parts) -> list[PersonaVersion]:
    return sorted(parts.versions(), key=lambda version: (version.persona.priority, version.id))


def known_of_books(parts: Parts, closed: date | None) -> tuple[Known, ...]:
    """The books of every horizon with their complete rows on the last closed day; none before the first."""
    if closed is None:
        return ()
    books = calendar.renewed(parts, calendar.kept_books(parts))
    return tuple(Known(each, complete_rows(parts, each, closed), closed=closed, alpha=parts.alpha) for each in books)


def _persona(
    parts: Parts,
    version: PersonaVersion,
    known: Sequence[Known],
    refinements: Sequence[Refinement],
    counts: Counter[str] | None,
) -> PersonaReport:
    mine = [each for each in known if each.books.horizon == version.persona.goal.horizon_days]
    attributes = tuple(report for each in mine for report in attribute_reports(each, version, refinements))
    return PersonaReport(
        persona=version.id,
        name=version.persona.name,
        who=version.persona.who,
        version=version.version,
        members=counts[version.id] if counts is not None else None,
        units=max((attribute.units for attribute in attributes), default=0),
        attributes=attributes,
        traits=trait_reports(parts, version),
    )


def _health(parts: Parts, known: Sequence[Known], closed: date | None) -> Health:
    held = parts.store.quarantine.counts()
    return Health(
        events_waiting=parts.store.inbox.waiting(),
        quarantined=tuple((source, reason, count) for (source, reason), count in sorted(held.items())),
        unmatched_units=_units_where(parts, pc.field("persona") == UNMATCHED),
        observational_units=_units_where(parts, pc.field("policy") == ""),
        alarms=(
            *(feed_alarms(parts, closed) if closed else ()),
            *(
                f"{each.books.panel.subjects[a]}: {text}"
                for each in known
                for a in each.alarms
                for text in each.alarms[a]
            ),
        ),
    )


def _units_where(parts: Parts, condition: pc.Expression) -> int:
    """How many units there are of which something is true; counted without holding them in memory."""
    days = parts.store.partitions.days("units")
    if not days:
        return 0
    relation = parts.store.partitions.read("units", days[0], days[-1])
    data = ds.dataset(list(relation)) if isinstance(relation, tuple) else ds.dataset(relation)
    return int(data.count_rows(filter=condition))
