"""How customers answer what is decided for them: who acts, when, and who would have acted on another option."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from living_personas.domain.value import value
from living_personas.simulate.chance import stream
from living_personas.simulate.minds import NOTHING, Minds, channel_of
from living_personas.simulate.occasions import Decided, Occasions
from living_personas.simulate.people import People
from living_personas.simulate.rows import DAY_MICROS
from living_personas.simulate.spec import WorldSpec
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["ANSWER_SCHEMA", "Answers", "answer"]

ANSWER_SCHEMA = pa.schema(
    [
        pa.field("day", pa.int32(), nullable=False),
        pa.field("persona", pa.string(), nullable=False),
        pa.field("attribute", pa.string(), nullable=False),
        pa.field("option", pa.string(), nullable=False),
        pa.field("asked", pa.int64(), nullable=False),
        pa.field("would", pa.float64(), nullable=False),
        pa.field("got", pa.int64(), nullable=False),
        pa.field("expected", pa.float64(), nullable=False),
        pa.field("acted", pa.int64(), nullable=False),
    ]
)
"""What is true of a day's customers as they were filed, rules' mistakes included. Of the ``asked`` customers (all whose
attribute was decided), ``would`` are expected to act if all of them got the option, the rest of their decisions being
as it was; ``got`` of them did get it, of whom ``expected`` were to act and ``acted`` do."""

_UNSUBSCRIBES = 0.0008
_QUICKEST = 60_000_000
"""Microseconds before which nobody answers."""


@value
class Answers:
    """Who acts (customers by number) and when, who unsubscribes and when, and rows of ``ANSWER_SCHEMA``."""

    acting: Ints
    acts_at: Ints
    leaving: Ints
    leaves_at: Ints
    truth: pa.Table


def answer(decided: Decided, occasions: Occasions, people: People, minds: Minds, *, day: int, spec: WorldSpec) -> Answers:
    """Let everybody answer: effects multiply on the odds, and the same chance serves whatever was decided."""
    rng = stream(spec.seed, "outcomes", day)
    acts, waits, leaves, lingers = rng.random((4, len(occasions)))
    effects = _by_pair(decided, lambda attribute, option: minds.odds(attribute, option, day=day), minds)
    each = effects[decided.code, occasions.group[decided.place]]
    odds = _own_odds(decided, occasions, people, minds, factor=spec.season.factor(day)) * np.exp(
        np.bincount(decided.place, weights=np.log(each), minlength=len(occasions))
    )
    acting = acts < _probability(odds)
    delay = _delays(_mean_delays(decided, occasions, minds, spec), waits, longest=spec.longest_delay_days)
    leaving = _leaving(decided, occasions, people, minds, leaves)
    return Answers(
        acting=occasions.customer[acting],
        acts_at=(occasions.time + delay)[acting],
        leaving=occasions.customer[leaving],
        leaves_at=_same_day(occasions.time, lingers)[leaving],
        truth=_truth(decided, occasions, minds, odds, each, acting, day=day),
    )
