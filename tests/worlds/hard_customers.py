"""Customers that are hard for the search: worlds with nothing new in them that look as if, and groups hard to see."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias, get_args

import numpy as np

from living_personas.stats.arrays import Bools, Floats, Ints
from worlds.customers import CENTRE, FAMILIES, N_COUNTS, SPREAD, World, broadest, counted, framed, strays
from worlds.customers import customers as plain_customers

HardNull = Literal[
    "skewed", "platform outage", "misfiled", "half misfiled", "tenure", "zeros", "drift", "big host", "newcomers"
]
HardPlant = Literal["silent", "pulled", "gifter", "struggler", "timing"]
Planted: TypeAlias = tuple[World, tuple[Bools, ...]]
"""A world, and the members of each of its planted groups."""

HARD_NULLS: tuple[HardNull, ...] = get_args(HardNull)
HARD_PLANTS: tuple[HardPlant, ...] = get_args(HardPlant)


def nothing_new(kind: HardNull, n: int, *, seed: int) -> World:
    """A world in which every customer is one of the personas; nobody is planted.

    ``platform outage``: two or three kinds of events are lost of 5 to 12 %, mostly of those on telephones. ``misfiled``
    and ``half misfiled``: a small persona, and 15 to 30 or 45 % filed wrongly. ``tenure``: who was here longer does
    more. ``zeros``: zeros that come from elsewhere than from habits. ``drift``: habits that shift along one line.
    ``big host``: one wide persona of two thirds.
    """
    if kind in ("misfiled", "half misfiled"):
        rng = _rng(seed, HARD_NULLS.index(kind))
        wrong = 0.45 if kind == "half misfiled" else float(rng.uniform(0.15, 0.30))
        return World(frame=misfiled(n, seed=seed, wrong=wrong).frame, planted=np.zeros(n, dtype=np.bool_))
    family = FAMILIES[seed % 2]
    if kind == "newcomers":
        return plain_customers(family, n, seed=seed, recent=0.2)
    rng = _rng(seed, HARD_NULLS.index(kind))
    shares = [0.65, 0.2, 0.15] if kind == "big host" else rng.dirichlet(np.full(int(rng.integers(3, 6)), 8.0))
    persona = rng.choice(len(shares), n, p=shares)
    levels = (CENTRE + rng.normal(size=(len(shares), len(CENTRE))) * SPREAD)[persona]
    stray = strays(family, n, "personas", rng)
    levels, stray = _BENT.get(kind, _as_it_is)(levels, stray, persona, rng)
    numbers = counted(levels, stray, family, rng)
    _LOST.get(kind, _nothing_lost)(numbers, rng)
    return World(frame=framed(numbers | {"known": np.full(n, 400.0)}, _filed(persona, 0.15, rng)), planted=persona < 0)


def misfiled(n: int, *, seed: int, wrong: float, share: float | None = None) -> World:
    """Personas of whom one, the planted one, is small (5 to 13 %), and ``wrong`` of all customers filed at random.

    It is no segment: what it is filed under exists.
    """
    rng = _rng(seed, 101)
    k = int(rng.integers(3, 6))
    small = float(rng.uniform(0.05, 0.13)) if share is None else share
    shares = np.append((1 - small) * rng.dirichlet(np.full(k - 1, 8.0)), small)
    persona = rng.choice(k, n, p=shares)
    family = FAMILIES[seed % 2]
    levels = (CENTRE + rng.normal(size=(k, len(CENTRE))) * SPREAD * np.where(np.arange(k) == k - 1, 1.6, 1.0)[:, None])[
        persona
    ]
    numbers = counted(levels, strays(family, n, "personas", rng), family, rng)
    frame = framed(numbers | {"known": np.full(n, 400.0)}, _filed(persona, wrong, rng))
    return World(frame=frame, planted=np.asarray(persona == k - 1, dtype=np.bool_))


def planted_groups(plants: tuple[HardPlant, ...], n: int, *, share: float, seed: int) -> Planted:
    """Three to five personas, and groups of ``share`` each, filed under the persona with the most product use."""
    rng = _rng(seed, 202)
    family = FAMILIES[seed % 2]
    k = int(rng.integers(3, 6))
    persona = rng.choice(k, n, p=rng.dirichlet(np.full(k, 8.0)))
    levels = (CENTRE + rng.normal(size=(k, len(CENTRE))) * SPREAD)[persona]
    place = rng.random(n)
    groups: list[Bools] = []
    filed = persona
    for number, plant in enumerate(plants):
        members = np.asarray((place >= number * share) & (place < (number + 1) * share), dtype=np.bool_)
        levels = np.where(members[:, None], moved(plant, levels, rng), levels)
        groups.append(members)
    every = np.logical_or.reduce(groups)
    filed = np.where(every, broadest(levels[~every], persona[~every], k)[0], persona)
    numbers = counted(levels, strays(family, n, "personas", rng), family, rng)
    frame = framed(numbers | {"known": np.full(n, 400.0)}, _filed(filed, 0.15, rng))
    return World(frame=frame, planted=every), tuple(groups)


def _rng(seed: int, kind: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64([seed, kind, 15]))


def _filed(persona: Ints, wrong: float, rng: np.random.Generator) -> Ints:
    n, k = len(persona), int(persona.max()) + 1
    return np.where(rng.random(n) < wrong, rng.integers(0, k, n), persona)


# --- groups that are there: how far each tends away from its persona, column by column ---

# heavy product use, opens nothing
_SILENT = np.array([1.7, 1.5, 1.7, 1.0, 0.0, -1.0, -5.0, -3.5, -5.5, 0.0, 0.0, 0.0, 0.0, 0.0])
# large orders for others, never reduced, from a telephone in the evening
_GIFTER = np.array([-0.3, -1.2, -2.0, 0.5, 0.0, 1.3, 0.0, 0.0, 0.0, -4.0, 3.0, 3.0, 1.8, 0.0])
# many tickets and help pages, few features
_STRUGGLER = np.array([0.3, -1.5, 1.6, 0.0, 3.0, -0.6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -0.5])
# as the persona in all, but on a telephone in the evening
_TIMING = np.array([0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 3.5, 0.0, 0.0])
_PULL = 0.4


def moved(plant: HardPlant, levels: Floats, rng: np.random.Generator) -> Floats:
    """What customers of these levels would tend to as members of a planted group."""
    if plant == "pulled":
        return levels + (1 - _PULL) * (moved("silent", levels, rng) - levels)
    shift = {"silent": _SILENT, "gifter": _GIFTER, "struggler": _STRUGGLER, "timing": _TIMING}[plant]
    far = shift * rng.uniform(0.85, 1.15, size=shift.shape)
    quiet = (np.arange(len(shift)) >= N_COUNTS) & (far < 0) & (plant != "struggler")
    return np.where(quiet, far, levels + far)


# --- worlds without one ---

Bent: TypeAlias = tuple[Floats, Floats]


def _as_it_is(levels: Floats, stray: Floats, _persona: Ints, _rng: np.random.Generator) -> Bent:
    return levels, stray


def _skewed(levels: Floats, stray: Floats, _persona: Ints, rng: np.random.Generator) -> Bent:
    """A few do everything a hundred times as often."""
    busy = rng.exponential(0.8, len(levels)) - 0.8
    more = np.where(np.arange(levels.shape[1]) < N_COUNTS, 1.0, 0.0)
    return levels + busy[:, None] * more, stray


def _tenure(levels: Floats, stray: Floats, _persona: Ints, rng: np.random.Generator) -> Bent:
    """Who has been here longer does more of it, opens less and spends more, without a gap."""
    long = rng.normal(size=len(levels))
    slope = rng.normal(size=levels.shape[1]) * SPREAD * 0.7
    slope[-1] = 1.0
    return levels + long[:, None] * slope, stray


def _drift(levels: Floats, stray: Floats, _persona: Ints, rng: np.random.Generator) -> Bent:
    """Each customer is somewhere on the way of all habits from here to there."""
    line = rng.normal(size=levels.shape[1]) * SPREAD
    return levels + rng.uniform(-1, 1, len(levels))[:, None] * line, stray


def _wide(levels: Floats, stray: Floats, persona: Ints, _rng: np.random.Generator) -> Bent:
    """The first persona holds whoever fits nowhere else."""
    return levels, np.where((persona == 0)[:, None], 1.6 * stray, stray)


_BENT: dict[str, Callable[[Floats, Floats, Ints, np.random.Generator], Bent]] = {
    "skewed": _skewed,
    "tenure": _tenure,
    "drift": _drift,
    "big host": _wide,
}

_EVENTS = (
    ("features_28d",),
    ("docs_28d",),
    ("pricing_views_28d",),
    ("tickets_90d",),
    ("email_opened_90d", "email_clicked_90d"),
    ("ads_clicked_90d",),
    ("orders_90d", "orders_discounted_90d"),
)


def _nothing_lost(_numbers: dict[str, Floats | Ints], _rng: np.random.Generator) -> None:
    return


def _one_platform(numbers: dict[str, Floats | Ints], rng: np.random.Generator) -> None:
    """Two or three kinds of events never arrive from one platform."""
    sessions = np.maximum(np.asarray(numbers["sessions_28d"]), 1)
    mobile = np.asarray(numbers["sessions_mobile_28d"]) / sessions
    weigh = np.exp(float(rng.uniform(0.0, 3.0)) * mobile)
    lost = rng.random(len(mobile)) < rng.uniform(0.05, 0.12) * weigh / weigh.mean()
    for each in rng.choice(len(_EVENTS), int(rng.integers(2, 4)), replace=False):
        for name in _EVENTS[each]:
            numbers[name] = np.where(lost, 0, numbers[name])
    numbers["order_value"] = np.where(np.asarray(numbers["orders_90d"]) > 0, numbers["order_value"], np.nan)


def _zeros(numbers: dict[str, Floats | Ints], rng: np.random.Generator) -> None:
    """Counts have zeros of their own, and one in six customers more of them in all."""
    n = len(np.asarray(numbers["sessions_28d"]))
    away = rng.random(n) < 1 / 6
    for names in _EVENTS[:4]:
        none = rng.random(n) < np.where(away, 0.5, rng.uniform(0.1, 0.4))
        for each in names:
            numbers[each] = np.where(none, 0, numbers[each])


_LOST: dict[str, Callable[[dict[str, Floats | Ints], np.random.Generator], None]] = {
    "platform outage": _one_platform,
    "zeros": _zeros,
}
