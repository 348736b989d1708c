"""What customers do on a day of their own accord: sessions, features, prices, tickets, ads, mail."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from living_personas.domain.event import IDENTIFY
from living_personas.simulate.chance import Purpose, happenings, stream
from living_personas.simulate.population import CAMPAIGNS, COUNTRIES, People, Small
from living_personas.simulate.spec import WorldSpec
from living_personas.simulate.world_rows import DAY_MICROS, WorldRows, money_text
from living_personas.stats.arrays import Bools, Floats, Ints

__all__ = ["FEATURES", "ORDER", "UNSUBSCRIBED", "activity", "introductions", "moments", "orders", "past_orders"]

ORDER = "Order Completed"
UNSUBSCRIBED = "Unsubscribed"
FEATURES = ("search", "wishlist", "compare", "reviews", "planner", "export")

DISCOUNT = 0.15
"""What a discount takes off the price before it; ``revenue`` is what was paid."""

_HABIT_DAYS = 28
_MAIL_DAYS = 7
_UNSUBSCRIBES = 0.0015
_HOURS_SPREAD = 2.5
_MARGIN = 0.35


def activity(people: People, *, day: int, start: int, spec: WorldSpec) -> list[WorldRows]:
    """Everything that customers do unasked on a day; ``start`` is its first microsecond. Some of them unsubscribe."""
    group = people.group(day)
    there = people.arrives <= day
    season = spec.season.factor(day)

    def doing(purpose: Purpose, habit: str, more: Floats) -> tuple[Ints, Ints, np.random.Generator]:
        rng = stream(spec.seed, purpose, day)
        who = happenings(there * people.habit(habit, group) / _HABIT_DAYS * more * season, rng)
        return who, moments(people, who, start=start, rng=rng), rng

    who, time, rng = doing("sessions", "sessions", people.activity)
    rows = _sessions(people, who, time, group, rng=rng)
    for purpose, name, channel in _OTHERS:
        who, time, _ = doing(purpose, purpose, people.interest)
        rows.append(WorldRows(name=name, customer=who, time=time, channel=channel))
    return [*rows, *_mail(people, group, there, day=day, start=start, seed=spec.seed)]


def introductions(people: People, *, after: int | None, day: int, start: int) -> WorldRows:
    """An ``identify`` event with what the CRM knows of each customer who came after a day (None: of everybody)."""
    new = (people.arrives <= day) & ((people.arrives > after) if after is not None else True)
    who = np.flatnonzero(new)
    country = pa.array(COUNTRIES).take(pa.array(people.country[who]))
    campaign = pa.array(CAMPAIGNS).take(pa.array(people.campaign[who]))
    tenure = pa.array(people.tenure[who]).cast(pa.string())
    parts = ['{"country": "', country, '", "tenure_days": ', tenure, ', "utm_campaign": "', campaign, '"}']
    return WorldRows(
        name=IDENTIFY, customer=who, time=np.full(who.size, start), properties=pc.binary_join_element_wise(*parts, "")
    )


def orders(people: People, who: Ints, time: Ints, *, group: Small, rng: np.random.Generator) -> WorldRows:
    """Orders with what was paid, the discount and the margin; amounts are heavy-tailed."""
    paid = people.habit("order_value", group[who]) * people.spend[who] * rng.gamma(8.0, 1 / 8.0, who.size)
    discounted = rng.random(who.size) < people.habit("discounted", group[who])
    discount = np.where(discounted, paid * DISCOUNT / (1 - DISCOUNT), 0.0)
    margin = np.maximum(paid * _MARGIN - discount / 2, 0.0)
    texts = [money_text(pa.array(np.maximum(np.rint(x * 100), 0).astype(np.int64))) for x in (discount, margin, paid)]
    parts = ['{"discount": ', texts[0], ', "margin": ', texts[1], ', "revenue": ', texts[2], "}"]
    return WorldRows(
        name=ORDER, customer=who, time=time, channel="web", properties=pc.binary_join_element_wise(*parts, "")
    )


def past_orders(people: People, *, day: int, start: int, spec: WorldSpec) -> WorldRows:
    """The orders that the CRM knows from before the first day, spread over the days of history."""
    rng = stream(spec.seed, "orders", day)
    share = 1 / -day  # of what is left, so that on the last day nothing is
    who = np.repeat(np.arange(len(people)), rng.binomial(people.orders_before, share))
    people.orders_before -= np.bincount(who, minlength=len(people)).astype(np.int32)
    time = moments(people, who, start=start, rng=rng)
    return orders(people, who, time, group=people.group(day), rng=rng)


def moments(people: People, who: Ints, *, start: int, rng: np.random.Generator) -> Ints:
    """A moment of the day for each, around the customer's usual hour."""
    hours = (people.hour[who] + _HOURS_SPREAD * rng.standard_normal(who.size)) % 24
    return start + np.minimum((hours / 24 * DAY_MICROS).astype(np.int64), DAY_MICROS - 1)


