"""A real mailing experiment, read as anybody would declare it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from batches import Everything
from living_personas.domain.event import EXPOSED, IDENTIFY
from living_personas.domain.settings import OutcomeColumn, Source, SourceExposure, SourceTime
from living_personas.sources.frames import open_rows
from living_personas.sources.read import read

HILLSTROM = Path(__file__).parents[3] / "shared" / "data" / "hillstrom" / "hillstrom.csv.gz"
pytestmark = pytest.mark.skipif(not HILLSTROM.is_file(), reason=f"the real data is not there: {HILLSTROM}")

SOURCE = Source(
    name="mailing",
    customer="customer_id",
    message_id="customer_id",
    time=SourceTime(start=date(2026, 1, 1), days=14),
    traits=("recency", "history", "mens", "womens", "zip_code", "newbie", "channel"),
    exposure=SourceExposure(attribute="framing", option="segment", propensity=1 / 3),
    fixed_channel="email",
    outcomes=(
        OutcomeColumn(column="visit", event="Visited"),
        OutcomeColumn(column="conversion", event="Order Completed"),
        OutcomeColumn(column="spend", event="Order Completed", value="revenue"),
    ),
    complete=True,
)


@pytest.fixture(scope="module")
def loaded(load: Any) -> Everything:
    everything: Everything = load(HILLSTROM, SOURCE)
    return everything


def test_every_customer_is_known_exposed_and_counted_once(loaded: Everything) -> None:
    assert (loaded.rows, loaded.quarantined) == (31_907, ())
    assert len({event.message_id for event in loaded.events}) == len(loaded.events)
    names = Counter(event.name for event in loaded.events)
    assert names[IDENTIFY] == names[EXPOSED] == 31_907
    third = {"Mens E-Mail", "Womens E-Mail", "No E-Mail"}
    assert loaded.policies == {"logged/mailing": dict.fromkeys(third, 1 / 3)}
    assert (loaded.first, loaded.last) == (date(2025, 12, 31), date(2026, 1, 14))


def test_the_known_answer_can_be_read_off_the_events(loaded: Everything) -> None:
    """Visit rate of men's buyers: Mens minus Womens e-mail is +5.77 percentage points (n 14,411)."""
    mens = {
        event.customer
        for event in loaded.events
        if event.name == IDENTIFY
        and event.properties
        and (event.properties["mens"], event.properties["womens"]) == (1, 0)
    }
    shown = {event.customer: event.exposures[0].option for event in loaded.events if event.exposures}
    visited = {event.customer for event in loaded.events if event.name == "Visited"}
    assert len(mens) == 14_411

    def rate(option: str) -> float:
        group = [customer for customer in mens if shown[customer] == option]
        return sum(customer in visited for customer in group) / len(group)

    assert rate("Mens E-Mail") - rate("Womens E-Mail") == pytest.approx(0.0577, abs=5e-5)
    assert rate("Mens E-Mail") - rate("No E-Mail") == pytest.approx(0.0680, abs=5e-5)


def test_small_chunks_give_the_same_events(zone: Any, loaded: Everything) -> None:
    chunks = read(open_rows(HILLSTROM, chunk=7_000), SOURCE, zone=zone)
    assert Everything.of(list(chunks)).events == loaded.events
