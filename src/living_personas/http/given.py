"""What browsers are given, counted: in memory, until it is written with what they report."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date, datetime, timedelta
from threading import Lock

from living_personas.errors import LivingPersonasError
from living_personas.http.writer import Writer
from living_personas.loop.feed.reported_ratio import Given, add_given, given_key
from living_personas.serving.question import Answer

__all__ = ["GivenCounts"]

_MOST = 1 << 20
"""Customers of a day that are told apart; from then on each question counts."""

_EVERY = timedelta(minutes=1)


class GivenCounts:
    """How many customers browsers were given each option for, each customer once a day."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: dict[str, Counter[str]] = {}
        self._met: set[int] = set()
        self._day: date | None = None
        self._written: datetime | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def note(self, answer: Answer, day: date) -> None:
        """Count what a browser was given for which nobody vouches."""
        decision = answer.decision
        if not answer.delivery.deliver:
            return
        with self._lock:
            if day != self._day:
                self._day, self._met = day, set()
            for choice in decision.choices:
                who = hash((decision.persona, choice.attribute, answer.standing, decision.customer))
                if who in self._met:
                    continue
                if len(self._met) < _MOST:
                    self._met.add(who)
                key = given_key(decision.persona, choice.attribute, choice.option, answer.standing)
                self._counts.setdefault(day.isoformat(), Counter())[key] += 1

    def take(self) -> Given:
        """The counts, to be written; they are here no more."""
        with self._lock:
            taken, self._counts = self._counts, {}
        return taken

    def put_back(self, taken: Given) -> None:
        """Count again what could not be written."""
        with self._lock:
            for day, counts in taken.items():
                self._counts.setdefault(day, Counter()).update(counts)

    def write_soon(self, writer: Writer, *, now: datetime) -> None:
        """Write the counts once a minute, while others are answered."""
        if self._counts and (self._written is None or now - self._written >= _EVERY):
            self._written = now
            task = asyncio.get_running_loop().create_task(self.write(writer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def write(self, writer: Writer) -> None:
        """Write the counts; what fails is written later."""
        taken = self.take()
        if not taken:
            return
        try:
            await writer.beside(lambda context: add_given(context, taken))
        except LivingPersonasError:  # the writer has told of it, and the counts are not lost
            self.put_back(taken)
