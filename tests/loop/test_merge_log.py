"""A part that is one with its whole again: it leaves no version, and is told all the same."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from living_personas.domain.goal import Goal
from living_personas.domain.report import MERGED, LogEntry
from living_personas.loop import cycle
from living_personas.loop.context import Context
from living_personas.people.acting import approve, reject
from living_personas.people.person import Person
from living_personas.reporting.changes import by_words, kind_words
from living_personas.reporting.digest import digest_of
from living_personas.reporting.report import build_report, log_entries
from loop.shops import DAY_ZERO, context_of, morning_after
from loop.split_shop import BUYER, SPLIT_SETTINGS, SplitShop

PART = "buyer-mobile"


@pytest.fixture
def waiting() -> Context:
    """A shop of a whole and of a part that holds the same value: their merge waits for a person."""
    framing = replace(BUYER.attributes[0], splits="off", change="review")
    part = BUYER.divided(id_=PART, name="Mobile buyers", part="device = 'mobile'", attributes=(framing,))
    context = context_of(BUYER, part, settings=SPLIT_SETTINGS)
    return SplitShop(lambda _device, _option: 0.5, context, visitors=8).live(3).context


def merge_of(context: Context) -> str:
    (found,) = (each.id for each in context.store.refinements.all() if each.kind == "merge")
    return found


def merges(context: Context, persona: str | None = None) -> list[LogEntry]:
    return [entry for entry in log_entries(context, persona=persona) if entry.kind == MERGED]


def test_what_waits_or_was_rejected_is_no_change(waiting: Context) -> None:
    assert merges(waiting) == []
    reject(waiting, merge_of(waiting), Person(by="dana", now=morning_after(2), owner="w"))
    assert merges(waiting) == []


def test_an_applied_merge_is_an_entry_of_the_whole_also_when_the_part_is_gone(waiting: Context) -> None:
    approve(waiting, merge_of(waiting), Person(by="dana", now=morning_after(6), owner="w"))
    context = replace(waiting, personas=waiting.personas[:1])
    cycle.run(context, now=morning_after(6), owner="w")
    (entry,) = merges(context)
    assert (entry.persona, entry.version, entry.day) == ("buyer", 1, DAY_ZERO + timedelta(days=6))
    assert entry.reason.startswith("'Mobile buyers' and 'Buyers' hold 'quality' both: two personas say the same.")
    assert (kind_words(entry), by_words(entry)) == ("merged", "dana, 2026-05-11 06:00")
    assert merges(context, "buyer") == [entry]
    assert merges(context, PART) == []
    goals: dict[str, Goal] = {"buyer": BUYER.goal}
    since, report = DAY_ZERO + timedelta(days=5), build_report(context)
    told = digest_of(report, found=(), goals=goals, first=since, as_of=entry.day)
    assert told.news
    assert [entry.reason.rstrip(".") in finding.says for finding in told.corrected] == [True]
    later = digest_of(report, found=(), goals=goals, first=entry.day + timedelta(days=1), as_of=entry.day)
    assert later.corrected == ()
