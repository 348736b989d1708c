"""Who lives in the world: one column per thing that is true of a customer. Nothing of it is ever shown."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from living_personas.errors import InvalidWorldError
from living_personas.simulate.chance import stream
from living_personas.simulate.frailty import draw_factors
from living_personas.simulate.habits import Habits, habit_table
from living_personas.simulate.spec import PersonaSpec, WorldSpec
from living_personas.stats.arrays import Bools, Floats

__all__ = ["CAMPAIGNS", "COUNTRIES", "MOBILE_SHARE", "NEVER", "People", "Small", "draw_people"]

Small = NDArray[np.int32]

CAMPAIGNS = ("spring_deal", "newsletter", "search", "friends")
"""The first is a campaign of deals."""
COUNTRIES = ("DE", "NL", "FR", "BE")

MOBILE_SHARE = 0.6
"""The mean share of sessions on a telephone, the same for everybody's group: a trait that can be believed right."""

NEVER = np.iinfo(np.int32).max
"""A day that does not come."""

_NOBODY = -1
_ALWAYS = np.iinfo(np.int32).min
_ROBOT = Habits(sessions=160, features=0, pricing=40, tickets=0, ads=8, opened=1, clicked=1, deal=0.25)
_ACTIVITY_SPREAD, _INTEREST_SPREAD, _SPEND_SPREAD = 0.48, 0.7, 0.4
_OPENING_WEIGHT = 12.0
_MACHINE_OPENS = 0.97
_MOBILE_WEIGHT = 4.0
_MEAN_TENURE = 300.0
_HOUR_SPREAD = 3.0
_COUNTRY_SHARES = [0.5, 0.2, 0.2, 0.1]


@dataclass(slots=True)
class People:
    """All customers in columns; ``persona`` and ``subscribed`` change as they live.

    ``segment`` is a planted segment, one past the last means a robot, and it holds from the day ``turns`` on;
    ``arrives`` is the day they come (before 0: they were there), ``heir`` the persona that they become with their first
    order, ``activity`` and ``interest`` how much more than the mean they do, ``frailty`` and ``spend`` the same of
    their odds and their money, ``occasion`` the day of the cycle on which something is decided for them.
    """

    ids: pa.Array
    persona: Small
    segment: Small
    turns: Small
    heir: Small
    arrives: Small
    occasion: Small
    activity: Floats
    interest: Floats
    frailty: Floats
    spend: Floats
    opened: Floats
    hour: Floats
    mobile: Floats
    subscribed: Bools
    channel: Small
    campaign: Small
    country: Small
    tenure: Small
    orders_before: Small
    habits: dict[str, Floats]
    personas: int

    def __len__(self) -> int:
        return int(self.persona.size)

    @property
    def robot(self) -> Bools:
        """Who is no human."""
        return np.asarray(self.segment == self.habits["sessions"].size - self.personas - 1)

    def group(self, day: int) -> Small:
        """Whose habits and mind each customer has on a day: a persona's, or beyond them a segment's or a robot's."""
        return np.where(day >= self.turns, self.personas + self.segment, self.persona).astype(np.int32)

    def habit(self, name: str, group: Small) -> Floats:
        """The mean of a habit in each customer's group."""
        return self.habits[name][group]

    def grow_up(self, customers: NDArray[np.int64]) -> None:
        """After their first order, customers are what their persona's members become."""
        heirs = self.heir[customers]
        self.persona[customers] = np.where(heirs == _NOBODY, self.persona[customers], heirs)
        self.heir[customers] = _NOBODY


def draw_people(spec: WorldSpec) -> People:
    """The customers of a world.

    Raises
    ------
    InvalidWorldError
        If a planted segment is larger than its home.
    """
    rng = stream(spec.seed, "people")
    size = spec.customers
    table = habit_table((*(p.habits for p in spec.personas), *(s.habits for s in spec.segments), _ROBOT))
    arrives = _arrivals(spec, rng)
    persona = _personas(spec, arrives, rng)
    segment, turns = _planted(spec, persona, rng)
    begins = np.where(turns == _ALWAYS, len(spec.personas) + segment, persona)
    activity, interest = _vigour(spec, rng)
    return People(
        ids=pc.binary_join_element_wise("c", pa.array(np.arange(size)).cast(pa.string()), ""),
        persona=persona,
        segment=segment,
        turns=turns,
        heir=_heirs(spec.personas, persona, rng),
        arrives=arrives,
        occasion=rng.integers(spec.occasion_days, size=size, dtype=np.int32),
        activity=activity,
        interest=interest,
        frailty=draw_factors(rng, size, family=spec.family, spread=spec.frailty),
        spend=draw_factors(rng, size, family=spec.family, spread=_SPEND_SPREAD),
        opened=_openings(table["opened"][persona], spec, rng),
        hour=(table["hour"][begins] + _HOUR_SPREAD * rng.standard_normal(size)) % 24,
        mobile=_around(np.full(size, MOBILE_SHARE), _MOBILE_WEIGHT, rng),
        subscribed=rng.random(size) < spec.subscribed,
        channel=_chosen([share for _, share in spec.channels], size, rng),
        campaign=np.where(rng.random(size) < table["deal"][begins], 0, rng.integers(1, 4, size)).astype(np.int32),
        country=_chosen(_COUNTRY_SHARES, size, rng),
        tenure=np.where(arrives < 0, rng.exponential(_MEAN_TENURE, size), 0).astype(np.int32),
        orders_before=_orders_before(table["orders_before"][begins], arrives, rng),
        habits=table,
        personas=len(spec.personas),
    )


