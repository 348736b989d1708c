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
    asked = _Asked(decided, occasions, people, minds, day=day, season=spec.season.factor(day))
    acting = acts < _probability(asked.odds)
    days = _delays(np.where(asked.waits > 0, asked.waits, spec.delay_days), waits, longest=spec.longest_delay_days)
    leaving = asked.by_mail & (leaves < _UNSUBSCRIBES * asked.annoyed)
    midnight = occasions.time // DAY_MICROS * DAY_MICROS + DAY_MICROS
    return Answers(
        acting=occasions.customer[acting],
        acts_at=(occasions.time + (days * DAY_MICROS).astype(np.int64))[acting],
        leaving=occasions.customer[leaving],
        leaves_at=(occasions.time + (lingers * (midnight - occasions.time)).astype(np.int64))[leaving],
        truth=tuple(_truth(asked, acting, day=day)),
    )


class _Asked:
    """The day's occasions with what was decided for each, and the odds that come of it."""

    def __init__(
        self, decided: Decided, occasions: Occasions, people: People, minds: Minds, *, day: int, season: float
    ) -> None:
        self.decided = decided
        self.group = occasions.group[decided.place]
        self.effects = {
            (attribute, option): minds.odds(attribute, option, day=day)
            for attribute in dict.fromkeys(attribute for attribute, _ in decided.pairs)
            for option in dict.fromkeys((*minds.options(attribute), *_options(decided, attribute)))
        }
        self.effect = self._of_rows([self.effects[pair] for pair in decided.pairs], empty=1.0)
        reached = self._reached(occasions, minds)
        own = minds.base[occasions.group] * people.frailty[occasions.customer] * season
        self.odds = own * reached * np.exp(self._summed(np.log(self.effect), len(occasions)))
        self.waits = np.zeros(len(occasions))
        np.maximum.at(
            self.waits, decided.place, self._of_rows([minds.delay_days(*pair) for pair in decided.pairs], empty=0.0)
        )
        annoying = self._of_rows([minds.unsubscribes(*pair) for pair in decided.pairs], empty=1.0)
        self.annoyed = np.exp(self._summed(np.log(annoying), len(occasions)))
        mail = np.array([name == "email" for name in occasions.channels])
        self.by_mail: Bools = mail[occasions.channel] & people.subscribed[occasions.customer]

    def _of_rows(self, by_pair: list[Floats], *, empty: float) -> Floats:
        """A number for each row, from one for each pair and group."""
        if not by_pair:
            return np.full(self.group.size, empty)
        return np.asarray(np.stack(by_pair)[self.decided.code, self.group], dtype=np.float64)

    def _summed(self, of_rows: Floats, size: int) -> Floats:
        return np.bincount(self.decided.place, weights=of_rows, minlength=size).astype(np.float64)

    def _reached(self, occasions: Occasions, minds: Minds) -> Floats:
        """What the channel of the occasion does, where no attribute decides about the channel."""
        by_channel = np.stack([minds.channel_odds(name) for name in occasions.channels])
        deciding = {attribute for attribute, option in self.effects if channel_of(option) not in (None, NOTHING)}
        codes = [code for code, (attribute, _) in enumerate(self.decided.pairs) if attribute in deciding]
        decided = np.zeros(len(occasions), dtype=bool)
        decided[self.decided.place[np.isin(self.decided.code, codes)]] = True
        return np.where(decided, 1.0, by_channel[occasions.channel, occasions.group])


def _truth(asked: _Asked, acting: Bools, *, day: int) -> Iterator[dict[str, object]]:
    """Rows of ``ANSWER_SCHEMA``: each option as if everybody had got it, and as it was."""
    decided = asked.decided
    odds, acted = asked.odds[decided.place], acting[decided.place]
    met = _probability(odds)
    for attribute in dict.fromkeys(attribute for attribute, _ in decided.pairs):
        codes = [code for code, pair in enumerate(decided.pairs) if pair[0] == attribute]
        rows = np.flatnonzero(np.isin(decided.code, codes))
        others = odds[rows] / asked.effect[rows]
        for option in (option for name, option in asked.effects if name == attribute):
            would = _probability(others * asked.effects[attribute, option][asked.group[rows]])
            got = rows[_is_pair(decided, (attribute, option), rows)]
            for place, persona in enumerate(decided.personas):
                filed, filed_got = decided.persona[rows] == place, decided.persona[got] == place
                if filed.any():
                    yield {
                        "day": day,
                        "persona": persona,
                        "attribute": attribute,
                        "option": option,
                        "asked": int(filed.sum()),
                        "would": float(would[filed].sum()),
                        "got": int(filed_got.sum()),
                        "expected": float(met[got][filed_got].sum()),
                        "acted": int(acted[got][filed_got].sum()),
                    }


def _is_pair(decided: Decided, pair: tuple[str, str], rows: Ints) -> Bools:
    code = decided.pairs.index(pair) if pair in decided.pairs else -1
    return np.asarray(decided.code[rows] == code)


def _options(decided: Decided, attribute: str) -> list[str]:
    return [option for name, option in decided.pairs if name == attribute]


def _probability(odds: Floats) -> Floats:
    return odds / (1 + odds)


def _delays(means: Floats, points: Floats, *, longest: float) -> Floats:
    """Exponential delays in days, cut at the longest: the quantiles at these points."""
    inside = -np.expm1(-longest / means)
    return np.maximum(-means * np.log1p(-points * inside), _QUICKEST)
