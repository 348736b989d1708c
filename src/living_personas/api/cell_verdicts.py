"""What sums decide: a verdict for each question, and what was left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Literal, TypeAlias

import pyarrow as pa

from living_personas.api.cell_rows import LeftOut
from living_personas.domain.belief import Interval
from living_personas.domain.refinement import Refinement
from living_personas.domain.value import value
from living_personas.errors import by_name
from living_personas.reporting.words import points

__all__ = ["CellAlarm", "CellVerdict", "CellVerdicts", "Verdict"]

Verdict: TypeAlias = Literal["corrected", "confirmed", "not yet known"]


@value
class CellAlarm:
    """What was wrong with the data, and from when to when: nothing is decided meanwhile."""

    why: str
    first: date
    last: date

    def __str__(self) -> str:
        return f"{self.first} to {self.last}: {self.why}"


@value
class CellVerdict:
    """What is known of one subject: whether what is believed of it was right.

    ``value`` is what holds now; ``day``, ``units``, ``account`` and ``effect`` are those of the decision or, while
    nothing is known, those of the last day: the account of the challenger that came furthest (1/alpha decides), and the
    effect of the ``contender`` against the belief, None while nothing can be said. ``changes`` are all that was
    proposed, with their verdicts, ``alarms`` what held decisions, for as long as it did.
    """

    subject: str
    believed: str
    verdict: Verdict
    value: str
    contender: str
    day: date | None
    units: int
    account: float
    effect: Interval | None
    says: str
    changes: tuple[Refinement, ...]
    alarms: tuple[CellAlarm, ...]

    def __str__(self) -> str:
        return self.text(percent=True)

    def text(self, *, percent: bool) -> str:
        """Two lines, and one for each alarm; effects in points, or in the unit of the value."""
        found = f"corrected to {self.value!r}" if self.verdict == "corrected" else self.verdict
        when = f" on {self.day}" if self.day else ""
        effect = f"{self.contender!r} against {self.believed!r}: {points(self.effect, percent=percent)}"
        decided = f"{self.subject}: believed {self.believed!r}, {found}{when}"
        lines = [
            f"{decided}; account {self.account:,.3g}, {self.units:,} units, {effect}",
            f"{self.says}{self._often()}",
            *(f"Alarm {alarm}" for alarm in self.alarms),
        ]
        return "\n  ".join(lines)

    def _often(self) -> str:
        """A word about values that changed more than once: each change was another definition, with its own budget."""
        applied = sum(change.verdict == "apply" for change in self.changes)
        return f" Decided {applied} times: see `changes`." if applied > 1 else ""


class CellVerdicts:
    """The verdicts in the order of the frame's subjects, and what was ``left_out``.

    Speaks the Arrow capsule interface: ``polars.DataFrame(verdicts)``, ``pandas.DataFrame.from_arrow(verdicts)``.
    """

    def __init__(self, verdicts: Sequence[CellVerdict], left_out: Sequence[LeftOut], *, percent: bool) -> None:
        self._verdicts = tuple(verdicts)
        self.left_out = tuple(left_out)
        self._percent = percent

    def __len__(self) -> int:
        return len(self._verdicts)

    def __iter__(self) -> Iterator[CellVerdict]:
        return iter(self._verdicts)

    def __getitem__(self, subject: str) -> CellVerdict:
        """The verdict of the subject of a name, or ``UnknownNameError``."""
        named = {verdict.subject: verdict for verdict in self._verdicts}
        return by_name("subject", subject, named)

    def __repr__(self) -> str:
        lines = [verdict.text(percent=self._percent) for verdict in self._verdicts]
        lines += ["Left out:", *(f"  {each}" for each in self.left_out)] if self.left_out else []
        return "\n".join(lines) or "No cells."

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        return self.to_arrow().__arrow_c_stream__(requested_schema)

    def to_arrow(self) -> pa.Table:
        """One row a subject."""
        rows = [
            {
                "subject": each.subject,
                "believed": each.believed,
                "verdict": each.verdict,
                "value": each.value,
                "contender": each.contender,
                "day": each.day,
                "units": each.units,
                "account": each.account,
                "effect": each.effect.estimate if each.effect else None,
                "lower": each.effect.lower if each.effect else None,
                "upper": each.effect.upper if each.effect else None,
                "says": each.says,
            }
            for each in self._verdicts
        ]
        return pa.Table.from_pylist(rows, schema=_SCHEMA)


_SCHEMA = pa.schema(
    [
        *((name, pa.string()) for name in ("subject", "believed", "verdict", "value", "contender")),
        ("day", pa.date32()),
        ("units", pa.int64()),
        *((name, pa.float64()) for name in ("account", "effect", "lower", "upper")),
        ("says", pa.string()),
    ]
)
