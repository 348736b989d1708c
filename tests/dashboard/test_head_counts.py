"""Pages tell numbers of people in whole groups: what is compared, days or pages, never differs by one person."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from dashboard.desk import Desk
from figures import tell
from living_personas.domain.belief import Subject
from living_personas.domain.head_count import SMALLEST, head_count
from living_personas.domain.segment import LifeEvent
from living_personas.loop.segments.discovery import segments
from living_personas.memory.records import SEGMENTS, SIZES
from living_personas.memory.tables import CUSTOMERS
from living_personas.outgoing.announcements import changes_in

pytestmark = pytest.mark.long

PAGES = ("/", "/personas", "/personas/deal-hunter", "/segments", "/changes", "/review", "/experiments", "/health")
PEOPLE = st.integers(0, 4 * SMALLEST)
TOTAL = st.integers(10 * SMALLEST, 12 * SMALLEST)


class _Numbers(NamedTuple):
    """Members of a persona now and a week ago, of a segment, all customers, and those who show a trait."""

    members: int
    before: int
    found: int
    total: int
    asked: int


@pytest.mark.promise("P23")
@settings(
    max_examples=4,
    phases=[Phase.explicit, Phase.generate],  # all pages are made twice in each example
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(members=PEOPLE, before=PEOPLE, found=st.integers(SMALLEST, 4 * SMALLEST), total=TOTAL, asked=PEOPLE)
@example(members=3 * SMALLEST, before=4 * SMALLEST - 1, found=3 * SMALLEST + 1, total=11 * SMALLEST, asked=SMALLEST)
def test_what_is_said_of_people_is_said_of_their_whole_groups(
    desk: Desk, *, members: int, before: int, found: int, total: int, asked: int
) -> None:
    """So the numbers of two days, two pages, or a total and its parts, differ by multiples of a group."""
    exact = _Numbers(members=members, before=before, found=found, total=total, asked=asked)
    groups = _Numbers(*(head_count(people) or 0 for people in exact))
    assert _said(desk, exact) == _said(desk, groups)
    tell(f"{len(PAGES)} pages and all webhooks say the same of {tuple(exact)} people and of {tuple(groups)}")


@pytest.mark.promise("P23")
def test_a_number_of_people_is_on_each_of_these_pages(desk: Desk) -> None:
    said = _said(desk, _Numbers(members=1_249, before=1_310, found=263, total=5_101, asked=171))
    assert "1,200 customers, down from 1,300 in 7 days" in said["/personas"]
    assert "1,200 customers, down from 1,300 in 7 days" in said["/personas/deal-hunter"]
    assert "250 customers, 4.9\N{NO-BREAK SPACE}%" in said["/segments"]
    assert "it grew from fewer than 50 to 4.9 % of all customers" in said["/segments"]
    assert "from 150 customers" in said["/review"]
    for page in said.values():
        assert not re.search(r"1,249|1,310|5,101|(?<![\d,])(263|171)\b", page)
    assert '"share": 0.049' in said["webhooks"]
    assert '"units": 150' in said["webhooks"]


def _said(desk: Desk, of: _Numbers) -> dict[str, str]:
    """What pages and webhooks say of so many people."""
    store = desk.context.store
    day = CUSTOMERS.days(store)[-1]
    SIZES.write(store, {day - timedelta(days=7): {"deal-hunter": of.before}, day: {"deal-hunter": of.members}})
    for each in segments(desk.context):
        share = of.found / of.total
        grew = LifeEvent(day=day, kind="resized", share=share, share_before=20 / of.total)
        SEGMENTS.write(store, each.id, replace(each, size=of.found, share=share, life=(grew,)))
    proposal = next(each for each in store.refinements.all() if each.review == "open")
    subject = Subject(persona="steady-regular", attribute="average_order_value")
    store.refinements.put(
        replace(proposal, id="trait-1", kind="measure", subject=subject, old="40", new="42", units=of.asked)
    )
    desk.read_anew()
    client = desk.client("Dana")
    pages = {path: _text(client.get(path).text) for path in PAGES}
    told = [repr(change.data).replace("'", '"') for change in changes_in(desk.context)]
    return {**pages, "webhooks": "\n".join(told)}


def _text(page: str) -> str:
    """What a page says, without the tokens of its forms."""
    return re.sub(r'name="csrf" value="[0-9a-f]{64}"', "", page.split("<main")[1])
