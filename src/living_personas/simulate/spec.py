"""What a world is made of: who lives in it, what they secretly prefer, and what goes wrong with the tracking."""

from __future__ import annotations

from datetime import date
from typing import Literal

from living_personas.domain.persona import Assign, Confidence
from living_personas.domain.told_number import share_words
from living_personas.domain.value import value
from living_personas.errors import InvalidWorldError, by_name
from living_personas.simulate.habits import Habits

__all__ = [
    "FORGED",
    "Breakage",
    "BreakageKind",
    "ChannelOdds",
    "Family",
    "Flip",
    "Forgery",
    "Option",
    "PersonaSpec",
    "Preference",
    "Season",
    "SegmentSpec",
    "TraitBelief",
    "WorldSpec",
]

Family = Literal["gamma", "lognormal"]
"""How customers differ: independent gamma factors, or correlated lognormal ones with heavier tails."""

BreakageKind = Literal[
    "zero",
    "half",
    "double",
    "delayed",
    "channel gone",
    "renamed",
    "all null",
    "bot burst",
    "clock jump",
    "values x100",
    "45/55 split",
    "frozen feed",
]

ChannelOdds = tuple[tuple[str, float], ...]
"""What being reached through a channel does to the odds; 1 for channels that are not named."""


@value
class Option:
    """One option and its hidden truth: what it does to the odds of success, how soon, and whom it drives away.

    ``delay_days`` is the mean of the exponential delay before it is cut at the world's ``longest_delay_days``.
    """

    name: str
    odds: float = 1.0
    delay_days: float | None = None
    unsubscribes: float = 1.0

    def __post_init__(self) -> None:
        if not self.odds > 0:
            raise InvalidWorldError(
                f"Option {self.name!r} has the odds {self.odds!r}.", hint="write a factor above 0; 1 changes nothing."
            )


@value
class Flip:
    """The day from which the options have other odds, given in the order of the options."""

    day: int
    odds: tuple[float, ...]


@value
class Preference:
    """One attribute of a persona: what people believe, and what its members truly respond to."""

    attribute: str
    believed: str
    options: tuple[Option, ...]
    flips: tuple[Flip, ...] = ()
    confidence: Confidence = "hunch"
    assign: Assign = "week"
    why: str = ""

    def __post_init__(self) -> None:
        if self.believed not in (option.name for option in self.options):
            raise InvalidWorldError(
                f"Attribute {self.attribute!r} believes {self.believed!r}, which is not one of its options.",
                hint=f"use one of {', '.join(repr(option.name) for option in self.options)}.",
            )
        for flip in self.flips:
            if len(flip.odds) != len(self.options) or min(flip.odds) <= 0:
                raise InvalidWorldError(
                    f"On day {flip.day} attribute {self.attribute!r} gets the odds {flip.odds!r}.",
                    hint=f"give {len(self.options)} odds above 0, one for each option.",
                )

    def odds_on(self, day: int) -> tuple[float, ...]:
        """The odds of each option on a day: those of the last flip, if there was one."""
        flipped = [flip for flip in sorted(self.flips, key=lambda flip: flip.day) if flip.day <= day]
        return flipped[-1].odds if flipped else tuple(option.odds for option in self.options)


@value
class TraitBelief:
    """What people believe of the mean of a feature among a persona's members."""

    name: str
    believed: float
    unit: str = ""


@value
class PersonaSpec:
    """A persona as it truly is, beside the rule by which it is told apart.

    ``base_rate`` is the mean probability of an order on an occasion when every option has odds 1. ``share`` is its
    part of the first day's customers, ``newcomers`` its part of those who come later. ``becomes`` says what its members
    are after their first order, with shares: a first-time buyer is one only once.
    """

    id: str
    name: str
    who: str
    share: float
    base_rate: float
    newcomers: float = 0.0
    habits: Habits = Habits()
    preferences: tuple[Preference, ...] = ()
    traits: tuple[TraitBelief, ...] = ()
    channel_odds: ChannelOdds = (("nothing", 0.8),)
    becomes: tuple[tuple[str, float], ...] = ()
    brief: str = ""

    def preference(self, attribute: str) -> Preference:
        """The preference about an attribute."""
        return by_name("attribute", attribute, {each.attribute: each for each in self.preferences})


