"""What does not count is said; what should not be so is a warning."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from living_personas.domain.event import Event, Exposure
from living_personas.domain.settings import Source, SourceExposure, SourceTime
from living_personas.domain.uncounted import Uncounted
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.loop.feed.uncounted import uncounted
from living_personas.loop.recording.record import record
from living_personas.memory.records import LEFT_OUT_VALUES
from living_personas.reporting.health import worries
from living_personas.reporting.report import build_report
from living_personas.reporting.uncounted_words import uncounted_notes, uncounted_warnings, uncounted_words
from loop.shops import DAY_ZERO, SETTINGS, context_of, history, morning_after, noon

LAST = DAY_ZERO + timedelta(days=2)


def shop(*, exposed_buy: bool, others: int) -> Context:
    """A hundred people who met an option, and others who bought and met none."""
    context = context_of()
    rates = dict.fromkeys("abc", 0.3 if exposed_buy else 0.0)
    bought = [Event(message_id=f"o{n}", customer=f"other{n}", name="Bought", time=noon(1)) for n in range(others)]
    record(context, [*history(range(2), units=50, rates=rates), *bought], received=noon(3))
    cycle.run(context, now=morning_after(3), owner="w", until=LAST)
    return context


def outcome(context: Context) -> Uncounted:
    return next(each for each in uncounted(context) if each.kind == "outcome")


@pytest.mark.parametrize(
    ("exposed_buy", "others", "warns"),
    [(True, 500, False), (False, 50, True), (False, 4, False)],
    ids=["most buyers met nothing", "no buyer met anything", "too few to tell"],
)
def test_outcomes_that_no_unit_owns(*, exposed_buy: bool, others: int, warns: bool) -> None:
    found = outcome(shop(exposed_buy=exposed_buy, others=others))
    assert found.count >= others
    assert found.is_much is warns
    assert ("by the same id" in uncounted_words(found)) is warns


def test_outcomes_of_days_on_which_nobody_waited_are_no_warning() -> None:
    context = shop(exposed_buy=True, others=0)
    late = [Event(message_id=f"l{n}", customer=f"other{n}", name="Bought", time=noon(14)) for n in range(200)]
    record(context, late, received=noon(15))
    cycle.run(context, now=morning_after(15), owner="w", until=DAY_ZERO + timedelta(days=14))
    assert not outcome(context).is_much


def test_sums_in_other_currencies_are_named_in_report_and_health() -> None:
    context = shop(exposed_buy=True, others=0)
    LEFT_OUT_VALUES.write(context.store, {"revenue in USD": 12})
    said = "12 values of revenue in USD do not count: the goal or metric is in another currency."
    report = build_report(context)
    assert said in uncounted_warnings(report.health.uncounted)
    assert said in worries(replace(report, as_of=LAST), today=LAST)


def mailed(sends: int, *, epoch: bool, options: str = "a", people: int = 40) -> Context:
    """A source of mails, to the same people on every day."""
    said = SourceExposure(attribute="framing", option="option", propensity=0.5, epoch="send" if epoch else None)
    source = Source(name="mails", customer="id", time=SourceTime(column="at"), exposure=said)
    context = context_of(settings=replace(SETTINGS, sources=(source,)))
    events = [
        Event(
            message_id=f"{day}-{number}",
            customer=f"u{number}",
            name="Exposed",
            time=noon(day),
            exposures=(
                Exposure(
                    attribute="framing",
                    option=options[day % len(options)] if number % 10 == 0 else "a",
                    persona="buyer",
                    policy="logged",
                    epoch=f"send {day}" if epoch else "",
                ),
            ),
        )
        for day in range(sends)
        for number in range(people)
    ]
    record(context, events, received=noon(sends))
    cycle.run(context, now=morning_after(sends), owner="w", until=DAY_ZERO + timedelta(days=sends - 1))
    return context


def kinds(context: Context) -> dict[str, Uncounted]:
    return {each.kind: each for each in uncounted(context)}


def test_who_is_met_again_without_an_epoch_is_a_note_with_its_remedy() -> None:
    context = mailed(4, epoch=False)
    note = (
        "160 exposures are 40 occasions, as the source of 'framing' names no `epoch`: a column that says which send "
        "or campaign it was counts each of them."
    )
    assert uncounted_notes(uncounted(context)) == (note,)
    assert note not in worries(build_report(context), today=LAST)
    assert note in map(uncounted_words, build_report(context).health.uncounted)
    assert "again" not in kinds(mailed(4, epoch=True))
    assert "again" not in kinds(mailed(1, epoch=False))


def test_customers_who_met_two_options_on_one_occasion_are_a_number() -> None:
    few = kinds(mailed(2, epoch=False, options="ab"))["crossed"]
    assert (few.count, few.of, few.is_much) == (4, 40, True)
    assert (
        uncounted_words(few) == "4 of 40 customers met two options of 'framing' on one occasion (the last four weeks)."
    )
    assert uncounted_words(few) in uncounted_warnings([few])
    assert not Uncounted(kind="crossed", count=2, of=40, attribute="framing").is_much
    assert "crossed" not in kinds(mailed(2, epoch=True, options="ab"))
