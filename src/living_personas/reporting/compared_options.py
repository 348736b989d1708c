"""Which option an effect of a change is of, and against which: the same base at all doors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from living_personas.domain.belief import EffectDays, Interval
from living_personas.domain.refinement import Refinement
from living_personas.domain.value import value

__all__ = ["ComparedOptions", "compared"]


@value
class ComparedOptions:
    """An option against the one that held, and by how much it was better in the days ``over``."""

    new: str
    old: str
    effect: Interval | None
    over: EffectDays | None

    def names(self, quote: Callable[[str], str]) -> tuple[str, str]:
        """Both options as they are to be read; a rival of which the name was not kept is the next best."""
        return quote(self.new) if self.new else "the next best", quote(self.old)


def compared(made: Refinement) -> ComparedOptions:
    """What was put to the test against the value that held: of a confirmation, the nearest rival; of a split, in it.

    Reports compare with what is believed, too, so that one question has one sign.
    """
    if made.split is not None:
        other = next((option for option in made.split.values if option != made.new), made.old)
        return ComparedOptions(new=made.new, old=other, effect=made.effect, over=made.over)
    if made.kind != "confirm":
        return ComparedOptions(new=made.new, old=made.old, effect=made.effect, over=made.over)
    effect = -made.effect if made.effect is not None else None
    over = replace(made.over, before=None, times=_inverse(made.over.times)) if made.over is not None else None
    return ComparedOptions(new=made.rival, old=made.new, effect=effect, over=over)


def _inverse(times: Interval | None) -> Interval | None:
    """How many times as much it is, seen from the other side; None where that has no upper end."""
    if times is None or times.lower <= 0:
        return None
    return Interval(estimate=1 / times.estimate, lower=1 / times.upper, upper=1 / times.lower)
