"""What takes a moment to find out about one persona, as a piece of its page; and its tables as files."""

from __future__ import annotations

from starlette.responses import Response

from living_personas.dashboard.downloads import csv_file
from living_personas.dashboard.visit import PersonaDetails, StillReadingError, Visit
from living_personas.errors import check_name
from living_personas.memory.tables import BREAKDOWNS, CUSTOMERS
from living_personas.reporting.beside_goal import beside_goal
from living_personas.reporting.crowd import refuse_few
from living_personas.reporting.effects_in_parts import effects_in_parts
from living_personas.reporting.member_spreads import member_spreads
from living_personas.reporting.persona_tables import PERSONA_TABLES, beside_rows, parts_rows, persona_rows
from living_personas.reporting.reading import Reading
from living_personas.reporting.report import log_entries

__all__ = ["details_of", "piece", "table_file"]

MOST_SPREADS = 12
"""Traits and features that are shown of a persona."""


def details_of(visit: Visit, reading: Reading, persona: str) -> PersonaDetails | None:
    """What is known of a persona's members, metrics, places and parts; None while it is being found out."""
    traits = [trait.name for trait in reading.versions[persona].persona.traits]

    def found() -> PersonaDetails:
        return PersonaDetails(
            beside=beside_goal(visit.context, reading, persona),
            parts=effects_in_parts(visit.context, reading, persona),
            spreads=member_spreads(visit.context, persona, traits=traits, most=MOST_SPREADS),
        )

    store, said = visit.context.store, visit.context.settings
    counted = f"{said.breakdowns} {BREAKDOWNS.last_day(store)}" if said.breakdowns else ""
    told_by = f"{CUSTOMERS.etags(store)} {said.protected} {counted}"
    return visit.board.details.of(persona).get((reading.stamp.published, told_by), found)


def piece(visit: Visit) -> Response:
    """The part of the page that asks again while it is being found out."""
    reading = visit.reading()
    report = reading.persona(visit.request.path_params["persona"])
    refuse_few(shown=reading.shown(report.persona))
    return visit.piece(
        "persona-details.html",
        report=report,
        persona=reading.versions[report.persona].persona,
        details=details_of(visit, reading, report.persona),
        budget=reading.report.error_budget,
    )


def table_file(visit: Visit) -> Response:
    """One table of a persona's page as CSV."""
    reading, asked = visit.reading(), visit.request.path_params
    report, name = reading.persona(asked["persona"]), asked["table"]
    check_name("table of a persona", name, PERSONA_TABLES)
    if name in ("metrics", "places", "breakdowns"):
        refuse_few(shown=reading.shown(report.persona))
        details = details_of(visit, reading, report.persona)
        if details is None:
            raise StillReadingError
        table = parts_rows(details.parts) if name == "breakdowns" else beside_rows(name, details.beside)
    else:
        log = log_entries(visit.context, persona=report.persona) if name == "versions" else ()
        table = persona_rows(name, report, log=log, sizes=reading.sizes)
    return csv_file(table, f"{report.persona}-{name}")
