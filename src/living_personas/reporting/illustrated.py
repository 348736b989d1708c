"""The report with its plots in their places: after what is said first of each persona."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.goal import Goal
from living_personas.domain.names import attribute_name
from living_personas.domain.report import AttributeReport, PersonaReport, Report
from living_personas.domain.value import value
from living_personas.reporting.charts import Chart, belief_chart, belief_order, rates_chart
from living_personas.reporting.page import Block, Bullets, Heading, Table, Text
from living_personas.reporting.plots import svg_of
from living_personas.reporting.report_page import persona_heading, report_page

__all__ = ["Figure", "Illustrated", "illustrated"]


@value
class Figure:
    """A plot as SVG, what it is called, what it shows in words, and the table of its numbers."""

    svg: str
    caption: str
    description: str
    table: Table


Illustrated: TypeAlias = tuple[Block | Figure, ...]


def illustrated(report: Report, *, goals: Mapping[str, Goal], ledger: pa.Table) -> Illustrated:
    """The whole report with its plots.

    Parameters
    ----------
    goals
        The goal of each persona, by its id.
    ledger
        The ledger's options, day by day: ``persona, attribute, channel, option, day, prob_best``.

    Raises
    ------
    MissingExtraError
        If the extra ``charts`` is not installed.
    """
    return tuple(_blocks(report, goals, lambda persona: _figures(persona, goals[persona.persona], ledger)))


def _blocks(
    report: Report, goals: Mapping[str, Goal], figures: Callable[[PersonaReport], Iterator[Figure]]
) -> Iterator[Block | Figure]:
    by_heading = {persona_heading(persona): persona for persona in report.personas}
    about: PersonaReport | None = None
    for block in report_page(report, goals=goals):
        if about is not None and not isinstance(block, Text | Bullets):
            yield from figures(about)
            about = None
        yield block
        about = by_heading.get(block, about) if isinstance(block, Heading) else about


def _figures(persona: PersonaReport, goal: Goal, ledger: pa.Table) -> Iterator[Figure]:
    for attribute in persona.attributes:
        if any(option.rate for option in attribute.options):
            yield _figure(rates_chart(attribute, percent=not goal.is_value))
        days = _days_of(persona, attribute, ledger)
        if days.num_rows:
            decided = [attribute.decided_on.isoformat()] if attribute.decided_on else []
            chart = belief_chart(days, order=belief_order(attribute), decided=decided, label=attribute.label)
            yield _figure(chart, about=attribute_name(attribute.attribute, attribute.channel))


def _figure(chart: Chart, *, about: str = "") -> Figure:
    caption = f"{about}: {chart.name[0].lower()}{chart.name[1:]}" if about else chart.name
    return Figure(svg=svg_of(chart), caption=caption, description=str(chart.spec["description"]), table=chart.table)


def _days_of(persona: PersonaReport, attribute: AttributeReport, ledger: pa.Table) -> pa.Table:
    mine = pc.and_(pc.equal(ledger["persona"], persona.persona), pc.equal(ledger["attribute"], attribute.attribute))
    return ledger.filter(pc.and_(mine, pc.equal(ledger["channel"], attribute.channel)))
