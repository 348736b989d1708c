"""Whether a decision may be delivered now, flat: for protocols that know no more."""

from __future__ import annotations

from living_personas.domain.contact import Delivery

__all__ = ["delivery_words"]


def delivery_words(delivery: Delivery) -> dict[str, str | bool]:
    """Whether, why not, and until when.

    >>> delivery_words(Delivery(deliver=False, reason="cap"))
    {'deliver': False, 'held_for': 'cap', 'hold_until': ''}
    """
    if delivery.deliver:
        return {"deliver": True}
    until = delivery.hold_until.isoformat() if delivery.hold_until else ""
    return {"deliver": False, "held_for": delivery.reason, "hold_until": until}
