"""Which units an outcome counts for, and for which metrics."""

from __future__ import annotations

import ibis
from ibis.expr import types as ir

from living_personas.domain.batch import UNVOUCHED_MARKS
from living_personas.engines.dialect import Dialect
from living_personas.engines.expressions.links import linked
from living_personas.engines.expressions.metric_table import LARGEST, Counted

__all__ = ["UNIT", "credited", "lasting", "outcomes", "owned_by", "steps_of"]

UNIT = ("customer", "met_as", "attribute", "epoch")
"""What tells units apart: whose they are, the id that met the option (a link may have made two units one customer's),
and the occasion."""


def outcomes(events: ir.Table, *, counted: Counted, dialect: Dialect) -> ir.Table:
    """The events that any metric counts, with the properties that any metric sums."""
    kept = events.filter(events["name"].isin(counted.events))
    values = {
        f"value_{index}": ibis.cases((kept["name"].isin(carriers), dialect.number(kept, name)))
        for index, (name, carriers) in enumerate(counted.properties)
    }
    browser = ibis.or_(*(kept["properties"].contains(mark) for mark in UNVOUCHED_MARKS))
    return kept.select("customer", "day", "hour", event=kept["name"], happened=kept["time"], browser=browser, **values)


def owned_by(units: ir.Table, links: ir.Table | None) -> ir.Table:
    """The units beside whose they are, and the id they were ``met_as``."""
    return linked(units.mutate(met_as=units["customer"]), links)


def lasting(own: ir.Table, *, epochs: ir.Table, dialect: Dialect) -> ir.Table:
    """The units (``owned_by``) beside the ``last`` day of their epoch.

    ``last`` is NULL where an epoch ends with the exposure itself (``epochs``: ``EPOCH_SCHEMA``), or where its name,
    which another system may have given, is no day. An exposure that comes after its epoch ends it with its own day.
    """
    joined = own.left_join(epochs, ["persona", "attribute"], rname="epoch_{name}")
    begun = joined["epoch"].re_search(_DAY).ifelse(joined["epoch"].try_cast("date"), ibis.null("date"))
    ends, latest = (dialect.days_after(day, joined["lasts"]) for day in (begun, joined["cohort"]))
    last = ends.isnull().ifelse(ibis.null("date"), ibis.least(ibis.greatest(ends, joined["cohort"]), latest))
    return joined.select(*own.columns, last=last)


def credited(units: ir.Table, outcomes: ir.Table, metrics: ir.Table, *, counted: Counted, dialect: Dialect) -> ir.Table:
    """Each outcome beside each unit and metric that it counts for, with what it adds in ``steps``.

    It counts for every unit (``lasting``) from its first exposure until ``within`` after the end of its epoch, not for
    the latest one alone: an option that only brings people back sooner would take the outcomes of the one before.
    """
    through = dialect.days_after(ibis.coalesce(units["last"], units["cohort"]), ibis.literal(counted.horizon, "int32"))
    waiting = units.mutate(through=through)
    happened = outcomes.rename(outcome_customer="customer")
    belongs = (
        happened["outcome_customer"] == waiting["customer"],
        happened["happened"] >= waiting["time"],
        happened["day"] <= waiting["through"],
    )
    # Outcomes first: there are fewer of them, and DataFusion holds what stands first in memory.
    joined = happened.join(waiting, belongs)
    judged = joined.join(metrics, ["persona", "event"])
    in_time = judged.filter(_in_time(judged, dialect), ~judged["browser"] | judged["browsers"])
    return in_time.mutate(steps=steps_of(in_time, counted))


def steps_of(judged: ir.Table, counted: Counted) -> ir.IntegerValue:
    """What an outcome adds to its metric, in whole steps: its value, or 1 where only the event counts."""
    value = ibis.cases(
        *(
            (judged["property"] == name, judged[f"value_{index}"].fill_null(0.0))
            for index, (name, _carriers) in enumerate(counted.properties)
        ),
        (judged["property"].isnull(), ibis.literal(1.0)),
    )
    bounded = ibis.greatest(ibis.least(value * judged["scale"], LARGEST), -LARGEST)
    return bounded.round().cast("int64")


_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}\z"


def _in_time(judged: ir.Table, dialect: Dialect) -> ir.BooleanValue:
    """Whether an outcome came in time: after a day ended by the calendar of the workspace, else by the clock."""
    begun_day = (judged["hour"] < judged["hours"]).cast("int32")
    by_calendar = judged["day"].delta(judged["last"], unit="day") <= judged["days"] + begun_day
    waited = dialect.microseconds(judged["time"], judged["happened"])
    by_clock = (waited <= judged["within"]) & (judged["day"].delta(judged["cohort"], unit="day") <= judged["horizon"])
    # Not by whether there is a last day: of such a choice DataFusion makes a filter of units that keeps them all.
    return ibis.coalesce(by_calendar, by_clock)
