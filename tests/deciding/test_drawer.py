"""What is made once for many customers gives the answers of the functions that say what they are."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from deciding.snapshots import CAMPAIGN, MONDAY, after, persona
from living_personas.deciding.assign import draw, epoch_of, table_of
from living_personas.deciding.sampler import Sampler
from living_personas.domain.persona import Assign
from living_personas.domain.snapshot import Snapshot
from living_personas.refining.apply import baseline

EVERY: tuple[Assign, ...] = ("visit", "day", "week", "campaign", "always")


def snapshot() -> Snapshot:
    """Tables of eleven days."""
    versions = (baseline(persona(assign=EVERY), day=MONDAY),)
    latest: Snapshot | None = None
    for number in range(11):
        shares = (0.1 + 0.05 * number, 0.4, 0.5 - 0.05 * number)
        given_ = dict.fromkeys((f"{each}ly" for each in EVERY), shares)
        latest = after(versions, given_, day=MONDAY + timedelta(days=number), before=latest)
    assert latest is not None
    return latest


SNAPSHOT = snapshot()
DRAWERS = [(attribute, Sampler(attribute, SNAPSHOT)) for attribute in SNAPSHOT.personas[0].attributes]


@given(
    customer=st.text(st.characters(codec="utf-8")),
    days=st.integers(0, 90),
    visit=st.text(st.characters(codec="utf-8"), min_size=1),
)
def test_a_drawer_agrees_with_the_definitions(customer: str, days: int, visit: str) -> None:
    day = datetime(2026, 3, 2, tzinfo=UTC).date() + timedelta(days=days)
    for attribute, sampler in DRAWERS:
        epoch = epoch_of(attribute, customer, snapshot=SNAPSHOT, day=day, visit=visit, campaign=CAMPAIGN.name)
        table = table_of(attribute, epoch)
        index = draw(attribute, table, customer, salt=SNAPSHOT.salt, epoch=epoch)
        met = sampler.choice(customer, day=day, held_out=False, visit=visit, campaign=CAMPAIGN.name)
        assert (met.option, met.propensity) == (attribute.options[index], table.shares[index])
        assert (met.policy, met.epoch) == (table.policy, epoch.name)
        kept = sampler.choice(customer, day=day, held_out=True, visit=visit, campaign=CAMPAIGN.name)
        assert (kept.option, kept.propensity, kept.epoch) == (attribute.believed, 1.0, epoch.name)