def _arrivals(spec: WorldSpec, rng: np.random.Generator) -> Small:
    """The first customers were always there; each day of the rest brings new ones."""
    late = round(spec.arriving * spec.customers)
    days = np.sort(rng.integers(0, spec.days, size=late))
    return np.concatenate([np.full(spec.customers - late, _ALWAYS), days]).astype(np.int32)


def _personas(spec: WorldSpec, arrives: Small, rng: np.random.Generator) -> Small:
    first = _chosen([persona.share for persona in spec.personas], arrives.size, rng)
    newcomers = [persona.newcomers for persona in spec.personas]
    later = _chosen(newcomers, arrives.size, rng) if sum(newcomers) > 0 else first
    return np.where(arrives < 0, first, later).astype(np.int32)


def _planted(spec: WorldSpec, persona: Small, rng: np.random.Generator) -> tuple[Small, Small]:
    """The planted segment of each customer and since when; robots are the last segment."""
    segment = np.full(persona.size, _NOBODY, dtype=np.int32)
    turns = np.full(persona.size, NEVER, dtype=np.int32)
    homes = {each.id: index for index, each in enumerate(spec.personas)}
    plan = [(each.share, each.id, homes[each.home], each.from_day) for each in spec.segments]
    for index, (share, name, home, from_day) in enumerate([*plan, (spec.bots, "bots", None, None)]):
        free = np.flatnonzero((segment == _NOBODY) & ((persona == home) if home is not None else True))
        wanted = round(share * persona.size)
        if wanted > free.size:
            raise InvalidWorldError(
                f"Segment {name!r} wants {wanted} customers, and its home has {free.size}.",
                hint="make its share smaller, or its home's larger.",
            )
        members = rng.choice(free, size=wanted, replace=False)
        segment[members] = index
        turns[members] = _ALWAYS if from_day is None else from_day
    return segment, turns


def _heirs(personas: tuple[PersonaSpec, ...], persona: Small, rng: np.random.Generator) -> Small:
    """What each customer becomes with the first order; nothing else if the shares leave room."""
    places = {each.id: index for index, each in enumerate(personas)}
    point = rng.random(persona.size)
    heir = np.full(persona.size, _NOBODY, dtype=np.int32)
    for index, each in enumerate(personas):
        end = 0.0
        for name, share in each.becomes:
            heir[(persona == index) & (point >= end) & (point < end + share)] = places[name]
            end += share
    return heir


def _vigour(spec: WorldSpec, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """How much of everything customers do: independent in the gamma family, half in common in the lognormal one."""
    size, family = spec.customers, spec.family
    activity = draw_factors(rng, size, family=family, spread=_ACTIVITY_SPREAD)
    interest = draw_factors(rng, size, family=family, spread=_INTEREST_SPREAD)
    if family == "lognormal":
        interest = interest * np.sqrt(activity)
        interest /= interest.mean()
    return activity, interest


def _openings(means: Floats, spec: WorldSpec, rng: np.random.Generator) -> Floats:
    """How probably each customer's mail is opened; where a machine opens it, nearly always."""
    own = _around(means, _OPENING_WEIGHT, rng)
    return np.where(rng.random(means.size) < spec.machine_opens, _MACHINE_OPENS, own)


def _orders_before(means: Floats, arrives: Small, rng: np.random.Generator) -> Small:
    """How many orders the CRM knows of each customer: at least one where there is any."""
    count = 1 + rng.poisson(np.maximum(means - 1, 0))
    return np.where((means >= 1) & (arrives < 0), count, 0).astype(np.int32)


def _around(means: Floats, weight: float, rng: np.random.Generator) -> Floats:
    """Shares of customers around these means: beta, of so much weight."""
    inside = np.clip(means, 1e-3, 1 - 1e-3)
    return rng.beta(inside * weight, (1 - inside) * weight)


def _chosen(shares: list[float], size: int, rng: np.random.Generator) -> Small:
    """An index for each customer, by shares that need not add up to 1."""
    ends = np.cumsum(shares) / np.sum(shares)
    return np.minimum(np.searchsorted(ends, rng.random(size), side="right"), len(shares) - 1).astype(np.int32)
