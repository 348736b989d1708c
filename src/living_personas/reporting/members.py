"""The members of one persona, a page at a time: for whoever may see customers, and each look is written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import pyarrow as pa
import pyarrow.compute as pc

from living_personas.deciding.assign import in_holdout
from living_personas.domain.head_count import head_count
from living_personas.domain.value import value
from living_personas.errors import check_name
from living_personas.loop.context import Context
from living_personas.loop.forgetting import ids_of, note_act, read_ids
from living_personas.loop.privacy.memberships import memberships
from living_personas.loop.relations import row_count
from living_personas.memory.tables import MEMBERSHIPS
from living_personas.reporting.crowd import enough, refuse_few
from living_personas.serving.published import newest_snapshot

__all__ = ["ORDERS", "PER_PAGE", "Member", "MemberPage", "member_count", "member_page"]

ORDERS: Mapping[str, str] = {
    "newest": "joined last first",
    "longest": "joined first first",
    "id": "by id",
}
"""In which order members are listed. A rule holds a customer or it does not: nobody is a member more than another."""

PER_PAGE = 50

_SORTED: Mapping[str, list[tuple[str, str]]] = {
    "newest": [("since", "descending"), ("customer", "ascending")],
    "longest": [("since", "ascending"), ("customer", "ascending")],
    "id": [("customer", "ascending")],
}


@value
class Member:
    """One customer of a persona: since when it belongs to it, and whether it is held out."""

    customer: str
    since: date
    held_out: bool


@value
class MemberPage:
    """A page of members: ``number`` counts from 1, ``more`` says whether another follows.

    ``count`` is how many the persona holds, ``found`` how many of them were asked for: in whole groups, or None for
    fewer than one.
    """

    members: tuple[Member, ...]
    count: int | None
    found: int | None
    number: int
    more: bool


def member_count(context: Context, persona: str) -> int | None:
    """How many members a persona has, in whole groups; None for fewer than one."""
    return head_count(row_count(MEMBERSHIPS.all(context.store), pc.field("persona") == persona))


def member_page(
    context: Context, persona: str, *, by: str, at: datetime, asked: str = "", order: str = "newest", page: int = 1
) -> MemberPage:
    """The members of a persona as the last cycle told them apart.

    Who looked, when, and at how many, is written down; not at whom.

    Parameters
    ----------
    by, at
        Who looks, and when, with a time zone.
    asked
        The beginning of an id, or any id of a customer; nothing for everybody.
    order
        One of ``ORDERS``.
    page
        Counted from 1.

    Raises
    ------
    UnknownNameError
        If there is no such order.
    InvalidDecisionError
        If the persona holds too few to be told of.
    NotPublishedError
        If nothing has been published.
    """
    check_name("order of members", order, ORDERS)
    members = memberships(context.store, persona)
    refuse_few(shown=enough(members.num_rows))
    found, first = _asked_for(context, members, asked.strip()), (page - 1) * PER_PAGE
    places = pc.select_k_unstable(found, k=min(first + PER_PAGE, found.num_rows), sort_keys=_SORTED[order])
    snapshot = newest_snapshot(context.store)
    rows = tuple(
        Member(customer=row["customer"], since=row["since"], held_out=in_holdout(snapshot, row["customer"]))
        for row in found.take(places.slice(first)).to_pylist()
    )
    note_act(context, "looked at", by=by, at=at, customers=max(len(rows), 1))
    return MemberPage(
        members=rows,
        count=head_count(members.num_rows),
        found=head_count(found.num_rows),
        number=page,
        more=found.num_rows > first + PER_PAGE,
    )


def _asked_for(context: Context, members: pa.Table, asked: str) -> pa.Table:
    """Those whose id begins so, and the one who has this id among others."""
    if not asked:
        return members
    ids, _ = ids_of(context, read_ids(context, [asked]))
    named = pc.is_in(members["customer"], value_set=pa.array(sorted(ids), pa.string()))
    return members.filter(pc.or_(pc.starts_with(members["customer"], asked), named))
