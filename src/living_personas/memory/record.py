"""A record is a value that is kept by name: read, written and forgotten by its declaration alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, Literal, TypeAlias, TypeVar

from living_personas.domain.value import value
from living_personas.memory.codec import Codec, as_json
from living_personas.ports import Store

__all__ = ["Holds", "Record", "Records", "record", "records"]

V = TypeVar("V")

Holds: TypeAlias = Literal["nobody", "customers", "customers' hashes", "staff"]
"""About whom a stored thing may say something: nobody, customers by their ids or by hashes, or who works here."""


@value
class Record(Generic[V]):
    """One value under one name; ``about`` says what it is."""

    key: str
    codec: Codec[V]
    about: str
    holds: Holds = "nobody"

    def read(self, store: Store) -> V | None:
        """The value, if there is one."""
        block = store.facts.get(self.key)
        return None if block is None else self.codec.decode(block)

    def write(self, store: Store, found: V | None) -> None:
        """Keep a value; None forgets it."""
        store.facts.set({self.key: None if found is None else self.codec.encode(found)})


@value
class Records(Generic[V]):
    """Values under names that begin alike: ``prefix`` and a name of their own."""

    prefix: str
    codec: Codec[V]
    about: str
    named_by: str
    holds: Holds = "nobody"

    def read(self, store: Store, name: str) -> V | None:
        """The value of a name, if there is one."""
        block = store.facts.get(self.prefix + name)
        return None if block is None else self.codec.decode(block)

    def names(self, store: Store) -> tuple[str, ...]:
        """The names that have a value, in order."""
        return tuple(key.removeprefix(self.prefix) for key in store.facts.keys(self.prefix))

    def all(self, store: Store) -> dict[str, V]:
        """Every value by its name, in order of the names."""
        found = ((name, self.read(store, name)) for name in self.names(store))
        return {name: each for name, each in found if each is not None}

    def write(self, store: Store, name: str, found: V | None) -> None:
        """Keep a value under a name; None forgets it."""
        self.write_all(store, {name: found})

    def write_all(self, store: Store, values: Mapping[str, V | None]) -> None:
        """Keep, or forget, several values at once: all of them or none."""
        store.facts.set(
            {self.prefix + name: None if found is None else self.codec.encode(found) for name, found in values.items()}
        )


def record(key: str, kind: type[V] | Codec[V], *, about: str, holds: Holds = "nobody") -> Record[V]:
    """The record of a value of a kind, which is kept as JSON, or by a codec of its own."""
    return Record(key=key, codec=_codec_of(kind), about=about, holds=holds)


def records(prefix: str, kind: type[V] | Codec[V], *, named_by: str, about: str, holds: Holds = "nobody") -> Records[V]:
    """The records of values of a kind, as ``record`` says it."""
    return Records(prefix=prefix, codec=_codec_of(kind), about=about, named_by=named_by, holds=holds)


def _codec_of(kind: type[V] | Codec[V]) -> Codec[V]:
    return kind if isinstance(kind, Codec) else as_json(kind)
