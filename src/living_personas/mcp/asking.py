"""Who asks what, of which workspace, and what they may be told."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime

from living_personas.domain.persona import PersonaVersion
from living_personas.domain.report import PersonaReport
from living_personas.domain.value import value
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.mcp.answers import Answer, picked
from living_personas.mcp.framing import Frame
from living_personas.reporting.anonymous import Discretion
from living_personas.reporting.as_json import day_text
from living_personas.reporting.kill_words import held_words
from living_personas.reporting.report import persona_reports

__all__ = ["Asked", "Caller", "Opening"]

MOST_HELD = 160
"""Characters of who holds everything."""

Opening = Callable[[], AbstractContextManager[Context]]
"""Opens a workspace for one question."""


@value
class Caller:
    """An agent: what its suggestions are signed with, and whether it may make any."""

    name: str
    writes: bool = False


@value
class Asked:
    """One question: the workspace, the caller, the boundary of the answer, the moment, and what may be told."""

    context: Context
    caller: Caller
    frame: Frame
    now: datetime
    owner: str
    discretion: Discretion

    @property
    def as_of(self) -> date | None:
        """The last closed day."""
        return closed_through(self.context)

    def opening(self) -> Answer:
        """What every answer begins with: its boundary, the day and snapshot that it is of, and who holds everything."""
        snapshot = self.context.store.snapshots.latest()
        held = held_words(self.context)
        said: Answer = {
            "boundary": self.frame.boundary,
            "as_of": day_text(self.as_of),
            "snapshot": snapshot.number if snapshot else None,
        }
        return said | ({"held": self.frame.data(held, most=MOST_HELD)} if held else {})

    def personas(self) -> tuple[PersonaReport, ...]:
        """Every persona, as it may be told."""
        scales = {version.id: _scale(version) for version in self.context.versions()}
        return tuple(
            self.discretion.persona(report, scale=scales[report.persona]) for report in persona_reports(self.context)
        )

    def persona(self, name: str) -> PersonaReport:
        """One persona, as it may be told; an unknown name raises with the known ones."""
        found = {report.persona: report for report in self.personas()}
        return found[picked("persona", name, found)]

    def version(self, persona: str) -> PersonaVersion:
        """The newest version of a persona."""
        known = {version.id: version for version in self.context.versions()}
        return known[picked("persona", persona, known)]

    def goal(self, persona: str) -> str:
        """What a unit of a persona has to come to, and within what time."""
        return self.frame.data(self.version(persona).persona.goal.in_words)

    def scale(self, persona: str) -> float:
        """The most that one unit can add to the outcome of a persona."""
        return _scale(self.version(persona))


def _scale(version: PersonaVersion) -> float:
    goal = version.persona.goal
    return goal.at_most if goal.is_value and goal.at_most is not None else 1.0
