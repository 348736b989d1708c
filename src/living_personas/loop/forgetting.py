"""Customers are erased: every row about them goes, what they counted for stays, and they are kept out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.cell import Cells
from living_personas.domain.customer_id import canonical_id, customer_id, optional_id
from living_personas.domain.forgotten import PrivacyAct, PrivacyRequest, Tombstone, tombstone_of
from living_personas.domain.stranger import is_browser_id, stranger_id
from living_personas.domain.value import value
from living_personas.domain.withdrawal import Withdrawal
from living_personas.errors import BadValueError
from living_personas.loop.closing import closed_through
from living_personas.loop.context import Context
from living_personas.loop.days import between
from living_personas.loop.event_days.retired import foldable_from
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.folding.fold import folded
from living_personas.loop.notes import forget_notes
from living_personas.loop.privacy.customer_tables import every_id
from living_personas.loop.privacy.tombstones import bury, exhume, keep_marks, let_go
from living_personas.loop.recording.click_bursts import forget_clicks
from living_personas.loop.relations import filtered, table_of
from living_personas.memory.holdings import HOLDINGS
from living_personas.memory.people_records import PRIVACY_ACTS
from living_personas.memory.tables import CUSTOMERS, ERASED_CELLS, EVENTS, EXPOSURES, UNITS

__all__ = ["Erased", "apply_tombstones", "erase", "ids_of", "lift", "note_act", "read_ids"]

LEASE_SECONDS = 3600.0


@value
class Erased:
    """What an erasure did: whom it was asked for, how many ids were theirs, and how many rows of each kind are gone.

    ``unknown`` are those that were asked for of whom there was no row: they are kept out all the same.
    """

    asked: int
    ids: int
    rows: Mapping[str, int]
    unknown: tuple[str, ...] = ()


def erase(context: Context, asked: Iterable[str], *, now: datetime, by: str, owner: str) -> Erased:
    """Forget customers, by any of their ids, with everything that is linked to them.

    Their events, exposures and units go, what is known of them, their links, words on consent and quarantined rows.
    Cells stay what they are: what they counted for is kept as counts of its own, which are added whenever a day is
    folded again. A mark of each id is kept, so that whatever comes of it is refused. Interrupted anywhere, it is run
    again; run twice, nothing more is done.

    Raises
    ------
    BadValueError
        If a text is no id.
    LeaseHeldError
        If a worker is running this workspace.
    StoreError
        If it could not be finished; run it again.
    """
    wanted = read_ids(context, asked)
    with context.store.lease(owner, now=now, seconds=LEASE_SECONDS):
        return _erase(context, wanted, now=now, by=by)


def _erase(context: Context, wanted: tuple[str, ...], *, now: datetime, by: str) -> Erased:
    seal_waiting(context)
    ids, main = ids_of(context, wanted)
    counted, known = _counted_for(context, ids), _known(context, wanted)
    with context.store.forgetting(ids, holdings=HOLDINGS) as rows:
        ERASED_CELLS.replace(context.store, {day: cells.table for day, cells in counted.items()})
        forget_clicks(context, ids)
        forget_notes(context.store, ids)
        bury(context, ids, main=main, at=now)
        note_act(context, "erased", by=by, at=now, customers=len(wanted))
    unknown = () if rows.get("quarantined") else tuple(id_ for id_ in wanted if id_ not in known)
    return Erased(asked=len(wanted), ids=len(ids), rows=rows, unknown=unknown)


def apply_tombstones(
    context: Context, rows: Sequence[Withdrawal], *, since: datetime, now: datetime, owner: str
) -> Erased:
    """Erase again whoever was erased, where a state of ``since`` came back; they are kept out again.

    Parameters
    ----------
    rows
        What was taken back, oldest first. The marks in it were made with the salt of this workspace; every id that it
        knows is compared. Who was let back afterwards may come, but what was kept of them before is not kept again.
    since
        What was erased before, and let back, is what the state holds already.
    """
    last = {row.id: row for row in rows if row.kind in {"erased", "lifted"}}
    back = {mark for mark, row in last.items() if row.kind == "lifted"}
    marks = {
        row.id: Tombstone(at=row.time, main=row.name == "main")
        for row in rows
        if row.kind == "erased" and (row.id not in back or row.time >= since)
    }
    with context.store.lease(owner, now=now, seconds=LEASE_SECONDS):
        keep_marks(context, marks)
        done = _erase_marked(context, marks.keys(), now=now)
        let_go(context, back)
        return done


def _erase_marked(context: Context, marks: Collection[str], *, now: datetime) -> Erased:
    if not marks:
        return Erased(asked=0, ids=0, rows={})
    seal_waiting(context)
    salt = context.settings.salt
    found = tuple(sorted(id_ for id_ in every_id(context.store) if tombstone_of(id_, salt=salt) in marks))
    return _erase(context, found, now=now, by="restore") if found else Erased(asked=0, ids=0, rows={})


def lift(context: Context, asked: Iterable[str], *, now: datetime, by: str) -> tuple[str, ...]:
    """Let customers come back who were erased and have signed up again; those of the ids that were erased."""
    wanted = read_ids(context, asked)
    with context.store.commit():
        found = exhume(context, _with_strangers(wanted))
        back = tuple(id_ for id_ in wanted if id_ in found)
        if back:
            note_act(context, "lifted", by=by, at=now, customers=len(back))
    # Listed last: where it never is, a restore keeps them out again, which can be lifted again.
    marks = sorted({tombstone_of(id_, salt=context.settings.salt) for id_ in found})
    context.withdrawn([Withdrawal(kind="lifted", id=mark, time=now) for mark in marks])
    return back


def read_ids(context: Context, asked: Iterable[str]) -> tuple[str, ...]:
    """Ids as every door reads them, each once; a word for nobody is one where something is kept under it."""
    found = tuple(dict.fromkeys(_read(context, each) for each in asked))
    if not found:
        raise BadValueError("No customer was named.", hint="name at least one id.", reason="missing customer")
    return found


def _read(context: Context, said: str) -> str:
    """An id; what was recorded before it became a word for nobody is asked for and erased as any other."""
    nobody = context.settings.nobody.words
    held = "" if optional_id(said, nobody=nobody) else optional_id(said, nobody=frozenset())
    return held if held and _known(context, {held}) else customer_id(said, nobody=nobody)


def ids_of(context: Context, asked: Collection[str]) -> tuple[frozenset[str], frozenset[str]]:
    """Every id of the customers whom these ids name, and those by which they are known or were asked for.

    The ids of browsers that named one of them and proved nothing are among the first. Their own links are not followed:
    whoever has the key of a page could say them of somebody else.
    """
    forms = {form for id_ in asked for form in (id_, canonical_id(id_))}
    links = context.store.inbox.links(forms)
    main = forms | set(links["customer"].to_pylist())
    return _with_strangers(main | set(links["id"].to_pylist())), frozenset(map(canonical_id, main))


def _with_strangers(ids: Iterable[str]) -> frozenset[str]:
    """Ids, and those under which browsers are known that named them."""
    held = frozenset(ids)
    return held.union(stranger_id(id_) for id_ in held if not is_browser_id(id_))


def note_act(context: Context, kind: PrivacyRequest, *, by: str, at: datetime, customers: int) -> None:
    """Write down who asked for what; not about whom."""
    number = len(PRIVACY_ACTS.names(context.store)) + 1
    PRIVACY_ACTS.write(context.store, f"{number:08d}", PrivacyAct(kind=kind, by=by, at=at, customers=customers))


def _known(context: Context, ids: Collection[str]) -> frozenset[str]:
    """Those of some ids that anything is kept of, or that a link names."""
    asked = pa.array(sorted(ids), pa.string())
    # Of whom every event was dropped because of its age, units and exposures are kept, and what totals tell.
    kept = [each.all(context.store) for each in (EVENTS, EXPOSURES, UNITS)] + [CUSTOMERS.newest(context.store)]
    theirs = [filtered(each, pc.field("customer").isin(asked), _ONE_ID, columns=["customer"]) for each in kept]
    links = context.store.inbox.links_made(ids)
    found = (id_ for rows in theirs for id_ in rows["customer"].unique().to_pylist())
    return frozenset({*found, *(id_ for link in links for id_ in link[2:4])})


_ONE_ID = pa.schema([("customer", pa.string())])


def _counted_for(context: Context, ids: Collection[str]) -> dict[date, Cells]:
    """What customers, and those who were erased before, counted for, on each closed day."""
    theirs = pc.field("customer").isin(pa.array(sorted(ids), pa.string()))
    units = filtered(UNITS.all(context.store), theirs, UNITS.schema)
    closed = closed_through(context)
    met = pc.min(units["cohort"]).as_py()
    first = None if met is None else max(met, foldable_from(context))  # what is folded no more stays as it was counted
    if closed is None or first is None or first > closed:
        return {}
    events = filtered(EVENTS.all(context.store), theirs, EVENTS.schema)
    before = Cells(table=table_of(ERASED_CELLS.read(context.store, first, closed), ERASED_CELLS.schema))
    cells = folded(context, first, closed, units=units, events=events) + before
    by_day = {day: cells.of_outcome_days(day, day) for day in between(first, closed)}
    return {day: each for day, each in by_day.items() if len(each)}
