"""What is known of a customer at this moment: what the last cycle knew, and all that was recorded since.

There are two sources: the store, for those who ask once, and memory, for those who ask all day. They give the same
answer (``tests/serving`` holds them to it).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.contact import Contacted
from living_personas.domain.customer_id import canonical_id
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.privacy.consent import spoken
from living_personas.loop.privacy.known_ids import known_to_servers
from living_personas.loop.relations import filtered
from living_personas.memory.tables import CUSTOMERS
from living_personas.ports import Store
from living_personas.serving.contacts import contacted, moments_of
from living_personas.serving.fresh_traits import asked_traits, fresh_events, known_words, merged, nothing_known

__all__ = ["NOT_KNOWLEDGE", "Knowledge", "KnownNow", "StoredKnowledge", "ids_of"]

NOT_KNOWLEDGE = ("customer", "persona", "matches")
"""Columns of the customers table that say nothing which a rule may ask for."""


@value
class KnownNow:
    """What is known of a customer: features and traits by name, what it said on consents, what it lately met and did.

    ``customer`` is the id that it is known by. ``refused`` are the consents on which its last word is a no, ``agreed``
    those on which it is a yes: asked for only where the workspace requires one. Whoever is not known has an empty
    history: counts are 0, all else is unknown.
    """

    customer: str
    facts: Mapping[str, object]
    refused: frozenset[str]
    contacted: Contacted
    agreed: frozenset[str] = frozenset()


class Knowledge(Protocol):
    """Whoever knows customers."""

    def of(self, customer: str, *, at: datetime) -> KnownNow:
        """What is known of a customer, by any of its ids."""
        ...

    def is_known(self, customer: str) -> bool:
        """Whether a server ever named the customer, by any of its ids."""
        ...

    def nothing(self) -> Mapping[str, object]:
        """The facts of a customer of whom nothing is known."""
        ...


class StoredKnowledge:
    """What the store holds: nothing is kept, and each question reads."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def of(self, customer: str, *, at: datetime) -> KnownNow:
        """What is known of a customer; what waits is sealed first."""
        seal_waiting(self._context)
        store, kinds = self._context.store, asked_traits(self._context)
        ids = ids_of(store, customer)
        moments = moments_of(store, self._context.settings.contact, at=at, ids=ids)
        columns = (moments[name].to_pylist() for name in ("name", "key", "time"))
        refused, agreed = spoken(self._context, ids)
        return KnownNow(
            customer=ids[0],
            facts={
                **(_row(store, ids) or nothing_known(self._context)),
                **merged(known_words(fresh_events(store, ids=ids), kinds), kinds),
            },
            refused=refused,
            contacted=contacted(list(zip(*columns, strict=True))),
            agreed=agreed,
        )

    def is_known(self, customer: str) -> bool:
        """Whether a server ever named the customer."""
        return bool(known_to_servers(self._context.store, {customer}))

    def nothing(self) -> Mapping[str, object]:
        """The facts of a customer of whom nothing is known."""
        return nothing_known(self._context)


def ids_of(store: Store, customer: str) -> Sequence[str]:
    """Every id of a customer: first the one that the customer is known by, then the others in order.

    A spelling that was never recorded is the customer that its canonical form is.
    """
    form = canonical_id(customer)
    links = store.inbox.links({customer, form})
    known = dict(zip(links["id"].to_pylist(), links["customer"].to_pylist(), strict=True))
    known_by = known.get(customer) or known.get(form) or form
    return (known_by, *links.filter(pc.equal(links["customer"], known_by))["id"].to_pylist())


def _row(store: Store, ids: Sequence[str]) -> dict[str, object]:
    """What the customers table says: of the id that the customer is known by, or else of the first that has a row."""
    kept = pc.field("customer").isin(pa.array(ids, pa.string()))
    rows = {row["customer"]: row for row in filtered(CUSTOMERS.newest(store), kept, None).to_pylist()}
    found: dict[str, object] = next((rows[id_] for id_ in ids if id_ in rows), {})
    return {name: said for name, said in found.items() if name not in NOT_KNOWLEDGE}
