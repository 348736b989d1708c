"""One customer's history as a page."""

from __future__ import annotations

from collections.abc import Iterator

from living_personas.domain.counted import counted, enumerated
from living_personas.domain.names import attribute_name
from living_personas.reporting.customer_history import CustomerHistory
from living_personas.reporting.page import Block, Heading, Page, Table, Text

__all__ = ["NOTHING", "belongs", "customer_page", "left_out"]

NOTHING = "Nothing is kept of this customer."
"""Of one who was erased, and of one who was never known."""

_MOST_IDS = 5
"""Ids that are told one by one."""

MOMENT = "%Y-%m-%d %H:%M"


def customer_page(found: CustomerHistory) -> Page:
    """What a customer was shown, and the events that count, newest first."""
    return tuple(_blocks(found))


def belongs(found: CustomerHistory) -> str:
    """Where the customer belongs, and how much is known of it."""
    where = f"{found.persona} since {found.since}" if found.persona else "not told apart yet"
    said = enumerated(found.ids) if len(found.ids) <= _MOST_IDS else f"{len(found.ids)} ids"
    ids = f", under {said}" if len(found.ids) > 1 else ""
    return f"Belongs to: {where}. {counted(found.events, 'event')} in all{ids}."


def left_out(found: CustomerHistory) -> str:
    """What is not told; empty if all is."""
    return (
        f"{counted(found.left_out, 'older row is', 'older rows are')} left out: `personas export person` has all."
        if found.left_out
        else ""
    )


def _blocks(found: CustomerHistory) -> Iterator[Block]:
    yield Heading(text=f"Customer {found.asked}", level=1)
    if not (found.events or found.shown):
        yield Text(text=NOTHING)
        return
    yield Text(text=belongs(found))
    yield Heading(text="What it was shown")
    yield _shown(found) if found.shown else Text(text="Nothing that a persona chooses.")
    yield Heading(text="What it did that counts")
    yield _happened(found) if found.happened else Text(text="Nothing that a goal or a guardrail counts.")
    if found.left_out:
        yield Text(text=left_out(found))


def _shown(found: CustomerHistory) -> Table:
    rows = tuple(
        (
            f"{each.at:{MOMENT}}",
            each.channel,
            f"{each.name}, version {each.version}" if each.version else each.name or "nobody",
            attribute_name(each.attribute),
            each.label,
            each.why,
            each.epoch,
            each.outcome,
        )
        for each in found.shown
    )
    return Table(columns=("when", "channel", "as", "attribute", "option", "why", "epoch", "what came of it"), rows=rows)


def _happened(found: CustomerHistory) -> Table:
    rows = tuple((f"{each.at:{MOMENT}}", each.name, each.channel, each.value) for each in found.happened)
    return Table(columns=("when", "event", "channel", "value"), rows=rows)
