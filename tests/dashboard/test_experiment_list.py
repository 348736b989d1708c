"""The list of experiments: searched, filtered, sorted, grouped and paged, as the list of personas is."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from dashboard.desk import Desk
from living_personas.dashboard import experiments as pages
from living_personas.domain.belief import Subject
from living_personas.reporting.experiment_list import EXPERIMENT_CHOICES, grouped_experiments
from living_personas.reporting.experiments import Experiment, experiments
from living_personas.reporting.list_query import asked_of
from living_personas.reporting.reading import Reading, stamp_of

ROW = '<tr><th scope="row">'


def found(desk: Desk) -> tuple[Experiment, ...]:
    reading = Reading(desk.context, stamp_of(desk.context))
    return experiments(reading, reading.plans)


def many(desk: Desk, count: int) -> tuple[Experiment, ...]:
    """The experiments of a hundred personas and more: those that there are, under other names."""
    each = found(desk)
    return tuple(
        replace(
            e := each[number % len(each)],
            persona=f"Persona {number:03d}",
            subject=Subject(persona=f"p{number:03d}", attribute=e.subject.attribute, channel=e.subject.channel),
        )
        for number in range(count)
    )


@pytest.fixture(scope="module")
def every(shown: Desk) -> tuple[Experiment, ...]:
    return found(shown)


@pytest.mark.parametrize("group", EXPERIMENT_CHOICES.groups)
@pytest.mark.parametrize("sort", EXPERIMENT_CHOICES.sorts)
def test_every_order_and_group_holds_every_experiment_once(
    every: tuple[Experiment, ...], sort: str, group: str
) -> None:
    groups = grouped_experiments(every, asked_of({"sort": sort, "group": group}, EXPERIMENT_CHOICES))
    listed = [each.subject for _, mine in groups for each in mine]
    assert sorted(map(str, listed)) == sorted(str(each.subject) for each in every)
    assert bool(group) == any(title for title, _ in groups)


def test_filters_part_the_list(every: tuple[Experiment, ...]) -> None:
    counts = {
        only: sum(len(mine) for _, mine in grouped_experiments(every, asked_of({"only": only}, EXPERIMENT_CHOICES)))
        for only in EXPERIMENT_CHOICES.only
    }
    assert counts[""] == len(every) == sum(count for only, count in counts.items() if only not in ("", "alarms"))


def test_words_are_looked_for_in_personas_attributes_and_options(shown: Desk) -> None:
    client = shown.client("Vic")
    every = len(re.findall(ROW, client.get("/experiments").text))
    for words in ("framing", "Budget-conscious framing", "TEN_PERCENT"):
        page = client.get("/experiments", params={"q": words}).text
        listed = re.findall(ROW, page)
        assert 0 < len(listed) < every
        assert f"{len(listed)} of {every} experiments." in page
    assert "0 of" in client.get("/experiments?q=nothing-like-it").text
    assert client.get("/experiments?sort=luck").status_code == 404
    assert client.get("/experiments?sort=&only=&page=x").status_code == 200


def test_600_experiments_are_twelve_pages_and_no_row_is_lost(shown: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    every = many(shown, 600)
    monkeypatch.setattr(pages, "experiments", lambda _reading, _plans: every)
    client, rows = shown.client("Vic"), list[str]()
    for number in range(1, 13):
        page = client.get(f"/experiments?group=persona&page={number}").text
        assert f"Page {number} of 12" in page
        rows += re.findall(r'<small class="soft">Persona (\d+)</small>', page)
    assert sorted(rows) == [f"{number:03d}" for number in range(600)]
    last = client.get("/experiments?group=persona&page=12&q=persona").text
    assert "page=11" in last
    assert ">Next<" not in last
    assert "There is no such page." in client.get("/experiments?page=99").text
