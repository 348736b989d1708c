"""A split by response as people read it: who answers what, by how much, and what is proven of it."""

from __future__ import annotations

from collections.abc import Sequence

from living_personas.domain.belief import Interval
from living_personas.domain.value import value
from living_personas.refining.splits.leaves import leaves_of
from living_personas.refining.splits.menu import YesNoQuestion
from living_personas.refining.splits.replay import Replayed, SplitGrade
from living_personas.reporting.words import decimals

__all__ = ["SplitVerdict", "split_sentence", "split_verdict"]

_KNOWN: dict[SplitGrade, str] = {
    "leaning": "That one message does not suit everybody is not proven: it may be chance.",
    "claimed": "One message for all is proven wrong for some; whom this is, is the best description so far.",
    "proven": "One message for all is proven wrong for one of them.",
}


@value
class SplitVerdict:
    """Whether one option suits everybody, and if not, whom another one suits.

    ``who`` is the leaf as a rule, ``leaf`` in words; ``values`` look best inside and outside of it, ``effects`` by how
    much better than the other's. ``claim`` and ``account`` are what the accounts hold: of "no single option suits
    everybody", and of this leaf (1/alpha decides). ``batch`` is the number of the batch that decided, or of the last.
    """

    grade: SplitGrade
    who: str
    leaf: str
    values: tuple[str, str]
    effects: tuple[Interval | None, Interval | None]
    claim: float
    account: float
    batch: int
    units: int
    questions: tuple[YesNoQuestion, ...]
    says: str

    def __str__(self) -> str:
        return (
            f"{self.grade}; claim {self.claim:,.3g}, this leaf {self.account:,.3g}, {self.units:,} units\n  {self.says}"
        )


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
    'Nothing shows that one message does not suit everybody.'
    """
    if grade == "silent":
        return "Nothing shows that one message does not suit everybody."
    if grade == "held":
        return "Held: customers did not come to the options in the shares of the policy, so nothing can be said."
    inside, outside = (f"{value!r}{_more(effect)}" for value, effect in zip(values, effects, strict=True))
    said = f"Among {among}, those with {leaf} answer {inside}, all others {outside}. {_KNOWN[grade]}"
    if options > 2 and grade != "leaning":
        said += " Which value is best for each is an estimate until each has evidence of its own."
    return said


def split_verdict(
    found: Replayed, asked: tuple[YesNoQuestion, ...], options: tuple[str, ...], *, among: str, first: int = 0
) -> SplitVerdict:
    """What a replay came to, in words; ``first`` batches before it chose the questions."""
    literals = leaves_of(len(asked)).literals(found.leaf) if found.leaf is not None else ()
    leaf = " and ".join(asked[question].words(yes=yes) for question, yes in literals)
    values = (options[found.best[0]], options[found.best[1]])
    return SplitVerdict(
        grade=found.grade,
        who=" and ".join(asked[question].rule(yes=yes) for question, yes in literals),
        leaf=leaf,
        values=values,
        effects=found.effects,
        claim=found.claim,
        account=found.account,
        batch=first + found.batch + 1,
        units=found.units,
        questions=asked,
        says=split_sentence(
            found.grade, leaf=leaf, among=among, values=values, effects=found.effects, options=len(options)
        ),
    )


def _more(effect: Interval | None) -> str:
    if effect is None:
        return ""
    return f" ({100 * effect.estimate:+.{decimals(effect, 100)}f} in 100)"
