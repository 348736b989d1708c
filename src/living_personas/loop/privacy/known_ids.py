"""Which customers servers know: those of whom an event of a server, a file or a provider named any id."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from living_personas.domain.customer_id import canonical_id
from living_personas.loop.context import Context
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.relations import table_of
from living_personas.memory.records import NAMES_RECALLED
from living_personas.memory.tables import EVENTS
from living_personas.ports import Store

__all__ = ["known_to_servers", "recall_names"]


def known_to_servers(store: Store, ids: Collection[str]) -> Mapping[str, str]:
    """Those of some ids whose customer a server named, by any of its ids, each with the id it is known by."""
    if not ids:
        return {}
    forms = {id_: canonical_id(id_) for id_ in ids}
    links = store.inbox.links({*forms, *forms.values()})
    root = dict(zip(links["id"].to_pylist(), links["customer"].to_pylist(), strict=True))
    of = {id_: root.get(id_) or root.get(form) or form for id_, form in forms.items()}
    known = {root.get(id_, id_) for id_ in store.inbox.named({*of.values(), *root})}
    return {id_: customer for id_, customer in of.items() if customer in known}


def recall_names(context: Context) -> None:
    """Find out whom recorded events name, once in the life of a workspace of before anybody noted it."""
    if NAMES_RECALLED.read(context.store):
        return
    with context.store.commit():
        seal_waiting(context)
        days = EVENTS.days(context.store)
        for number, day in enumerate(days):
            context.progress(number, len(days), "names")
            context.store.inbox.recall(table_of(EVENTS.read(context.store, day, day)))
        NAMES_RECALLED.write(context.store, True)  # noqa: FBT003 - a mark has no name
