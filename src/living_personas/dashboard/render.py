"""Templates become pages: everything that is put in is text, whatever signs it holds."""

from __future__ import annotations

import json
from datetime import date, datetime, tzinfo
from functools import cache, lru_cache, partial
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from living_personas.discovery.segment_words import segment_words
from living_personas.domain.counted import counted
from living_personas.domain.head_count import SMALLEST, head_share
from living_personas.domain.names import attribute_name
from living_personas.domain.refinement import Refinement
from living_personas.domain.report import AttributeReport, Decided, LogEntry
from living_personas.domain.told_number import share_words
from living_personas.reporting.bars import bars
from living_personas.reporting.changes import by_words, effect_words_then, kind_words, size_then
from living_personas.reporting.crowd import crowd, customers, enough, occasions
from living_personas.reporting.customer_page import NOTHING, belongs, left_out
from living_personas.reporting.day_text import dated, day_words
from living_personas.reporting.first_values import FIRST_VALUES
from living_personas.reporting.labels import requoted
from living_personas.reporting.parts_words import exploratory_words, left_out_words
from living_personas.reporting.plain import chance_words, difference_unit, effect_words, isolated, mean_words, quoted
from living_personas.reporting.queue import waiting_words
from living_personas.reporting.text_html import text_html
from living_personas.reporting.trait_words import believed_words, measured_words
from living_personas.reporting.what_is_known import is_proven, verdict
from living_personas.reporting.words import decided_words, decision_words, grade_words, known_words, moment_text
from living_personas.rules.rule_words import column_words, rule_words

__all__ = ["STATIC", "Pages"]

FOLDER = Path(__file__).parent
STATIC = FOLDER / "static"


class Pages:
    """The templates, with the words that they share; ``prefix`` is where the dashboard is mounted."""

    def __init__(self, prefix: str) -> None:
        self._environment = _environment(prefix)

    def render(self, template: str, **values: object) -> str:
        """A template with its values."""
        return self._environment.get_template(template).render(**values)


@lru_cache(maxsize=8)
def _environment(prefix: str) -> Environment:
    """The templates under a prefix; each is compiled once in a process."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(_FILTERS)
    environment.globals.update(_WORDS, url=partial(_url, prefix), asset=partial(_asset, prefix))
    return environment


def _url(prefix: str, *parts: object) -> str:
    return prefix + "/" + "/".join(quote(str(part), safe="") for part in parts)


@cache
def _asset(prefix: str, name: str) -> str:
    """The address of a file that is kept by caches for ever: another content is another address."""
    return f"{prefix}/static/{name}?v={sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def _day(day: date | None) -> str:
    """A day as people write it.

    >>> _day(date(2026, 1, 5))
    '5 January 2026'
    """
    return day_words(day) if day else "not yet"


def _percent(share: float, digits: int = 0) -> str:
    return share_words(share, digits).replace(" ", "\N{NO-BREAK SPACE}")


def _reads(text: str) -> Markup:
    """A sentence that was written as plain text, as pages set names, and what is typed, off.

    >>> str(_reads("'a' is proven better than '<b>' on 2026-03-02: `personas log`"))
    '“a” is proven better than “&lt;b&gt;” on 2 March 2026: <code>personas log</code>'
    """
    return Markup(text_html(dated(requoted(text, quoted))))  # noqa: S704 - escaped there


def _then(made: Refinement, *, percent: bool) -> str:
    """By how much a change was better, as it was known when it was made."""
    said = effect_words_then(made, lambda effect: effect_words(effect, percent=percent), quote=quoted)
    return size_then(made, said if made.effect is not None else "")


@pass_context
def _moment(context: Context, at: datetime) -> str:
    """A moment by the clocks of the workspace, whose zone every page is given."""
    zone: tzinfo = context["zone"]
    return dated(moment_text(at.astimezone(zone)))


def _decided(decided: Decided) -> str:
    return dated(decided_words(decided))


def _decision(report: AttributeReport) -> str:
    return dated(decision_words(report))


def _by(entry: LogEntry) -> str:
    return dated(by_words(entry))


def _spec(chart: object) -> str:
    return json.dumps(chart, separators=(",", ":"), allow_nan=False)


_FILTERS = {
    "crowd": crowd,
    "enough": enough,
    "believed": believed_words,
    "measured": measured_words,
    "occasions": occasions,
    "share": head_share,
    "quoted": quoted,
    "isolated": isolated,
    "reads": _reads,
    "effect": effect_words,
    "mean": mean_words,
    "day": _day,
    "dated": dated,
    "waiting": waiting_words,
    "verdict": verdict,
    "first_values": lambda report: FIRST_VALUES[report.origin],
    "known": known_words,
    "decided": _decided,
    "decision": _decision,
    "grade": grade_words,
    "counted": counted,
    "customers": customers,
    "segment": segment_words,
    "rule_words": rule_words,
    "column": column_words,
    "chance": chance_words,
    "then": _then,
    "proven": is_proven,
    "moment": _moment,
    "change_kind": kind_words,
    "change_by": _by,
    "percent": _percent,
}
"""How templates say things."""

_WORDS = {
    "attribute_name": attribute_name,
    "axis_unit": difference_unit,
    "bars": bars,
    "belongs": belongs,
    "left_out": left_out,
    "nothing_kept": NOTHING,
    "spec": _spec,
    "crowd_size": SMALLEST,
    "exploratory": exploratory_words,
    "parts_left_out": left_out_words,
}
"""What templates ask for."""