@value
class SegmentSpec:
    """Customers whom no persona describes, planted among the members of ``home``.

    They are deaf to every option; only the channel through which they are reached changes their odds. Before
    ``from_day`` they live as ordinary members of their home.
    """

    id: str
    name: str
    home: str
    share: float
    base_rate: float
    habits: Habits
    channel_odds: ChannelOdds = ()
    from_day: int | None = None


@value
class Season:
    """How the base rate and the activity move: a weekly wave, and a trend over a year, both relative."""

    weekly: float = 0.0
    trend: float = 0.0

    def factor(self, day: int) -> float:
        """The factor of a day.

        >>> Season().factor(100), round(Season(trend=0.5).factor(365), 3)
        (1.0, 1.5)
        """
        wave = _WEEK[day % 7]
        return (1 + self.weekly * wave) * max(1 + self.trend * day / 365, 0.1)


_WEEK = (0.0, 0.78, 0.97, 0.43, -0.43, -0.97, -0.78)
"""A sine over seven days, written out: the same on every machine."""


@value
class Breakage:
    """The tracking breaks in one of twelve ways, from the day ``first`` to ``last``.

    ``event`` is what it breaks, ``channel`` what goes silent, ``option`` (of ``attribute``) what loses exposures.
    """

    kind: BreakageKind
    first: int
    last: int
    event: str = "Order Completed"
    channel: str = "email"
    attribute: str = ""
    option: str = ""


FORGED = 0.02
"""The share of an option's exposures that is forged unless said."""


@value
class Forgery:
    """Outcomes that nobody had: a share of an option's exposures gets one, or one customer gets them all."""

    attribute: str
    option: str
    first: int
    last: int
    share: float = FORGED
    one_customer: bool = False


@value
class WorldSpec:
    """A world: the same one for the same seed, to the byte.

    ``arriving`` is the share of customers who come after the first day. An occasion (a visit, a mailing) on which
    something is decided comes every ``occasion_days``. ``frailty`` is the spread of customers' own odds, ``subscribed``
    the share who get e-mail, ``machine_opens`` the share whose mail is opened by a machine, ``misfiled`` the share
    filed under a wrong persona where no rule files them (``policies.logged``).
    """

    name: str
    seed: int
    customers: int
    days: int
    personas: tuple[PersonaSpec, ...]
    segments: tuple[SegmentSpec, ...] = ()
    first_day: date = date(2026, 1, 5)
    history_days: int = 28
    arriving: float = 0.25
    family: Family = "gamma"
    season: Season = Season()
    frailty: float = 0.4
    occasion_days: int = 7
    channels: tuple[tuple[str, float], ...] = (("email", 0.6), ("landing", 0.3), ("ads", 0.1))
    delay_days: float = 1.5
    longest_delay_days: float = 6.0
    subscribed: float = 0.95
    machine_opens: float = 0.05
    bots: float = 0.003
    misfiled: float = 0.15
    holdout: float = 0.05
    breakages: tuple[Breakage, ...] = ()
    forgeries: tuple[Forgery, ...] = ()

    def __post_init__(self) -> None:
        _check_sizes(self)
        for segment in self.segments:
            self.persona(segment.home)
        for persona in self.personas:
            for heir, _share in persona.becomes:
                self.persona(heir)

    def persona(self, name: str) -> PersonaSpec:
        """The persona of this id."""
        return by_name("persona", name, {persona.id: persona for persona in self.personas})


def _check_sizes(spec: WorldSpec) -> None:
    if min(spec.customers, spec.days, spec.occasion_days) < 1 or spec.history_days < 0:
        raise InvalidWorldError(
            f"World {spec.name!r} has {spec.customers} customers, {spec.days} days, an occasion every "
            f"{spec.occasion_days} days and {spec.history_days} days of history.",
            hint="only the history may be 0.",
        )
    planted = sum(segment.share for segment in spec.segments) + spec.bots
    if not spec.personas or planted >= 1 or not 0 <= spec.arriving < 1:
        raise InvalidWorldError(
            f"World {spec.name!r} has {len(spec.personas)} personas; {share_words(planted)} of its customers are "
            f"planted, and {share_words(spec.arriving)} come later.",
            hint="give at least one persona, and shares that leave customers for it.",
        )
    if min(spec.delay_days, spec.longest_delay_days) <= 0:
        raise InvalidWorldError(
            f"World {spec.name!r} has delays of {spec.delay_days!r} days, at most {spec.longest_delay_days!r}.",
            hint="write lengths above 0.",
        )
