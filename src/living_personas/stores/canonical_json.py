"""Values as canonical JSON: the same value is always the same bytes, and comes back equal."""

from __future__ import annotations

import json
from functools import cached_property, lru_cache
from typing import Generic, TypeVar

from pydantic import TypeAdapter, ValidationError

from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import Refinement
from living_personas.domain.snapshot import Snapshot
from living_personas.errors import StoreError

__all__ = ["REFINEMENT", "SNAPSHOT", "VERSION", "CanonicalJson"]

T = TypeVar("T")


class CanonicalJson(Generic[T]):
    """Turns values of one type into canonical JSON (sorted keys, UTF-8, no blanks) and back.

    ``keep`` is how many values that were read last are kept: they are frozen, and the same bytes are the same value.

    Numbers that JSON cannot say are written as the constants ``Infinity``, ``-Infinity`` and ``NaN``.
    """

    def __init__(self, kind: str, type_: type[T], *, keep: int = 0) -> None:
        self._kind = kind
        self._type = type_
        self._kept = lru_cache(maxsize=keep)(self._read)

    @cached_property
    def _adapter(self) -> TypeAdapter[T]:
        """Made when it is first needed, which takes a while."""
        return TypeAdapter(self._type)

    def dump(self, subject: T) -> bytes:
        """The bytes of a value."""
        plain = self._adapter.dump_python(subject, mode="json")
        text = json.dumps(plain, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        try:
            return text.encode()
        except UnicodeEncodeError as error:
            raise StoreError(
                f"A {self._kind} holds {error.object[error.start : error.end]!r}, which is no character.",
                hint="remove half surrogate pairs from its texts.",
            ) from error

    def load(self, body: bytes) -> T:
        """The value of some bytes; strict, so that nothing is guessed."""
        return self._kept(body)

    def _read(self, body: bytes) -> T:
        try:
            return self._adapter.validate_json(body, strict=True)
        except ValidationError as error:
            raise StoreError(
                f"A stored {self._kind} cannot be read: {error}.",
                hint="it was written by another version of Living Personas: use that one, or a newer one.",
            ) from error


VERSION = CanonicalJson("persona version", PersonaVersion, keep=16384)
REFINEMENT = CanonicalJson("refinement", Refinement, keep=16384)
SNAPSHOT = CanonicalJson("snapshot", Snapshot, keep=4)
