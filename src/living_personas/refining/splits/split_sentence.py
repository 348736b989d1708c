"""What a marketer is told of a split: who answers what, by how much, and what is proven of it."""

from __future__ import annotations

from collections.abc import Sequence

from living_personas.domain.belief import Interval, decimals
from living_personas.domain.names import named
from living_personas.domain.told_number import with_minus
from living_personas.refining.splits.replay import SplitGrade

__all__ = ["split_sentence"]

_KNOWN: dict[SplitGrade, str] = {
    "leaning": "That one value does not suit everybody is not proven: it may be chance.",
    "claimed": "One value for all is proven wrong for some; whom this is, is the best description so far.",
    "proven": "One value for all is proven wrong for one of them.",
}


def split_sentence(
    grade: SplitGrade,
    *,
    leaf: str,
    among: str,
    values: tuple[str, str],
    effects: Sequence[Interval | None],
    options: int,
) -> str:
    """What a marketer is told of a split.

    Parameters
    ----------
    leaf, among
        Who the leaf holds, and whose leaf it is, in words.
    values
        What looks best inside of the leaf, and outside.
    effects
        By how much each is better there than the other, None where nothing can be said.
    options
        How many options there are: of more than two it is proven that none is best in both parts, not which one is.

    >>> split_sentence("silent", leaf="", among="", values=("a", "b"), effects=(None, None), options=2)
    'Nothing shows that one value does not suit everybody.'
    """
    if grade == "silent":
        return "Nothing shows that one value does not suit everybody."
    if grade == "held":
        return "Held: customers did not come to the options in the shares of the policy, so nothing can be said."
    (new, old), (inside, outside) = values, map(_more, effects)
    said = f"Among {among}, {named(new)} looks better{inside} where {leaf}, and {named(old)}{outside} for all others."
    said += f" {_KNOWN[grade]}"
    if options > 2 and grade != "leaning":
        said += " Which value is best for each is an estimate until each has evidence of its own."
    return said


def _more(effect: Interval | None) -> str:
    if effect is None:
        return ""
    digits = decimals(effect, 100)
    mean, low, high = (with_minus(f"{100 * end:+.{digits}f}") for end in (effect.estimate, effect.lower, effect.upper))
    return f" ({mean} in 100, between {low} and {high})"
