"""What can be said of a workspace today: believed, proven, still unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import date, datetime
from typing import Literal

from living_personas.domain.aside import Aside
from living_personas.domain.belief import EffectDays, Interval
from living_personas.domain.capped_goal import CappedGoal
from living_personas.domain.persona import Change, Confidence, Status
from living_personas.domain.refinement import Refinement
from living_personas.domain.settings import Promise
from living_personas.domain.uncounted import Uncounted
from living_personas.domain.value import value

__all__ = [
    "ENDED",
    "MERGED",
    "RETURNED",
    "AttributeReport",
    "Decided",
    "Decider",
    "Gain",
    "Health",
    "Knowledge",
    "Known",
    "LogEntry",
    "OptionReport",
    "Origin",
    "PartReport",
    "PartsReport",
    "PersonaReport",
    "Report",
    "TraitReport",
]

MERGED, ENDED, RETURNED = "merged", "ended", "returned"
"""Kinds of log entries that are no version: a part is one with its whole again; no file has a persona any more, or one
has it again."""

Origin = Literal["workshop", "discovered", "split"]
"""Who wrote the first version of a persona: people, the machine of a segment that they adopted, or evidence that split
it off."""

Knowledge = Literal["unknown", "leaning", "better", "best", "small", "undecided", "turned", "lost"]
"""What is known of an attribute: nothing; what is likely; that one option is proven better than another, or than every
other; that it is, but by less than is worth changing; that it is, and whether by enough is not known; or that it is
now, and was not before."""

Decider = Literal["workshop", "first guess", "evidence", "person", "pin", "rollback", "guardrail"]
"""Who chose the value that holds: the first of a discovered persona is the machine's guess."""


@value
class OptionReport:
    """How one option did: units, mean outcome with its interval (None while too few), chance of being the best."""

    option: str
    units: int
    rate: Interval | None
    prob_best: float
    share: float


@value
class Known:
    """What is known of an attribute, whoever decided: ``option`` is better than ``than`` (empty: than every other).

    While nothing is proven (*unknown*, *leaning*), ``option`` is the likeliest, and ``than`` is empty; where late data
    took the proof away (*lost*), it is the one that was proven better. ``on`` is the day of the proof, or of its loss,
    ``turned_on`` about when ``than`` ceased to be the better one, ``waits`` the id of the review in which the change,
    or what is asked about it anew, waits for a person.
    """

    state: Knowledge
    option: str
    than: str = ""
    on: date | None = None
    turned_on: date | None = None
    waits: str = ""
    at_least_times: float | None = None

    @property
    def is_proven(self) -> bool:
        """Whether ``option`` is proven better, by enough to be worth changing."""
        return self.state in ("better", "best", "turned")


@value
class Decided:
    """Who chose the value that holds, whatever is known: on which day of the data and, for people, at what moment.

    ``by`` is the person who chose it, or approved what evidence proposed; empty if none did.
    """

    how: Decider
    by: str = ""
    on: date | None = None
    at: datetime | None = None


@value
class AttributeReport:
    """One attribute: what was believed, what holds now, and the evidence.

    ``effect`` is the difference of mean outcomes ``contender`` - ``believed`` with its interval, over the last days
    whose outcomes are known (``over``), never before ``since``; None while too few are. ``size`` says it in words. The
    contender is the value that replaced the belief or, while it stands, the option most probably better. ``units`` are
    all that were ever counted about the present question. ``by_part`` says what two parts of the persona are shown
    while it is asked if one value suits everybody; empty where nothing is shown by part. ``labels`` are what people
    call the options that have a label, also under their former names. ``is_unproving`` says that its options were met
    lately with shares that nobody knows: such occasions prove nothing.
    """

    attribute: str
    channel: str
    believed: str
    confidence: Confidence
    change: Change
    value: str
    status: Status
    contender: str
    effect: Interval | None
    over: EffectDays | None
    size: str
    since: date
    units: int
    decided_on: date | None
    at_decision: Refinement | None
    known: Known
    decided: Decided
    options: tuple[OptionReport, ...]
    alarms: tuple[str, ...]
    says: str
    by_part: str = ""
    labels: tuple[tuple[str, str], ...] = ()
    is_unproving: bool = False

    @property
    def behind(self) -> int:
        """The occasions that its effect is of; all that were counted while none is known, or its days are not."""
        return self.over.units if self.effect is not None and self.over is not None else self.units

    def label(self, option: str) -> str:
        """What people call an option."""
        return dict(self.labels).get(option, option)


