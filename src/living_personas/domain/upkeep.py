"""A proposal about the personas themselves: another rule, one for two, or one less; a person decides."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from living_personas.domain.file_text import FileText
from living_personas.domain.value import value

__all__ = ["Upkeep", "UpkeepEvent", "UpkeepKind", "UpkeepState"]

UpkeepKind = Literal["rule", "merge", "retire"]

UpkeepState = Literal["seen", "open", "applied", "dismissed", "undone", "gone"]
"""``seen``: once, and not told before it is seen a week later; ``gone``: what spoke for it does so no more."""


@value
class UpkeepEvent:
    """What became of a proposal on a day, and who decided at which moment (empty: evidence)."""

    day: date
    state: UpkeepState
    by: str = ""
    at: datetime | None = None


@value
class Upkeep:
    """A proposed change of whom a persona holds, or of which there are.

    ``merge`` gives the customers of the persona ``other`` to ``persona``. ``rules`` are the present ones of those that
    it is about, by their ids; ``proposed`` is the one that would take the place of the first (empty: none, to retire
    it). ``f1`` says how well it tells who is at home there, on customers that it was not made from, ``f1_before`` how
    well the present one does, and ``overlap`` is the Jaccard index of whom the two hold; None where no rule drifted.
    ``events`` are told, the oldest first; ``files`` is what applying it wrote, by which it is undone.
    """

    id: str
    kind: UpkeepKind
    persona: str
    rules: tuple[tuple[str, str], ...]
    why: str
    first_seen: date
    last_seen: date
    other: str = ""
    proposed: str = ""
    f1: float | None = None
    f1_before: float | None = None
    overlap: float | None = None
    state: UpkeepState = "seen"
    events: tuple[UpkeepEvent, ...] = ()
    files: tuple[FileText, ...] = ()
