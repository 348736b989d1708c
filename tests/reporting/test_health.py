"""What is wrong with the data is told of what people call it; commands alone name ids."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from living_personas.domain.capped_goal import CappedGoal
from living_personas.domain.reported import Reported
from living_personas.domain.uncounted import Uncounted
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.recording.record import record
from living_personas.memory.records import REPORTED
from living_personas.reporting.health import worries
from living_personas.reporting.markdown import markdown
from living_personas.reporting.report import build_report
from living_personas.reporting.report_page import report_page
from loop.shops import DAY_ZERO, PERSONA, context_of, history, morning_after

LAST = DAY_ZERO + timedelta(days=5)
GOALS = {PERSONA.id: PERSONA.goal}


def lived(*, lost: int) -> Context:
    """A persona that is not called by its id; of everybody who met `a`, this many of ten were lost."""
    attribute = replace(PERSONA.attributes[0], name="send_time")
    context = context_of(replace(PERSONA, name="Steady regular", attributes=(attribute,)))
    events = [
        replace(each, exposures=tuple(replace(met, attribute="send_time") for met in each.exposures))
        for number, each in enumerate(history(range(6), units=300))
        if not (each.exposures and each.exposures[0].option == "a" and number % 10 < lost)
    ]
    record(context, events, received=morning_after(5))
    cycle.run(context, now=morning_after(6), owner="tests", until=LAST)
    return context


def test_alarms_name_personas_and_attributes_as_people_do() -> None:
    context = lived(lost=5)
    REPORTED.write(context.store, [Reported(of=("buyer", "send_time", "visitor")).with_peak(99.0)])
    shares, browsers = build_report(context).health.alarms
    assert shares.startswith("Steady regular, send time: occasions do not come to the options in the shares")
    assert browsers.startswith("Steady regular, send time: browsers that name visitors do not report")
    assert all("`personas acknowledge buyer send_time`" in each for each in (shares, browsers))


def test_what_is_odd_and_no_alarm_yet_is_named_so_too() -> None:
    (said,) = build_report(lived(lost=3)).health.shares
    assert said.startswith("Steady regular, send time: occasions hardly come to the options")


def test_so_is_what_does_not_count() -> None:
    report = build_report(lived(lost=0))
    goal = CappedGoal(
        persona="buyer", value="revenue", at_most=None, fixed_on=None, fixed_from=0, seen=3, needed=200, cap=None,
        units=0, reach=0.0,
    )  # fmt: skip
    gone = Uncounted(kind="persona", count=9, of=90, persona="who-has-no-file")
    other = Uncounted(kind="option", count=9, of=90, persona="buyer", attribute="send_time", option="dusk")
    found = replace(report, health=replace(report.health, uncounted=(gone, other), capped=(goal,)))
    said = worries(found, today=date(2026, 5, 10))
    assert said[0].startswith("9 of 90 occasions are of the persona 'who-has-no-file', which has no file")
    assert said[1].startswith("9 of 90 occasions met 'dusk', which is none of the options of 'send_time' of 'Steady")
    assert said[2].startswith("The goal of 'Steady regular' waits: 'revenue' has no `at_most`")


def test_what_proves_nothing_comes_with_what_to_do() -> None:
    report = build_report(lived(lost=0))
    unknown = replace(report, health=replace(report.health, observational_units=7))
    said = "If the options were drawn, say with which shares: `propensity` under `exposure` of the source."
    assert [each for each in worries(unknown, today=date(2026, 5, 10)) if said in each] == [
        f"7 occasions met an option whose share is unknown: they prove nothing. {said}"
    ]
    assert [said in markdown(report_page(each, goals=GOALS)) for each in (unknown, report)] == [True, False]