_OTHERS: tuple[tuple[Purpose, str, str], ...] = (
    ("pricing", "Pricing Viewed", "web"),
    ("tickets", "Support Ticket Opened", "support"),
    ("ads", "Ad Clicked", "ads"),
)
"""Habits that are a happening each: habit, event, channel."""


def _sessions(people: People, who: Ints, time: Ints, group: Small, *, rng: np.random.Generator) -> list[WorldRows]:
    """Sessions, and what was used in them: one event with a count, as a client that saves messages sends it."""
    robot = people.robot[who]
    device = np.where(robot, 2, (rng.random(who.size) < people.mobile[who]).astype(np.int64))
    session = pa.array(['{"device": "desktop"}', '{"device": "mobile"}', "{}"]).take(pa.array(device))
    times = rng.poisson(people.habit("features", group[who]))
    used = np.flatnonzero(times)
    feature = pa.array(FEATURES).take(pa.array(rng.integers(len(FEATURES), size=used.size)))
    count = pa.array(times[used]).cast(pa.string())
    return [
        WorldRows(name="Session Started", customer=who, time=time, channel="web", properties=session),
        WorldRows(
            name="Feature Used",
            customer=who[used],
            time=_later(time[used], rng.random(used.size) * 1800),
            channel="product",
            properties=pc.binary_join_element_wise('{"feature": "', feature, '", "times": ', count, "}", ""),
        ),
    ]


def _mail(people: People, group: Small, there: Bools, *, day: int, start: int, seed: int) -> list[WorldRows]:
    """The weekly newsletter. Whether it is opened says nothing about whether anybody buys."""
    rng = stream(seed, "mail", day)
    who = np.flatnonzero(there & people.subscribed & ((day - people.occasion) % _MAIL_DAYS == _MAIL_DAYS // 2))
    sent = np.full(who.size, start + 9 * 3600 * 1_000_000)
    seen = _later(sent, rng.exponential(4 * 3600, who.size))
    opens = np.where(day >= people.turns[who], people.habit("opened", group[who]), people.opened[who])
    opened = rng.random(who.size) < opens
    clicked = opened & (rng.random(who.size) < people.habit("clicked", group[who]))
    left = (rng.random(who.size) < _UNSUBSCRIBES) & ~people.robot[who]
    people.subscribed[who[left]] = False
    return [
        WorldRows(name=name, customer=who[which], time=time[which], channel="email")
        for name, which, time in (
            ("Email Delivered", np.ones(who.size, dtype=bool), sent),
            ("Email Opened", opened, seen),
            ("Email Link Clicked", clicked, _later(seen, np.full(who.size, 20.0))),
            (UNSUBSCRIBED, left, _later(seen, np.full(who.size, 60.0))),
        )
    ]


def _later(time: Ints, seconds: Floats) -> Ints:
    """So many seconds later, and still on the same day."""
    end = time // DAY_MICROS * DAY_MICROS + DAY_MICROS - 1
    return np.minimum(time + (seconds * 1_000_000).astype(np.int64), end)
