"""What living personas were worth over time, as a chart: the total with its interval, and the line at nothing."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from living_personas.dashboard.charts import Spec
from living_personas.domain.event import Json
from living_personas.domain.worth import Worth
from living_personas.extras import extra_module

__all__ = ["worth_chart"]


def worth_chart(course: Sequence[Worth], *, unit: str) -> Spec:
    """One outcome as it was known on each day, oldest first; every day has a total."""
    totals = [(each.day, total) for each in course if (total := each.total) is not None]
    rows: list[Json] = [
        {"day": day.isoformat(), "total": round(total.estimate), "low": round(total.lower), "high": round(total.upper)}
        for day, total in totals
    ]
    return {**_drawn(f"{unit}, more than held out"), "datasets": {"rows": rows}}


@lru_cache(maxsize=8)
def _drawn(title: str) -> Spec:
    """The drawing without its numbers: composing one takes altair a tenth of a second."""
    alt = extra_module("altair", extra="server", what="Charts need")
    base = alt.Chart(alt.NamedData(name="rows")).encode(
        x=alt.X("day:T", title=None, axis=alt.Axis(grid=False, tickCount=5, labelOverlap=True))
    )
    axis = alt.Axis(tickCount=5, format="~s")
    band = base.mark_area(opacity=0.25).encode(y=alt.Y("low:Q", title=title, axis=axis), y2="high:Q")
    line = base.mark_line(strokeWidth=2.5, point=True).encode(y="total:Q")
    nothing = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(strokeDash=[4, 3]).encode(y="zero:Q")
    spec: Spec = (band + line + nothing).properties(width="container", height=180).to_dict()
    spec.pop("config", None)
    return spec
