"""The upkeep of personas: rules that drifted, two that answer alike, and the dead are proposed to a person."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256

import pyarrow as pa

from living_personas.discovery.columns import Column
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.upkeep import Upkeep, UpkeepEvent, UpkeepState
from living_personas.errors import by_name_among
from living_personas.loop.context import Context
from living_personas.loop.folding.customers import sizes
from living_personas.loop.segments.duplicate_personas import answering_alike
from living_personas.loop.segments.lives import LONGEST_GAP, MET_AGAIN
from living_personas.loop.segments.rule_drift import drifted_rules
from living_personas.memory.search_records import UPKEEP
from living_personas.ports import Store

__all__ = ["DEAD_AFTER", "look_after", "proposals", "upkeep_named", "with_event"]

DEAD_AFTER = timedelta(days=28)
"""For how long nobody belongs to a persona before it is dead."""

_WAITING: tuple[UpkeepState, ...] = ("seen", "open")


def look_after(
    context: Context,
    customers: pa.Table,
    columns: Sequence[Column],
    day: date,
    *,
    filed: Collection[str],
    known_days: str,
    seed: int = 0,
) -> tuple[Upkeep, ...]:
    """Look for what the personas need at the end of ``day``; the proposals that wait for a person, old and new.

    Nothing is ever applied by itself, whatever the autonomy: whom a persona holds is for people to say. A rule is told
    when it was found for a week, the others rest on as much already. What people dismissed or undid is not proposed
    again as long as the rules that it is about stay what they are.

    Parameters
    ----------
    customers, columns, known_days
        Customers who count, as for ``find_segments``, with the ``persona`` that each is filed under: all, or a sample.
    filed
        The personas that anybody is filed under.
    """
    found = (
        *drifted_rules(context, customers, columns, day, known_days=known_days, seed=seed),
        *answering_alike(context, filed, day),
        *_dead(context, filed, day),
    )
    known = UPKEEP.all(context.store)
    with context.store.commit():
        now = [_seen(replace(each, id=_id(each)), known.get(_id(each)), day) for each in found]
        here = {each.id for each in now}
        gone = [_missed(each, day) for name, each in known.items() if name not in here]
        for each in (*now, *gone):
            UPKEEP.write(context.store, each.id, each)
    return tuple(each for each in now if each.state == "open")


def proposals(store: Store) -> tuple[Upkeep, ...]:
    """All that was ever told, the oldest first."""
    told = (each for each in UPKEEP.all(store).values() if each.events)
    return tuple(sorted(told, key=lambda each: (each.events[0].day, each.id)))


def upkeep_named(store: Store, name: str, *, states: Collection[UpkeepState] = ()) -> Upkeep:
    """The proposal of this id; whoever means one in one of ``states`` and misspells it is offered those only."""
    found = UPKEEP.read(store, name)
    if found is not None and found.events:
        return found
    every = {each.id: each for each in proposals(store)}
    able = [id_ for id_, each in every.items() if not states or each.state in states]
    return by_name_among("proposal", name, every, able=able, none=f"none is {' or '.join(states) or 'there'} now.")


def with_event(found: Upkeep, state: UpkeepState, day: date, *, by: str = "", at: datetime | None = None) -> Upkeep:
    """The proposal in another state, which is told."""
    return replace(found, state=state, events=(*found.events, UpkeepEvent(day=day, state=state, by=by, at=at)))


def _id(found: Upkeep) -> str:
    """The same proposal about the same rules is the same, whatever rule it proposes."""
    return "u" + sha256(repr((found.kind, found.rules)).encode()).hexdigest()[:8]


def _seen(found: Upkeep, known: Upkeep | None, day: date) -> Upkeep:
    """A proposal as it is kept: a new one, or one that is known, as it was seen last."""
    if known is None:
        return found if found.kind == "rule" else with_event(found, "open", day)
    if known.state in ("applied", "dismissed", "undone"):
        return replace(known, last_seen=day)
    unbroken = known.state != "gone" and day - known.last_seen <= LONGEST_GAP
    kept = replace(
        found, first_seen=known.first_seen if unbroken else day, state="seen" if not unbroken else known.state
    )
    kept = replace(kept, events=known.events)
    sure = kept.kind != "rule" or day - kept.first_seen >= MET_AGAIN
    return with_event(kept, "open", day) if sure and kept.state == "seen" else kept


def _missed(known: Upkeep, day: date) -> Upkeep:
    """A proposal that nothing speaks for any more: told if it was told before."""
    if known.state not in _WAITING or known.last_seen >= day:
        return known
    return with_event(known, "gone", day) if known.state == "open" else replace(known, state="gone")


def _dead(context: Context, filed: Collection[str], day: date) -> Iterator[Upkeep]:
    """A proposal to retire each persona that nobody belonged to for a month, by the same rule, while others did."""
    since = day - DEAD_AFTER
    looked = {on: counts for on, counts in sizes(context.store).items() if since <= on <= day}
    old_enough = bool(looked) and min(looked) <= since + MET_AGAIN
    versions = context.versions()
    for version in versions if len(versions) > 1 else ():
        dead = version.id not in filed and not any(counts.get(version.id) for counts in looked.values())
        if dead and old_enough and filed and _rule_since(context, version) <= since:
            yield Upkeep(
                id="",
                kind="retire",
                persona=version.id,
                rules=((version.id, version.persona.who),),
                why=f"nobody has belonged to it since {since} or before; what it learned stays in the history",
                first_seen=day,
                last_seen=day,
            )


def _rule_since(context: Context, version: PersonaVersion) -> date:
    """Since when the persona has its rule."""
    since = version.day
    for before in reversed(context.store.versions.history(version.id)):
        if before.persona.who != version.persona.who:
            break
        since = before.day
    return since
