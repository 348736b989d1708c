"""``run`` and ``refine``: one cycle of the loop, told in sentences or as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas import loop
from living_personas.cli.failures import DONE, NEEDS_REVIEW, say
from living_personas.cli.opened import goals_of, opened
from living_personas.cli.options import DryRun, Folder, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.cli.webhooks import told
from living_personas.domain.refinement import Refinement
from living_personas.loop import Cycle
from living_personas.reporting.changes import change_sentence, last_words, refinements_page
from living_personas.steps.parts import Parts
from living_personas.wiring import owner, system_clock

__all__ = ["refine", "run", "run_once", "waits"]

Until = Annotated[datetime | None, Parameter(help="Close days up to this one, even if the data reach no further.")]


def run(*, until: Until = None, dry_run: DryRun = False, workspace: Folder = Path()) -> int:
    """Run one cycle: every day that is over and reached by the data is closed; say what changed.

    Interrupted, run it again and it goes on. Without anything new it changes nothing.
    """
    with opened(workspace, rehearse=dry_run) as (_, parts):
        before = parts.store.snapshots.latest()
        cycle = run_once(parts, until=until)
        changed = cycle.snapshot is not None and cycle.snapshot != before
        tell(*_days_lines(cycle, changed=changed))
        tell(*(change_sentence(refinement, goals_of(parts)) for refinement in last_words(cycle.refinements)))
        if cycle.snapshot is not None and changed:
            tell(f"published snapshot {cycle.snapshot.number} for {cycle.snapshot.day}")
        if parts.settings.webhooks and not dry_run:
            for each in told(parts, now=system_clock()):
                say(f"{each.state}: {each.name} to {each.url}{f': {each.failure}' if each.failure else ''}")
        return waits(parts)


def refine(*, until: Until = None, dry_run: DryRun = False, form: Format = "table", workspace: Folder = Path()) -> int:
    """Run one cycle, and show what it proposes with its verdicts."""
    with opened(workspace, rehearse=dry_run) as (_, parts):
        found = last_words(run_once(parts, until=until).refinements)
        none = "Nothing is proposed: no belief is overturned by what is new."
        show(
            form,
            lambda: refinements_page(found, goals_of(parts), none=none),
            lambda: json_of(found, tuple[Refinement, ...]),
        )
        return waits(parts)


def run_once(parts: Parts, *, until: datetime | None = None) -> Cycle:
    """One cycle now."""
    return loop.run(parts, now=system_clock(), owner=owner(), until=until.date() if until else None)


def waits(parts: Parts) -> int:
    """The exit code that says whether something waits for a person."""
    return NEEDS_REVIEW if any(each.review == "open" for each in parts.store.refinements.all()) else DONE


def _days_lines(cycle: Cycle, *, changed: bool) -> list[str]:
    if cycle.days:
        return [f"closed {len(cycle.days)} {_days(cycle.days)}: {_span(cycle.days)}"]
    if changed:
        return ["no day to close; the personas in the files were taken in"]
    number = f": snapshot {cycle.snapshot.number} stands" if cycle.snapshot else ""
    return [f"nothing new{number}"]


def _days(days: Sequence[date]) -> str:
    return "day" if len(days) == 1 else "days"


def _span(days: Sequence[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"
