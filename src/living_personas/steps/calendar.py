"""Which days a cycle folds and closes, and the books it opens and leaves."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from living_personas.domain.persona import PersonaVersion
from living_personas.domain.value import value
from living_personas.refining.accounts import Accounts
from living_personas.refining.panel import Panel
from living_personas.steps.days import between
from living_personas.steps.fold import fold_days, longest_horizon
from living_personas.steps.learn import Books, entry_for, learn_day, open_books, write_entry
from living_personas.steps.links import first_day_relinked
from living_personas.steps.parts import Parts
from living_personas.steps.publish import publish_day
from living_personas.steps.record import last_complete
from living_personas.steps.versions import adopt

__all__ = [
    "STARTED",
    "Plan",
    "begin",
    "close",
    "closed_through",
    "fold_changed",
    "kept_books",
    "next_day",
    "plan",
    "renewed",
    "seal_waiting",
]

CLOSED = "closed"
"""The fact that holds the last closed day."""

STARTED = "started"
"""The fact that holds the first day that was closed."""

DIRTY = "dirty"
"""The fact that holds the first day whose events changed since it was folded."""

ACCOUNTS = "accounts/"
"""Facts of this prefix hold the accounts after the last closed day, one for each horizon."""

BOOKS = "books"
"""The fact that holds which version of each persona the accounts are about."""

ONE_DAY = timedelta(days=1)


@value
class Plan:
    """The days to close, in order, and the first day whose events changed since it was folded."""

    days: tuple[date, ...]
    dirty: date | None


def plan(parts: Parts, *, now: datetime, until: date | None = None) -> Plan:
    """Seal what waits, and find out which days to fold and to close.

    A day is closed when it is over (or at ``until``) and the data reach beyond it: days without any data stay open,
    because a feed that has stopped tells nothing. Sources whose rows are final reach as far as their outcomes do.
    """
    seal_waiting(parts)
    closed = closed_through(parts)
    first = closed + ONE_DAY if closed else min(parts.store.partitions.days("exposures"), default=None)
    last = until or min(parts.yesterday(now), _data_reach(parts) or date.min)
    return Plan(days=tuple(between(first, last)) if first else (), dirty=parts.day_fact(DIRTY))


def seal_waiting(parts: Parts) -> None:
    """Move what waits into the days it belongs to, and remember which of them must be folded again."""
    with parts.store.commit():
        sealed = parts.store.inbox.seal()
        changed = [*sealed, *filter(None, [first_day_relinked(parts), parts.day_fact(DIRTY)])]
        if changed:
            parts.store.facts.set({DIRTY: min(changed).isoformat().encode()})


def begin(parts: Parts, cycle: Plan, *, now: datetime) -> tuple[Books, ...]:
    """Take in what the files say, and open the books; the first time, fix the first day's bets and publish."""
    day = next_day(parts, now=now) if closed_through(parts) or not cycle.days else cycle.days[0]
    with parts.store.commit():
        new = adopt(parts, day)
        books = renewed(parts, kept_books(parts))
        if cycle.days and closed_through(parts) is None and (new or parts.day_fact(STARTED) != day):
            entries = write_entry(parts, books, day)
            parts.store.facts.set({STARTED: day.isoformat().encode()})
            publish_day(parts, books, entries, day=day, begins=day)
        elif not cycle.days and (new or _snapshot_is_behind(parts)):
            entries = tuple(entry_for(parts, each, day) for each in books)
            begins = max(day, parts.today(now)) + ONE_DAY if parts.store.snapshots.latest() else day
            publish_day(parts, books, entries, day=day, begins=begins)
    return books


def fold_changed(parts: Parts, cycle: Plan, books: Sequence[Books]) -> tuple[Books, ...]:
    """Fold the days to close, and closed days that changed; then the books are reckoned again from the ledger."""
    closed = closed_through(parts)
    late = closed is not None and cycle.dirty is not None and cycle.dirty <= closed
    last = cycle.days[-1] if cycle.days else closed
    first = cycle.dirty if late else (cycle.days[0] if cycle.days else None)
    if first is not None and last is not None:
        fold_days(parts, first, last)
    started = parts.day_fact(STARTED)
    mended = tuple(books)
    if late and closed is not None and started is not None:
        mended = open_books(parts.versions())
        for day in between(started, closed):
            mended = tuple(learn_day(parts, each, day)[0] for each in mended)
        keep_books(parts, mended)
    parts.store.facts.set({DIRTY: None})
    return mended


def close(parts: Parts, books: Iterable[Books], day: date) -> None:
    """Remember that a day is closed, and the books after it."""
    parts.store.facts.set({CLOSED: day.isoformat().encode()})
    keep_books(parts, books)


def keep_books(parts: Parts, books: Iterable[Books]) -> None:
    """Remember the accounts, and which versions they are about."""
    about = {version.id: version.version for version in parts.versions()}
    accounts: dict[str, bytes | None] = {f"{ACCOUNTS}{each.horizon}": each.accounts.to_bytes() for each in books}
    gone: dict[str, bytes | None] = {key: None for key in parts.store.facts.keys(ACCOUNTS) if key not in accounts}
    parts.store.facts.set({**accounts, **gone, BOOKS: json.dumps(about, sort_keys=True).encode()})


def renewed(parts: Parts, books: Iterable[Books]) -> tuple[Books, ...]:
    """The books of the newest versions, going on from what these hold."""
    return open_books(parts.versions(), books)


def closed_through(parts: Parts) -> date | None:
    """The last closed day, if there is one."""
    return parts.day_fact(CLOSED)


def next_day(parts: Parts, *, now: datetime) -> date:
    """The first day that is not closed: changes that people make hold from it on."""
    closed = closed_through(parts)
    return closed + ONE_DAY if closed else parts.yesterday(now) + ONE_DAY


def _data_reach(parts: Parts) -> date | None:
    """The last day that the data tell about."""
    final = [day + timedelta(days=longest_horizon(parts.personas)) for day in last_complete(parts)]
    return max([*parts.store.partitions.days("events")[-1:], *final], default=None)


def kept_books(parts: Parts) -> tuple[Books, ...]:
    """The books after the last closed day, with the panels of the versions that they are about."""
    block = parts.store.facts.get(BOOKS)
    about: dict[str, int] = json.loads(block) if block else {}
    versions = [_version(parts, persona, number) for persona, number in about.items()]
    accounts = {int(key.removeprefix(ACCOUNTS)): parts.store.facts.get(key) for key in parts.store.facts.keys(ACCOUNTS)}
    return tuple(
        Books(
            horizon=horizon,
            panel=Panel.of(v for v in versions if v.persona.goal.horizon_days == horizon),
            accounts=Accounts.from_bytes(block),
        )
        for horizon, block in accounts.items()
        if block
    )


def _version(parts: Parts, persona: str, number: int) -> PersonaVersion:
    return parts.store.versions.history(persona)[number - 1]


def _snapshot_is_behind(parts: Parts) -> bool:
    snapshot = parts.store.snapshots.latest()
    published = {(persona.persona, persona.version) for persona in snapshot.personas} if snapshot else set()
    return published != {(version.id, version.version) for version in parts.versions()}
