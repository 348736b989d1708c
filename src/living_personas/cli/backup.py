"""``backup`` and ``restore``: a workspace as of one moment, and back, without what was taken back since."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from living_personas.addresses import server_of
from living_personas.cli.failures import say
from living_personas.cli.opened import published
from living_personas.cli.options import Folder
from living_personas.cli.screen import tell
from living_personas.domain.counted import counted
from living_personas.domain.withdrawal import unlisted
from living_personas.errors import StoreError
from living_personas.loop.forgetting import Erased, apply_tombstones
from living_personas.loop.privacy.withdrawing import Reapplied, reapply
from living_personas.outgoing.backup_folder import Manifest, back_up
from living_personas.outgoing.backup_folder import restore as restored
from living_personas.stores.withdrawal_file import WITHDRAWN, add_withdrawals, read_withdrawals
from living_personas.wiring import system_clock
from living_personas.workspace.workspace_folder import STORE

__all__ = ["backup", "restore"]

Target = Annotated[Path, Parameter(help="The folder of the backup: a new one, best on another disk.")]
Backup = Annotated[Path, Parameter(help="The folder that `personas backup` made.")]
To = Annotated[Path, Parameter(name="--to", help="The folder of the workspace to make: a new or an empty one.")]
Since = Annotated[
    Path | None,
    Parameter(
        help="The list of what was taken back since: `.living/withdrawn.jsonl`, or the workspace that has it; unless "
        "given, `withdrawn.jsonl` beside the backup or the new workspace."
    ),
]


def backup(target: Target, /, *, workspace: Folder = Path()) -> None:
    """Copy the workspace as it is at this moment, with the sum of every file; the service goes on meanwhile."""
    address = server_of(workspace)
    if address is not None:
        raise StoreError(
            f"The store is in {address.shown}, and a database is backed up by its own tools.",
            hint=f"`pg_dump -Fc --schema={address.schema} --file=FILE DATABASE` copies it as of one moment; "
            f"keep {STORE}/{WITHDRAWN} elsewhere, too.",
        )
    manifest = back_up(workspace, target, clock=system_clock)
    tell(f"backed up {_what(manifest)} to {target}, as of {manifest.made.isoformat(timespec='seconds')}")
    needed = "`personas restore` needs it, so that nobody comes back who took leave since"
    say(f"keep {STORE}/{WITHDRAWN} elsewhere, too: {needed}")


def restore(source: Backup, /, *, to: To, since: Since = None) -> None:
    """Make a workspace of a backup, and take back again what was taken back: keys, people, consents, customers."""
    found = _list(source, to, since)
    rows = read_withdrawals(found) if found else ()
    done, gone = Reapplied(), Erased(asked=0, ids=0, rows={})

    def take_back(folder: Path, manifest: Manifest) -> None:
        nonlocal done, gone
        with published(folder, embedded=True) as context:
            listing = replace(context, withdrawn=unlisted)  # what is on the list is not listed again
            done = reapply(listing, rows, since=manifest.made)
            gone = apply_tombstones(
                listing, rows, since=manifest.made, now=system_clock(), owner=f"restore-{os.getpid()}"
            )
        add_withdrawals(folder / STORE / WITHDRAWN, rows)

    manifest = restored(source, to, prepare=take_back)
    tell(f"restored {_what(manifest)} to {to}, as of {manifest.made.isoformat(timespec='seconds')}")
    if found is None:
        say(f"nothing was taken back again, as no list was given (--since FILE) and no {WITHDRAWN} lies beside it")
        return
    tell(
        f"taken back again by {found}: {counted(done.consents, 'consent')}, {counted(done.keys, 'key')}, "
        f"{counted(done.people, 'person', 'people')}"
    )
    dropped = counted(sum(gone.rows.values()), "row")
    tell(f"erased again: {counted(gone.asked, 'id')} that the backup held, with {dropped}")
    if done.unknown:
        noes = counted(done.unknown, "no on the list is", "noes on the list are")
        say(f"{noes} of customers of whom the backup holds nothing")


def _list(source: Path, to: Path, since: Path | None) -> Path | None:
    if since is not None:
        return since / STORE / WITHDRAWN if (since / STORE).is_dir() else since
    beside = (each.absolute().parent / WITHDRAWN for each in (source, to))
    return next((path for path in beside if path.is_file()), None)


def _what(manifest: Manifest) -> str:
    return f"{counted(len(manifest.files), 'file')}, {manifest.size / 1e6:,.1f} MB,"
