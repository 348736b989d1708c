"""Every attribute as an experiment."""

from __future__ import annotations

from starlette.responses import Response

from living_personas.dashboard.visit import Visit
from living_personas.domain.belief import Subject
from living_personas.errors import InvalidDecisionError
from living_personas.reporting.charts import effect_chart
from living_personas.reporting.dropped_words import notes_about
from living_personas.reporting.experiments import experiment_of, experiments
from living_personas.reporting.guards import guards

__all__ = ["all_experiments", "one_experiment"]


def all_experiments(visit: Visit) -> Response:
    """The list: what is under way, and what is settled."""
    reading = visit.reading()
    found = experiments(reading, reading.plans)
    return visit.page(
        "experiments.html",
        reading=reading,
        under_way=[each for each in found if not each.settled],
        settled=[each for each in found if each.settled],
        holdout=visit.context.settings.holdout,
    )


def one_experiment(visit: Visit) -> Response:
    """One experiment with its effect over time; a piece of the list, or a page of its own."""
    reading = visit.reading()
    names = visit.request.path_params
    subject = Subject(
        persona=names["persona"],
        attribute=names["attribute"],
        channel=visit.request.query_params.get("channel", ""),
    )
    found = experiment_of(reading, subject)
    if not found.shown:
        raise InvalidDecisionError("Fewer than 50 customers: nothing about them is shown.", hint="wait for more.")
    course, goal = reading.course(subject), reading.goals[subject.persona]
    return visit.page(
        "experiment.html",
        reading=reading,
        experiment=found,
        chart=effect_chart(course, goal=goal, new=found.report.contender, old=found.report.believed)
        if course
        else None,
        guards=guards(visit.context, reading, subject),
        notes=notes_about(reading.report.health, reading.versions[subject.persona].persona),
        holdout=visit.context.settings.holdout,
    )
