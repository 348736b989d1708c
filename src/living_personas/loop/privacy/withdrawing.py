"""What is taken back is noted apart from the store, and taken back again where an older state comes back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pyarrow as pa

from living_personas.domain.consent import CONSENT_SCHEMA
from living_personas.domain.customer_id import canonical_id
from living_personas.domain.value import value
from living_personas.domain.withdrawal import Withdrawal, hidden_id
from living_personas.loop.context import Context
from living_personas.loop.privacy.customer_tables import every_id
from living_personas.memory.people_records import API_KEYS, INVITES, PEOPLE

__all__ = ["Reapplied", "customers_of", "note_noes", "reapply"]


@value
class Reapplied:
    """How many of each stood again, and are taken back; ``unknown`` are noes of customers of whom nothing is held."""

    keys: int = 0
    people: int = 0
    consents: int = 0
    unknown: int = 0


def note_noes(context: Context, said: pa.Table) -> None:
    """Note the noes among new words on consents (``CONSENT_SCHEMA``), of ids whose last word was none yet."""
    noes = said.filter(said["refuses"])
    if not noes.num_rows:
        return
    held = _noes_held(context, noes)
    context.withdrawn(
        [
            Withdrawal(kind="consent", id=_hidden(context, row["customer"]), time=row["time"], name=row["name"])
            for row in noes.to_pylist()
            if (row["customer"], row["name"]) not in held
        ]
    )


def reapply(context: Context, rows: Sequence[Withdrawal], *, since: datetime) -> Reapplied:
    """Take back again what was taken back: keys and people ``since`` the state that came back, and every consent.

    A no stands on the day on which it was said, and holds against any yes of before; whoever said yes afterwards, and
    after the state that came back, has to say it again. No link to join or to another password comes back: it may have
    been used since.
    """
    with context.store.commit():
        INVITES.write_all(context.store, dict.fromkeys(INVITES.names(context.store)))
        noes = [row for row in rows if row.kind == "consent"]
        customers = customers_of(context, {row.id for row in noes})
        added = _refuse(context, noes, customers)
        return Reapplied(
            keys=_revoke(context, {row.id: row.time for row in rows if row.kind == "key" and row.time >= since}),
            people=_remove(context, {row.id for row in rows if row.kind == "person" and row.time >= since}),
            consents=added,
            unknown=len({row.id for row in noes} - customers.keys()),
        )


def customers_of(context: Context, hidden: Collection[str]) -> Mapping[str, Sequence[str]]:
    """The ids, as they are spelled in the store, for which hidden ids stand; of whom nothing is held, none."""
    if not hidden:
        return {}
    found: dict[str, list[str]] = {}
    for id_ in every_id(context.store):
        key = _hidden(context, id_)
        if key in hidden:
            found.setdefault(key, []).append(id_)
    return found


def _refuse(context: Context, noes: Sequence[Withdrawal], customers: Mapping[str, Sequence[str]]) -> int:
    zone = context.zone
    said = [
        {
            "customer": id_,
            "name": row.name,
            "day": row.time.astimezone(zone).date(),
            "time": row.time.astimezone(UTC),
            "message_id": f"withdrawn:{row.time.isoformat()}",
            "refuses": True,
        }
        for row in noes
        for id_ in customers.get(row.id, ())
    ]
    noes_again = pa.Table.from_pylist(said, schema=CONSENT_SCHEMA)
    before = _noes_held(context, noes_again)
    context.store.consents.add(noes_again)
    return len({(canonical_id(id_), name) for id_, name in _noes_held(context, noes_again) - before})


def _noes_held(context: Context, said: pa.Table) -> set[tuple[str, str]]:
    """Whose last word on what is a no, of those who ``said`` something."""
    known = context.store.consents.last(said["customer"].unique().to_pylist(), refuses=True)
    return set(zip(known["customer"].to_pylist(), known["name"].to_pylist(), strict=True))


def _revoke(context: Context, revoked: Mapping[str, datetime]) -> int:
    known = API_KEYS.all(context.store)
    open_ = {id_: key for id_, key in known.items() if key.digest in revoked and key.revoked is None}
    changed = {id_: replace(key, revoked=revoked[key.digest]) for id_, key in open_.items()}
    API_KEYS.write_all(context.store, dict(changed))
    return len(changed)


def _remove(context: Context, names: set[str]) -> int:
    there = names & set(PEOPLE.names(context.store))
    PEOPLE.write_all(context.store, dict.fromkeys(there))
    return len(there)


def _hidden(context: Context, customer: str) -> str:
    return hidden_id(context.settings.salt, customer)
