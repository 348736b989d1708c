"""Every attribute as an experiment."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from living_personas.dashboard.persona_details import details_of
from living_personas.dashboard.visit import Visit
from living_personas.domain.belief import Subject
from living_personas.domain.report import PartsReport
from living_personas.reporting.charts import Chart, effect_chart, parts_chart
from living_personas.reporting.crowd import refuse_few
from living_personas.reporting.dropped_words import notes_about
from living_personas.reporting.experiment_list import EXPERIMENT_CHOICES, grouped_experiments
from living_personas.reporting.experiments import Experiment, experiment_of, experiments
from living_personas.reporting.guards import guards
from living_personas.reporting.labels import labels_in
from living_personas.reporting.list_query import asked_of, page_of
from living_personas.reporting.reading import Reading

__all__ = ["all_experiments", "one_experiment", "parts"]

PER_PAGE = 50


def all_experiments(visit: Visit) -> Response:
    """The experiments that somebody asks for, a page at a time."""
    query = visit.request.query_params
    asked = asked_of(query, EXPERIMENT_CHOICES)
    reading = visit.reading()
    found = experiments(reading, reading.plans)
    groups = grouped_experiments(found, asked)
    count = sum(len(mine) for _, mine in groups)
    return visit.page(
        "experiments.html",
        reading=reading,
        all=len(found),
        settled=sum(each.settled for each in found),
        count=count,
        groups=page_of(groups, asked.page, size=PER_PAGE),
        sizes={title: len(mine) for title, mine in groups},
        asked=asked,
        q=query.get("q", ""),
        choices=EXPERIMENT_CHOICES,
        pages=-(-count // PER_PAGE),
        address=visit.request.url.query,
        other_pages=urlencode({name: said for name, said in query.items() if name != "page"}),
        holdout=visit.context.settings.holdout,
    )


def one_experiment(visit: Visit) -> Response:
    """One experiment with its effect over time; a piece of the list, or a page of its own."""
    reading, subject = visit.reading(), _subject(visit)
    found = _shown(reading, subject)
    course, goal = reading.course(subject), reading.goals[subject.persona]
    new, old = (found.report.label(option) for option in (found.report.contender, found.report.believed))
    return visit.page(
        "experiment.html",
        reading=reading,
        experiment=found,
        chart=effect_chart(course, goal=goal, new=new, old=old) if course else None,
        parts=_parts(visit, reading, subject),
        guards=guards(visit.context, reading, subject),
        notes=notes_about(reading.report.health, reading.versions[subject.persona].persona),
        holdout=visit.context.settings.holdout,
    )


def parts(visit: Visit) -> Response:
    """The effect in parts: a piece that asks again while it is being found out."""
    reading, subject = visit.reading(), _subject(visit)
    return visit.piece(
        "experiment-parts.html", experiment=_shown(reading, subject), parts=_parts(visit, reading, subject)
    )


def _subject(visit: Visit) -> Subject:
    names, query = visit.request.path_params, visit.request.query_params
    return Subject(persona=names["persona"], attribute=names["attribute"], channel=query.get("channel", ""))


def _shown(reading: Reading, subject: Subject) -> Experiment:
    found = experiment_of(reading, subject)
    refuse_few(shown=found.shown)
    return found


def _parts(visit: Visit, reading: Reading, subject: Subject) -> list[tuple[PartsReport, Chart | None]] | None:
    """The experiment by each column of `breakdowns`, with a chart of two parts or more; None while it is found out."""
    if not visit.context.settings.breakdowns:
        return []
    details, goal = details_of(visit, reading, subject.persona), reading.goals[subject.persona]
    if details is None:
        return None
    labels = labels_in([reading.persona(subject.persona)])
    found = (labels.parts(each, persona=subject.persona) for each in details.parts)
    mine = (each for each in found if (each.attribute, each.channel) == (subject.attribute, subject.channel))
    known = ((each, sum(part.effect is not None for part in each.parts)) for each in mine)
    return [(each, parts_chart(each, goal=goal) if many > 1 else None) for each, many in known]
