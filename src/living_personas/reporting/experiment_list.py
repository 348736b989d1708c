"""The list of experiments: what may be asked of it, and what answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from living_personas.domain.names import attribute_name
from living_personas.reporting.cards import VERDICTS
from living_personas.reporting.experiments import Experiment
from living_personas.reporting.list_query import Choices, Groups, ListQuery, arranged
from living_personas.reporting.what_is_known import verdict

__all__ = ["EXPERIMENT_CHOICES", "SETTLED", "UNDER_WAY", "grouped_experiments"]

UNDER_WAY, SETTLED = "Under way", "Settled"

EXPERIMENT_CHOICES = Choices(
    of="experiments",
    sorts={
        "persona": "persona",
        "attribute": "attribute",
        "known": "known best first",
        "occasions": "most occasions first",
        "pace": "most occasions a day first",
    },
    only={"": "all", "alarms": "something to look at", **VERDICTS},
    groups={"state": "under way or settled", "": "not grouped", "persona": "persona", "attribute": "attribute"},
)


def grouped_experiments(found: Iterable[Experiment], asked: ListQuery) -> Groups[Experiment]:
    """The experiments to show, by the title of their group: those under way come before those that are settled."""
    groups = arranged(
        found,
        asked,
        text=_text,
        kinds=lambda each: {verdict(each.report), *(["alarms"] if _is_alarming(each) else [])},
        order=_ORDER[asked.sort],
        titles=lambda each: (_title(each, asked.group),),
    )
    return groups[::-1] if asked.group == "state" else groups


def _text(each: Experiment) -> str:
    report = each.report
    options = [text for option in report.options for text in (option.option, report.label(option.option))]
    return " ".join((each.persona, each.subject.persona, report.attribute, _name(each), report.channel, *options))


def _is_alarming(each: Experiment) -> bool:
    return bool(each.report.alarms) or not each.ratio_is_right


def _title(each: Experiment, group: str) -> str:
    if group == "state":
        return SETTLED if each.settled else UNDER_WAY
    return each.persona if group == "persona" else attribute_name(each.report.attribute).capitalize()


def _name(each: Experiment) -> str:
    return attribute_name(each.report.attribute, each.report.channel)


def _best(each: Experiment) -> float:
    return max((option.prob_best for option in each.report.options), default=0.0) if each.shown else 0.0


_ORDER: Mapping[str, Callable[[Experiment], tuple[object, ...]]] = {
    "persona": lambda each: (each.persona.casefold(), each.subject.persona, _name(each)),
    "attribute": lambda each: (_name(each), each.persona.casefold(), each.subject.persona),
    "known": lambda each: (-_best(each), each.persona.casefold(), _name(each)),
    "occasions": lambda each: (-each.report.units, each.persona.casefold(), _name(each)),
    "pace": lambda each: (-each.pace, each.persona.casefold(), _name(each)),
}
