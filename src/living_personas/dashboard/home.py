"""The first page: what changed this week, what waits for whoever looks, what it is worth, what is broken."""

from __future__ import annotations

from collections import Counter
from datetime import date

from starlette.responses import Response

from living_personas.dashboard.downloads import csv_file
from living_personas.dashboard.review import waiting_for
from living_personas.dashboard.visit import Visit
from living_personas.domain.head_count import SMALLEST
from living_personas.domain.report import ENDED, LogEntry
from living_personas.domain.worth import Worth
from living_personas.loop.holdout.holdout_worth import kept_worth
from living_personas.loop.segments.discovery import segments
from living_personas.loop.segments.upkeep_proposals import proposals
from living_personas.reporting.changes import kind_words
from living_personas.reporting.charts import worth_chart
from living_personas.reporting.crowd import enough
from living_personas.reporting.health import worries
from living_personas.reporting.kill_words import held_words
from living_personas.reporting.period import first_day
from living_personas.reporting.persona_tables import worth_rows
from living_personas.reporting.reading import Reading
from living_personas.reporting.worth_words import WorthSaid, worth_said, worth_unit

__all__ = ["home", "worth", "worth_file"]

WEEK = "7d"
FEW = 6
"""Lines of each part; the rest is on its own page."""


def home(visit: Visit) -> Response:
    """The page."""
    reading = visit.reading()
    first = first_day(WEEK, reading.stamp.closed)
    told = (entry for entry in visit.log(reading) if entry.persona in reading.personas or entry.kind == ENDED)
    changed = [entry for entry in told if entry.day >= first][::-1]
    found = waiting_for(visit, reading)
    now = [each for each in found if not each.aside]
    open_ = [each for each in segments(visit.context) if each.state == "open" and each.size >= SMALLEST]
    asked = [each for each in proposals(visit.context.store) if each.state == "open"]
    held = held_words(visit.context)
    wrong = worries(reading.report, today=visit.context.today(visit.board.clock()))
    return visit.page(
        "home.html",
        written=bool(visit.context.personas),
        reading=reading,
        first=first,
        changed=visit.entries(changed[:FEW]),
        changes=len(changed),
        kinds=_counted(changed),
        found=found,
        waiting=now[:FEW],
        all_waiting=len(now),
        segments=len(open_),
        proposals=len(asked),
        wrong=[each for each in wrong if each != held][:FEW],
        all_wrong=len(wrong),
        held=held,
        names=visit.labels.names,
        worth=_worth(visit, reading),
        series=[worth_chart(course) for course in _over_time(visit, reading)],
        holdout=visit.context.settings.holdout,
    )


def worth(visit: Visit) -> Response:
    """What it is worth: a piece that asks again while it is being compared."""
    return visit.piece("worth.html", worth=_worth(visit, visit.reading()), holdout=visit.context.settings.holdout)


def worth_file(visit: Visit) -> Response:
    """What it was worth over time, as CSV."""
    series = _over_time(visit, visit.reading())
    return csv_file(worth_rows(each for course in series for each in course), "worth")


def _worth(visit: Visit, reading: Reading) -> list[tuple[Worth, WorthSaid]] | None:
    """What is known now, by outcome; None while it is being compared."""
    compared = visit.compared(reading)
    return None if compared is None else [(each, worth_said(each)) for each in compared.worth]


def _over_time(visit: Visit, reading: Reading) -> list[list[Worth]]:
    """By outcome, what was known on each day of which no group was too small to be told of; two days at least."""
    by_unit: dict[str, dict[date, Worth]] = {}
    compared = visit.compared(reading)
    for each in (*kept_worth(visit.context.store), *(compared.worth if compared else ())):
        if each.daily is not None and enough(each.living_customers) and enough(each.static_customers):
            by_unit.setdefault(worth_unit(each), {})[each.day] = each
    return [[*days.values()] for days in by_unit.values() if len(days) > 1]


def _counted(changed: list[LogEntry]) -> list[tuple[int, str]]:
    """How many changes there were of each kind, the most frequent first; a first version is a new persona."""
    found = Counter(kind_words(entry) for entry in changed).most_common()
    return [(number, _NEW[min(number, 2) - 1] if kind == "baseline" else kind) for kind, number in found]


_NEW = ("new persona", "new personas")
