"""A workspace, opened for one command: the real one, or a copy to rehearse on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from living_personas.addresses import server_of
from living_personas.cli.failures import say
from living_personas.domain.value import value
from living_personas.wiring import listed, open_context, open_published, open_store, system_clock
from living_personas.workspace.workspace_folder import PERSONAS, SETTINGS_FILE, STORE, check_folder

if TYPE_CHECKING:
    from datetime import datetime

    from living_personas.domain.goal import Goal
    from living_personas.loop.context import Context
    from living_personas.ports import Store, Stored, Withdraw
    from living_personas.workspace.files import Workspace

__all__ = ["DATABASE", "goals_of", "moment_of", "opened", "published", "stored"]

DATABASE = "state.db"
_READ_ONLY = "this user may only read the workspace: what was shown is of a copy of it"


@contextmanager
def opened(folder: Path, *, rehearse: bool = False, reads: bool = False) -> Iterator[tuple[Workspace, Context]]:
    """The files of a workspace, and what the loop runs on; with ``rehearse`` those of a copy that is thrown away.

    Whoever only ``reads`` is shown such a copy where this user may not write into the store.
    """
    if reads and not _may_write(folder):
        with _rehearsed(folder, said=_READ_ONLY) as copy, _open(copy, embedded=True, home=folder) as found:
            yield found
        return
    if not rehearse:
        with _open(folder) as found:
            yield found
        return
    from living_personas.workspace.files import read_workspace  # noqa: PLC0415 - parsers, which `keys list` needs not

    read_workspace(folder)  # what is wrong with the files is told with their own places, not those of the copy
    with _rehearsed(folder) as copy, _open(copy, embedded=True, home=folder) as found:
        yield found


@contextmanager
def stored(folder: Path) -> Iterator[Stored]:
    """The store of a workspace alone: whatever is wrong with its files, people and keys can be shut out."""
    with closing(open_store(folder)) as store:
        yield _Stored(store=store, withdrawn=listed(folder))


@contextmanager
def published(folder: Path, *, rehearse: bool = False, embedded: bool = False) -> Iterator[Context]:
    """What the loop runs on as it was published last: no file of a persona is read; ``rehearse`` as for ``opened``.

    ``embedded`` is for a folder that is itself a copy: its store is in it, whatever its settings say.
    """
    if not rehearse:
        context = open_published(folder, embedded=embedded)
        with closing(context.store):
            yield context
        return
    with _rehearsed(folder) as copy, published(copy, embedded=True) as context:
        yield context


def goals_of(context: Context) -> Mapping[str, Goal]:
    """The goal of each persona, by its id."""
    known = {version.id: version.persona.goal for version in context.store.versions.latest()}
    return known | {persona.id: persona.goal for persona in context.personas}


def moment_of(at: datetime | None, context: Context) -> datetime:
    """When a command asks for: on the workspace's own clock where it says no zone, and now where it says nothing."""
    if at is None:
        return system_clock()
    return at if at.tzinfo else at.replace(tzinfo=context.zone)


@value
class _Stored:
    store: Store
    withdrawn: Withdraw


def _may_write(folder: Path) -> bool:
    if not (folder / STORE).is_dir() or server_of(folder) is not None:
        return True
    from living_personas.stores.sqlite.copying import may_write  # noqa: PLC0415 - see `_copy`

    return may_write(folder / STORE)


@contextmanager
def _rehearsed(
    folder: Path, *, said: str = "dry run: this happened on a copy, and nothing was changed"
) -> Iterator[Path]:
    check_folder(folder)
    with TemporaryDirectory(prefix="personas-") as copy:
        _copy(folder, Path(copy))
        yield Path(copy)
    say(said)


@contextmanager
def _open(folder: Path, *, embedded: bool = False, home: Path | None = None) -> Iterator[tuple[Workspace, Context]]:
    from living_personas.cli.progress import watched  # noqa: PLC0415 - bars, which `keys list` shows none of

    with watched() as progress:
        workspace, context = open_context(folder, progress=progress, embedded=embedded, home=home)
        with closing(context.store):
            yield workspace, context


def _copy(folder: Path, copy: Path) -> None:
    """Copy the files, the state as of one moment, and then the days: what it knows of is never removed so soon."""
    shutil.copy2(folder / SETTINGS_FILE, copy / SETTINGS_FILE)
    if (folder / PERSONAS).is_dir():
        shutil.copytree(folder / PERSONAS, copy / PERSONAS)
    if server_of(folder) is not None:
        from living_personas.stores.sql.transfer import transfer  # noqa: PLC0415 - only a rehearsal copies

        with closing(open_store(folder)) as there, closing(open_store(copy, embedded=True, whole=False)) as here:
            transfer(there, here)
    elif (folder / STORE / DATABASE).is_file():
        from living_personas.stores.sqlite.copying import copy_store  # noqa: PLC0415 - only a rehearsal copies

        copy_store(folder / STORE, copy / STORE, clock=system_clock, linked=True)
