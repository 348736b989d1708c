"""What a workspace keeps of one attribute's splits from day to day: what is asked, and how far it was played."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from living_personas.domain.value import value
from living_personas.refining.splits.leaves import Leaves, leaves_of
from living_personas.refining.splits.menu import YesNoQuestion
from living_personas.refining.splits.split_accounts import SplitAccounts
from living_personas.refining.splits.split_day import SplitState

__all__ = ["KeptSplit", "leaf_rule", "leaf_words"]


@value
class KeptSplit:
    """The state after the units of ``through``, and the ``questions`` that it is about.

    ``asked`` is the day since which the attribute asks the same, by its ``options``; ``begun`` the first day whose
    units chose the questions. ``times`` counts how often it began again, each time without the mass of a first day.
    """

    questions: tuple[YesNoQuestion, ...]
    options: tuple[str, ...]
    asked: date
    begun: date
    through: date
    state: SplitState
    times: int = 0

    @classmethod
    def first_day(
        cls,
        questions: tuple[YesNoQuestion, ...],
        *,
        options: tuple[str, ...],
        asked: date,
        begun: date,
        through: date,
        times: int = 0,
    ) -> KeptSplit:
        """Nothing is played yet; whoever begins again is given the mass of each day only, and no first one."""
        state = SplitState.first_day(leaves_of(len(questions)), options=len(options))
        if times:
            state = SplitState(search=state.search, accounts=SplitAccounts.begun_again(len(options)), leaf=None)
        return cls(
            questions=questions,
            options=options,
            asked=asked,
            begun=begun,
            through=through,
            state=state,
            times=times,
        )

    @property
    def leaves(self) -> Leaves:
        """The leaves that are searched."""
        return leaves_of(len(self.questions))


def leaf_rule(questions: Sequence[YesNoQuestion], leaf: int, *, inside: bool = True) -> str:
    """Whom a leaf holds, in the rule language; or, not ``inside``, everybody else.

    >>> leaf_rule([YesNoQuestion(column="mobile", asks="true")], 0, inside=False)
    '(mobile) is not true'
    """
    literals = leaves_of(len(questions)).literals(leaf)
    if len(literals) == 1:
        [(place, yes)] = literals
        return questions[place].rule(yes=yes == inside)
    both = " and ".join(questions[place].rule(yes=yes) for place, yes in literals)
    return both if inside else f"({both}) is not true"


def leaf_words(questions: Sequence[YesNoQuestion], leaf: int) -> str:
    """Whom a leaf holds, as people read it."""
    literals = leaves_of(len(questions)).literals(leaf)
    return " and ".join(questions[place].words(yes=yes) for place, yes in literals)
