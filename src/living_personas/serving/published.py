"""A snapshot, ready to decide from."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from pydantic import TypeAdapter

from living_personas.deciding.decide import Decider
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.errors import NotPublishedError
from living_personas.ports import Store
from living_personas.serving.counting import shows_nothing

__all__ = ["Published", "newest", "newest_snapshot"]

_SNAPSHOT = TypeAdapter(Snapshot)


@value
class Published:
    """A snapshot with its rules compiled; ``may_show_nothing`` are, by persona, the attributes with such an option."""

    decider: Decider
    attributes: frozenset[str]
    may_show_nothing: Mapping[str, frozenset[str]]
    document: bytes
    etag: str

    @classmethod
    def of(cls, snapshot: Snapshot) -> Published:
        """The snapshot, compiled."""
        document = _SNAPSHOT.dump_json(snapshot)
        return cls(
            decider=Decider(snapshot),
            attributes=frozenset(a.attribute for persona in snapshot.personas for a in persona.attributes),
            may_show_nothing={
                persona.persona: frozenset(a.attribute for a in persona.attributes if shows_nothing(a.options))
                for persona in snapshot.personas
            },
            document=document,
            etag=f'"{sha256(document).hexdigest()[:32]}"',
        )

    @property
    def snapshot(self) -> Snapshot:
        """The snapshot itself."""
        return self.decider.snapshot


def newest(store: Store, before: Published | None = None) -> Published | None:
    """The newest snapshot, compiled anew unless it is the one ``before``; None if nothing was published."""
    number = store.snapshots.held()
    if number == 0 or (before is not None and before.snapshot.number == number):
        return before
    return Published.of(store.snapshots.get(number))


def newest_snapshot(store: Store) -> Snapshot:
    """The snapshot that decides now.

    Raises
    ------
    NotPublishedError
        If nothing has been published.
    """
    snapshot = store.snapshots.latest()
    if snapshot is None:
        raise NotPublishedError
    return snapshot
