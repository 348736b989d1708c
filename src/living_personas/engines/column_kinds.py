"""What the columns of a table are read as."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from living_personas.errors import EngineError, did_you_mean
from living_personas.rules.tree import Kind

__all__ = ["held_by", "kinds_of"]


def kinds_of(traits: Mapping[str, str]) -> tuple[tuple[str, Kind], ...]:
    """Traits with what each is read as; a kind that there is not is an ``EngineError``."""
    return tuple((name, _known_kind(kind)) for name, kind in traits.items())


def held_by(table: pa.Table) -> dict[str, Kind | None]:
    """The columns of a table with the kinds that their types are."""
    return {field.name: _kind(field.type) for field in table.schema}


def _known_kind(kind: str) -> Kind:
    if kind not in _KINDS:
        raise EngineError(f"There is no kind {kind!r}.", hint=did_you_mean(kind, _KINDS, kind="kind"))
    return _KINDS[kind]


_KINDS: dict[str, Kind] = {"number": "number", "text": "text", "boolean": "boolean"}


def _kind(held: pa.DataType) -> Kind | None:
    if pa.types.is_integer(held) or pa.types.is_float64(held):
        return "number"
    if pa.types.is_boolean(held):
        return "boolean"
    return "text" if pa.types.is_string(held) or pa.types.is_large_string(held) else None
