"""Where ``workspace.yaml`` says that the store is, whatever else is wrong with the file."""

from __future__ import annotations

import re
from pathlib import Path

from living_personas.domain.store_address import Address
from living_personas.errors import InvalidSettingsError
from living_personas.workspace.file_problems import Problems, UnreadableError
from living_personas.workspace.text_file import read_text
from living_personas.workspace.workspace_folder import SETTINGS_FILE, check_folder

__all__ = ["VARIABLE", "stored_at", "written_store"]

VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{2,63}")
"""The name of an environment variable, which holds the address."""

_KEY = re.compile(r"""(^|[\s{,"'])store["']?\s*:""")
"""The key as YAML may write it, here or deeper down."""


def stored_at(text: str) -> str:
    """An address without a password, or the name of an environment variable that holds one.

    Raises
    ------
    InvalidSettingsError
        If it is neither; an address is not repeated, as it may hold a password.
    """
    if VARIABLE.fullmatch(text):
        return text
    if Address.of(text).has_password:
        raise InvalidSettingsError(
            "The address of the store holds a password, and this file lies in git.",
            hint="leave it out and set PGPASSWORD; or name a variable that holds the address: `store: PERSONAS_STORE`.",
        )
    return text


def written_store(root: Path) -> str:
    """What the settings file says under ``store``; empty if it says nothing, and the store is embedded.

    Raises
    ------
    InvalidFilesError
        If the file speaks of a store, and cannot be read or says no address.
    """
    check_folder(root)
    problems = Problems()
    try:
        text = read_text(root / SETTINGS_FILE, problems)
        if not _KEY.search(text):
            return ""  # most workspaces: nothing is parsed, no parser imported, and a typo stops nobody
        return _parsed(text, root, problems)
    except UnreadableError:
        problems.raise_if_any()
        raise


def _parsed(text: str, root: Path, problems: Problems) -> str:
    from living_personas.workspace.nodes import Entries, parse_yaml  # noqa: PLC0415 - see `written_store`
    from living_personas.workspace.settings_shape import STORED_AT  # noqa: PLC0415 - see `written_store`

    tree = parse_yaml(text, file=(root / SETTINGS_FILE).as_posix(), problems=problems)
    found = tree.get("store") if isinstance(tree, Entries) else None
    return "" if found is None else STORED_AT.read(found, problems)
