"""What a decision does to a file: its text before and after."""

from __future__ import annotations

from living_personas.domain.value import value

__all__ = ["FileText"]


@value
class FileText:
    """A file by its name below the workspace, with its text before and after; None where there was, or is, none."""

    name: str
    before: str | None
    after: str | None
