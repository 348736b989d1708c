"""Each customer counts once on each occasion: from its first exposure."""

from __future__ import annotations

import ibis
from ibis import _
from ibis.expr import types as ir

from living_personas.deciding.sampler import HOLDOUT_POLICY
from living_personas.domain.decision import IGNORED, UNMATCHED
from living_personas.domain.unit import UNIT_SCHEMA
from living_personas.engines.expressions.links import linked

__all__ = ["UNIT_KEY", "counting_units", "units"]

UNIT_KEY = ("customer", "attribute", "epoch")
"""What makes two exposures the same unit."""


def units(
    first: ir.DateScalar,
    last: ir.DateScalar,
    *,
    exposures: ir.Table,
    earlier: ir.Table | None,
    links: ir.Table | None,
    members: ir.Table | None,
) -> ir.Table:
    """The units that were first exposed on the days ``first`` to ``last``.

    Parameters
    ----------
    exposures
        ``EXPOSURE_SCHEMA``; other days are passed over.
    earlier
        Units of the days before ``first``, as far back as an epoch may have begun; None means there are none.
    links, members
        Who is who (see ``linked``), and the ``persona`` that each ``customer`` whose exposure names none was at its
        ``time``, by the id that was exposed. Whoever was ``IGNORED`` has no unit, whatever its exposure names.
    """
    days = exposures.filter(exposures["day"].between(first, last))
    moments = linked(days.select(*UNIT_KEY, "time"), links)
    opened = _first_of_each(linked(_known(days, members), links), moments)
    if earlier is not None:
        # The few epochs of these days go first: engines skip the files that hold none of them.
        alike = earlier.select(*UNIT_KEY).semi_join(days.select("epoch").distinct(), "epoch").select(*UNIT_KEY)
        opened = opened.anti_join(linked(alike, links), UNIT_KEY)
    if members is not None:
        opened = opened.filter(opened["member_of"].fill_null("") != IGNORED)
    persona = ibis.coalesce(opened["persona"].nullif(""), opened["member_of"], ibis.literal(UNMATCHED))
    policy = opened["holdout"].ifelse(HOLDOUT_POLICY, opened["policy"])
    held_out = opened.mutate(cohort=opened["day"], persona=persona, policy=policy)
    return held_out.select(*UNIT_SCHEMA.names)


def counting_units(units: ir.Table, *, owners: ir.Table, left_out: ir.Table, willing: ir.Table | None) -> ir.Table:
    """The units but for those that are ``left_out`` (by key).

    Parameters
    ----------
    owners
        The ``owner`` of each ``attribute`` for units of a ``persona``.
    willing
        The ``customer`` and ``channel`` of those that may count; None means all.
    """
    kept = units.anti_join(left_out, UNIT_KEY)
    if willing is not None:
        kept = kept.semi_join(willing, ("customer", "channel"))
    named = owners.select(of=owners["persona"], about=owners["attribute"], owner=owners["owner"])
    found = kept.left_join(named, (kept["persona"] == named["of"], kept["attribute"] == named["about"]))
    owned = found.mutate(persona=ibis.coalesce(found["owner"], found["persona"]))
    return owned.select(*UNIT_SCHEMA.names)


_TIES = ("message_id", "option", "persona", "policy", "stratum", "propensity", "holdout")


def _first_of_each(exposures: ir.Table, moments: ir.Table) -> ir.Table:
    """The first exposure of each unit; an event that exposes an attribute twice has one answer, too.

    ``moments`` are the key and time of the same rows. Almost every unit has one exposure at its first moment: those are
    found by sums and a join, and only the others are ranked. Windows cost DataFusion microseconds for every unit.
    """
    times = moments.group_by(*UNIT_KEY, "time").agg(n=_.count())
    firsts = times.group_by(*UNIT_KEY).agg(first=_["time"].min(), single=_["time"].min(where=_["n"] == 1))
    is_alone = firsts["first"].identical_to(firsts["single"])
    key = (*UNIT_KEY, "time")
    alone, tied = (
        exposures.semi_join(firsts.filter(each).select(*UNIT_KEY, time="first"), key) for each in (is_alone, ~is_alone)
    )
    # From the last to the first: a frame that reaches to the end costs DataFusion half of a row's number.
    from_last = [ibis.desc(tied[name], nulls_first=True) for name in _TIES]
    window = ibis.window(group_by=[tied[name] for name in UNIT_KEY], order_by=from_last, rows=(0, None))
    ranked = tied.mutate(rank=tied.count().over(window)).filter(_["rank"] == 1)
    return ibis.union(alone, ranked.select(*exposures.columns))


def _known(exposures: ir.Table, members: ir.Table | None) -> ir.Table:
    """The exposures beside the persona ``member_of`` that the customer was then."""
    if members is None:
        return exposures.mutate(member_of=ibis.null("string"))
    then = members.select(member=members["customer"], moment=members["time"], member_of=members["persona"])
    alike = (exposures["customer"] == then["member"], exposures["time"] == then["moment"])
    return exposures.left_join(then, alike).select(*exposures.columns, "member_of")
