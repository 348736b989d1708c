"""Say it: a scorecard that assigns, a tree that explains, each with its F1 on customers it was not made from."""

from __future__ import annotations

import numpy as np

from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.rule_tree import grow, holds, plain_columns
from living_personas.discovery.scorecard import card_scores, f1, make_scorecard
from living_personas.discovery.terms import Expression, expressions
from living_personas.domain.candidate import Scorecard, Wording
from living_personas.domain.value import value
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["Saying", "say"]


@value
class Saying:
    """A segment in words."""

    terms: tuple[Expression, ...]
    scorecard: Scorecard
    by_scorecard: Wording
    explanation: Wording

    def holds(self, sheet: Sheet) -> Bools:
        """Whom the scorecard holds, among any customers."""
        return np.asarray(card_scores(self.scorecard, self.terms, sheet) > 0, dtype=np.bool_)


def say(sheet: Sheet, members: Bools, *, made_from: Ints, weight: Floats | None = None) -> Saying:
    """Both rules, made from some of the customers and measured on the rest; each stands for ``weight`` customers."""
    weight = np.ones(len(sheet)) if weight is None else weight
    rest = np.setdiff1d(np.arange(len(sheet)), made_from)
    some, others = sheet.take(made_from), sheet.take(rest)
    terms = expressions(some)
    card = make_scorecard(terms, some, members[made_from], weight[made_from])
    tree = grow(plain_columns(some), members[made_from])
    by_card = f1(card_scores(card, terms, others) > 0, members[rest], weight[rest])
    by_tree = f1(holds(tree, plain_columns(others)), members[rest], weight[rest])
    return Saying(
        terms=terms,
        scorecard=card,
        by_scorecard=Wording(rule=card.rule, f1=round(by_card, 4)),
        explanation=Wording(rule=tree.rule, f1=round(by_tree, 4)),
    )
