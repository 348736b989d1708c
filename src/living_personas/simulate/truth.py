"""What is true of a world: what everything learned of it is compared with."""

from __future__ import annotations

from typing import Literal

import numpy as np
import pyarrow as pa

from living_personas.domain.event import Json
from living_personas.domain.value import value
from living_personas.errors import InvalidWorldError, by_name, did_you_mean
from living_personas.simulate.minds import NOTHING, Minds
from living_personas.simulate.population import MOBILE_SHARE, People
from living_personas.simulate.spec import PersonaSpec, Preference, SegmentSpec, WorldSpec
from living_personas.stats.arrays import Floats

__all__ = ["AttributeTruth", "SegmentTruth", "TraitTruth", "Truth", "Verdict", "truth_of"]

Verdict = Literal["right", "wrong", "undecidable"]
"""Whether a belief is the best option, worse than one, or as good as another: then nothing may be said."""

SAME = 0.02
"""Rates that differ by less than this share are taken for the same."""


@value
class AttributeTruth:
    """The true rate of each option of an attribute, day by day, among the members of its persona.

    ``rates`` has the shape ``(days, options)``: the mean probability over members on an occasion on which every other
    attribute has odds 1.
    """

    persona: str
    attribute: str
    believed: str
    options: tuple[str, ...]
    rates: Floats
    flips: tuple[int, ...]

    def best_on(self, day: int) -> str:
        """The option with the highest rate on a day."""
        return self.options[int(np.argmax(self.rates[day]))]

    def verdict_on(self, day: int, *, of: str | None = None) -> Verdict:
        """Whether the belief (or the option ``of``) is right on a day."""
        rates = self.rates[day]
        place = self.options.index(self.believed if of is None else of)
        rival = float(np.max(np.delete(rates, place)))
        if rival > rates[place] * (1 + SAME):
            return "wrong"
        return "right" if rates[place] > rival * (1 + SAME) else "undecidable"

    def summary(self) -> dict[str, Json]:
        """The attribute in JSON, on the first and on the last day."""
        last = len(self.rates) - 1
        return {
            "attribute": self.attribute,
            "believed": self.believed,
            "at_first": self.verdict_on(0),
            "at_last": self.verdict_on(last),
            "best_at_first": self.best_on(0),
            "best_at_last": self.best_on(last),
            "rates_at_first": {name: round(float(r), 5) for name, r in zip(self.options, self.rates[0], strict=True)},
            "rates_at_last": {name: round(float(r), 5) for name, r in zip(self.options, self.rates[-1], strict=True)},
            "flips": list(self.flips),
        }


@value
class TraitTruth:
    """The true mean of a trait among a persona's own members (those filed there by mistake may move it)."""

    persona: str
    trait: str
    believed: float
    mean: float
    unit: str = ""

    @property
    def verdict(self) -> Verdict:
        """Whether the belief is right, up to one part in fifty."""
        return "right" if abs(self.mean - self.believed) <= SAME * abs(self.mean) else "wrong"

    def summary(self) -> dict[str, Json]:
        """The trait in JSON."""
        return {
            "trait": self.trait,
            "believed": self.believed,
            "mean": round(self.mean, 4),
            "verdict": self.verdict,
        }


@value
class SegmentTruth:
    """A planted segment: its members, and the rate at which they answer each channel on an ordinary day."""

    id: str
    name: str
    home: str
    members: pa.Array
    from_day: int | None
    rates: tuple[tuple[str, float], ...]

    def summary(self) -> dict[str, Json]:
        """The segment in JSON, its members counted."""
        return {
            "segment": self.id,
            "name": self.name,
            "home": self.home,
            "members": len(self.members),
            "from_day": self.from_day,
            "rates": {channel: round(rate, 5) for channel, rate in self.rates},
        }


