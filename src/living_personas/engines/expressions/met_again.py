"""Who met two options of one attribute on one occasion, and who was met again without any occasion being named."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pyarrow as pa
from ibis import _
from ibis.expr import types as ir

from living_personas.engines.expressions.links import linked

__all__ = ["MET_AGAIN_SCHEMA", "met_again"]

MET_AGAIN_SCHEMA = pa.schema(
    [("attribute", pa.string()), *((name, pa.int64()) for name in ("customers", "crossed", "unnamed", "units"))]
)


def met_again(
    *,
    exposures: ir.Table,
    links: ir.Table | None,
    ignored: ir.Table,
    renamed: Sequence[tuple[str, str, str]],
    per_channel: Sequence[str],
) -> ir.Table:
    """Columns of ``MET_AGAIN_SCHEMA``, by attribute.

    ``crossed`` of the ``customers`` met two options in one epoch (on one channel, for attributes ``per_channel``). The
    ``unnamed`` exposures, one a customer and day, carry no epoch: they are so many ``units``.

    Parameters
    ----------
    ignored
        Customers (``customer``) who are left out.
    renamed
        Attributes with what an option was called, and is called now.
    """
    mine = linked(exposures, links).anti_join(ignored, "customer")
    option, channel = mine["option"], ibis.literal("")
    for attribute, old, new in renamed:
        option = ((mine["attribute"] == attribute) & (option == old)).ifelse(new, option)
    if per_channel:
        channel = mine["attribute"].isin(list(per_channel)).ifelse(mine["channel"], "")
    called = mine.select("customer", "attribute", "epoch", "day", option=option, scope=channel)
    met = called.group_by("customer", "attribute", "epoch", "scope").agg(several=_["option"].min() != _["option"].max())
    crossed = met.group_by("attribute").agg(
        customers=_["customer"].nunique(), crossed=_["customer"].nunique(where=_["several"])
    )
    days = called.filter(called["epoch"] == "").select("customer", "attribute", "day").distinct()
    unnamed = days.group_by("attribute").agg(unnamed=_.count(), units=_["customer"].nunique())
    joined = crossed.left_join(unnamed, "attribute")
    none = {name: joined[name].fill_null(0) for name in ("unnamed", "units")}
    return joined.select("attribute", "customers", "crossed", **none).order_by("attribute")
