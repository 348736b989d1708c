"""What is known of every customer, in memory: read once, and told of what anybody records since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from threading import Lock

import pyarrow as pa

from living_personas.loop.context import Context
from living_personas.loop.privacy.consent import spoken
from living_personas.loop.recording.record import Recorded
from living_personas.memory.people_records import ERASED_MANY
from living_personas.serving.contacts import contacted
from living_personas.serving.held_rows import HeldRows, read_rows
from living_personas.serving.knowledge import KnownNow, StoredKnowledge

__all__ = ["HeldKnowledge"]

_NO_NAMES: frozenset[str] = frozenset()
_SILENT = (_NO_NAMES, _NO_NAMES)


class HeldKnowledge:
    """What is known of everybody. One thread may load it while others ask, hear and tell.

    Parameters
    ----------
    context
        With a store whose connection is free for short questions.
    at
        Now: contacts that no longer matter then are left where they are.
    """

    def __init__(self, context: Context, *, at: datetime) -> None:
        self._context = context
        self._lock = Lock()
        self._rows = _read(context, at=at)
        self._written: object = None
        self._some_erased: tuple[object, bool] = (self, False)
        self.is_behind = False
        self.loads = 1

    def __len__(self) -> int:
        """How many ids something is known of."""
        return len(self._rows)

    @property
    def heard(self) -> int:
        """How many of all events are taken note of."""
        return self._rows.heard

    @property
    def problem(self) -> str:
        """Why nothing that was folded is known of anybody: the customers table is damaged; empty if it is whole."""
        return self._rows.problem

    def of(self, customer: str, *, at: datetime) -> KnownNow:
        """What is known of a customer, from memory; from the store while it is behind, or if ``at`` is long past."""
        rows = self._rows
        if self.is_behind or at < rows.since:
            return StoredKnowledge(self._context).of(customer, at=at)
        ids = rows.ids(customer)
        asked = self._context.settings.consent == "required" or self._erased_any() or rows.refuses_any(ids)
        refused, agreed = spoken(self._context, ids) if asked else _SILENT
        return KnownNow(
            customer=ids[0],
            facts=rows.facts(ids),
            refused=refused,
            contacted=contacted(rows.moments_of(ids, at=at)),
            agreed=agreed,
        )

    def is_known(self, customer: str) -> bool:
        """Whether a server ever named the customer."""
        return bool(self._context.store.inbox.named(self._rows.ids(customer)))

    def nothing(self) -> Mapping[str, object]:
        """The facts of a customer of whom nothing is known."""
        return self._rows.empty

    def look_again(self, written: object) -> None:
        """Take note of what the store says when somebody wrote: whether anybody was erased is asked anew then."""
        self._written = written

    def hear(self) -> None:
        """Take note of what anybody recorded; it is behind if some of that lies in files by now."""
        with self._lock:
            rows = self._rows
            news = self._context.store.inbox.news(rows.heard, names=rows.names, channels=rows.channels)
            if news is None:
                self.is_behind = True
            else:
                rows.add(self._context, news[0], count=news[1])

    def tell(self, recorded: Recorded) -> None:
        """Take note of what was recorded just now: sooner than by ``hear``, and in bulk, too."""
        with self._lock:
            if self._rows.heard == recorded.count - len(recorded.news):
                self._rows.add(self._context, recorded.news, count=recorded.count)

    def load(self, context: Context, *, at: datetime) -> None:
        """Read everything again; ``context`` says what people wrote, and from where to read."""
        rows = _read(context, at=at)
        self.loads += 1
        with self._lock:
            self._rows, self.is_behind = rows, False
            self._context = replace(context, store=self._context.store)

    def _erased_any(self) -> bool:
        """Whether anybody was erased, asked once for all that was written until then."""
        written = self._written  # first: what is written while the store is asked must be asked for
        if self._some_erased[0] != written:
            self._some_erased = (written, bool(ERASED_MANY.read(self._context.store)))
        return self._some_erased[1]


def _read(context: Context, *, at: datetime) -> HeldRows:
    """Everything, read; the memory that reading took is given back to the system."""
    rows = read_rows(context, at=at)
    pa.default_memory_pool().release_unused()
    return rows