@value
class Truth:
    """What is true of a world, as its customers are, not as rules file them."""

    world: str
    seed: int
    attributes: tuple[AttributeTruth, ...]
    traits: tuple[TraitTruth, ...]
    segments: tuple[SegmentTruth, ...]

    def attribute(self, persona: str, attribute: str) -> AttributeTruth:
        """The truth about an attribute of a persona."""
        known = {f"{each.persona}/{each.attribute}": each for each in self.attributes}
        return by_name("attribute", f"{persona}/{attribute}", known)

    def trait(self, persona: str, trait: str) -> TraitTruth:
        """The truth about a trait of a persona."""
        known = {f"{each.persona}/{each.trait}": each for each in self.traits}
        return by_name("trait", f"{persona}/{trait}", known)

    def segment(self, name: str) -> SegmentTruth:
        """The planted segment of this id."""
        return by_name("segment", name, {each.id: each for each in self.segments})

    def wrong_on(self, day: int) -> tuple[AttributeTruth, ...]:
        """The attributes whose beliefs are wrong on a day."""
        return tuple(each for each in self.attributes if each.verdict_on(day) == "wrong")

    def summary(self) -> dict[str, Json]:
        """Everything in JSON: attributes and traits by persona, and the planted segments."""
        personas = dict.fromkeys([*(each.persona for each in self.attributes), *(each.persona for each in self.traits)])
        return {
            "world": self.world,
            "seed": self.seed,
            "personas": [
                {
                    "persona": persona,
                    "attributes": [each.summary() for each in self.attributes if each.persona == persona],
                    "traits": [each.summary() for each in self.traits if each.persona == persona],
                }
                for persona in personas
            ],
            "segments": [each.summary() for each in self.segments],
        }


def truth_of(spec: WorldSpec, people: People, minds: Minds) -> Truth:
    """The truth of a world before its first day."""
    return Truth(
        world=spec.name,
        seed=spec.seed,
        attributes=tuple(
            _attribute(persona, preference, group, minds, days=spec.days)
            for group, persona in enumerate(spec.personas)
            for preference in persona.preferences
        ),
        traits=tuple(
            TraitTruth(
                persona=persona.id,
                trait=trait.name,
                believed=trait.believed,
                mean=_trait_mean(trait.name, persona),
                unit=trait.unit,
            )
            for persona in spec.personas
            for trait in persona.traits
        ),
        segments=tuple(
            _segment(segment, place, people, minds, spec=spec) for place, segment in enumerate(spec.segments)
        ),
    )


def _attribute(persona: PersonaSpec, preference: Preference, group: int, minds: Minds, *, days: int) -> AttributeTruth:
    rates = [[minds.rate(group, odds=odds, day=day) for odds in preference.odds_on(day)] for day in range(days)]
    return AttributeTruth(
        persona=persona.id,
        attribute=preference.attribute,
        believed=preference.believed,
        options=tuple(option.name for option in preference.options),
        rates=np.array(rates),
        flips=tuple(flip.day for flip in preference.flips if 0 <= flip.day < days),
    )


_TRAITS = {"average_order_value": "order_value", "discounted_order_share": "discounted"}
_CHANNELS = ("email", "landing", "ads", "in_product", NOTHING)


def _trait_mean(trait: str, persona: PersonaSpec) -> float:
    if trait == "mobile_share":
        return MOBILE_SHARE
    if trait not in _TRAITS:
        raise InvalidWorldError(
            f"Persona {persona.id!r} believes something of {trait!r}, of which this world has no truth.",
            hint=did_you_mean(trait, [*_TRAITS, "mobile_share"], kind="trait"),
        )
    return float(getattr(persona.habits, _TRAITS[trait]))


def _segment(segment: SegmentSpec, place: int, people: People, minds: Minds, *, spec: WorldSpec) -> SegmentTruth:
    group = len(spec.personas) + place
    rates = [(name, minds.rate(group, odds=float(minds.channel_odds(name)[group]))) for name in _CHANNELS]
    return SegmentTruth(
        id=segment.id,
        name=segment.name,
        home=segment.home,
        members=people.ids.filter(pa.array(people.segment == place)),
        from_day=segment.from_day,
        rates=tuple(rates),
    )
