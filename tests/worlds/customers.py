"""Customers with known truth, as one frame of features: two behaviour families, five worlds with nothing to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from living_personas.discovery.columns import Amount, Column, Count, Rate
from living_personas.stats.arrays import Bools, Floats, Ints

Family = Literal["gamma", "factor"]
Kind = Literal["personas", "continuum", "curved", "bimodal", "outage"]
Plant = Literal["silent", "gifter"]

FAMILIES: tuple[Family, ...] = ("gamma", "factor")
NULLS: tuple[Kind, ...] = ("personas", "continuum", "curved", "bimodal", "outage")
PLANTS: tuple[Plant, ...] = ("silent", "gifter")

COLUMNS: tuple[Column, ...] = (
    Count("sessions_28d"),
    Count("features_28d"),
    Count("docs_28d"),
    Count("pricing_views_28d"),
    Count("tickets_90d"),
    Count("orders_90d"),
    Rate("email_opened_90d", of="email_received_90d"),
    Rate("email_clicked_90d", of="email_received_90d"),
    Rate("ads_clicked_90d", of="ads_seen_90d"),
    Rate("orders_discounted_90d", of="orders_90d"),
    Rate("sessions_mobile_28d", of="sessions_28d"),
    Rate("sessions_evening_28d", of="sessions_28d"),
    Amount("order_value"),
    Amount("tenure_days"),
)


@dataclass(frozen=True)
class World:
    """A frame of customers, and who of them is in the planted group."""

    frame: pa.Table
    planted: Bools


def customers(
    family: Family,
    n: int,
    *,
    seed: int,
    kind: Kind = "personas",
    planted: float = 0.0,
    plant: Plant = "silent",
    recent: float = 0.0,
) -> World:
    """``n`` customers of three to five personas, of whom 15 % are filed under a wrong one.

    ``planted`` is the share of silent evaluators (heavy product use, opens nothing) or of gifters (large orders at full
    price, from a telephone in the evening), filed under the persona with the most product use. ``recent`` is the share
    who came less than 60 days ago and did all that their persona does, in as much less time.
    """
    rng = np.random.Generator(np.random.PCG64([seed, FAMILIES.index(family), NULLS.index(kind)]))
    k = int(rng.integers(3, 6))
    persona = rng.choice(k, n, p=rng.dirichlet(np.full(k, 8.0)))
    levels = tendencies(kind, persona, k, rng)
    silent = rng.random(n) < planted
    moved = _SHIFTS[plant]
    shift = moved * rng.uniform(0.85, 1.15, size=moved.shape)
    quiet = silent[:, None] & (np.arange(len(CENTRE)) >= N_COUNTS) & (moved < 0)
    levels = np.where(silent[:, None], np.where(quiet, shift, levels + shift), levels)
    numbers = counted(levels, strays(family, n, kind, rng), family, rng)
    known = np.where(rng.random(n) < recent, np.ceil(60 * rng.random(n)), 400.0)
    if recent:
        _make_recent(numbers, known, rng)
    if kind == "outage":
        lost = rng.random(n) < rng.uniform(0.04, 0.12)
        for name in _OUTAGES[int(rng.integers(len(_OUTAGES)))]:
            numbers[name] = np.where(lost, 0, numbers[name])
    if kind == "bimodal":
        _make_bimodal(numbers, rng)
    filed = np.where(silent, broadest(levels, persona, k), persona)
    wrong = rng.random(n) < 0.15
    filed = np.where(wrong, rng.integers(0, k, n), filed)
    return World(frame=framed(numbers | {"known": known}, filed), planted=silent)


_COUNTS = ("sessions_28d", "features_28d", "docs_28d", "pricing_views_28d", "tickets_90d", "orders_90d")
_RATES = (
    ("email_opened_90d", "email_received_90d"),
    ("email_clicked_90d", "email_opened_90d"),
    ("ads_clicked_90d", "ads_seen_90d"),
    ("orders_discounted_90d", "orders_90d"),
    ("sessions_mobile_28d", "sessions_28d"),
    ("sessions_evening_28d", "sessions_28d"),
)
N_COUNTS = len(_COUNTS)
_OUTAGES = (("email_opened_90d", "email_clicked_90d"), ("features_28d",), ("docs_28d",), ("ads_clicked_90d",))

# log means of the counts, log odds of the rates, logs of order value and tenure
CENTRE = np.array([1.5, 1.2, 0.0, 0.3, -1.2, 0.2, -0.9, -1.6, -3.2, -0.6, -0.2, -0.8, 3.8, 5.5])
SPREAD = np.array([0.6, 0.6, 0.7, 0.8, 0.5, 0.7, 0.8, 0.6, 0.5, 0.9, 0.9, 0.7, 0.5, 0.4])
_SILENT = np.array([1.7, 1.5, 1.7, 1.0, 0.0, -1.0, -5.0, -3.5, -5.5, 0.0, 0.0, 0.0, 0.0, 0.0])
# their orders are large, for others, and never reduced
_GIFTER = np.array([-0.3, -1.2, -2.0, 0.5, 0.0, 1.3, 0.0, 0.0, 0.0, -4.0, 3.0, 3.0, 1.8, 0.0])
_SHIFTS = {"silent": _SILENT, "gifter": _GIFTER}


def tendencies(kind: Kind, persona: Ints, k: int, rng: np.random.Generator) -> Floats:
    """What each customer tends to, shape ``(n, 14)``: around a persona, or without gaps."""
    n, d = len(persona), len(CENTRE)
    if kind == "continuum":
        place = (persona[:, None] + rng.random((n, 2))) / k
        return np.asarray(CENTRE + (place - 0.5) @ (rng.normal(size=(2, d)) * SPREAD * 2), dtype=np.float64)
    if kind == "curved":
        place = (persona + rng.random(n)) / k * 2 * np.pi
        heavy = rng.standard_t(3, size=(n, 2)) * 0.4
        bent = np.stack([place - np.pi, np.sin(place), np.cos(2 * place), heavy[:, 0], heavy[:, 1]], axis=1)
        return np.asarray(CENTRE + bent @ (rng.normal(size=(5, d)) * SPREAD * 0.6), dtype=np.float64)
    centres = CENTRE + rng.normal(size=(k, d)) * SPREAD
    return np.asarray(centres[persona], dtype=np.float64)


def strays(family: Family, n: int, kind: Kind, rng: np.random.Generator) -> Floats:
    """How far each customer strays from its level: one common factor in one family, correlated noise in the other."""
    d = len(CENTRE)
    if family == "gamma":
        common = np.log(rng.gamma(3.0, 1 / 3.0, n)) * 0.6
        own = np.log(rng.gamma(2.5, 1 / 2.5, (n, d)))
        own[:, N_COUNTS:] = rng.normal(size=(n, d - N_COUNTS)) * 0.5
        own[:, :N_COUNTS] += common[:, None]
        return np.asarray(own, dtype=np.float64)
    root = rng.normal(size=(d, 3)) * 0.3
    tail = rng.standard_t(6, size=(n, d)) * 0.45
    return np.asarray(rng.normal(size=(n, 3)) @ root.T + tail, dtype=np.float64)


def counted(levels: Floats, stray: Floats, family: Family, rng: np.random.Generator) -> dict[str, Floats | Ints]:
    """What each customer did, by column."""
    n = len(levels)
    lively = np.minimum(levels + stray, 9.0)
    found: dict[str, Floats | Ints] = {
        name: rng.poisson(np.exp(np.minimum(lively[:, index], 7.0))) for index, name in enumerate(_COUNTS)
    }
    if family == "factor":
        found["docs_28d"] = np.where(rng.random(n) < 0.25, 0, found["docs_28d"])
    found["email_received_90d"] = rng.poisson(rng.gamma(6.0, 20 / 6.0, n))
    found["ads_seen_90d"] = rng.poisson(rng.gamma(1.5, 30 / 1.5, n))
    for index, (top, bottom) in enumerate(_RATES):
        odds = lively[:, N_COUNTS + index]
        found[top] = rng.binomial(np.asarray(found[bottom], dtype=np.int64), 1 / (1 + np.exp(-odds)))
    found["order_value"] = np.where(found["orders_90d"] > 0, np.round(np.exp(lively[:, -2]), 2), np.nan)
    found["tenure_days"] = np.ceil(np.exp(lively[:, -1]))
    return found


def _make_recent(numbers: dict[str, Floats | Ints], known: Floats, rng: np.random.Generator) -> None:
    """Events of the days since a customer came only: each falls on any day of its window.

    Wholes are thinned before their parts, which keep their share of what is left.
    """
    before = {name: np.asarray(counts, dtype=np.int64) for name, counts in numbers.items() if name.endswith("d")}
    for name in (*_COUNTS, "email_received_90d", "ads_seen_90d"):
        window = 28.0 if name.endswith("28d") else 90.0
        numbers[name] = rng.binomial(before[name], np.minimum(known / window, 1.0))
    for top, bottom in _RATES:
        left = np.asarray(numbers[bottom], dtype=np.int64)
        numbers[top] = rng.hypergeometric(before[top], before[bottom] - before[top], left)
    numbers["tenure_days"] = np.minimum(np.asarray(numbers["tenure_days"], dtype=np.float64), known)
    numbers["order_value"] = np.where(np.asarray(numbers["orders_90d"]) > 0, numbers["order_value"], np.nan)


def _make_bimodal(numbers: dict[str, Floats | Ints], rng: np.random.Generator) -> None:
    """One column has two humps that go with nothing else."""
    n = len(numbers["sessions_28d"])
    high = rng.random(n) < rng.uniform(0.05, 0.4)
    if rng.random() < 0.5:
        numbers["sessions_mobile_28d"] = rng.binomial(
            np.asarray(numbers["sessions_28d"], dtype=np.int64), np.where(high, 0.95, 0.1)
        )
    else:
        numbers["tenure_days"] = np.ceil(np.exp(np.where(high, 7.5, 4.5) + rng.normal(size=n) * 0.4))


def broadest(levels: Floats, persona: Ints, k: int) -> Ints:
    """The persona that a rule on product use would file a heavy user under."""
    use = np.array([levels[persona == p, 0].mean() if (persona == p).any() else -np.inf for p in range(k)])
    return np.full(len(persona), int(use.argmax()))


def framed(numbers: dict[str, Floats | Ints], filed: Ints) -> pa.Table:
    """Customers as one table, each filed under a persona."""
    n = len(filed)
    columns = {name: pa.array(column, from_pandas=True) for name, column in numbers.items()}
    names = pa.array([f"persona-{index}" for index in filed])
    return pa.table({"customer": pa.array([f"c{index:06d}" for index in range(n)]), "persona": names, **columns})
