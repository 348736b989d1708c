"""A world that is lived day by day: what customers do, and how they answer what is decided for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import TypeAlias

import numpy as np
import pyarrow as pa

from living_personas.domain.batch import EXPOSURE_SCHEMA, EventBatch
from living_personas.errors import InvalidWorldError
from living_personas.simulate.behaviour import UNSUBSCRIBED, activity, introductions, orders, past_orders
from living_personas.simulate.chance import stream
from living_personas.simulate.minds import Minds
from living_personas.simulate.occasions import exposed, occasions_of, read_decisions
from living_personas.simulate.population import People, draw_people
from living_personas.simulate.reactions import ANSWER_SCHEMA, answer
from living_personas.simulate.spec import WorldSpec
from living_personas.simulate.tracking import Tracking
from living_personas.simulate.truth import truth_of
from living_personas.simulate.world_rows import DAY_MICROS, WorldRows, event_table, midnight
from living_personas.stats.arrays import Ints

__all__ = ["Decide", "World"]

Decide: TypeAlias = Callable[[pa.Table], pa.Table]
"""Decides for a list (``customer``, ``channel``, ``day``, ``visit``): the table that ``Engine.decide`` gives for it."""


class World:
    """Customers with known truth, who live on as long as somebody decides for them.

    Each day is lived once, in order; what is kept between days is one column per thing that is true of a customer, and
    the outcomes that are still to come. ``truth`` is what was planted; ``answers()`` what was true of the customers as
    they were filed.

    Parameters
    ----------
    spec
        What the world is made of; the same one lives the same life, as long as the same is decided.
    """

    def __init__(self, spec: WorldSpec) -> None:
        self.spec = spec
        self.people: People = draw_people(spec)
        self._minds = Minds(spec)
        self.truth = truth_of(spec, self.people, self._minds)
        self._tracking = Tracking(spec.breakages, spec.forgeries)
        self._coming = (_NO_INTS, _NO_INTS)
        self._introduced: int | None = None
        self._answers: list[dict[str, object]] = []
        self._next = -spec.history_days

    def __repr__(self) -> str:
        spec = self.spec
        return f"World({spec.name!r}, seed={spec.seed}, {spec.customers} customers, {spec.days} days)"

    def days(self) -> Iterator[date]:
        """The days to live, in order."""
        for number in range(self.spec.days):
            yield self.spec.first_day + timedelta(days=number)

    def history(self) -> Iterator[EventBatch]:
        """What the tracking and the CRM know from before the first day: nothing was decided yet."""
        for number in range(self._next, 0):
            day = self.spec.first_day + timedelta(days=number)
            start = midnight(day)
            known = past_orders(self.people, day=number, start=start, spec=self.spec)
            rows = [*self._unasked(number, start), known]
            self._next = number + 1
            yield EventBatch(
                events=event_table(rows, ids=self.people.ids, day=day), exposures=EXPOSURE_SCHEMA.empty_table()
            )

    def live(self, day: date, decide: Decide) -> EventBatch:
        """One more day: what is done unasked, what is met and answered, and the outcomes that are due.

        Parameters
        ----------
        day
            The day after the last one that was lived; the first may skip the history.
        decide
            Called once, with the day's occasions. Customers for whom it decides nothing act as they would anyway.

        Raises
        ------
        InvalidWorldError
            If it is not that day's turn, or something was decided for somebody who was not asked about.
        """
        number = self._turn(day)
        start = midnight(day)
        occasions = occasions_of(self.people, day=number, start=start, spec=self.spec)
        decided = read_decisions(decide(occasions.table(day)), occasions)
        events, exposures = exposed(decided, occasions, day=day)
        answers = answer(decided, occasions, self.people, self._minds, day=number, spec=self.spec)
        self._answers += answers.truth
        self.people.subscribed[answers.leaving] = False
        left = WorldRows(name=UNSUBSCRIBED, customer=answers.leaving, time=answers.leaves_at, channel="email")
        unasked = self._unasked(number, start)
        due = self._due(answers.acting, answers.acts_at, number, end=start + DAY_MICROS)
        self._next = number + 1
        batch = EventBatch(
            events=event_table([events, left, *unasked, due], ids=self.people.ids, day=day), exposures=exposures
        )
        return self._tracking.passed(batch, day=number, date=day)

    def answers(self) -> pa.Table:
        """What was true of everybody who was decided for so far, as they were filed (``ANSWER_SCHEMA``)."""
        return pa.Table.from_pylist(self._answers, schema=ANSWER_SCHEMA)

    def _turn(self, day: date) -> int:
        number = (day - self.spec.first_day).days
        expected = max(self._next, 0)
        if number != expected:
            turn = self.spec.first_day + timedelta(days=expected)
            raise InvalidWorldError(
                f"It is not the turn of {day}.", hint=f"live {turn} first: days are lived in order."
            )
        return number

    def _unasked(self, number: int, start: int) -> list[WorldRows]:
        new = introductions(self.people, after=self._introduced, day=number, start=start)
        self._introduced = number
        return [new, *activity(self.people, day=number, start=start, spec=self.spec)]

    def _due(self, acting: Ints, acts_at: Ints, number: int, *, end: int) -> WorldRows:
        """The orders of today, from today's answers and earlier ones; the others are still to come."""
        who = np.concatenate([self._coming[0], acting])
        time = np.concatenate([self._coming[1], acts_at])
        today = time < end
        self._coming = (who[~today], time[~today])
        self.people.grow_up(who[today])
        rng = stream(self.spec.seed, "orders", number)
        return orders(self.people, who[today], time[today], group=self.people.group(number), rng=rng)


_NO_INTS: Ints = np.zeros(0, dtype=np.int64)
