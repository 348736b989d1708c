"""A late feed makes no false corrections where it says so; a second look finds those it made where it did not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from living_personas.demo.side_by_side import WORLD
from living_personas.memory.records import LATENESS, MEASURED_LATENESS
from living_personas.stats.arrays import Ints
from worlds.late import SOURCE, applied, asked_again, live

ALIKE, BETTER = np.full(4, 0.03), np.array([0.03, 0.03, 0.03, 0.045])
LATE = 8
ONE_OF_ALL, ALL_ALIKE = np.array([LATE, 0, 0, 0]), np.full(4, LATE)
PROMPT, SILENT = replace(WORLD, late=timedelta(0)), WORLD
DECLARED = replace(WORLD, late=timedelta(days=LATE))
FROM_A_FILE = replace(WORLD, sources=(SOURCE,))


@pytest.mark.long
def test_what_is_late_is_waited_for_if_it_is_said_and_asked_again_if_not() -> None:
    """The law on a few personas: the same feed, with and without a word on how late it is."""
    said = live(ALIKE, ONE_OF_ALL, DECLARED, personas=3, through=20)
    unsaid = live(ALIKE, ONE_OF_ALL, SILENT, personas=3, through=20)
    assert (applied(said), applied(unsaid)) == (0, 3)
    assert asked_again(unsaid) == 3
    standing = [version.standing("framing") for version in unsaid.context.versions()]
    assert all(each.status == "corrected" for each in standing), "nothing is undone by itself"


@pytest.mark.long
def test_a_file_that_says_nothing_waits_for_a_person() -> None:
    world = live(ALIKE, ONE_OF_ALL, FROM_A_FILE, personas=3, through=16)
    assert len(world.corrected) == 3
    assert applied(world) == 0
    assert all("how late 'orders' delivers is not known yet" in each.why for each in world.corrected.values())


@pytest.mark.slow
def test_a_declared_lateness_of_one_option_makes_no_false_corrections() -> None:
    """The control, which believes the feed to be prompt, must fail; the second look finds what it did."""
    said = live(ALIKE, ONE_OF_ALL, DECLARED, personas=60, through=60)
    control = live(ALIKE, ONE_OF_ALL, PROMPT, personas=60, through=45)
    print(f"\nlate by {LATE} days, one option of four: declared {applied(said)} of 60 falsely corrected, ", end="")
    print(f"not declared {applied(control)} of 60, of which {asked_again(control)} are asked again")
    assert applied(said) == 0
    assert applied(control) >= 56
    assert asked_again(control) == applied(control)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("days", "share", "most"),
    [
        pytest.param(np.full(4, LATE), 0.004, 0, id="within what is left out of the wait"),
        pytest.param(np.array([0, 0, 0, LATE]), 0.2, 0, id="of the better option"),
        pytest.param(np.full(4, LATE), 0.02, 8, id="beyond it"),
    ],
)
def test_a_right_correction_is_not_taken_away(days: Ints, share: float, most: int) -> None:
    """Late outcomes that leave the proof where it was; a correction that has just reached its bar may lose it."""
    world = live(BETTER, days, PROMPT, personas=20, through=60, share=share)
    print(f"\n{share:.1%} late by {days}: {len(world.undone)} of {applied(world)} right corrections asked again")
    assert applied(world) == 20
    assert len(world.undone) <= most


@pytest.mark.slow
def test_where_nobody_says_it_lateness_is_measured() -> None:
    """Corrections of a file wait for a person until 28 days and 600 outcomes of the options were seen."""
    world = live(ALIKE, ONE_OF_ALL, FROM_A_FILE, personas=20, through=75)
    late = LATENESS.read(world.context.store) or {}
    measured = MEASURED_LATENESS.read(world.context.store)
    print(f"\nmeasured {measured}, in force {set(late.values())}; {applied(world)} of 20 applied")
    assert set(late.values()) == {LATE}
    assert applied(world) == 0
    waiting = [each for each in world.context.store.refinements.all() if each.review == "open"]
    assert waiting == [], "what is not proven any more does not wait"
