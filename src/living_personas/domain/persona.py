"""The persona as people write it, and as a version that evidence has rewritten."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.value import value
from living_personas.errors import InvalidPersonaError, UnknownNameError

__all__ = [
    "EVER",
    "PRIOR_CONVERSIONS",
    "Assign",
    "Attribute",
    "Change",
    "Confidence",
    "Persona",
    "PersonaVersion",
    "Scope",
    "Splits",
    "Standing",
    "Status",
    "Trait",
    "VersionKind",
    "before_all",
    "confidence_in",
    "longest_wait",
]

Assign = Literal["visit", "day", "week", "campaign", "always"]
Change = Literal["auto", "review", "observe", "pinned"]
Confidence = Literal["none", "hunch", "workshop", "some data", "strong data"]
Scope = Literal["persona", "channel"]
Splits = Literal["off", "propose", "follow"]
"""Whether it is asked if one value suits everybody: not at all; with a duel wherever two parts lean apart, so that it
is known soon; or by following what looks best in each part."""

Status = Literal["assumed", "learning", "inherited", "confirmed", "corrected", "contested", "pinned"]
VersionKind = Literal["baseline", "edited", "corrected", "confirmed", "measured", "rolled back", "pinned", "unpinned"]

EVER = date(1970, 1, 1)
"""Since before all data: what a workshop first wrote is judged by everything that was ever seen."""

EPOCH_DAYS: dict[Assign, int] = {"day": 0, "week": 6}
"""For how many days after its first one an epoch lasts that ends with a day; all others end with the exposure."""

PRIOR_CONVERSIONS: dict[Confidence, float] = {
    "none": 0.0,
    "hunch": 5.0,
    "workshop": 20.0,
    "some data": 100.0,
    "strong data": 500.0,
}
"""How many past conversions each word of confidence is worth."""


def confidence_in(conversions: float) -> Confidence:
    """The strongest word, up to *some data*, that so many conversions are worth.

    >>> confidence_in(19), confidence_in(2_000)
    ('hunch', 'some data')
    """
    words: tuple[Confidence, ...] = ("some data", "workshop", "hunch")
    return next((word for word in words if conversions >= PRIOR_CONVERSIONS[word]), "none")


@value
class Attribute:
    """One thing to choose for a persona, which evidence may correct.

    ``was`` are the names that options had before: under them they were met, and may be met still. ``labels``,
    ``pictures`` (addresses, or names of files beside the persona's) and ``snippets`` (what customers read) are how
    people are shown options. ``anew`` is the day on which people last asked to begin with what they believe, whatever
    was settled before.
    """

    name: str
    options: tuple[str, ...]
    believed: str
    confidence: Confidence = "none"
    why: str = ""
    change: Change = "auto"
    per: Scope = "persona"
    assign: Assign = "week"
    worth_changing: float = 0.0
    was: tuple[tuple[str, str], ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    pictures: tuple[tuple[str, str], ...] = ()
    snippets: tuple[tuple[str, str], ...] = ()
    anew: date | None = None
    splits: Splits = "off"

    def __post_init__(self) -> None:
        if len(set(self.options)) < max(2, len(self.options)):
            raise InvalidPersonaError(
                f"Attribute {self.name!r} has the options {list(self.options)!r}.",
                hint="give at least two different options; 'send nothing' can be one.",
            )
        if self.believed not in self.options:
            raise InvalidPersonaError(
                f"Attribute {self.name!r} believes {self.believed!r}, which is not one of its options.",
                hint=f"use one of {', '.join(map(repr, self.options))}, or add it to `options`.",
            )
        names = [*self.options, *(old for _, old in self.was)]
        if not {new for new, _ in self.was} <= set(self.options) or len(set(names)) < len(names):
            raise InvalidPersonaError(
                f"Attribute {self.name!r} says of its options what they were: {dict(self.was)!r}.",
                hint="write `was: {NEW: OLD}`: NEW is an option, and OLD is none, nor what another option was.",
            )
        for key, about in (("labels", self.labels), ("pictures", self.pictures), ("snippets", self.snippets)):
            strange = [option for option, _ in about if option not in self.options]
            if strange:
                raise InvalidPersonaError(
                    f"Attribute {self.name!r} has {key} of {strange[0]!r}, which is not one of its options.",
                    hint=f"use one of {', '.join(map(repr, self.options))}.",
                )
        if not 0 <= self.worth_changing < 1:
            raise InvalidPersonaError(
                f"Attribute {self.name!r} is worth changing from {self.worth_changing!r}.",
                hint="write a relative lift between 0 % and 100 %, such as `worth_changing: 2%`.",
            )
        if self.splits != "off" and self.per == "channel":
            raise InvalidPersonaError(
                f"Attribute {self.name!r} is believed per channel and has `splits: {self.splits}`.",
                hint="splits are asked of one value for all channels: use `per: persona`, or `splits: off`.",
            )

    @property
    def ends_with_a_day(self) -> bool:
        """Whether its epochs are days of the calendar, and not visits, campaigns or for ever."""
        return self.assign in EPOCH_DAYS

    @property
    def epoch_days(self) -> int:
        """For how many days after the day of a unit's first exposure its epoch may last."""
        return EPOCH_DAYS.get(self.assign, 0)

    def called(self, option: str) -> str:
        """What an option is called now, by the name it has or had."""
        return next((new for new, old in self.was if old == option), option)

    def label(self, option: str) -> str:
        """What people are shown for an option: its label, or else its name."""
        return dict(self.labels).get(option, option)

    @property
    def called_by(self) -> tuple[tuple[str, str], ...]:
        """The labels that there are, by the names that their options have and had."""
        known = dict(self.labels)
        return (*self.labels, *((old, known[new]) for new, old in self.was if new in known))

    def picture(self, option: str) -> str:
        """Where a picture of an option is: an address, or the name of a file beside the persona's; empty for none."""
        return dict(self.pictures).get(option, "")

    def snippet(self, option: str) -> str:
        """What customers read where an option is shown; empty if nobody said."""
        return dict(self.snippets).get(option, "")


@value
class Trait:
    """Something that describes a persona's members: what is believed of the mean of the feature of this name."""

    name: str
    believed: float
    unit: str = ""
    confidence: Confidence = "none"


@value
class Persona:
    """A persona as people wrote it down: whom it holds, what to choose for them, what describes them.

    One that is ``split_of`` another holds those of it of whom the rule ``part`` is true: it owns the attributes that it
    names, and all others are the other's still. ``picture`` is the name of a file beside its own.
    """

    id: str
    name: str
    who: str
    goal: Goal
    priority: int = 0
    sources: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    attributes: tuple[Attribute, ...] = ()
    traits: tuple[Trait, ...] = ()
    guardrails: tuple[Guardrail, ...] = ()
    brief: str = ""
    picture: str = ""
    split_of: str = ""
    part: str = ""

    def __post_init__(self) -> None:
        for kind, names in (
            ("attribute", [attribute.name for attribute in self.attributes]),
            ("trait", [trait.name for trait in self.traits]),
            ("channel", list(self.channels)),
        ):
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise InvalidPersonaError(
                    f"Persona {self.id!r} names the {kind} {twice[0]!r} twice.", hint=f"keep one {kind} of that name."
                )
        if not self.channels and any(attribute.per == "channel" for attribute in self.attributes):
            raise InvalidPersonaError(
                f"Persona {self.id!r} has an attribute per channel but names no channel.",
                hint="list its `channels`, or use `per: persona`.",
            )
        asks = next((attribute.name for attribute in self.attributes if attribute.splits != "off"), None)
        if asks is not None and self.goal.value is not None:
            raise InvalidPersonaError(
                f"Persona {self.id!r} asks attribute {asks!r} for splits, and its goal counts the values of "
                f"{self.goal.value!r}.",
                hint="splits are asked of yes or no only: use a goal without `value`, or `splits: off`.",
            )

    def attribute(self, name: str) -> Attribute:
        """The attribute of that name."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise UnknownNameError.among("attribute", name, [attribute.name for attribute in self.attributes])

    def wait_days(self, attribute: Attribute) -> int:
        """Closed days after the day of exposure before the goal's outcomes of every unit of an attribute are known."""
        return self.goal.horizon_days + attribute.epoch_days

    def divided(self, *, id_: str, name: str, part: str, attributes: tuple[Attribute, ...]) -> Persona:
        """The persona of those of this one of whom the rule ``part`` is true, with ``attributes`` of its own."""
        return replace(
            self,
            id=id_,
            name=name,
            who=f"({self.who}) and ({part})",
            attributes=attributes,
            traits=(),
            sources=(),
            brief="",
            picture="",
            split_of=self.id,
            part=part,
        )

    @property
    def rank(self) -> tuple[int, str, bool, str]:
        """Who is asked first, in order: the lowest priority, and parts of a persona just before it."""
        return self.priority, self.split_of or self.id, not self.split_of, self.id

    @property
    def longest_wait(self) -> int:
        """Days after its first exposure on which the last outcome of any unit can come, guardrails' included."""
        horizons = [self.goal.horizon_days, *(guardrail.horizon_days for guardrail in self.guardrails)]
        return max(horizons) + max((attribute.epoch_days for attribute in self.attributes), default=0)

    def scopes(self, attribute: Attribute) -> tuple[str, ...]:
        """The channels that an attribute has a belief of its own for; ``("",)`` is one belief for all channels."""
        return self.channels if attribute.per == "channel" else ("",)


def before_all(personas: Iterable[Persona]) -> int:
    """The priority with which a persona is asked before these: where rules overlap, the customer is its."""
    return min((persona.priority for persona in personas), default=0) - 1


def longest_wait(personas: Iterable[Persona]) -> timedelta:
    """How long after the day of its first exposure the last outcome of any unit can come."""
    return timedelta(days=max((persona.longest_wait for persona in personas), default=0))


@value
class Standing:
    """Where one attribute stands in a version: its value, and since when that has been the definition.

    ``channel`` is empty when one value holds for all channels. ``since`` is the first day whose units count as
    evidence about this value, ``asked`` the first whose units may teach anything: another goal or other options are
    another question. ``decided_on`` is the day of the last change, ``decided_by`` who made it: empty for the
    workshop, ``evidence``, or a person - then automation may only propose. ``restarts`` counts the definitions before
    this one.
    """

    attribute: str
    channel: str = ""
    value: str
    since: date
    asked: date = EVER
    status: Status = "assumed"
    decided_on: date | None = None
    decided_by: str = ""
    pinned: bool = False
    restarts: int = 0

    @property
    def is_settled(self) -> bool:
        """Whether the value was confirmed, or is a correction."""
        return self.status in ("confirmed", "corrected")


@value
class PersonaVersion:
    """A persona at one moment of its life: what people wrote, what evidence made of it, and why. Never rewritten.

    ``day`` is that of the data, ``at`` the moment of the act if a person made it.
    """

    persona: Persona
    version: int
    day: date
    kind: VersionKind
    reason: str
    standings: tuple[Standing, ...]
    traits: tuple[Trait, ...] = ()
    refinement: str | None = None
    by: str = "evidence"
    at: datetime | None = None

    @property
    def id(self) -> str:
        """The persona's id."""
        return self.persona.id

    @property
    def is_split_off(self) -> bool:
        """Whether it is the first of a part that evidence split off: nobody wrote its values."""
        return self.kind == "baseline" and self.refinement is not None

    @property
    def is_roll_back(self) -> bool:
        """Whether a person went back to an older version."""
        return self.kind == "rolled back" and self.refinement is None

    def standing(self, attribute: str, channel: str = "") -> Standing:
        """Where an attribute stands, on a channel if it is believed per channel."""
        for standing in self.standings:
            if standing.attribute == attribute and standing.channel in ("", channel):
                return standing
        raise UnknownNameError.among("attribute", attribute, [standing.attribute for standing in self.standings])
