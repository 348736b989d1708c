"""A split by response as people read it: who answers what, by how much, and what is proven of it."""

from __future__ import annotations

from collections.abc import Sequence

from living_personas.domain.belief import Interval
from living_personas.domain.counted import counted
from living_personas.domain.names import named
from living_personas.domain.told_number import share_words
from living_personas.domain.value import value
from living_personas.loop.splits.part_policies import PartPolicy
from living_personas.refining.splits.kept_split import leaf_rule, leaf_words
from living_personas.refining.splits.menu import YesNoQuestion
from living_personas.refining.splits.replay import Replayed, SplitGrade
from living_personas.refining.splits.split_sentence import split_sentence

__all__ = ["SplitVerdict", "part_words", "split_verdict"]


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
        units = counted(self.units, "unit")
        return f"{self.grade}; claim {self.claim:,.3g}, this leaf {self.account:,.3g}, {units}\n  {self.says}"


def split_verdict(
    found: Replayed, asked: tuple[YesNoQuestion, ...], options: tuple[str, ...], *, among: str, first: int = 0
) -> SplitVerdict:
    """What a replay came to, in words; ``first`` batches before it chose the questions."""
    leaf = "" if found.leaf is None else leaf_words(asked, found.leaf)
    values = (options[found.best[0]], options[found.best[1]])
    return SplitVerdict(
        grade=found.grade,
        who="" if found.leaf is None else leaf_rule(asked, found.leaf),
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


def part_words(part: PartPolicy, options: Sequence[str]) -> str:
    """What two parts of a persona are shown from now on, while it is asked if one value suits everybody."""
    inside, outside = (
        ", ".join(f"{share_words(share)} {named(option)}" for option, share in zip(options, shares, strict=True))
        for shares in (part.inside.shares, part.outside)
    )
    held = f"{share_words(part.held)} of the occasions"
    return (
        f"It is asked whether one value suits everybody. Where {part.in_words} ({held}), "
        f"the shares are {inside}; for all others {outside}."
    )