@value
class TraitReport:
    """One trait: what was believed, what the newest version holds, what is measured (None while too few)."""

    trait: str
    unit: str
    believed: float
    value: float
    measured: Interval | None
    customers: int


@value
class PartReport:
    """What two options came to among the occasions of customers with one value of a column.

    ``effect`` is that of the part's own last days, as any effect is; None while too little is known. Both options have
    ``units`` in these days, and at least so many ``customers`` within four weeks.
    """

    name: str
    effect: Interval | None
    new_mean: Interval | None
    old_mean: Interval | None
    units: int
    customers: int


@value
class PartsReport:
    """One attribute by the values of one ``column`` that were known before the exposure, to explore.

    ``since`` is the first day whose occasions are counted so; None while none is. Parts of fewer customers than a crowd
    are left out; ``hidden`` says how many.
    """

    attribute: str
    channel: str
    new: str
    old: str
    column: str
    percent: bool
    since: date | None
    parts: tuple[PartReport, ...]
    hidden: int = 0


@value
class LogEntry:
    """One version: when, what kind of change, why, and by whom; ``at`` is the moment, if a person did it.

    What is no version (*merged*, *ended*, *returned*) names the one that the persona stood at.

    ``turned_on`` is about when what it replaced ceased to be right, if it ever was.
    """

    persona: str
    version: int
    day: date
    kind: str
    reason: str
    by: str
    refinement: Refinement | None
    at: datetime | None = None
    turned_on: date | None = None

    @property
    def is_version(self) -> bool:
        """Whether it made a version."""
        return self.kind not in (MERGED, ENDED, RETURNED)


@value
class PersonaReport:
    """One persona as it stands; no workshop believed what one began with that is not its ``origin``.

    ``short_rule`` is what explains a discovered one best in few words, and ``short_f1`` how well it says who belongs.
    ``breakdowns`` are empty unless somebody asked for them.
    """

    persona: str
    name: str
    who: str
    version: int
    members: int | None
    units: int
    attributes: tuple[AttributeReport, ...]
    traits: tuple[TraitReport, ...]
    origin: Origin = "workshop"
    short_rule: str = ""
    short_f1: float | None = None
    breakdowns: tuple[PartsReport, ...] = ()


@value
class Gain:
    """Living minus static: what customers under living personas did more than the holdout, with its interval.

    ``difference`` is in outcomes, or their value, of 100 customers in 30 days; None while it is not known: then
    ``says`` tells what is missing.
    """

    persona: str
    living_customers: int
    static_customers: int
    difference: Interval | None
    says: str


@value
class Health:
    """What the data look like: how far they reach, what waits, what was refused, who matched no rule.

    ``uncounted`` is what came in the last closed weeks and does not count, ``capped`` the goals that sum a value,
    ``shares`` what is odd about how units come to options, where it holds nothing up. Where events were dropped because
    of their age, ``kept_from`` is the first day whose events are kept, ``again_from`` the first that late data change,
    ``compared_from`` the first on which living and static customers may enter; features that are complete from some day
    on only are in ``counted_from``.
    """

    events_waiting: int
    quarantined: tuple[tuple[str, str, int], ...]
    unmatched_units: int
    observational_units: int
    alarms: tuple[str, ...]
    uncounted: tuple[Uncounted, ...] = ()
    capped: tuple[CappedGoal, ...] = ()
    shares: tuple[str, ...] = ()
    kept_from: date | None = None
    again_from: date | None = None
    compared_from: date | None = None
    counted_from: Mapping[str, date] = field(default_factory=dict)


@value
class Report:
    """A workspace on the last closed day (None before the first).

    ``reviews`` wait for a person; those in ``asides``, by their ids, were set aside.
    """

    workspace: str
    as_of: date | None
    first_day: date | None
    error_budget: float
    promise: Promise
    personas: tuple[PersonaReport, ...]
    gains: tuple[Gain, ...]
    reviews: tuple[Refinement, ...]
    log: tuple[LogEntry, ...]
    health: Health
    asides: Mapping[str, Aside] = field(default_factory=dict)
