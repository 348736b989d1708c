"""``run`` and ``refine``: one cycle of the loop, told in sentences or as a table."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.channels.webhooks.post import post
from living_personas.cli.events import fates
from living_personas.cli.failures import DONE, NEEDS_REVIEW, say
from living_personas.cli.opened import goals_of, opened
from living_personas.cli.option_labels import changes_page, labels_known, told_changes
from living_personas.cli.options import DryRun, Folder, Format
from living_personas.cli.screen import json_of, show, tell
from living_personas.domain.counted import counted
from living_personas.domain.refinement import Refinement
from living_personas.errors import InvalidDecisionError
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.cycle import Cycle
from living_personas.loop.feed.uncounted import uncounted
from living_personas.loop.known.spellings import told_spellings
from living_personas.loop.segments.adopting import settle_files
from living_personas.loop.splits.part_files import write_parts
from living_personas.outgoing.outbox import deliver_due
from living_personas.people.reviewing import asides, waiting
from living_personas.reporting.changes import change_sentence, last_words
from living_personas.reporting.uncounted_words import uncounted_notes, uncounted_warnings
from living_personas.wiring import fresh_rng, owner, system_clock

__all__ = ["parts_lines", "refine", "run", "waits"]

Until = Annotated[datetime | None, Parameter(help="Close days up to this one, even if the data reach no further.")]


def run(*, until: Until = None, dry_run: DryRun = False, workspace: Folder = Path()) -> int:
    """Run one cycle: every day that is over and reached by the data is closed; say what changed.

    Interrupted, run it again and it goes on. Without anything new it changes nothing.
    """
    with opened(workspace, rehearse=dry_run) as (files, context):
        before = context.store.snapshots.latest()
        done = _run(context, until)
        changed = done.snapshot is not None and done.snapshot != before
        tell(*(f"{source}: {fates(receipt)}" for source, receipt in done.read.items() if receipt.received))
        tell(*_days_lines(done, changed=changed), *_dropped_lines(done), *_spelling_lines(context))
        left = uncounted(context)
        tell(*(f"warning: {warning}" for warning in uncounted_warnings(left)))
        tell(*(f"note: {note}" for note in uncounted_notes(left)))
        changes, later = told_changes(context, last_words(done.refinements)), asides(context)
        labels = labels_known(context)
        tell(*(change_sentence(each, goals_of(context), labels, asides=later) for each in changes))
        tell(*parts_lines(context, files.root, dry_run=dry_run))
        if done.snapshot is not None and changed:
            tell(f"published snapshot {done.snapshot.number} for {done.snapshot.day}")
        if context.settings.webhooks and not dry_run:
            rng = fresh_rng()
            for each in deliver_due(context, clock=system_clock, rng=rng, send=post, secret_of=os.environ.get):
                say(f"{each.state}: {each.name} to {each.url}{f': {each.failure}' if each.failure else ''}")
        return waits(context)


def refine(*, until: Until = None, dry_run: DryRun = False, form: Format = "table", workspace: Folder = Path()) -> int:
    """Run one cycle, and show what it proposes with its verdicts."""
    with opened(workspace, rehearse=dry_run) as (files, context):
        done = _run(context, until)
        found = last_words(done.refinements)
        none = "Nothing is proposed: no belief is overturned by what is new."
        show(
            form,
            lambda: changes_page(context, found, none=none),
            lambda: json_of(found, tuple[Refinement, ...]),
        )
        for line in parts_lines(context, files.root, dry_run=dry_run):
            say(line)
        return waits(context)


def parts_lines(context: Context, root: Path, *, dry_run: bool) -> list[str]:
    """Write and take away the files of parts of personas and of segments, unless it is a rehearsal; what was done."""
    changed = () if dry_run else (*write_parts(context, root=root), *settle_files(context.store, root))
    done = {path: "wrote" if path.exists() else "took away" for path in changed}
    return [f"{word} personas/{path.name}: it holds from the next `personas run` on" for path, word in done.items()]


def waits(context: Context) -> int:
    """The exit code that says whether something waits for a person."""
    return NEEDS_REVIEW if waiting(context) else DONE


def _run(context: Context, until: datetime | None) -> Cycle:
    now, last = system_clock(), until.date() if until else None
    if last is not None and last > (today := context.today(now)):
        raise InvalidDecisionError(
            f"{last} is not over: a day that is closed is taken to have brought all that it will.",
            hint=f"name {today} at most, or leave out --until: then days are closed as far as the data reach.",
        )
    return cycle.run(context, now=now, owner=owner(), until=last)


def _days_lines(done: Cycle, *, changed: bool) -> list[str]:
    if done.history:
        return [f"closed the history until {done.history} in one step: nobody met an option so far"]
    if done.days:
        return [f"closed {counted(len(done.days), 'day')}: {_span(done.days)}"]
    if changed or done.renewed:
        what = ["the personas in the files were taken in"] if changed else []
        what += ["customers were told apart anew, as files or data have changed"] if done.renewed else []
        return [f"no day to close; {'; '.join(what)}"]
    if done.snapshot is None:
        return ["there is no persona yet: write one into personas/NAME.yaml, or in the dashboard"]
    return [f"nothing new: snapshot {done.snapshot.number} stands"]


def _dropped_lines(done: Cycle) -> list[str]:
    if not done.dropped:
        return []
    return [f"dropped what customers did on {counted(done.dropped, 'day')} of long ago (`retention`)"]


def _spelling_lines(context: Context) -> list[str]:
    moved = told_spellings(context.store)
    if not moved:
        return []
    ids = counted(moved, "id that was spelled otherwise is", "ids that were spelled otherwise are")
    which = f"addresses count in lower case from now on: {ids} one customer with that form"
    return [f"{which}; they may draw another option, and what they met before leaves living minus static"]


def _span(days: Sequence[date]) -> str:
    return str(days[0]) if len(days) == 1 else f"{days[0]} to {days[-1]}"
