"""``copy``: a workspace's whole memory from the folder into a database, or back."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from living_personas.addresses import address_of
from living_personas.cli.options import Folder
from living_personas.cli.screen import tell
from living_personas.domain.counted import counted
from living_personas.errors import InvalidSettingsError, Location, StoreError
from living_personas.wiring import open_server, open_store, system_clock
from living_personas.workspace.workspace_folder import STORE, check_folder

if TYPE_CHECKING:
    from living_personas.domain.store_address import Address

__all__ = ["copy"]

To = Annotated[
    str, Parameter(name="--to", help="A database: `postgresql://...`, or the variable that holds such an address.")
]
From = Annotated[str, Parameter(name="--from", help="The same, to copy from it into the folder.")]


def copy(*, to: To = "", source: From = "", workspace: Folder = Path()) -> None:
    """Copy all that the workspace remembers into a database, or from one into the folder, and compare every row.

    What it is copied from stays as it is, and others go on writing into it until the last step. Interrupted, run it
    again. Which store is used is what `store` in `workspace.yaml` says.
    """
    if bool(to) == bool(source):
        raise InvalidSettingsError("Say where to copy to, or from.", hint="give one of `--to` and `--from`.")
    check_folder(workspace)
    address = address_of(to or source)
    embedded = workspace / STORE / "state.db"
    if to and not embedded.is_file():
        raise StoreError(
            "There is no store to copy.",
            hint="check the path of the workspace, or run `personas run` once.",
            where=Location(file=embedded.as_posix()),
        )
    _copy(workspace, address, out=bool(to))


def _copy(workspace: Path, address: Address, *, out: bool) -> None:
    from living_personas.cli.progress import watched  # noqa: PLC0415 - bars, which most commands show none of
    from living_personas.stores.sql.transfer import transfer  # noqa: PLC0415 - only this copies

    with ExitStack() as stack:
        server = stack.enter_context(closing(open_server(address, workspace, clock=system_clock, whole=False)))
        folder = stack.enter_context(closing(open_store(workspace, embedded=True, whole=False)))
        progress = stack.enter_context(watched())
        source, target = (folder, server) if out else (server, folder)
        done = transfer(source, target, progress=lambda number, of: progress(number, of, "files"))
    rows = sum(done.rows.values())
    tell(
        f"copied {counted(rows, 'row')}, {counted(done.files, 'file')} ({done.size / 1e6:,.1f} MB) and "
        f"{counted(done.keys, 'key')} of message ids "
        f"{'to' if out else 'from'} {address.shown}; every one was compared"
    )
    tell(
        f"to use it, write `store: {address.shown}` into workspace.yaml and start the processes again"
        if out
        else "to use it, remove `store` from workspace.yaml and start the processes again"
    )
