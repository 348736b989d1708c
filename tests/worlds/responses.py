"""Customers who answer questions, and buy at rates that we know: by who they are, what they met, and the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from living_personas.stats.arrays import Bools, Floats, Ints

QUESTIONS = 24

Rates = Callable[[int, Bools], Floats]
"""The success rates on a day (its number) of customers with these answers (n, M), shape ``(n, K)``."""

SHARES = (0.3, 0.2, 0.5, 0.55, 0.55)
"""Who says yes to the first questions, which stand by themselves; the others lean on what customers have in common."""


def people_answering(count: int, *, rng: np.random.Generator, questions: int = QUESTIONS) -> Bools:
    """Answers of so many customers, shape ``(count, questions)``.

    The first five questions are independent; the others are cut from normal numbers that share two factors, with 10 to
    60 % of yes.
    """
    own: Bools = np.less(rng.random((count, len(SHARES))), np.array(SHARES))
    rest = questions - len(SHARES)
    load = rng.uniform(-0.7, 0.7, (2, rest))
    number = rng.standard_normal((count, 2)) @ load + rng.standard_normal((count, rest)) * np.sqrt(
        1 - (load**2).sum(0) / 2
    )
    cut = np.quantile(number, rng.uniform(0.4, 0.9, rest), axis=0).diagonal()
    return np.concatenate([own, number > cut], axis=1)


def same_for_all(*rates: float) -> Rates:
    """The same rates for everybody, every day."""
    return lambda _day, answers: np.tile(np.array(rates), (len(answers), 1))


def by_leaf(inside: tuple[float, ...], outside: tuple[float, ...], *questions: int) -> Rates:
    """One set of rates for those who say yes to all of the questions, another for everybody else."""

    def rates(_day: int, answers: Bools) -> Floats:
        held = np.asarray(answers[:, list(questions)].all(1))
        return np.where(held[:, None], np.array(inside), np.array(outside))

    return rates


@dataclass(frozen=True)
class Occasions:
    """A day's units: their ``answers`` (n, M) and ``rates`` (n, K)."""

    answers: Bools
    rates: Floats


@dataclass
class ResponseWorld:
    """A persona's customers, of whom ``units_a_day`` come each day, each at most once.

    ``own`` (count,) multiplies a customer's rates whatever they meet: customers who come back are not all alike.
    """

    answers: Bools
    rates: Rates
    rng: np.random.Generator
    units_a_day: int = 1000
    own: Floats | None = None

    def day(self, number: int) -> Occasions:
        """Who comes on a day."""
        who: Ints = self.rng.permutation(len(self.answers))[: self.units_a_day]
        answers = self.answers[who]
        rates = self.rates(number, answers)
        return Occasions(
            answers=answers, rates=rates if self.own is None else np.clip(rates * self.own[who, None], 0, 1)
        )

    def drawn(self, occasions: Occasions, shares: Floats) -> tuple[Ints, Bools]:
        """The option of each unit by its shares (n, K), and whether it buys."""
        at = self.rng.random((len(shares), 1))
        option = np.minimum((at > np.cumsum(shares, axis=1)).sum(1), shares.shape[1] - 1)
        rate = np.take_along_axis(occasions.rates, option[:, None], 1)[:, 0]
        return option, self.rng.random(len(shares)) < rate
