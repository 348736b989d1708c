"""What decides whether customers act: the hidden odds of every group for every option, day by day."""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np

from living_personas.simulate.frailty import frailty_points, neutral_odds, rate_at
from living_personas.simulate.spec import ChannelOdds, Option, PersonaSpec, Preference, WorldSpec
from living_personas.stats.arrays import Floats

__all__ = ["NOTHING", "Minds", "channel_of"]

NOTHING = "nothing"
"""The channel of options that show nothing."""

_MEANT = (
    ("in_product", re.compile(r"in_?(product|app)|nudge")),
    ("email", re.compile(r"(^|_)e?_?mail(_|$)|newsletter")),
    ("ads", re.compile(r"(^|_)ads?(_|$)")),
    ("landing", re.compile(r"landing")),
    (NOTHING, re.compile(r"^(none|nothing|send_nothing|control|no_message)$")),
)


def channel_of(option: str) -> str | None:
    """The channel that an option names, if it names one: so customers know a nudge when they get one.

    >>> channel_of("in-product nudge"), channel_of("E-mail"), channel_of("send nothing"), channel_of("quality")
    ('in_product', 'email', 'nothing', None)
    """
    plain = re.sub(r"[^a-z0-9]+", "_", option.casefold()).strip("_")
    return next((channel for channel, pattern in _MEANT if pattern.search(plain)), None)


class Minds:
    """The minds of all groups (personas, then planted segments, then robots), as odds.

    ``base`` is each group's odds on an occasion when all options have odds 1; robots never act.
    """

    def __init__(self, spec: WorldSpec) -> None:
        self._spec = spec
        self._members: tuple[PersonaSpec | None, ...] = (*spec.personas, *[None for _ in spec.segments], None)
        self._channels: tuple[ChannelOdds, ...] = (
            *(persona.channel_odds for persona in spec.personas),
            *(segment.channel_odds for segment in spec.segments),
            (),
        )
        self._points = frailty_points(family=spec.family, spread=spec.frailty)
        rates = [*(each.base_rate for each in spec.personas), *(each.base_rate for each in spec.segments)]
        self.base: Floats = np.array([*(neutral_odds(rate, self._points) for rate in rates), 0.0])

    def odds(self, attribute: str, option: str, *, day: int) -> Floats:
        """What an option does to the odds of each group.

        A persona has a hidden preference about an attribute; to all others an option is the channel that it names.
        """
        by_channel = self.channel_odds(channel_of(option))
        hidden = [self._hidden(persona, attribute, option, day) for persona in self._members]
        return np.array([own if own is not None else by_channel[g] for g, own in enumerate(hidden)])

    def channel_odds(self, channel: str | None) -> Floats:
        """What being reached through a channel does to the odds of each group."""
        return np.array([dict(odds).get(channel or "", 1.0) for odds in self._channels])

    def delay_days(self, attribute: str, option: str) -> Floats:
        """The mean delay that each group's option asks for; 0 where it asks for none."""
        found = (_option(persona, attribute, option) for persona in self._members)
        return np.array([(each.delay_days or 0.0) if each else 0.0 for each in found])

    def unsubscribes(self, attribute: str, option: str) -> Floats:
        """The factor by which each group's members unsubscribe more."""
        found = (_option(persona, attribute, option) for persona in self._members)
        return np.array([each.unsubscribes if each else 1.0 for each in found])

    def options(self, attribute: str) -> tuple[str, ...]:
        """All options of an attribute that any persona has a preference about."""
        known = (_preference(persona, attribute) for persona in self._members)
        return tuple(dict.fromkeys(option.name for each in known if each for option in each.options))

    def rate(self, group: int, *, odds: float = 1.0, day: int = 0) -> float:
        """The probability that a member of a group acts on an occasion, in the mean over its members."""
        return rate_at(float(self.base[group]) * odds * self._spec.season.factor(day), self._points)

    @staticmethod
    def _hidden(persona: PersonaSpec | None, attribute: str, option: str, day: int) -> float | None:
        preference = _preference(persona, attribute)
        if preference is None:
            return None
        names = [each.name for each in preference.options]
        return dict(zip(names, preference.odds_on(day), strict=True)).get(option, 1.0)


def _preference(persona: PersonaSpec | None, attribute: str) -> Preference | None:
    preferences: Iterable[Preference] = persona.preferences if persona else ()
    return next((each for each in preferences if each.attribute == attribute), None)


def _option(persona: PersonaSpec | None, attribute: str, option: str) -> Option | None:
    preference = _preference(persona, attribute)
    return next((each for each in preference.options if each.name == option), None) if preference else None
