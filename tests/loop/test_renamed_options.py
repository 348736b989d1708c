"""What an option was called may be said late: what was met under that name counts from the next cycle on, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from living_personas.domain.event import Event
from living_personas.domain.persona import Persona
from living_personas.loop import closing, cycle
from living_personas.loop.context import Context
from living_personas.loop.feed.uncounted import uncounted
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.memory.tables import CELLS, UNITS
from living_personas.reporting.report import build_report
from loop.shops import DAY_ZERO, PERSONA, context_of, history, morning_after, noon

LAST = DAY_ZERO + timedelta(days=4)
DAYS = (DAY_ZERO, LAST)
EVENTS = history(range(5), units=60)


def called(*options: str, was: tuple[tuple[str, str], ...] = ()) -> Persona:
    """The buyer, with its options under these names."""
    (attribute,) = PERSONA.attributes
    return replace(PERSONA, attributes=(replace(attribute, options=options, was=was),))


UNKNOWN, SAID = called("a", "b", "third"), called("a", "b", "third", was=(("third", "c"),))


def ran(context: Context, *personas: Persona) -> Context:
    """The shop after a cycle by these files."""
    now = replace(context, personas=personas)
    cycle.run(now, now=morning_after(4), owner="w", until=LAST)
    return now


def shop(events: Sequence[Event], *personas: Persona) -> Context:
    context = context_of(*personas)
    record(context, events, received=noon(5))
    return ran(context, *personas)


def learned(context: Context) -> tuple[object, ...]:
    """What the report says of the attribute, the counts that it comes from, and the units that evidence has seen.

    What customers meet meanwhile is what was published before, whatever is learned since.
    """
    (attribute,) = build_report(context).personas[0].attributes
    tables = [table_of(table.read(context.store, *DAYS), table.schema).to_pydict() for table in (UNITS, CELLS)]
    options = [replace(each, share=0.0) for each in attribute.options]
    return attribute.units, options, attribute.effect, seen(context), *tables


def seen(context: Context) -> list[float]:
    """The weight of what was learned from, for the allocation of each option: none, as nobody met it by its name."""
    (state,) = closing.renewed(context, closing.kept_states(context))
    return [float(each) for each in np.diag(state.accounts.score.v[0])]


@pytest.mark.long
def test_what_was_met_under_a_former_name_counts_after_the_next_cycle() -> None:
    """As if the name had been said from the start; and taken back, it counts no more."""
    told = shop(EVENTS, SAID)
    late = shop(EVENTS, UNKNOWN)
    before = learned(late)
    (unknown,) = (each for each in uncounted(late) if each.kind == "option")
    assert (unknown.option, unknown.is_much, seen(late)[2] == 0) == ("c", True, True)
    late = ran(late, SAID)
    assert [each for each in uncounted(late) if each.kind == "option"] == []
    assert learned(late) == learned(told)
    assert learned(late)[0] == 240
    again = ran(late, SAID)
    assert learned(again) == learned(told)
    assert learned(ran(again, UNKNOWN)) == before


@pytest.mark.parametrize("between", [(UNKNOWN,), (UNKNOWN, replace(UNKNOWN, name="The buyer"))])
def test_an_option_that_was_renamed_first_and_explained_later_goes_on(between: tuple[Persona, ...]) -> None:
    """The versions that did not know the former name asked the same question."""
    late = shop(EVENTS, PERSONA)
    whole = seen(late)
    assert min(whole) > 0
    for persona in between:
        late = ran(late, persona)
    assert seen(late) == [0, 0, 0]
    late = ran(late, replace(SAID, name=between[-1].name))
    assert seen(late) == pytest.approx(whole)


def test_another_question_in_between_starts_anew() -> None:
    other = called("a", "b", "third", "fourth")
    late = ran(ran(shop(EVENTS, PERSONA), other), SAID)
    assert seen(late) == [0, 0, 0]
