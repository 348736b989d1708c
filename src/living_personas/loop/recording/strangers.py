"""What a browser says of customers of servers, and proves nothing: a no counts, and all else is a stranger's."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from living_personas.domain.consent import LEAVING, consent_of, is_consent, is_no
from living_personas.domain.event import BROWSER, IDENTIFY, SENT_FROM, UNLINK, Event, Json
from living_personas.domain.stranger import stranger_id
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.privacy.consent import named_consent
from living_personas.loop.privacy.known_ids import known_to_servers
from living_personas.loop.privacy.stranger_counts import count_strangers

__all__ = ["as_strangers"]


def as_strangers(context: Context, events: Sequence[Event], *, received: datetime) -> Sequence[Event]:
    """The events of a browser as they may be recorded, in their order, and after them the noes that they say.

    A browser that names a customer whom a server named, and proves nothing, is a visitor: what it sends belongs to its
    anonymous id or, if it has none of its own, to the stranger of that customer. With ``browser_identity: open`` what
    it does is the customer's, and what it says of the customer is not. No two customers of servers become one, and
    no browser takes apart what is one: it says so of a single id, which is nothing.
    """
    events = [replace(event, also="") if event.name == UNLINK else event for event in events]
    asked = {id_ for event in events for id_ in (event.customer, event.also) if id_}
    who = _Who(known=known_to_servers(context.store, asked))
    if not who.known:
        return events
    is_open = context.settings.browser_identity == "open"
    mended = [who.kept(event, believed=event.proven or (is_open and event.name != IDENTIFY)) for event in events]
    noes = [no for event in events for no in _noes(event, who.known, named=named_consent(context.settings))]
    claimed = sum(new.customer != event.customer for new, event in zip(mended, events, strict=True))
    count_strangers(context, {"claimed": claimed, "no": len(noes)}, received=received)
    return [*mended, *noes]


@value
class _Who:
    """The customers, by id, of those ids whom a server named: one customer may have several ids."""

    known: Mapping[str, str]

    def kept(self, event: Event, *, believed: bool) -> Event:
        """The event, of whomever it may be recorded for."""
        customer, also = self.known.get(event.customer), self.known.get(event.also)
        if customer is not None and not believed:
            visitor = event.also if event.also and also is None else stranger_id(event.customer)
            return replace(event, customer=visitor, also="")
        return event if also is None or also == customer else replace(event, also="")


def _noes(event: Event, known: Collection[str], *, named: tuple[str, ...]) -> Iterator[Event]:
    """The no that an event says for a customer whom a server named: it counts, whoever says it."""
    said = dict(_refused(event, named=named))
    if said and event.customer in known and not event.proven:
        yield Event(
            message_id=f"{event.message_id}:no",
            customer=event.customer,
            name=IDENTIFY,
            time=event.time,
            properties={**said, SENT_FROM: BROWSER},
        )


def _refused(event: Event, *, named: tuple[str, ...]) -> Iterator[tuple[str, Json]]:
    if event.name in LEAVING:
        yield consent_of(event.channel or "email"), False
    if event.name == IDENTIFY:
        words = (event.properties or {}).items()
        yield from ((name, said) for name, said in words if is_consent(name, named=named) and is_no(name, said))
