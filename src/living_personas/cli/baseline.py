"""``baseline``: what history says, written into the persona files beside what people believe."""

from __future__ import annotations

from pathlib import Path

from living_personas.cli.failures import say
from living_personas.cli.opened import opened
from living_personas.cli.options import DryRun, Folder
from living_personas.cli.screen import tell
from living_personas.loop.corrections.baselines import draw_baselines
from living_personas.workspace.baseline_file import write_baseline
from living_personas.workspace.files import read_workspace
from living_personas.workspace.round_trip import unified_diff
from living_personas.workspace.text_file import write_text_atomically

__all__ = ["baseline"]


def baseline(*, dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Write measured traits and suggested beliefs into the persona files; show each change as a diff."""
    files = read_workspace(workspace)  # a rehearsal reads a copy, but shows and means these
    with opened(workspace, rehearse=dry_run) as (_, context):
        drawn = draw_baselines(context)
    changed = False
    for persona, (measured, suggested) in drawn.items():
        path = Path(files.where(persona).file)
        old, new = write_baseline(path, measured=measured, suggestions=suggested)
        if old != new:
            changed = True
            tell(unified_diff(old, new, path).rstrip("\n"))
            if not dry_run:
                write_text_atomically(path, new)
    if not changed:
        say("nothing to write: history says nothing that the files do not say")
