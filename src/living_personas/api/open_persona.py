"""One persona of an open workspace: what it is now, what it was, and what is believed of its options."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pyarrow as pa

from living_personas.domain.persona import PersonaVersion
from living_personas.domain.report import AttributeReport
from living_personas.errors import InsufficientEvidenceError, UnknownNameError, check_name
from living_personas.extras import extra_module
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.reporting.charts import PLOTS, rates_chart
from living_personas.reporting.html import page_fragment
from living_personas.reporting.plots import WIDTH
from living_personas.reporting.report import persona_report
from living_personas.reporting.sheet import sheet_of
from living_personas.reporting.sheet_page import sheet_page

__all__ = ["Beliefs", "OpenPersona"]


class Beliefs:
    """Every option of every attribute, with its rate, interval and chance of being the best.

    Speaks the Arrow capsule interface: ``polars.DataFrame(beliefs)``, ``pandas.DataFrame.from_arrow(beliefs)``.
    """

    def __init__(self, attributes: tuple[AttributeReport, ...]) -> None:
        self._attributes = attributes

    def __iter__(self) -> Iterator[AttributeReport]:
        return iter(self._attributes)

    def __repr__(self) -> str:
        return "\n".join(f"{found.attribute}: {found.says}" for found in self._attributes)

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pa.Table:
        """One row an option."""
        rows = [
            {
                "attribute": found.attribute,
                "channel": found.channel,
                "option": option.option,
                "current": option.option == found.value,
                "units": option.units,
                "rate": option.rate.estimate if option.rate else None,
                "lower": option.rate.lower if option.rate else None,
                "upper": option.rate.upper if option.rate else None,
                "prob_best": option.prob_best,
                "status": found.status,
            }
            for found in self._attributes
            for option in found.options
        ]
        return pa.Table.from_pylist(rows)


class OpenPersona:
    """A persona by name; everything is read anew when asked for."""

    def __init__(self, context: Context, name: str) -> None:
        self._context = context
        self.id = name

    def __repr__(self) -> str:
        return f"{self.version.persona.name} (version {self.version.version})\n{self.beliefs()!r}"

    def _repr_html_(self) -> str:
        """The persona's sheet, where a notebook shows it."""
        report = persona_report(self._context, self.id)
        return page_fragment(sheet_page(sheet_of(report, self.version.persona, as_of=closed_through(self._context))))

    @property
    def history(self) -> tuple[PersonaVersion, ...]:
        """All versions, oldest first."""
        return self._context.store.versions.history(self.id)

    @property
    def version(self) -> PersonaVersion:
        """The newest version."""
        return self.history[-1]

    def as_of(self, day: date | str) -> PersonaVersion:
        """The version that held at the end of a day.

        Raises
        ------
        UnknownNameError
            If the persona had not been written down yet.
        """
        when = date.fromisoformat(day) if isinstance(day, str) else day
        held = [version for version in self.history if version.day <= when]
        if not held:
            first = self.history[0].day.isoformat()
            raise UnknownNameError(f"{self.id!r} had no version on {when}.", hint=f"its first is of {first}.")
        return held[-1]

    def beliefs(self) -> Beliefs:
        """What is believed of every option today."""
        return Beliefs(persona_report(self._context, self.id).attributes)

    def plot(self, attribute: str, *, channel: str = "") -> Any:
        """Each option's outcome per unit with its interval, as an altair chart.

        Raises
        ------
        UnknownNameError
            If the persona has no such attribute, or not on that channel.
        InsufficientEvidenceError
            If no option has enough units yet to be shown with an interval.
        MissingExtraError
            If the extra ``charts`` is not installed.
        """
        mine = {each.attribute: each for each in self.beliefs() if channel in ("", each.channel)}
        check_name("attribute", attribute, mine)
        if not any(option.rate for option in mine[attribute].options):
            raise InsufficientEvidenceError(
                f"No option of {attribute!r} can be shown with an interval yet.",
                hint="intervals are shown from 100 units of an option on.",
            )
        chart = rates_chart(mine[attribute], percent=not self.version.persona.goal.is_value)
        return extra_module("altair", extra="charts", what=PLOTS).Chart.from_dict({**chart.spec, "width": WIDTH})
