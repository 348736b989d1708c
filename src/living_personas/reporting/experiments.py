"""Every attribute is an experiment that never has to be set up: what each one says today."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from living_personas.domain.belief import Subject
from living_personas.domain.counted import counted
from living_personas.domain.report import AttributeReport, PersonaReport
from living_personas.domain.told_number import share_words
from living_personas.domain.value import value
from living_personas.loop.previews.planning import BeliefPlan
from living_personas.reporting.bars import Bar, bars
from living_personas.reporting.crowd import enough
from living_personas.reporting.plain import difference_unit
from living_personas.reporting.reading import Reading
from living_personas.reporting.what_is_known import verdict
from living_personas.stats.quality import RATIO_ALARM

__all__ = ["Experiment", "experiment_of", "experiments", "time_to_know"]


@value
class Experiment:
    """One attribute of one persona, as an experiment; ``bar`` is on the axis of all that have its ``unit``."""

    subject: Subject
    persona: str
    report: AttributeReport
    percent: bool
    unit: str
    bar: Bar | None
    shown: bool
    sample_ratio: float
    pace: float
    time: tuple[str, ...]

    @property
    def ratio_is_right(self) -> bool:
        """Whether units come to the options in the shares of the policy."""
        return self.sample_ratio < RATIO_ALARM

    @property
    def settled(self) -> bool:
        """Whether evidence has decided."""
        return _is_settled(self.report)


def experiments(reading: Reading, plans: Iterable[BeliefPlan]) -> tuple[Experiment, ...]:
    """All experiments: those that are under way first, then those that are settled."""
    by_subject = {plan.subject: plan for plan in plans}
    found = [
        _experiment(reading, persona, attribute, by_subject)
        for persona in reading.report.personas
        for attribute in persona.attributes
    ]
    return tuple(sorted(_drawn(found), key=lambda each: (each.settled, each.persona, each.report.attribute)))


def experiment_of(reading: Reading, subject: Subject) -> Experiment:
    """One of them, or ``UnknownNameError``."""
    plans = {plan.subject: plan for plan in reading.plans if plan.subject == subject}
    return _experiment(reading, reading.persona(subject.persona), reading.attribute(subject), plans)


def time_to_know(plan: BeliefPlan | None) -> tuple[str, ...]:
    """How long it takes to find out that another option is better, at the traffic seen."""
    if plan is None or not plan.times:
        return ("not known: too little traffic was seen",)
    return tuple(f"{counted(time.days, 'day')} if {share_words(time.lift)} better" for time in plan.times[-2:])


def _drawn(found: Sequence[Experiment]) -> Iterator[Experiment]:
    """The experiments with their bars: what has one unit has one axis."""
    for unit in dict.fromkeys(each.unit for each in found):
        mine = [each for each in found if each.unit == unit]
        effects = [each.report.effect if each.shown else None for each in mine]
        for each, bar in zip(mine, bars(effects, percent=mine[0].percent), strict=True):
            yield replace(each, bar=bar)


def _is_settled(attribute: AttributeReport) -> bool:
    return verdict(attribute) in ("wrong", "right", "turned")


def _experiment(
    reading: Reading, persona: PersonaReport, attribute: AttributeReport, plans: Mapping[Subject, BeliefPlan]
) -> Experiment:
    subject = Subject(persona=persona.persona, attribute=attribute.attribute, channel=attribute.channel)
    return Experiment(
        subject=subject,
        persona=persona.name,
        report=attribute,
        percent=reading.percent(persona.persona),
        unit=difference_unit(reading.goals[persona.persona]),
        bar=None,
        shown=enough(persona.members),
        sample_ratio=reading.sample_ratio(subject),
        pace=reading.pace(subject),
        time=("settled",) if _is_settled(attribute) else time_to_know(plans.get(subject)),
    )
