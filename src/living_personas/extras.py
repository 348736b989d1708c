"""What comes with an extra: imported when it is first needed, or said to be missing with the command that brings it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Literal

from living_personas.errors import MissingExtraError

__all__ = ["Extra", "extra_module", "extra_needed"]

Extra = Literal["charts", "mcp", "openfeature", "pdf", "postgres", "server", "spark"]
"""The extras of this distribution."""


def extra_module(name: str, *, extra: Extra, what: str) -> ModuleType:
    """The module of this name, which comes with an extra; ``what`` needs it.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    with extra_needed(extra, what=what):
        return import_module(name)


@contextmanager
def extra_needed(extra: Extra, *, what: str) -> Iterator[None]:
    """Say of imports inside that ``what`` needs an extra, if a package is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] == "living_personas":
            raise
        raise MissingExtraError(
            f"{what} the package {error.name!r}, which is not installed.",
            hint=f"`pip install 'living-personas[{extra}]'` brings it.",
        ) from error
