"""How values become the bytes that a store keeps, and come back."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from functools import cache
from typing import Any, Generic, TypeVar

from living_personas.domain.value import value

__all__ = ["BYTES", "DAY", "MARK", "MOMENT", "TEXT", "Codec", "as_json"]

V = TypeVar("V")


@value
class Codec(Generic[V]):
    """A pair of functions: what was encoded is decoded to an equal value."""

    encode: Callable[[V], bytes]
    decode: Callable[[bytes], V]


def as_json(kind: Any) -> Codec[Any]:
    """The codec of a value, or of plain lists and dictionaries, as JSON.

    >>> from datetime import date
    >>> as_json(dict[date, int]).encode({date(2026, 11, 1): 3})
    b'{"2026-11-01":3}'
    """
    return Codec(
        encode=lambda found: _dumped(_adapter(kind).dump_python(found, mode="json")),
        decode=lambda block: _adapter(kind).validate_json(block),
    )


@cache
def _adapter(kind: Any) -> Any:
    """Made when it is first needed: there are some fifty kinds, and a command reads a few."""
    from pydantic import TypeAdapter  # noqa: PLC0415 - a tenth of a second that most commands do without

    return TypeAdapter(kind)


def _dumped(plain: Any) -> bytes:
    """JSON in which numbers that it cannot say are constants: pydantic would write them as null."""
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False).encode()


TEXT: Codec[str] = Codec(encode=str.encode, decode=bytes.decode)
BYTES: Codec[bytes] = Codec(encode=bytes, decode=bytes)
DAY: Codec[date] = Codec(
    encode=lambda day: day.isoformat().encode(), decode=lambda block: date.fromisoformat(block.decode())
)
MOMENT: Codec[datetime] = Codec(
    encode=lambda moment: moment.isoformat().encode(), decode=lambda block: datetime.fromisoformat(block.decode())
)
MARK: Codec[bool] = Codec(encode=lambda _there: b"", decode=lambda _block: True)
"""Nothing but that it is there."""
