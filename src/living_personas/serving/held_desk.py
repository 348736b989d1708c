"""The desk of those who ask all day: from memory, and made anew when what it is made of has changed."""

from __future__ import annotations

from datetime import datetime

from living_personas.loop.context import Context
from living_personas.loop.privacy.consent import read_consents
from living_personas.loop.recording.record import Recorded
from living_personas.memory.tables import CUSTOMERS
from living_personas.serving.desk import Desk
from living_personas.serving.held_knowledge import HeldKnowledge
from living_personas.serving.published import Published, newest

__all__ = ["HeldDesk"]


class HeldDesk:
    """The newest desk of a workspace; None while nothing is published.

    Parameters
    ----------
    asks
        What the loop runs on, with a store whose connection is free for the short questions of each answer.
    at
        Now.
    """

    def __init__(self, asks: Context, *, at: datetime) -> None:
        read_consents(asks)
        self._asks = self._written = asks
        self._changed: object = None
        self._newest = (0, "")
        self._customers = _customers(asks)
        self._published: Published | None = None
        self.knowledge = HeldKnowledge(asks, at=at)
        self.desk: Desk | None = None
        self.load(asks, at=at)

    def hear(self) -> tuple[int, str]:
        """Take note of what anybody recorded; which snapshot and customers table are the newest."""
        changed = self._asks.store.changed()
        if changed != self._changed:
            self.knowledge.look_again(changed)
            snapshot, customers, recorded = self._asks.store.marks(CUSTOMERS.name)
            if recorded != self.knowledge.heard and not self.knowledge.is_behind:
                self.knowledge.hear()
            self._changed, self._newest = changed, (snapshot, customers)
        return self._newest

    def current(self, *, at: datetime) -> Desk | None:
        """The desk as it is at this moment, whoever changed what."""
        snapshot, customers = self.hear()
        held = self._published.snapshot.number if self._published else 0
        if snapshot != held or customers != self._customers or self.knowledge.is_behind:
            return self.load(self._asks, at=at)
        return self.desk

    def load(self, context: Context, *, at: datetime) -> Desk | None:
        """The desk as it is now, by what people wrote; ``context`` says that, and from where to read."""
        published, customers = newest(context.store, self._published), _customers(context)
        rewritten = (context.settings, context.personas) != (self._written.settings, self._written.personas)
        if rewritten:
            read_consents(context)
        if rewritten or customers != self._customers or self.knowledge.is_behind:
            self.knowledge.load(context, at=at)
        if published is not None and (rewritten or published is not self._published):
            self.desk = Desk(published, self.knowledge, context.settings)
        self._written, self._customers, self._published = context, customers, published
        return self.desk

    def tell(self, recorded: Recorded) -> None:
        """Take note of what was recorded just now."""
        self.knowledge.tell(recorded)


def _customers(context: Context) -> str:
    return context.store.marks(CUSTOMERS.name)[1]
