"""What is known of the customers of a list beside the table of customers: small tables, for an engine to join."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.consent import yes_names
from living_personas.domain.contact import TIME_ZONE
from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.customer_ids import canonical_ids
from living_personas.domain.listed import BesideList
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.loop.context import Context
from living_personas.loop.privacy.consent import agreeing, named_consent, refusing
from living_personas.loop.privacy.tombstones import erased_marks
from living_personas.rules.parse import parse
from living_personas.serving.fresh_traits import asked_traits, fresh_events, known_words, nothing_known, words_table

__all__ = ["ListLinks", "asked_by", "beside_list"]


@value
class ListLinks:
    """Which ids are one customer: ``id, customer``, and the canonical ``form`` of the customer."""

    table: pa.Table

    @classmethod
    def of(cls, context: Context) -> ListLinks:
        """The links of now."""
        links = context.store.inbox.links()
        return cls(table=links.append_column("form", canonical_ids(links["customer"])))

    def known_by(self, ids: pa.ChunkedArray) -> pa.ChunkedArray:
        """The id that each customer is known by."""
        known = self.table["id"].combine_chunks()
        forms = canonical_ids(ids)
        found, by_form = (self.table["customer"].take(pc.index_in(each, value_set=known)) for each in (ids, forms))
        return pc.coalesce(found, by_form, forms)


def asked_by(snapshot: Snapshot) -> tuple[str, ...]:
    """What decisions and contact rules ask for of a customer, in order."""
    return tuple(sorted({TIME_ZONE, *(name for rule in snapshot.rules for name, _ in parse(rule).columns)}))


def beside_list(
    context: Context, links: ListLinks, *, asked: Collection[str], channel: str, contacts: pa.Table
) -> BesideList:
    """What a list is joined with."""
    required = context.settings.consent == "required"
    yeses = yes_names(channel, named=named_consent(context.settings)) if required else ()
    marks, marked = erased_marks(context)
    return BesideList(
        asked=tuple(asked),
        empty={name: number for name, number in nothing_known(context).items() if name in asked},
        links=links.table,
        noes=_customers(refusing(context, channel)),
        yeses=_customers(agreeing(context, yeses)) if required else None,
        fresh=_fresh(context, links),
        contacts=contacts,
        erased=pa.table({"mark": marks}),
        marked=marked,
    )


def _customers(ids: pa.Array) -> pa.Table:
    return pa.table({CUSTOMER: ids})


def _fresh(context: Context, links: ListLinks) -> pa.Table:
    """What customers said since the customers table was written, by the id that they are known by."""
    kinds = asked_traits(context)
    events = fresh_events(context.store)
    place = events.schema.get_field_index(CUSTOMER)
    events = events.set_column(place, CUSTOMER, links.known_by(events[CUSTOMER]))
    return words_table(known_words(events, kinds), kinds)
