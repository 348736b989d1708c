"""The tables of a persona's page as rows, for files: numbers as numbers, customers in whole groups."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

import pyarrow as pa

from living_personas.domain.belief import Interval
from living_personas.domain.head_count import head_count
from living_personas.domain.report import AttributeReport, LogEntry, PartReport, PartsReport, PersonaReport
from living_personas.domain.worth import Worth
from living_personas.reporting.beside_goal import BesideGoal, ByMetric, ByPlace
from living_personas.reporting.changes import by_words, kind_words
from living_personas.reporting.crowd import enough

__all__ = ["PERSONA_TABLES", "beside_rows", "parts_rows", "persona_rows", "worth_rows"]

Row = dict[str, object]

_TEXT, _NUMBER, _COUNT, _DAY = pa.string(), pa.float64(), pa.int64(), pa.date32()
_ENDS = ("effect", "lower", "upper")
_MEANS = tuple(f"{which}_{end}" for which in ("new", "old") for end in ("mean", "lower", "upper"))


def _schema(texts: Sequence[str] = (), **more: pa.DataType) -> pa.Schema:
    return pa.schema([(name, _TEXT) for name in texts] + [*more.items()])


_PAIR = ("attribute", "channel", "new", "old")
_FOUND = dict.fromkeys((*_ENDS, *_MEANS), _NUMBER) | {"occasions": _COUNT}

PERSONA_TABLES: Mapping[str, pa.Schema] = {
    "beliefs": _schema(
        ("attribute", "channel", "believed", "confidence", "now", "contender", "known", "status"),
        **dict.fromkeys(_ENDS, _NUMBER),
        occasions=_COUNT,
    ),
    "options": _schema(
        ("attribute", "channel", "option"),
        occasions=_COUNT,
        **dict.fromkeys(("rate", "lower", "upper", "chance_of_best", "share"), _NUMBER),
    ),
    "traits": _schema(
        ("trait", "unit"), **dict.fromkeys(("believed", "measured", "lower", "upper"), _NUMBER), customers=_COUNT
    ),
    "metrics": _schema((*_PAIR, "metric", "limit", "says"), **_FOUND),
    "places": _schema((*_PAIR, "by", "place"), **_FOUND),
    "breakdowns": _schema((*_PAIR, "column", "part"), **_FOUND, customers=_COUNT),
    "sizes": _schema(day=_DAY, customers=_COUNT),
    "versions": _schema(version=_COUNT, day=_DAY, kind=_TEXT, by=_TEXT, reason=_TEXT),
}
"""The tables by name, each with its columns. Effects and rates are those of one occasion."""


def persona_rows(
    name: str, report: PersonaReport, *, log: Iterable[LogEntry], sizes: Mapping[date, Mapping[str, int]]
) -> pa.Table:
    """A table of ``PERSONA_TABLES`` that the report, the log or the sizes tell."""
    made: Mapping[str, Callable[[], list[Row]]] = {
        "beliefs": lambda: [*map(_belief, report.attributes)] if _may_tell(report) else [],
        "options": lambda: _options(report) if _may_tell(report) else [],
        "traits": lambda: _traits(report) if _may_tell(report) else [],
        "sizes": lambda: [
            {"day": day, "customers": head_count(counts.get(report.persona))} for day, counts in sorted(sizes.items())
        ],
        "versions": lambda: [
            {"version": e.version, "day": e.day, "kind": kind_words(e), "by": by_words(e), "reason": e.reason}
            for e in log
        ],
    }
    return pa.Table.from_pylist(made[name](), schema=PERSONA_TABLES[name])


def beside_rows(name: str, beside: BesideGoal) -> pa.Table:
    """The tables ``metrics`` and ``places``."""
    rows = [*map(_metric, beside.metrics)] if name == "metrics" else [*map(_place, beside.places)]
    return pa.Table.from_pylist(rows, schema=PERSONA_TABLES[name])


def parts_rows(found: Iterable[PartsReport]) -> pa.Table:
    """The table ``breakdowns``: customers are at least so many, within four weeks."""
    rows = [
        {
            **_pair(of, each),
            "column": of.column,
            "part": each.name,
            "customers": head_count(each.customers),
        }
        for of in found
        for each in of.parts
    ]
    return pa.Table.from_pylist(rows, schema=PERSONA_TABLES["breakdowns"])


def worth_rows(course: Iterable[Worth]) -> pa.Table:
    """What living personas were worth on each day on which it was kept, by outcome."""
    schema = _schema(
        ("event", "value", "currency"),
        since=_DAY,
        day=_DAY,
        **dict.fromkeys(("total", "lower", "upper"), _NUMBER),
        living_customers=_COUNT,
        static_customers=_COUNT,
    )
    rows = [
        {
            **{name: getattr(each, name) for name in ("event", "value", "currency", "since", "day")},
            **_ends(each.total, ("total", "lower", "upper")),
            "living_customers": head_count(each.living_customers),
            "static_customers": head_count(each.static_customers),
        }
        for each in course
    ]
    return pa.Table.from_pylist(rows, schema=schema)


def _may_tell(report: PersonaReport) -> bool:
    return enough(report.members)


def _belief(each: AttributeReport) -> Row:
    return {
        "attribute": each.attribute,
        "channel": each.channel,
        "believed": each.believed,
        "confidence": each.confidence,
        "now": each.value,
        "contender": each.contender,
        "known": each.known.state,
        "status": each.status,
        **_ends(each.effect, _ENDS),
        "occasions": _occasions(each.behind),
    }


def _options(report: PersonaReport) -> list[Row]:
    return [
        {
            "attribute": each.attribute,
            "channel": each.channel,
            "option": option.option,
            "occasions": _occasions(option.units),
            **_ends(option.rate if enough(option.units) else None, ("rate", "lower", "upper")),
            "chance_of_best": option.prob_best,
            "share": option.share,
        }
        for each in report.attributes
        for option in each.options
    ]


def _traits(report: PersonaReport) -> list[Row]:
    return [
        {
            "trait": each.trait,
            "unit": each.unit,
            "believed": each.believed,
            **_ends(each.measured if enough(each.customers) else None, ("measured", "lower", "upper")),
            "customers": head_count(each.customers),
        }
        for each in report.traits
    ]


def _metric(each: ByMetric) -> Row:
    stands = {"limit": each.guard.limit, "says": each.guard.says} if each.guard else {}
    return {**_pair(each, each), "metric": each.metric, **stands}


def _place(each: ByPlace) -> Row:
    return {**_pair(each, each), "by": each.by, "place": each.place}


def _pair(of: ByMetric | ByPlace | PartsReport, each: ByMetric | ByPlace | PartReport) -> Row:
    """What is compared, and what was found."""
    return {
        **{name: getattr(of, name) for name in _PAIR},
        **_ends(each.effect, _ENDS),
        **_ends(each.new_mean, _MEANS[:3]),
        **_ends(each.old_mean, _MEANS[3:]),
        "occasions": _occasions(each.units),
    }


def _ends(found: Interval | None, names: Sequence[str]) -> Row:
    ends = (found.estimate, found.lower, found.upper) if found else (None, None, None)
    return dict(zip(names, ends, strict=True))


def _occasions(count: int) -> int | None:
    """As pages say it: exact, or nothing where they are those of few customers."""
    return count if count == 0 or enough(count) else None
