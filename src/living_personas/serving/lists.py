"""The desk for whole lists: who is on them, what each is to get, and whether now; one statement decides for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.deciding.assign import what_is_missing
from living_personas.domain.customer_id import CUSTOMER
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.engine_port import Engine, Ref, Rows
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.privacy.memberships import check_known
from living_personas.loop.relations import row_count
from living_personas.memory.tables import CUSTOMERS, MEMBERSHIPS
from living_personas.serving.list_contacts import answers_of, contacts_of
from living_personas.serving.list_decisions import ListDecisions
from living_personas.serving.list_knowledge import ListLinks, asked_by, beside_list
from living_personas.serving.list_rows import list_rows
from living_personas.serving.published import newest_snapshot
from living_personas.serving.question import check_occasion

__all__ = ["AllKnown", "Asked", "deciding_list"]


@value
class AllKnown:
    """Everybody whom the last cycle knew, or the members of one ``persona``."""

    persona: str = ""


Asked: TypeAlias = AllKnown | Iterable[pa.Table]
"""For whom a list is: everybody, or the rows that it holds, in pieces (``customer`` and whatever is known of them)."""


@contextmanager
def deciding_list(
    context: Context, asked: Asked, *, at: datetime, channel: str, campaign: str = ""
) -> Iterator[ListDecisions]:
    """Decide for every customer of a list who did not say no, as the desk does for each; the rows stay in the engine.

    Parameters
    ----------
    asked
        What the rows of a list say of customers goes before what is known here.

    Raises
    ------
    NotPublishedError
        If nothing has been published.
    InvalidDecisionError
        If a row of the list names nobody, or what cannot be an id; if the channel or campaign cannot be stored.
    ExportError
        If everybody is asked for, and there was no cycle yet.
    """
    check_occasion(channel=channel, campaign=campaign)
    snapshot = newest_snapshot(context.store)
    seal_waiting(context)
    links = ListLinks.of(context)
    contacts = contacts_of(context, at=at, channel=channel, known_by=links.known_by)
    names = asked_by(snapshot)
    beside = beside_list(context, links, asked=names, channel=channel, contacts=contacts.customers)
    with context.engine.keeping() as (engine, staying):
        rows = _rows(context, engine, asked, names, channel=channel)
        persona = asked.persona if isinstance(asked, AllKnown) else ""
        customers = CUSTOMERS.newest(context.store)
        listed = staying.listed(rows, customers=customers, beside=beside, persona=persona)
        keys = engine.list_keys(listed, zones=contacts.zones)
        many, kept = _how_many(engine, customers if rows is None else rows, asked), sum(keys["n"].to_pylist())
        yield ListDecisions(
            engine,
            staying,
            listed=listed,
            decided=staying.decide(snapshot, listed, at=at, channel=channel, campaign=campaign),
            answers=answers_of(context, contacts, keys, at=at, channel=channel),
            zones=contacts.zones,
            at=at,
            asked=many,
            refused=many - kept,
            undecided=_undecided(snapshot, keys, channel=channel, campaign=campaign, at=at),
        )


def _rows(context: Context, engine: Engine, asked: Asked, names: Iterable[str], *, channel: str) -> Rows | None:
    """The rows that are asked for; None are those of all customers."""
    if not isinstance(asked, AllKnown):
        told = {"visit", *names} - {CUSTOMER}
        return engine.taken(list_rows(asked, asked=told, channel=channel, settings=context.settings))
    check_known(context.store)
    return MEMBERSHIPS.all(context.store) if asked.persona else None


def _how_many(engine: Engine, rows: Rows, asked: Asked) -> int:
    """How many customers are asked for."""
    if not isinstance(asked, AllKnown):
        return engine.how_many(rows)
    if isinstance(rows, Ref):
        raise AssertionError  # what is kept of customers are files, or a table
    return row_count(rows, pc.field("persona") == asked.persona if asked.persona else None)


def _undecided(snapshot: Snapshot, keys: pa.Table, *, channel: str, campaign: str, at: datetime) -> dict[str, str]:
    """What is missing to choose an attribute for some customers or all, by attribute."""
    day = at.astimezone(ZoneInfo(snapshot.time_zone)).date()
    unvisited = sum(keys["unvisited"].to_pylist())
    visit = "any" if keys.num_rows and not unvisited else ""
    found = {
        attribute.attribute: what_is_missing(attribute, snapshot=snapshot, day=day, visit=visit, campaign=campaign)
        for persona in snapshot.personas
        for attribute in persona.attributes
        if attribute.channel in ("", channel)
    }
    return {name: text for name, text in sorted(found.items()) if text}
