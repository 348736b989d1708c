"""A copy of a store as of one moment, while others go on writing: the state first, then the files that it knows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path

from living_personas.errors import Location, StoreError
from living_personas.stores.sql.parquet_files import make_folder, own_file
from living_personas.stores.sql.part import Part
from living_personas.stores.sql.sums import sum_of
from living_personas.stores.sqlite.connection import Connection, copy_read_only
from living_personas.stores.sqlite.examination import opened_parts

__all__ = ["copy_store", "may_write"]

_AGAIN = "it may have been replaced, as copying took long: try again; if it stays, ask `personas doctor --deep`."


def copy_store(folder: Path, copy: Path, *, clock: Callable[[], datetime], linked: bool = False) -> tuple[Path, ...]:
    """Copy a store as it is at this moment; the files of the copy, with what was committed before, and nothing after.

    Objects are fetched: all files of the copy lie in its folder, and nothing that it removes is another's.

    ``linked`` gives files of days another name instead, where there can be one: they are never written again, but what
    is damaged is damaged in both.

    Raises
    ------
    StoreError
        If a file is missing, or is not what was written into it.
    """
    make_folder(copy)
    _copy_state(folder / "state.db", copy / "state.db")
    written = [copy / "state.db"]
    with opened_parts(copy, clock=clock) as there:
        for part in there.needed():
            target = there.path(part)
            source = folder / target.relative_to(copy)
            make_folder(target.parent)
            try:
                if part.object and not (source.exists() if linked else _is_whole(source, part)):
                    there.brought(part)
                elif not (linked and _linked(source, target)):
                    shutil.copyfile(source, target)
                    target.chmod(0o600)
            except FileNotFoundError as error:
                raise StoreError(
                    f"The file {source.name!r} is missing.", hint=_AGAIN, where=Location(file=str(source))
                ) from error
            if not linked and part.sum is not None and sum_of(target) != part.sum:
                raise StoreError(
                    f"The file {source.name!r} is not what was written into it.",
                    hint="mend it first: `personas doctor --repair`. A copy of damage is no copy.",
                    where=Location(file=str(source)),
                )
            written.append(target)
        there.leave_objects()
    return tuple(written)


def may_write(folder: Path) -> bool:
    """Whether this user may write into a store that is there."""
    return all(os.access(path, os.W_OK) for path in (folder, folder / "state.db") if path.exists())


def _copy_state(source: Path, target: Path) -> None:
    if not source.is_file():
        raise StoreError(
            "There is no store to copy.",
            hint="check the path of the workspace, or run `personas run` once.",
            where=Location(file=str(source)),
        )
    own_file(target)  # before anything is in it: nobody else may read what the copy holds
    if may_write(source.parent):
        with closing(Connection(source)) as state:
            state.rows("VACUUM INTO ?", (str(target),))
    else:
        copy_read_only(source, target)


def _is_whole(source: Path, part: Part) -> bool:
    """Whether a copy of an object lies here that is the object."""
    return source.exists() and sum_of(source) == part.sum


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target)
    except FileNotFoundError:
        raise
    except OSError:
        return False
    return True
