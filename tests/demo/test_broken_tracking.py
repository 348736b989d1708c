"""Broken tracking, twelve ways, through the real loop: no persona may change, and somebody must be told."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import get_args

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from figures import tell
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.folding.customers import keep_customers
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.tables import CUSTOMERS
from living_personas.reporting.report import build_report
from living_personas.simulate.spec import Breakage, BreakageKind, WorldSpec
from living_personas.simulate.tracking import Tracking
from living_personas.simulate.workspace_files import workspace_files
from living_personas.simulate.world import World
from living_personas.simulate.worlds import null_spec
from living_personas.wiring import context_in_memory
from living_personas.workspace.files import read_workspace

pytestmark = pytest.mark.slow

GOOD, BROKEN, AFTER = 21, 7, 8
ONE_DAY = timedelta(days=1)

LATE: frozenset[BreakageKind] = frozenset({"45/55 split", "bot burst"})
"""What a day of this small shop cannot show: two of eleven exposures of one option are a dozen, and where the robots
walk is an option that hardly anybody gets any more, so that they are one or two."""


@dataclass
class Life:
    """A world in which nothing makes a difference, and a workspace in memory that learns of it."""

    world: World
    context: Context
    number: int = 0

    def live(self, days: int) -> list[tuple[str, ...]]:
        """So many days more; the alarms in force after each."""
        return [self._day() for _ in range(days)]

    def broken(self, how: Breakage) -> Life:
        """The same life, whose tracking is going to break."""
        context = replace(self.context, store=deepcopy(self.context.store))
        other = Life(deepcopy(self.world), context, self.number)
        other.world._tracking = Tracking((how,), ())
        other.world._tracking._good = self.world._tracking._good
        return other

    def changes(self) -> list[str]:
        """What evidence changed, in any persona."""
        found = self.context.store.refinements.all()
        return [f"{r.subject} {r.old} -> {r.new}" for r in found if r.kind == "correct" and r.verdict == "apply"]

    def _day(self) -> tuple[str, ...]:
        day = self.world.spec.first_day + timedelta(days=self.number)
        batch = self.world.live(day, self._decide)
        record(self.context, batch, received=noon(day))
        cycle.run(self.context, now=noon(day + ONE_DAY), owner="w", until=day)
        self.number += 1
        return build_report(self.context).health.alarms

    def _decide(self, occasions: pa.Table) -> pa.Table:
        snapshot = self.context.store.snapshots.latest()
        assert snapshot is not None
        known = table_of(CUSTOMERS.newest(self.context.store))
        known = known.drop_columns(["persona", "matches"])
        decided = []
        for channel in occasions["channel"].unique().to_pylist():
            listed = occasions.filter(pc.equal(occasions["channel"], channel)).select(["customer"])
            at = noon(occasions["day"][0].as_py())
            listed = listed.join(known, "customer")
            decided.append(self.context.engine.decide(snapshot, listed, at=at, channel=channel))
        return pa.concat_tables(decided)


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def begun(spec: WorldSpec, folder: Path) -> Life:
    for name, text in workspace_files(spec).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    files = read_workspace(folder)
    life = Life(World(spec), context_in_memory(files.settings, files.personas))
    for batch in life.world.history():
        record(life.context, batch, received=noon(spec.first_day))
    life.context.store.inbox.seal()
    cycle.run(life.context, now=noon(spec.first_day), owner="w", until=spec.first_day - ONE_DAY)
    keep_customers(life.context, spec.first_day - ONE_DAY)
    return life


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Life:
    """Three weeks in which nothing breaks: nobody is told anything."""
    life = begun(null_spec(5, customers=12_000, days=GOOD + BROKEN + AFTER), tmp_path_factory.mktemp("shop"))
    told = life.live(GOOD)
    assert not any(told)
    assert not life.changes()
    return life


@pytest.mark.promise("P14")
@pytest.mark.parametrize("kind", get_args(BreakageKind))
def test_a_breakage_changes_no_persona_and_is_told(sound: Life, kind: BreakageKind) -> None:
    how = Breakage(kind=kind, first=GOOD, last=GOOD + BROKEN - 1, attribute="framing", option="quality")
    life = sound.broken(how)
    told = life.live(BROKEN + AFTER)
    first = next((day for day, alarms in enumerate(told) if alarms), None)
    said = "none" if first is None else f"on day {first}: {told[first][0]}"
    tell(f"{kind}: changed {life.changes()}; first alarm {said}")
    assert life.changes() == []
    assert first == 0 or kind in LATE


def test_robots_are_told_of_while_their_option_is_still_drawn(tmp_path: Path) -> None:
    life = begun(null_spec(5, customers=12_000, days=GOOD), tmp_path)
    assert not any(life.live(2))
    (alarms,) = life.broken(Breakage(kind="bot burst", first=2, last=2)).live(1)
    assert [alarm for alarm in alarms if "met by several customers" in alarm]
