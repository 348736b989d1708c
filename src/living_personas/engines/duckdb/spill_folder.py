"""Where DuckDB writes what does not fit into memory: a folder for each database, cleared of what the dead left."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path

__all__ = ["spill_folder"]

_OWN = 0o700  # rows of customers are in it


def spill_folder(folder: Path, *, owner: str, is_gone: Callable[[str], bool]) -> str:
    """A folder of its own below ``folder``, which only this account may enter; DuckDB makes and removes it.

    Whatever a process left that ended without removing its own (``is_gone`` says of which owner) is removed.

    Where no folder can be made, as the workspace must not be written, it is empty: nothing is written then, and whoever
    needs more memory than there may be taken is told so.
    """
    try:
        folder.parent.mkdir(mode=_OWN, exist_ok=True)  # a workspace whose store is elsewhere has none
        folder.mkdir(mode=_OWN, exist_ok=True)
        left = [each for each in folder.iterdir() if is_gone(_owner_of(each.name))]
    except OSError:
        return ""
    for each in left:
        shutil.rmtree(each, ignore_errors=True)  # another process clears at the same time
    return str(folder / f"{owner.replace(':', _COLON)}{_NUMBER}{next(_FOLDERS)}")


_COLON, _NUMBER = "+", "~"
"""What stands for the colons of an owner and before the number of a folder: no host's name holds them."""
_FOLDERS = count()


def _owner_of(name: str) -> str:
    return name.partition(_NUMBER)[0].replace(_COLON, ":")
