"""Which ids are one customer, and taking it back: dated records, and the days that they touch are folded again."""

from __future__ import annotations

from living_personas.domain.customer_id import canonical_id
from living_personas.domain.event import UNLINK, Event
from living_personas.domain.link import Link
from living_personas.errors import InvalidDecisionError
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.people.person import Person

__all__ = ["links_about", "take_back"]


def links_about(context: Context, customer: str) -> tuple[Link, ...]:
    """What was said of a customer's ids, oldest first; also what joins nothing, as the device was somebody else's."""
    return context.store.inbox.links_made({customer, canonical_id(customer)})


def take_back(context: Context, one: str, other: str, person: Person) -> Link:
    """Record that two ids are not one customer after all; they stay apart whatever links them.

    Raises
    ------
    InvalidDecisionError
        If nothing says that they are one, they are apart already, or they are two spellings of one address.
    """
    pair = {canonical_id(one), canonical_id(other)}
    made = [
        link for link in links_about(context, one) if {canonical_id(link.customer), canonical_id(link.also)} == pair
    ]
    joined = [link for link in made if link.kind in ("alias", "device")]
    if len(pair) == 1 or not joined:
        raise InvalidDecisionError(
            f"Nothing that can be taken back says that {one!r} and {other!r} are one customer.",
            hint=f"see what does: `personas links list {one}`.",
        )
    if any(link.kind == "apart" for link in made):
        raise InvalidDecisionError(
            f"{one!r} and {other!r} are two customers already.", hint=f"see since when: `personas links list {one}`."
        )
    event = Event(
        message_id=f"unlink:{min(pair)}:{max(pair)}:{person.now.isoformat()}",
        customer=joined[0].customer,
        also=joined[0].also,
        name=UNLINK,
        time=person.now,
        properties={"by": person.by},
    )
    record(context, [event], received=person.now)
    return joined[0]
