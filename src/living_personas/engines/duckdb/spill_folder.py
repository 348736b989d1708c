"""Where DuckDB writes what does not fit into memory: a folder for each process, cleared of what dead ones left."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from living_personas.errors import EngineError, Location

__all__ = ["spill_folder"]

_OWN = 0o700  # rows of customers are in it


def spill_folder(folder: Path, *, owner: str, is_gone: Callable[[str], bool]) -> str:
    """The folder of this process below ``folder``, which only its account may enter; DuckDB makes and removes it.

    Whatever a process left that ended without removing its own (``is_gone`` says of which owner) is removed.

    Raises
    ------
    EngineError
        If the folder cannot be made.
    """
    try:
        folder.mkdir(mode=_OWN, exist_ok=True)
        left = [each for each in folder.iterdir() if is_gone(each.name.replace(_IN_NAMES, ":"))]
    except OSError as error:
        raise EngineError(
            "There is no folder for what does not fit into memory.",
            hint="let this account write into it.",
            where=Location(file=folder.as_posix()),
        ) from error
    for each in left:
        shutil.rmtree(each, ignore_errors=True)  # another process clears at the same time
    return str(folder / owner.replace(":", _IN_NAMES))


_IN_NAMES = "+"
"""What stands for the colon of an owner, which no host's name holds and Windows allows."""
