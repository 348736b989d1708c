"""The pages of personas: all of them on cards, and one of them with what was believed against what is proven."""

from __future__ import annotations

from dataclasses import replace

from starlette.responses import Response

from living_personas.dashboard.persona_details import details_of
from living_personas.dashboard.sure import undo_of
from living_personas.dashboard.visit import Figures, Visit
from living_personas.domain.belief import Subject
from living_personas.domain.head_count import SMALLEST
from living_personas.domain.note import LONGEST_NOTE, Note
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.report import AttributeReport, LogEntry, PersonaReport
from living_personas.errors import UnknownNameError, by_name
from living_personas.loop.notes import notes_of
from living_personas.reporting.brief_text import brief_text
from living_personas.reporting.cards import cards, gain_words, overview
from living_personas.reporting.charts import belief_chart, belief_order, effect_chart, size_chart
from living_personas.reporting.crowd import FEW, told_sizes, trend
from living_personas.reporting.dropped_words import notes_about
from living_personas.reporting.list_query import asked_of
from living_personas.reporting.persona_list import PERSONA_CHOICES, grouped
from living_personas.reporting.plain import persona_headline
from living_personas.reporting.reading import Reading
from living_personas.reporting.report import log_entries
from living_personas.reporting.version_text import version_diff
from living_personas.reporting.who_words import who_words

__all__ = ["all_personas", "gain", "one_persona", "version_changes"]


def all_personas(visit: Visit) -> Response:
    """The personas that somebody asks for, on cards."""
    asked = asked_of(visit.request.query_params, PERSONA_CHOICES)
    reading = visit.reading()
    last = {entry.persona: entry for entry in visit.log(reading)}
    found = cards(reading, visit.waiting(), visit.entries(last.values()))
    groups = grouped(found, {id_: version.persona for id_, version in reading.versions.items()}, asked)
    shown = {card.report.persona for _, mine in groups for card in mine}
    known = visit.newest()
    return visit.page(
        "personas.html",
        reading=reading,
        cards=found,
        groups=groups,
        shown=len(shown),
        overview=overview(found),
        gains={persona: _gain(visit, reading, persona) for persona in shown},
        written=[persona for persona in visit.context.personas if persona.id not in known],
        asked=asked,
        q=visit.request.query_params.get("q", ""),
        query=visit.request.url.query,
        choices=PERSONA_CHOICES,
    )


def gain(visit: Visit) -> Response:
    """What living personas gained over static ones: a piece that asks again while it is being compared."""
    reading = visit.reading()
    persona = visit.request.path_params["persona"]
    reading.persona(persona)
    return visit.piece("gain.html", persona=persona, said=_gain(visit, reading, persona))


def one_persona(visit: Visit) -> Response:
    """One persona: assumption against evidence first of all."""
    reading = visit.reading()
    report = reading.persona(visit.request.path_params["persona"])
    version = _version(visit, report.persona)
    shown = reading.shown(report.persona)
    history = visit.context.store.versions.history(report.persona)
    sizes = told_sizes(reading.sizes, report.persona)
    return visit.page(
        "persona.html",
        reading=reading,
        report=report,
        version=version,
        persona=version.persona,
        shown=shown,
        undo=undo_of(visit),
        percent=reading.percent(report.persona),
        headline=persona_headline(report) if shown else FEW,
        who=who_words(report),
        trend=trend(reading.sizes, report.persona),
        gain=_gain(visit, reading, report.persona),
        brief=brief_text(report, version.persona) if shown else "",
        charts=_figures(visit, reading, report) if shown else [],
        sizes=sizes,
        size_chart=size_chart(sizes, versions={each.version: each.day for each in history}) if sizes else None,
        details=details_of(visit, reading, report.persona) if shown else None,
        budget=reading.report.error_budget,
        notes=_notes(visit, report.persona),
        longest_note=LONGEST_NOTE,
        history=history[::-1],
        entries=_entries(visit, report.persona),
        waiting=[each for each in visit.waiting() if each.subject.persona == report.persona],
        dropped=notes_about(reading.report.health, version.persona),
    )


def version_changes(visit: Visit) -> Response:
    """What one version changed against the one before it, or against another."""
    persona = visit.request.path_params["persona"]
    history = {version.version: version for version in visit.context.store.versions.history(persona)}
    number = int(visit.request.path_params["version"])
    if number not in history:
        raise UnknownNameError.among(f"version of {persona!r}:", str(number), map(str, history))
    asked = visit.request.query_params.get("against", str(max(number - 1, 1)))
    against = int(asked) if asked.isdigit() and int(asked) in history else number
    diff = version_diff(history[against], history[number], log=()).splitlines()[2:]
    entry = _entries(visit, persona)[number]
    return visit.page(
        "version.html",
        reading=visit.reading(),
        version=history[number],
        entry=entry,
        against=against,
        newest=max(history),
        numbers=sorted(history),
        diff=diff,
        refinement=entry.refinement,
    )


def _entries(visit: Visit, persona: str) -> dict[int, LogEntry]:
    """What the log says of each version of a persona."""
    found = visit.entries(log_entries(visit.context, persona=persona))
    return {entry.version: entry for entry in found if entry.is_version}


def _notes(visit: Visit, persona: str) -> dict[int, Note]:
    """The notes about a persona, with their moments by the clocks of the workspace."""
    found = notes_of(visit.context.store, persona)
    return {number: replace(note, at=note.at.astimezone(visit.context.zone)) for number, note in found.items()}


def _version(visit: Visit, persona: str) -> PersonaVersion:
    return by_name("persona", persona, visit.newest())


def _gain(visit: Visit, reading: Reading, persona: str) -> str:
    """The sentence, or nothing while it is not known yet."""
    if not reading.shown(persona):
        return f"fewer than {SMALLEST} customers: not shown"
    compared = visit.compared(reading)
    return "" if compared is None else gain_words(compared.gains.get(persona), reading.versions[persona].persona.goal)


def _figures(visit: Visit, reading: Reading, report: PersonaReport) -> list[Figures]:
    """The charts of a persona; they stay what they are as long as the reading does."""
    kept = visit.board.figures
    key = (reading.stamp, report.persona)
    if key not in kept:
        for old in [each for each in kept if each[0] != reading.stamp]:
            kept.pop(old, None)
        drawn = (_drawn(reading, report.persona, attribute) for attribute in report.attributes)
        kept[key] = [each for each in drawn if each is not None]
    return kept[key]


def _drawn(reading: Reading, persona: str, attribute: AttributeReport) -> Figures | None:
    subject = Subject(persona=persona, attribute=attribute.attribute, channel=attribute.channel)
    days = reading.belief_days(subject)
    if not days.num_rows:
        return None
    decided = [attribute.decided_on.isoformat()] if attribute.decided_on else []
    course, label = reading.course(subject), attribute.label
    new, old = label(attribute.contender), label(attribute.believed)
    return Figures(
        attribute=attribute,
        belief=belief_chart(days, order=belief_order(attribute), decided=decided, label=label),
        effect=effect_chart(course, goal=reading.goals[persona], new=new, old=old) if course else None,
    )
