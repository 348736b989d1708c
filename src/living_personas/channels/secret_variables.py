"""Secrets in environment variables, or in the files that these name, as containers are given secrets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from living_personas.errors import InvalidSettingsError

__all__ = ["FILE", "Lookup", "secret_of"]

FILE = "_FILE"
"""What the name of a variable ends in that holds the path of a file with the secret."""

Lookup = Callable[[str], str | None]
"""The text in an environment variable."""


def secret_of(lookup: Lookup, name: str) -> str:
    """The secret in a variable or the file that it names; empty if neither is set.

    Raises
    ------
    InvalidSettingsError
        If both are set, or the file holds none.
    """
    said, path = lookup(name), lookup(name + FILE)
    if said and path:
        raise InvalidSettingsError(f"Both {name} and {name}{FILE} are set.", hint="unset one of them.")
    return _read(path, name=name + FILE) if path else said or ""


def _read(path: str, *, name: str) -> str:
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidSettingsError(
            f"{name} names {path!r}, which cannot be read: {error}.", hint="mount the secret there, readable for us."
        ) from error
    if not secret:
        raise InvalidSettingsError(f"{name} names {path!r}, which is empty.", hint="write the secret into it.")
    return secret
