"""What decisions are made from: one snapshot and what is known of everybody, replaced whole and by reference."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from hashlib import sha256
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from living_personas.deciding.decide import Decider
from living_personas.domain.contact import ContactPolicy
from living_personas.domain.event import Event
from living_personas.domain.key import Key
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.errors import LivingPersonasError
from living_personas.steps.expose import shows_nothing
from living_personas.steps.keys import keys_of
from living_personas.steps.known import Known, customers_mark, load_known
from living_personas.steps.parts import Parts
from living_personas.steps.recent import Recent
from living_personas.wiring import Clock

__all__ = ["Published", "View", "Watch"]

_SNAPSHOT = TypeAdapter(Snapshot)


@value
class Published:
    """A snapshot, ready to decide: ``at_decision`` says which attributes of a persona count when they are decided."""

    number: int
    decider: Decider
    flags: frozenset[str]
    at_decision: dict[str, frozenset[str]]
    document: bytes
    etag: str

    @classmethod
    def of(cls, snapshot: Snapshot) -> Published:
        """The snapshot with its rules compiled."""
        document = _SNAPSHOT.dump_json(snapshot)
        return cls(
            number=snapshot.number,
            decider=Decider(snapshot),
            flags=frozenset(a.attribute for persona in snapshot.personas for a in persona.attributes),
            at_decision={
                persona.persona: frozenset(a.attribute for a in persona.attributes if shows_nothing(a.options))
                for persona in snapshot.personas
            },
            document=document,
            etag=f'"{sha256(document).hexdigest()[:32]}"',
        )


@value
class View:
    """All that a request looks at, as of one moment; ``recent`` goes on to be told of contacts."""

    published: Published | None
    known: Known
    mark: object
    keys: tuple[Key, ...]
    policy: ContactPolicy | None
    zone: ZoneInfo
    recent: Recent


class Watch:
    """Holds the newest view, and looks for a newer one several times a second on a thread of its own."""

    def __init__(
        self,
        parts: Callable[[], Parts],
        *,
        clock: Clock,
        seconds: float = 0.25,
        failed: Callable[[Exception], object] = lambda _error: None,
    ) -> None:
        self._parts = parts
        self._clock = clock
        self._recent = Recent()
        self._seconds = seconds
        self._failed = failed
        self._wrong = ""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="watch", daemon=True)
        self.view = self._loaded(None)

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def close(self) -> None:
        """Look no more."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join()

    def look(self) -> None:
        """Look once; a newer view takes the place of the old one in one step."""
        self.view = self._loaded(self.view)

    def tell(self, events: Iterable[Event]) -> None:
        """Take note of events that were recorded just now."""
        self._recent.tell(events)

    def _work(self) -> None:
        while not self._stop.wait(self._seconds):
            try:
                self.look()
                self._wrong = ""
            except LivingPersonasError as error:  # the view that is there goes on
                if error.message != self._wrong:
                    self._failed(error)
                self._wrong = error.message

    def _loaded(self, before: View | None) -> View:
        parts = self._parts()
        mark = customers_mark(parts)
        is_same = before is not None and before.mark == mark
        self._recent.load(parts, at=self._clock())
        return View(
            published=_published(parts, before.published if before else None),
            known=before.known if before is not None and is_same else load_known(parts),
            mark=mark,
            keys=keys_of(parts),
            policy=parts.settings.contact,
            zone=parts.zone,
            recent=self._recent,
        )


def _published(parts: Parts, before: Published | None) -> Published | None:
    number = parts.store.snapshots.held()
    if number == 0 or (before is not None and before.number == number):
        return before
    return Published.of(parts.store.snapshots.get(number))
