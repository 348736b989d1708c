"""Where ``workspace.yaml`` says that the store and its files are, whatever else is wrong with the file."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from living_personas.workspace.file_problems import Problems, UnreadableError
from living_personas.workspace.text_file import read_text
from living_personas.workspace.workspace_folder import SETTINGS_FILE, check_folder

__all__ = ["written_files", "written_store"]

_KEY = r"""(^|[\s{{,"']){key}["']?\s*:"""
"""A key as YAML may write it, here or deeper down."""


def written_files(root: Path) -> str:
    """What the settings file says under ``files``; empty if it says nothing.

    Raises
    ------
    InvalidFilesError
        If the file speaks of files, and cannot be read or says no address.
    """
    return _written(root, "files")


def written_store(root: Path) -> str:
    """What the settings file says under ``store``; empty if it says nothing, and the store is embedded.

    Raises
    ------
    InvalidFilesError
        If the file speaks of a store, and cannot be read or says no address.
    """
    return _written(root, "store")


def _written(root: Path, key: Literal["files", "store"]) -> str:
    check_folder(root)
    problems = Problems()
    try:
        text = read_text(root / SETTINGS_FILE, problems)
        if not re.search(_KEY.format(key=key), text):
            return ""  # most workspaces: nothing is parsed, no parser imported, and a typo stops nobody
        return _parsed(text, root, key, problems)
    except UnreadableError:
        problems.raise_if_any()
        raise


def _parsed(text: str, root: Path, key: Literal["files", "store"], problems: Problems) -> str:
    from living_personas.workspace.nodes import Entries, parse_yaml  # noqa: PLC0415 - see `_written`
    from living_personas.workspace.store_shape import FILED_AT, STORED_AT  # noqa: PLC0415 - see `_written`

    tree = parse_yaml(text, file=(root / SETTINGS_FILE).as_posix(), problems=problems)
    found = tree.get(key) if isinstance(tree, Entries) else None
    shape = FILED_AT if key == "files" else STORED_AT
    return "" if found is None else shape.read(found, problems)
