"""What is said of effects in parts, on every surface: that they are exploratory, and what is not shown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from living_personas.domain.head_count import SMALLEST
from living_personas.domain.report import PartsReport

__all__ = ["exploratory_words", "left_out_words"]


def exploratory_words(found: Iterable[PartsReport]) -> str:
    """What nobody should take them for, and how many were looked at."""
    looked_at = sum(len(each.parts) for each in found)
    parts = "one part was" if looked_at == 1 else f"{looked_at} parts were"
    return (
        f"Exploratory: nobody promised an error rate here. {parts.capitalize()} looked at; what looks different in one "
        "part may be chance. Nothing is decided by it: what you want to know is worth a persona or a test of its own."
    )


def left_out_words(found: Sequence[PartsReport]) -> Iterator[str]:
    """What is not in the tables: days before a column was counted, and parts of few customers."""
    for column in dict.fromkeys(each.column for each in found if each.since is None):
        yield f"Not counted by {column} yet: `personas run` counts a day once its outcomes are known."
    counted = [each.since for each in found if each.since is not None]
    if counted:
        later = " or later" if max(counted) > min(counted) else ""
        yield f"Occasions since {min(counted)}{later}, by what was known of their customers before."
    hidden = sum(each.hidden for each in found)
    if hidden:
        parts, are = ("One part", "is") if hidden == 1 else (f"{hidden} parts", "are")
        yield f"{parts} of fewer than {SMALLEST} customers {are} not shown."
