"""Guardrails as written, and as what they watch once the workspace's metrics are known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Literal

from living_personas.domain.goal import GOAL, Guardrail
from living_personas.domain.settings import Metric
from living_personas.domain.value import value
from living_personas.errors import Location
from living_personas.workspace import quantities
from living_personas.workspace.file_problems import Problems, UnreadableError
from living_personas.workspace.file_records import REQUIRED, FileKey, FileRecord, ListOf, Values
from living_personas.workspace.quantities import InvalidQuantityError
from living_personas.workspace.shapes import TEXT, Quantity

__all__ = ["GUARDRAILS", "GuardrailLine", "resolve_guardrails"]


@value
class _Margin:
    kind: Literal["points", "share"]
    size: float
    text: str


@value
class GuardrailLine:
    """One guardrail as written: a metric's name, the direction that harms, and how far it may go."""

    where: Location
    metric: str
    direction: Literal["rise", "drop"]
    margin: _Margin


def resolve_guardrails(
    lines: Sequence[GuardrailLine], *, metrics: Mapping[str, Metric], problems: Problems
) -> tuple[Guardrail, ...]:
    """The guardrails, each watching a declared metric or else the event of that name."""
    found: list[Guardrail] = []
    for line in lines:
        try:
            found.append(_resolve(line, metrics, problems))
        except UnreadableError:
            continue
        if [(rail.metric, rail.direction) for rail in found].count((line.metric, line.direction)) > 1:
            problems.add(
                line.where, f"{line.metric!r} is guarded twice against a {line.direction}.", hint="keep one of them."
            )
    return tuple(found)


def _resolve(line: GuardrailLine, metrics: Mapping[str, Metric], problems: Problems) -> Guardrail:
    points = line.margin.size if line.margin.kind == "points" else None
    relative = line.margin.size if line.margin.kind == "share" else None
    metric = metrics.get(line.metric)
    if metric is None:
        _refuse_near_miss(line, metrics, problems)
        return Guardrail(metric=line.metric, event=line.metric, direction=line.direction, points=points, share=relative)
    if metric.value is not None and line.margin.kind == "points":
        problems.refuse(
            line.where,
            f"{line.metric!r} is the mean of {metric.value!r}, which has no percentage points ({line.margin.text!r}).",
            hint="write a relative share, such as '3%'.",
        )
    return Guardrail(
        metric=line.metric,
        event=metric.event,
        value=metric.value,
        at_most=metric.at_most,
        within=metric.within,
        from_browsers=metric.from_browsers,
        direction=line.direction,
        points=points,
        share=relative,
    )


def _refuse_near_miss(line: GuardrailLine, metrics: Mapping[str, Metric], problems: Problems) -> None:
    if line.metric == GOAL:
        problems.refuse(line.where, "A guardrail cannot watch the goal itself.", hint="name a metric or an event.")
    near = get_close_matches(line.metric, list(metrics), n=1, cutoff=0.8)
    if near:
        problems.refuse(
            line.where,
            f"There is no metric {line.metric!r}.",
            hint=f"did you mean {near[0]!r}? An event of just this name can be declared under `metrics`.",
        )


def _margin(text: str) -> _Margin:
    if text.endswith("pp"):
        margin = _Margin(kind="points", size=quantities.points(text), text=text)
    elif text.endswith("%"):
        margin = _Margin(kind="share", size=quantities.share(text), text=text)
    else:
        raise InvalidQuantityError(
            f"{text!r} is neither points nor a relative share.", hint="write '0.2pp' (absolute) or '3%' (relative)."
        )
    if margin.size <= 0:
        raise InvalidQuantityError(
            f"{text!r} leaves no margin, so that no amount of data could show it is kept.",
            hint="write '0.1pp' or '1%'.",
        )
    return margin


def _line(of: Values) -> GuardrailLine:
    rise, drop = of["must_not_rise_by"], of["must_not_drop_by"]
    if (rise is None) == (drop is None):
        of.refuse(
            "must_not_drop_by",
            f"A guardrail on {of['metric']!r} needs one of `must_not_rise_by` and `must_not_drop_by`.",
            hint="write the direction that harms, such as `must_not_rise_by: 0.2pp`.",
        )
    return GuardrailLine(
        where=of.place("metric"),
        metric=of["metric"],
        direction="drop" if rise is None else "rise",
        margin=drop if rise is None else rise,
    )


_MARGIN = Quantity(
    parse=_margin, pattern=r"^\d{1,3}(?:\.\d{1,40})? ?(?:%|pp)$", meant="a margin", example="0.2pp, or 3%"
)

GUARDRAILS = ListOf(
    item=FileRecord(
        what="a guardrail",
        keys=(
            FileKey(
                name="metric",
                shape=TEXT,
                about="A name under `metrics` of workspace.yaml, or else the name of an event.",
                default=REQUIRED,
            ),
            FileKey(name="must_not_rise_by", shape=_MARGIN, about="Points (`0.2pp`) or a relative share (`3%`)."),
            FileKey(name="must_not_drop_by", shape=_MARGIN, about="Points (`0.2pp`) or a relative share (`3%`)."),
        ),
        build=_line,
        example="`{metric: Unsubscribed, must_not_rise_by: 0.2pp}`.",
    ),
    what="a list of guardrails",
    example="[{metric: Unsubscribed, must_not_rise_by: 0.2pp}]",
    once=False,
)
