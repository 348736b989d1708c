"""The leaves that a menu of yes-or-no questions has: one or two literals each, counted from pairs of questions."""

from __future__ import annotations

from functools import cache
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.value import value
from living_personas.errors import InsufficientEvidenceError, UnknownNameError
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["LEAST_SHARE", "Answer", "Leaves", "Pairs", "leaves_of"]

LEAST_SHARE = 0.05
"""The share of a persona's units that either part of a split must hold."""

Answer = tuple[int, bool]
"""A question by its number, and the answer."""


@value
class Pairs:
    """A day's units by what they answered: ``both`` (M, M, ..., K) said yes twice, ``total`` (..., K) are all.

    On the diagonal of ``both`` are those who said yes to one question. An answer that is not known is a no.
    """

    both: Floats
    total: Floats

    @classmethod
    def of(cls, answers: Bools, place: Ints, *, shape: tuple[int, ...]) -> Pairs:
        """Counted from units: ``answers`` (n, M), and the ``place`` (n,) of each among ``shape`` in row-major order."""
        places, questions = int(np.prod(shape)), answers.shape[1]
        order = np.argsort(place, kind="stable")
        ordered = answers[order].astype(np.float32)
        total = np.bincount(place, minlength=places)
        ends = np.cumsum(total)
        both = np.empty((places, questions, questions), dtype=np.float64)
        for each, (end, count) in enumerate(zip(ends.tolist(), total.tolist(), strict=True)):
            rows = ordered[end - count : end]
            both[each] = rows.T @ rows
        return cls(
            both=np.moveaxis(both, 0, -1).reshape(questions, questions, *shape),
            total=total.astype(np.float64).reshape(shape),
        )

    @classmethod
    def of_cells(
        cls, cells: pa.Table, *, column: str, questions: int, options: tuple[str, ...], total: Floats
    ) -> Pairs:
        """Read from a day's pair cells: their ``column`` (n or s), in the order of ``options``.

        ``total`` (2, K) are all units, or successes, inside and outside of the day's leaf: the day's cells have them.
        Pairs to which nobody said yes have no row.

        Raises
        ------
        UnknownNameError
            If a cell names another option.
        """
        first, second = (np.asarray(cells[name].to_numpy(), dtype=np.int64) for name in ("first", "second"))
        place = pc.index_in(cells["option"], value_set=pa.array(options, type=pa.string()))
        if place.null_count:
            met = cells["option"].filter(pc.is_null(place))[0].as_py()
            raise UnknownNameError.among("option", met, options)
        part = np.where(np.asarray(cells["inside"].to_numpy(), dtype=bool), 0, 1)
        both = np.zeros((questions, questions, *total.shape))
        option, counted = np.asarray(place.to_numpy(), dtype=np.int64), cells[column].to_numpy()
        both[first, second, part, option] = counted
        both[second, first, part, option] = counted
        return cls(both=both, total=total)


@value
class Leaves:
    """L leaves over a menu of M questions, in arrays of shape ``(L,)``.

    A leaf holds who answers ``first`` with ``first_yes`` and ``second`` with ``second_yes``; a leaf of one literal
    names one question twice, and yes. All leaves of one literal come first.
    """

    first: Ints
    second: Ints
    first_yes: Bools
    second_yes: Bools

    def __len__(self) -> int:
        return int(self.first.size)

    @property
    def depth(self) -> Ints:
        """How many literals each leaf has."""
        return np.where(self.first == self.second, 1, 2)

    @property
    def log_count(self) -> Floats:
        """The logarithm of how many leaves have as many literals: what a leaf found among them must first make up."""
        single = self.first == self.second
        several = max(int(np.count_nonzero(~single)), 1)
        return np.asarray(np.log(np.where(single, int(np.count_nonzero(single)), several)), dtype=np.float64)

    def literals(self, leaf: int) -> tuple[Answer, ...]:
        """The literals of a leaf."""
        first = (int(self.first[leaf]), bool(self.first_yes[leaf]))
        second = (int(self.second[leaf]), bool(self.second_yes[leaf]))
        return (first,) if first == second else (first, second)

    def place(self, literals: tuple[Answer, ...]) -> int:
        """The number of the leaf of these literals.

        >>> leaves_of(3).place(((1, True),)), leaves_of(3).literals(leaves_of(3).place(((0, True), (2, False))))
        (1, ((0, True), (2, False)))
        """
        return next(leaf for leaf in range(len(self)) if self.literals(leaf) == literals)

    def holds(self, leaf: int, answers: Bools) -> Bools:
        """Whether a leaf holds each unit, by its ``answers`` (n, M)."""
        held = [answers[:, question] == yes for question, yes in self.literals(leaf)]
        return np.asarray(np.logical_and.reduce(held))

    def parts(self, pairs: Pairs) -> Floats:
        """Units inside and outside of each leaf, shape ``(L, 2, ..., K)``: by adding and subtracting pairs."""
        of = (slice(None), *(None,) * pairs.total.ndim)
        diagonal = np.einsum("qq...->q...", pairs.both)
        first, second, both = diagonal[self.first], diagonal[self.second], pairs.both[self.first, self.second]
        yes_first, yes_second = self.first_yes[of], self.second_yes[of]
        one = np.where(yes_first, first, second) - both
        neither = pairs.total - first - second + both
        inside = np.where(yes_first & yes_second, both, np.where(yes_first | yes_second, one, neither))
        return np.stack([inside, pairs.total - inside], axis=1)


@cache
def leaves_of(questions: int, *, most_literals: Literal[1, 2] = 2) -> Leaves:
    """All leaves of one or two literals over so many questions; a leaf and everybody else are one split.

    >>> len(leaves_of(24)), len(leaves_of(24, most_literals=1))
    (1128, 24)

    Raises
    ------
    InsufficientEvidenceError
        If there is no question.
    """
    if questions < 1:
        raise InsufficientEvidenceError(
            "A split needs a question that is known before the exposure.",
            hint="declare a feature or trait in workspace.yaml.",
        )
    single = [(q, q, True, True) for q in range(questions)]
    double = [
        (first, second, a, b)
        for first in range(questions)
        for second in range(first + 1, questions)
        for a, b in ((True, True), (True, False), (False, True), (False, False))
    ]
    columns = np.array(single + double if most_literals == 2 else single)
    return Leaves(
        first=columns[:, 0].astype(np.int64),
        second=columns[:, 1].astype(np.int64),
        first_yes=columns[:, 2] == 1,
        second_yes=columns[:, 3] == 1,
    )
