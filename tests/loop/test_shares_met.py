"""`check FILE` says before anything is recorded where options do not come in the shares that a source says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice
from typing import Any

import numpy as np
import pytest

from living_personas.domain.event import EXPOSED, Event, Exposure
from living_personas.loop.recording.shares_met import shares_met

THIRD = 1 / 3


def _met(options: list[str], shares: dict[str, float], **said: Any) -> list[Event]:
    return [
        Event(
            message_id=str(number),
            customer=f"c{number}",
            time=datetime(2026, 3, 1, tzinfo=UTC),
            name=EXPOSED,
            exposures=(Exposure(attribute="framing", option=option, propensity=shares[option], policy="p", **said),),
        )
        for number, option in enumerate(options)
    ]


def _dealt(count: int, *options: str) -> list[str]:
    return list(islice(cycle(options), count))


def test_says_which_options_come_in_other_shares() -> None:
    fifth = {"control": 0.2, "duty": 0.2, "self": 0.2, "neighbours": 0.2, "watched": 0.2}
    rows = [*["control"] * 555, *_dealt(445, "duty", "self", "neighbours", "watched")]
    (said,) = shares_met(_met(rows, fifth))
    assert "'control' 55.5 % (its share: 20.0 %)" in said
    assert "`propensities`" in said


def test_is_silent_where_they_come_in_their_shares() -> None:
    third = dict.fromkeys(("a", "b", "c"), THIRD)
    assert not list(shares_met(_met(_dealt(999, "a", "b", "c"), third)))


def test_a_share_that_nobody_met_is_one_option_more() -> None:
    quarter = dict.fromkeys(("a", "b", "c"), 0.25)
    (said,) = shares_met(_met(_dealt(999, "a", "b", "c"), quarter))
    assert "'a' 33.3 % (its share: 25.0 %)" in said


def test_who_is_met_again_counts_once_on_an_occasion() -> None:
    half = {"a": 0.5, "b": 0.5}
    few = _met(_dealt(40, "a", "b"), half)
    assert not list(shares_met([*few, *[few[0]] * 900]))


@pytest.mark.parametrize("said", [{"holdout": True}, {"propensity": None}])
def test_what_was_drawn_by_no_share_is_not_compared(said: dict[str, Any]) -> None:
    met = replace(Exposure(attribute="framing", option="a", propensity=0.5), **said)
    events = [
        Event(
            message_id=str(number),
            customer=f"c{number}",
            time=datetime(2026, 3, 1, tzinfo=UTC),
            name=EXPOSED,
            exposures=(met,),
        )
        for number in range(900)
    ]
    assert not list(shares_met(events))


def test_true_shares_are_hardly_ever_called_wrong() -> None:
    random, shares = np.random.Generator(np.random.PCG64(5)), {"a": 0.5, "b": 0.3, "c": 0.2}
    draws = random.choice(list(shares), size=(2_000, 60), p=list(shares.values()))
    assert sum(bool(list(shares_met(_met(row.tolist(), shares)))) for row in draws) <= 6  # 2,000 / 1,000, and chance
