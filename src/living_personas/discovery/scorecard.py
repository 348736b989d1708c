"""A logistic scorecard: who belongs, as a sum of about a dozen numbers that any database can add up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.terms import Expression, significant
from living_personas.domain.candidate import Scorecard, Term
from living_personas.stats.arrays import Bools, Floats

__all__ = ["TERMS", "area", "card_scores", "f1", "logistic", "make_scorecard"]

TERMS = 13
"""Terms of a published scorecard."""


def area(scores: Floats, members: Bools) -> float:
    """Area under the ROC curve: how probably a member scores above another customer.

    >>> area(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75
    """
    from scipy.stats import rankdata  # noqa: PLC0415 - half a second to import, and only a search needs it

    inside = int(members.sum())
    outside = len(members) - inside
    if not inside or not outside:
        return 0.0
    return float((rankdata(scores)[members].sum() - inside * (inside + 1) / 2) / (inside * outside))


def f1(said: Bools, members: Bools, weight: Floats | None = None) -> float:
    """Harmonic mean of precision and recall; ``weight`` says for how many customers each stands.

    >>> f1(np.array([True, True, False]), np.array([True, False, True]))
    0.5
    >>> f1(np.array([True, True, False]), np.array([True, False, True]), np.array([2.0, 1.0, 1.0]))
    0.6666666666666666
    """
    if weight is None:
        return float(2 * (said & members).sum() / max(said.sum() + members.sum(), 1))
    held = weight[said].sum() + weight[members].sum()
    return float(2 * weight[said & members].sum() / held) if held > 0 else 0.0


def logistic(numbers: Floats, members: Bools, *, start: Floats | None = None) -> Floats:
    """Weights of a logistic regression on standardised columns, intercept first, shrunk so that they are finite."""
    design = np.column_stack([np.ones(len(numbers)), numbers])
    shrink = np.full(design.shape[1], _SHRINK)
    shrink[0] = 0.0
    weights = np.zeros(design.shape[1]) if start is None else start
    reached = _likelihood(design, members, weights, shrink)
    for _ in range(_ROUNDS):
        chance = expit(design @ weights)
        slope = design.T @ (members - chance) - shrink * weights
        bend = (design * (chance * (1 - chance) + 1e-9)[:, None]).T @ design + np.diag(shrink + 1e-9)
        step = np.linalg.solve(bend, slope)
        step *= min(1.0, 3 / max(np.abs(step).max(), 1e-12))
        before = reached
        while (reached := _likelihood(design, members, weights + step, shrink)) < before and np.abs(step).max() > 1e-4:
            step /= 2  # Newton's own step is too long where groups are nearly apart: weights ran away without this
        weights = weights + step
        if np.abs(step).max() < 1e-4:
            break
    return np.asarray(weights, dtype=np.float64)


def make_scorecard(terms: Sequence[Expression], sheet: Sheet, members: Bools, weight: Floats) -> Scorecard:
    """The scorecard of these members among these customers, cut where its F1 is highest; ``weight`` as for ``f1``.

    Terms join one by one, each the one that most improves on those before (Rao's score test).
    """
    raw = np.stack([term.numbers(sheet) for term in terms], axis=1)
    centre, spread = raw.mean(0), np.maximum(raw.std(0), 1e-12)
    chosen, weights = _forward((raw - centre) / spread, members)
    plain = [significant(float(each), 6) for each in weights[1:] / spread[chosen]]
    cut = _best_cut(raw[:, chosen] @ np.array(plain), members, weight)
    found = (Term(expression=terms[place].text, weight=weight) for place, weight in zip(chosen, plain, strict=True))
    return Scorecard(intercept=significant(-cut, 6), terms=tuple(found))


def card_scores(card: Scorecard, terms: Sequence[Expression], sheet: Sheet) -> Floats:
    """What a scorecard gives each customer of any sheet; members are above 0, NaN is none."""
    known = {term.text: term for term in terms}
    weighed = (term.weight * known[term.expression].numbers(sheet) for term in card.terms)
    return np.asarray(sum(weighed, start=np.full(len(sheet), card.intercept)), dtype=np.float64)


_SHRINK = 1.0
_ROUNDS = 25


def _likelihood(design: Floats, members: Bools, weights: Floats, shrink: Floats) -> float:
    """Log likelihood, less what is shrunk away."""
    found = design @ weights
    return float(found[members].sum() - np.logaddexp(0.0, found).sum() - (shrink * weights**2).sum() / 2)


def _forward(numbers: Floats, members: Bools) -> tuple[list[int], Floats]:
    chosen: list[int] = []
    weights = np.array([np.log(members.mean() / (1 - members.mean()))])
    while len(chosen) < min(TERMS, numbers.shape[1]):
        chosen.append(_most_telling(numbers, members, chosen, weights))
        weights = logistic(numbers[:, chosen], members, start=np.append(weights, 0.0))
    return chosen, weights


def _most_telling(numbers: Floats, members: Bools, chosen: list[int], weights: Floats) -> int:
    design = np.column_stack([np.ones(len(numbers)), numbers])
    inside = [0, *(each + 1 for each in chosen)]
    chance = expit(design[:, inside] @ weights)
    score = design.T @ (members - chance)
    bend = (design * (chance * (1 - chance) + 1e-9)[:, None]).T @ design + 1e-6 * np.eye(design.shape[1])
    known = np.linalg.solve(bend[np.ix_(inside, inside)], bend[inside])
    free = np.diag(bend) - (bend[inside] * known).sum(0)
    gain = np.where(free > 1e-3 * np.diag(bend), score**2 / np.maximum(free, 1e-12), 0.0)
    gain[inside] = -1.0
    return int(gain[1:].argmax())


def _best_cut(scores: Floats, members: Bools, weight: Floats) -> float:
    order = np.argsort(-scores, kind="stable")
    hits = np.cumsum(np.where(members, weight, 0.0)[order])
    quality = 2 * hits / (np.cumsum(weight[order]) + hits[-1])
    best = int(quality[:-1].argmax())
    return float((scores[order[best]] + scores[order[best + 1]]) / 2)
