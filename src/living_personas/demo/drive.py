"""Drive a world through the loop: customers live a day, the loop closes it, and the world meets what was decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.goal import Goal
from living_personas.domain.persona import Persona
from living_personas.domain.refinement import Refinement
from living_personas.domain.segment import Segment
from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError
from living_personas.loop import cycle
from living_personas.loop.corrections.guardrails import guarded
from living_personas.loop.folding.customers import keep_customers
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.loop.segments.automatic_adoption import adopt_by_evidence
from living_personas.loop.segments.discovery import discover, segments
from living_personas.memory.tables import CUSTOMERS
from living_personas.simulate.workspace_files import workspace_files
from living_personas.simulate.world import World
from living_personas.wiring import open_context
from living_personas.workspace.files import read_workspace
from living_personas.workspace.text_file import write_text_atomically

__all__ = ["ONE_DAY", "DayOfStory", "Drive", "looks", "noon"]

OWNER = "demo"
ONE_DAY = timedelta(days=1)

WEEK = 7


def looks(days: int) -> tuple[int, int]:
    """The days of a story on which segments are looked for: a birth is believed when it is seen again a week later.

    >>> looks(120)
    (70, 77)
    """
    first = days * 7 // 12
    return first, first + WEEK


@value
class DayOfStory:
    """What happened on a day: its number, what was refined, which segments were seen, who was adopted.

    ``seen`` is None on days on which nobody looked; ``unseen`` says why somebody wanted to, and could not.
    """

    number: int
    day: date
    events: int
    refinements: tuple[Refinement, ...]
    seen: tuple[Segment, ...] | None = None
    unseen: str = ""
    adopted: Persona | None = None


class Drive:
    """A world, and a workspace that lives in it; nothing in it is scripted."""

    def __init__(self, world: World, root: Path) -> None:
        self.world = world
        self.root = root
        for name, text in workspace_files(world.spec).items():
            write_text_atomically(root / name, text)
        _, self.context = open_context(root)

    def days(self) -> Iterator[DayOfStory]:
        """Live every day of the world, and say what came of it."""
        first = self.world.spec.first_day
        for batch in self.world.history():
            record(self.context, batch, received=noon(first))
        self.context.store.inbox.seal()
        cycle.run(self.context, now=noon(first), owner=OWNER, until=first - ONE_DAY)
        keep_customers(self.context, first - ONE_DAY)
        for number, day in enumerate(self.world.days()):
            batch = self.world.live(day, self.decide)
            record(self.context, batch, received=noon(day))
            done = cycle.run(self.context, now=noon(day + ONE_DAY), owner=OWNER, until=day)
            seen, unseen = self._look(day, number) if number in looks(self.world.spec.days) else (None, "")
            adopted = self._adopt(day)
            yield DayOfStory(
                number=number,
                day=day,
                events=len(batch),
                refinements=done.refinements,
                seen=seen,
                unseen=unseen,
                adopted=adopted,
            )

    def decide(self, occasions: pa.Table) -> pa.Table:
        """Decide for a day's list under the newest snapshot, by what was known of everybody the day before.

        Nothing that is believed in these worlds is believed per channel, so one list serves all of them.
        """
        snapshot = self.context.store.snapshots.latest()
        known = table_of(CUSTOMERS.newest(self.context.store)).drop_columns(["persona", "matches"])
        day = occasions["day"][0].as_py()
        if snapshot is None:
            raise AssertionError  # the first run publishes one
        listed = known.filter(pc.is_in(known["customer"], value_set=occasions["customer"].combine_chunks()))
        return self.context.engine.decide(snapshot, listed, at=noon(day), channel="")

    def _look(self, day: date, number: int) -> tuple[tuple[Segment, ...] | None, str]:
        """The segments that are seen, or why nobody can look."""
        try:
            return discover(self.context, day, seed=number), ""
        except InsufficientEvidenceError as error:
            return None, error.in_sentences

    def _adopt(self, day: date) -> Persona | None:
        """The persona that evidence adopts, as `workspace.yaml` of the shop allows."""
        adopted = adopt_by_evidence(self.context, root=self.root, day=day)
        if not adopted:
            return None
        files = read_workspace(self.root)
        personas = tuple(guarded(each, files.settings) for each in files.personas)
        self.context = replace(self.context, settings=files.settings, personas=personas)
        return files.persona(adopted[0].persona)

    @property
    def goals(self) -> Mapping[str, Goal]:
        """The goal of each persona, by its id."""
        return {persona.id: persona.goal for persona in self.context.personas}

    @property
    def segments(self) -> tuple[Segment, ...]:
        """All segments found."""
        return segments(self.context)


def noon(day: date) -> datetime:
    """The middle of a day, when what happened on the day before has come in."""
    return datetime.combine(day, time(12), tzinfo=UTC)
