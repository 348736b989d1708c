"""Which properties of events are used as numbers: what is none there is refused, and never counts as 0."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.event import Json
from living_personas.domain.number_text import DecimalMark, number
from living_personas.domain.raw import is_absent, is_null_word
from living_personas.domain.value import value
from living_personas.errors import BadValueError

__all__ = ["NumberUses", "as_number"]

_NONE: frozenset[str] = frozenset()


@value
class NumberUses:
    """The properties that a goal, metric, guardrail, feature, trait or rule reads as numbers.

    ``by_event`` has them by the name of the event that carries them; those under ``""`` are read of every event.
    """

    by_event: Mapping[str, frozenset[str]]

    def of(self, event: str) -> frozenset[str]:
        """Those that count on events of a name."""
        return self.by_event.get(event, _NONE) | self.by_event.get("", _NONE)

    def read(self, event: str, properties: Mapping[str, Json]) -> Mapping[str, Json]:
        """The properties of an event, with numbers where numbers are used; an empty text says nothing.

        >>> uses = NumberUses(by_event={"Bought": frozenset({"price"})})
        >>> uses.read("Bought", {"price": "29,90 €", "sku": "1"}), uses.read("page", {"price": "high"})
        ({'price': 29.9, 'sku': '1'}, {'price': 'high'})

        Raises
        ------
        BadValueError
            ``bad number``, with the property's name.
        """
        used = self.of(event)
        if used.isdisjoint(properties):
            return properties
        read = ((name, as_number(said, name) if name in used else said) for name, said in properties.items())
        return {name: said for name, said in read if said is not None or name not in used}


def as_number(said: object, name: str, *, decimal: DecimalMark | None = None) -> float | None:
    r"""The number that a property is; None if nothing was said, also in a program's word for it (``NULL``, ``\N``).

    Whole numbers that are no text stay whole.

    Raises
    ------
    BadValueError
        ``bad number``, with the property's name.
    """
    if (is_absent(said) and not isinstance(said, float)) or is_null_word(said):
        return None
    if isinstance(said, int):
        return int(said)
    try:
        return number(said, decimal=decimal)
    except BadValueError as error:
        raise BadValueError(f"{name!r}: {error.message}", hint=error.hint, reason="bad number") from error
