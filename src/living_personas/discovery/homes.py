"""Where customers are at home: the persona whose customers they act like, whatever rule they are filed by."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from threadpoolctl import threadpool_limits

from living_personas.discovery.anchored import Anchored, moments, personas_alone, relabelled
from living_personas.discovery.feature_matrix import Sheet
from living_personas.discovery.scores import normal_scores
from living_personas.domain.persona_shapes import PersonaShapes
from living_personas.stats.arrays import Floats, Ints

__all__ = ["at_home"]


def at_home(
    sheet: Sheet, rules: Mapping[str, str], *, before: PersonaShapes | None, rng: np.random.Generator
) -> tuple[Ints, PersonaShapes]:
    """The persona that each customer acts like, by its place in ``sheet.personas``, and the shapes by which it does.

    Each random half of the customers is told by normal distributions that were fitted on the other one, in a few rounds
    that begin with the shapes of the first look at the same personas, ``rules`` and columns: scores are ranks, so that
    a persona keeps its home when everybody does more of something, and its rule holds others. That first look begins
    with who is filed where. No look begins where the last one ended: over weeks the largest home would take the others.
    """
    scores = normal_scores(sheet, rng=rng)
    known, order = moments(scores), rng.permutation(len(sheet))
    halves = order[: len(order) // 2], order[len(order) // 2 :]
    found = np.empty(len(sheet), dtype=np.int64)
    with threadpool_limits(limits=1, user_api="blas"):  # as in the search: more threads were slower
        label, shapes = _beginning(sheet, scores, known, rules, before)
        for fitted, held in (halves, halves[::-1]):
            model = personas_alone(known[fitted], label[fitted], n_personas=len(sheet.personas), rounds=_ROUNDS)
            found[held] = model.joint(known[held]).argmax(1)
        return found, shapes


_ROUNDS = 3


def _beginning(
    sheet: Sheet, scores: Floats, known: Floats, rules: Mapping[str, str], before: PersonaShapes | None
) -> tuple[Ints, PersonaShapes]:
    """Whom each customer is taken for at first, and the shapes with which the next look begins."""
    if before is None or (before.rules, before.columns) != (_rules(sheet, rules), _columns(sheet)):
        label = relabelled(scores, sheet.filed, n_personas=len(sheet.personas))
        return label, _shapes(personas_alone(known, label, n_personas=len(sheet.personas), rounds=1), sheet, rules)
    shapes = Anchored(
        log_shares=np.array(before.log_shares), means=np.array(before.means), roots=np.array(before.roots)
    )
    return np.asarray(shapes.joint(known).argmax(1), dtype=np.int64), before


def _shapes(model: Anchored, sheet: Sheet, rules: Mapping[str, str]) -> PersonaShapes:
    return PersonaShapes(
        rules=_rules(sheet, rules),
        columns=_columns(sheet),
        log_shares=tuple(model.log_shares.tolist()),
        means=tuple(map(tuple, model.means.tolist())),
        roots=tuple(tuple(map(tuple, root)) for root in model.roots.tolist()),
    )


def _rules(sheet: Sheet, rules: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((name, rules[name]) for name in sheet.personas)


def _columns(sheet: Sheet) -> tuple[str, ...]:
    return tuple(column.name for column in sheet.columns)
