"""A version of a file that people keep: what it was, what it became, by whom and why."""

from __future__ import annotations

from datetime import datetime

from living_personas.domain.value import value

__all__ = ["FileSave"]


@value
class FileSave:
    """A file that was saved in the dashboard, or of a part of a persona, as a split or merge was applied.

    ``file`` is its path below the workspace. ``before`` and ``after`` are its texts, None while there is no such file.
    ``version`` is the newest version of the ``persona`` at that time, 0 before its first; ``persona`` is empty for the
    settings, and ``undoes`` the number of the save that it takes back, 0 if it takes none back.
    """

    file: str
    persona: str
    version: int
    by: str
    at: datetime
    why: str
    before: str | None
    after: str | None
    undoes: int = 0
