"""How customers answer what is decided for them: who acts, when, and who would have acted on another option."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from living_personas.domain.value import value
from living_personas.simulate.chance import stream
from living_personas.simulate.minds import NOTHING, Minds, channel_of
from living_personas.simulate.occasions import Decided, Occasions
from living_personas.simulate.population import People, Small
from living_personas.simulate.spec import WorldSpec
from living_personas.simulate.world_rows import DAY_MICROS
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
"""What is true of a day's customers as they were filed, mistakes of the rules included.

Of the ``asked`` customers (all whose attribute was decided), ``would`` are expected to act if all of them got the
option, the rest of their decisions being as it was; ``got`` of them did get it, of whom ``expected`` were to act and
``acted`` do.
"""

_UNSUBSCRIBES = 0.0008
_QUICKEST = 60.0 / 86_400


@value
class Answers:
    """Who acts (customers by number) and when, who unsubscribes and when, and rows of ``ANSWER_SCHEMA``."""

    acting: Ints
    acts_at: Ints
    leaving: Ints
    leaves_at: Ints
    truth: tuple[dict[str, object], ...]


def answer(
    decided: Decided, occasions: Occasions, people: People, minds: Minds, *, day: int, spec: WorldSpec
) -> Answers:
    """Let everybody answer: effects multiply on the odds, and the same chance serves whatever was decided."""
    acts, waits, leaves, lingers = stream(spec.seed, "outcomes", day).random((4, len(occasions)))
    asked = _asked(decided, occasions, people, minds, day=day, season=spec.season.factor(day))
    acting = acts < _probability(asked.odds)
    asked_for = _mean_delays(decided, occasions, minds)
    days = _delays(np.where(asked_for > 0, asked_for, spec.delay_days), waits, longest=spec.longest_delay_days)
    leaving = leaves < _UNSUBSCRIBES * _annoyance(decided, occasions, people, minds)
    rest = DAY_MICROS - occasions.time % DAY_MICROS
    return Answers(
        acting=occasions.customer[acting],
        acts_at=(occasions.time + (days * DAY_MICROS).astype(np.int64))[acting],
        leaving=occasions.customer[leaving],
        leaves_at=(occasions.time + (lingers * rest).astype(np.int64))[leaving],
        truth=tuple(_truth(asked, acting, day=day)),
    )


@value
class _Asked:
    """What was decided, and the odds that come of it.

    ``effects`` holds what each (attribute, option) does to the odds of each group, also options that nobody got;
    ``effect`` what the option of each row did to its customer's, ``group`` that customer's group; ``odds`` are those of
    each occasion.
    """

    decided: Decided
    group: Small
    effects: dict[tuple[str, str], Floats]
    effect: Floats
    odds: Floats


def _asked(decided: Decided, occasions: Occasions, people: People, minds: Minds, *, day: int, season: float) -> _Asked:
    effects = {
        (attribute, option): minds.odds(attribute, option, day=day)
        for attribute in decided.attributes()
        for option in dict.fromkeys((*minds.options(attribute), *decided.options(attribute)))
    }
    effect = _of_rows(decided, occasions, [effects[pair] for pair in decided.pairs], none=1.0)
    own = minds.base[occasions.group] * people.frailty[occasions.customer] * season
    reached = _reached(decided, occasions, minds, deciding={a for a, o in effects if channel_of(o) not in _SAY_LITTLE})
    together = np.exp(np.bincount(decided.place, weights=np.log(effect), minlength=len(occasions)))
    return _Asked(
        decided=decided,
        group=occasions.group[decided.place],
        effects=effects,
        effect=effect,
        odds=np.asarray(own * reached * together, dtype=np.float64),
    )


_SAY_LITTLE = (None, NOTHING)
"""Channels of options from which it cannot be told that an attribute decides about the channel."""


def _reached(decided: Decided, occasions: Occasions, minds: Minds, *, deciding: set[str]) -> Floats:
    """What the channel of each occasion does to the odds, where no attribute decides about the channel."""
    by_channel = np.stack([minds.channel_odds(name) for name in occasions.channels])
    codes = [code for code, (attribute, _) in enumerate(decided.pairs) if attribute in deciding]
    elsewhere = np.zeros(len(occasions), dtype=bool)
    elsewhere[decided.place[np.isin(decided.code, codes)]] = True
    return np.where(elsewhere, 1.0, by_channel[occasions.channel, occasions.group])


def _mean_delays(decided: Decided, occasions: Occasions, minds: Minds) -> Floats:
    """The longest delay that any of an occasion's options asks for; 0 if none does."""
    longest = np.zeros(len(occasions))
    asked_for = _of_rows(decided, occasions, [minds.delay_days(*pair) for pair in decided.pairs], none=0.0)
    np.maximum.at(longest, decided.place, asked_for)
    return longest


def _annoyance(decided: Decided, occasions: Occasions, people: People, minds: Minds) -> Floats:
    """How much more than usual each occasion makes people unsubscribe; only who is written to can."""
    factor = _of_rows(decided, occasions, [minds.unsubscribes(*pair) for pair in decided.pairs], none=1.0)
    together = np.exp(np.bincount(decided.place, weights=np.log(factor), minlength=len(occasions)))
    mail = np.array([name == "email" for name in occasions.channels])
    return np.asarray(together * (mail[occasions.channel] & people.subscribed[occasions.customer]), dtype=np.float64)


def _of_rows(decided: Decided, occasions: Occasions, by_pair: list[Floats], *, none: float) -> Floats:
    """A number for each row, from one for each (attribute, option) and group."""
    group = occasions.group[decided.place]
    if not by_pair:
        return np.full(group.size, none)
    return np.asarray(np.stack(by_pair)[decided.code, group], dtype=np.float64)


def _truth(asked: _Asked, acting: Bools, *, day: int) -> Iterator[dict[str, object]]:
    """Rows of ``ANSWER_SCHEMA``: each option as if everybody had got it, and as it was."""
    decided = asked.decided
    odds, acted = asked.odds[decided.place], acting[decided.place]
    expected = _probability(odds)
    for attribute, option in asked.effects:
        rows = np.flatnonzero(decided.has(attribute))
        got = decided.has(attribute, option)[rows]
        others = odds[rows] / asked.effect[rows]
        would = _probability(others * asked.effects[attribute, option][asked.group[rows]])
        for place, persona in enumerate(decided.personas):
            filed = decided.persona[rows] == place
            if filed.any():
                yield {
                    "day": day,
                    "persona": persona,
                    "attribute": attribute,
                    "option": option,
                    "asked": int(filed.sum()),
                    "would": float(would[filed].sum()),
                    "got": int((filed & got).sum()),
                    "expected": float(expected[rows][filed & got].sum()),
                    "acted": int(acted[rows][filed & got].sum()),
                }


def _probability(odds: Floats) -> Floats:
    return odds / (1 + odds)


def _delays(means: Floats, points: Floats, *, longest: float) -> Floats:
    """Exponential delays in days, cut at the longest: the quantiles at these points."""
    inside = -np.expm1(-longest / means)
    return np.maximum(-means * np.log1p(-points * inside), _QUICKEST)
