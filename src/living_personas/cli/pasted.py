"""Commands that messages name: each works as it stands when it is pasted, about the same workspace."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from re import Match
from shlex import quote

from living_personas.domain.command_text import COMMAND

__all__ = ["WITHOUT_WORKSPACE", "about", "pasted"]

WITHOUT_WORKSPACE = frozenset({"demo", "init", "restore", "simulate", "sources"})
"""Commands that are told a folder of their own, or none."""

_ABOUT: ContextVar[Path] = ContextVar("workspace", default=Path())


@contextmanager
def about(workspace: Path) -> Iterator[None]:
    """What is said meanwhile is about this workspace."""
    before = _ABOUT.set(workspace)
    try:
        yield
    finally:
        _ABOUT.reset(before)


def pasted(text: str) -> str:
    """The text, in which each command between backticks names the workspace that it is about.

    >>> with about(Path("my shop")):
    ...     print(pasted("see `personas run`, `personas demo` and `personas log --workspace other`"))
    see `personas run --workspace 'my shop'`, `personas demo` and `personas log --workspace other`
    """
    folder = _ABOUT.get()
    if folder == Path():
        return text
    where = f" --workspace {quote(folder.as_posix())}"

    def completed(found: Match[str]) -> str:
        said = found[0][1:-1]
        return found[0] if found["name"] in WITHOUT_WORKSPACE or "--workspace" in said else f"`{said}{where}`"

    return COMMAND.sub(completed, text)
