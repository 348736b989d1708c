"""A night goes on from the harm account of a week ago, and says what all cells since the correction say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from living_personas.domain.event import Event
from living_personas.loop import days
from living_personas.loop.closing import closed_through, kept_states
from living_personas.loop.context import Context
from living_personas.loop.corrections.guardrails import Watched, watched
from living_personas.loop.learning.learn import cells_between
from living_personas.loop.recording.record import record
from living_personas.memory.worth_records import HARM_KEPT
from loop.shops import Shop, context_of, noon
from loop.test_stories import buying

pytestmark = pytest.mark.long


@pytest.fixture
def shop() -> Shop:
    """A shop whose belief was corrected two weeks ago; nothing harms."""
    shop = Shop(context_of(), buying({"a": 0.1, "b": 0.3, "c": 0.1}, leaving=dict.fromkeys("abc", 0.05)))
    while shop.value() != "b":
        shop.live(1)
    return shop.live(22)


def looked(context: Context) -> tuple[Sequence[Watched], date]:
    """The accounts of the last closed day, and the first day whose cells were read for them."""
    read: list[date] = []

    def told(store: Any, first: date, last: date, **given: Any) -> Any:
        read.append(first)
        return cells_between(store, first, last, **given)

    [version], day = context.versions(), closed_through(context)
    assert day is not None
    [state] = kept_states(context)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("living_personas.loop.corrections.harm_accounts.cells_between", told)
        found = watched(context, state, version, version.standing("framing"), day)
    return found, min(read)


def forgotten(context: Context) -> tuple[Sequence[Watched], date]:
    """The same where nothing was kept."""
    kept = HARM_KEPT.all(context.store)
    HARM_KEPT.write_all(context.store, dict.fromkeys(kept))
    try:
        return looked(context)
    finally:
        HARM_KEPT.write_all(context.store, kept)


def test_a_night_reads_the_cells_of_the_last_weeks_only(shop: Shop) -> None:
    [standing] = shop.context.versions()[0].standings
    (kept, first), (all_of_it, since) = looked(shop.context), forgotten(shop.context)
    assert kept == all_of_it
    assert kept[0].units > 0
    assert since == standing.since
    assert first == HARM_KEPT.all(shop.context.store)["buyer/framing/Left"].through + timedelta(days=1) > since
    assert (noon(shop.days).date() - first).days <= 2 * days.WEEK + 4


def test_what_comes_late_is_counted_from_the_correction_on(shop: Shop) -> None:
    before, first = looked(shop.context)
    late = [
        Event(message_id=f"late-{who}", customer=f"u{who}", name="Left", time=noon(shop.days - 20, hours=5))
        for who in range(60)
    ]
    record(shop.context, late, received=noon(shop.days))
    shop.live(1)
    after, _ = looked(shop.context)
    assert after == forgotten(shop.context)[0]
    assert after[0].wealth != before[0].wealth
    assert HARM_KEPT.all(shop.context.store)["buyer/framing/Left"].through >= first - timedelta(days=1)


def test_what_is_said_to_come_later_is_taken_back_from_the_account(shop: Shop) -> None:
    """Cohorts that were complete are not any more: what was kept of them counts again once they are."""
    before, _ = looked(shop.context)
    said = replace(shop.context.settings, late=timedelta(days=14))
    later = replace(shop.context, settings=said)
    assert HARM_KEPT.all(shop.context.store)["buyer/framing/Left"].through > noon(shop.days - 17).date()
    (found, _), (all_of_it, since) = looked(later), forgotten(later)
    assert found == all_of_it
    assert found[0].units < before[0].units
    assert since == later.versions()[0].standings[0].since


def test_what_is_watched_no_longer_is_not_kept(shop: Shop) -> None:
    assert HARM_KEPT.names(shop.context.store)
    HARM_KEPT.write(shop.context.store, "gone/offer/Left", next(iter(HARM_KEPT.all(shop.context.store).values())))
    shop.live(1)
    assert HARM_KEPT.names(shop.context.store) == ("buyer/framing/Left",)
