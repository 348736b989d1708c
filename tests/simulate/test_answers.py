"""Customers answer as the truth says: at its rates, with its delays, and for no other reasons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from scipy.stats import chi2_contingency

from living_personas.simulate.behaviour import ORDER, UNSUBSCRIBED
from living_personas.simulate.policies import drawn
from living_personas.simulate.shop import BUDGET, EXPLORER, SILENT
from living_personas.simulate.spec import Flip, Option, PersonaSpec, Preference, Season, WorldSpec
from living_personas.simulate.world import World
from living_personas.simulate.world_rows import DAY_MICROS
from simulate.lives import Lived, lived

SURELY = 4.5
"""Standard errors that no honest draw of these tests leaves."""


def one_persona(*options: Option, seed: int = 1, flips: tuple[Flip, ...] = (), **changes: object) -> WorldSpec:
    """A world of one persona with one attribute, in which everybody is filed right."""
    preference = Preference(attribute="framing", believed=options[0].name, options=options, flips=flips)
    persona = PersonaSpec(
        id="all", name="All", who="true", share=1, newcomers=1, base_rate=0.1, preferences=(preference,)
    )
    spec = WorldSpec(
        name="one", seed=seed, customers=14_000, days=40, personas=(persona,), history_days=0, bots=0.0, arriving=0.0
    )
    return replace(spec, **changes)  # type: ignore[arg-type]  # fields by name


def answered(life: Lived) -> pl.DataFrame:
    frame = pl.from_arrow(life.world.answers())
    assert isinstance(frame, pl.DataFrame)
    return frame


def orders_of(life: Lived) -> pl.DataFrame:
    """Each exposure of all but the last week, with the days until the order that belongs to it, if one came.

    As in the engine, an order belongs to the latest exposure before it.
    """
    exposures, events = pl.from_arrow(life.exposures), pl.from_arrow(life.events)
    assert isinstance(exposures, pl.DataFrame)
    assert isinstance(events, pl.DataFrame)
    bought = events.filter(pl.col("name") == ORDER).select("customer", bought_at="time").sort("customer", "bought_at")
    occasions = exposures.select("customer", "decision_id", "time").unique().sort("customer", "time")
    until = pl.col("time").shift(-1).over("customer").fill_null(pl.datetime(2999, 1, 1, time_zone="UTC"))
    met = occasions.with_columns(until=until).join(bought, on="customer", how="left")
    owned = met.filter((pl.col("bought_at") >= pl.col("time")) & (pl.col("bought_at") < pl.col("until")))
    waited = ((pl.col("bought_at") - pl.col("time")).dt.total_microseconds() / DAY_MICROS).alias("waited")
    return exposures.filter(pl.col("day") <= pl.col("day").max() - pl.duration(days=7)).join(
        owned.select("decision_id", waited), "decision_id", how="left"
    )


def test_everybody_acts_at_the_rate_that_is_expected(demo: Lived) -> None:
    sums = answered(demo).group_by("persona", "attribute", "option").agg(pl.col("got", "acted", "expected").sum())
    for row in sums.iter_rows(named=True):
        error = np.sqrt(row["expected"] * (1 - row["expected"] / row["got"]))
        assert abs(row["acted"] - row["expected"]) < SURELY * error, row
    assert sums.height == 13


def test_what_comes_back_through_events_is_what_was_answered() -> None:
    life = lived(one_persona(Option(name="a"), Option(name="b", odds=2.0)), days=21)
    seen = orders_of(life).group_by("option").agg(pl.len(), bought=pl.col("waited").count()).sort("option")
    first_days = (
        answered(life).filter(pl.col("day") < 14).group_by("option").agg(pl.col("got", "acted").sum()).sort("option")
    )
    assert seen["len"].to_list() == first_days["got"].to_list()
    assert seen["bought"].to_list() == first_days["acted"].to_list()


@pytest.mark.parametrize("family", ["gamma", "lognormal"])
def test_the_truth_is_the_rate_of_members_who_are_filed_right(family: str) -> None:
    spec = one_persona(
        Option(name="a"), Option(name="b", odds=2.0), family=family, frailty=0.8, season=Season(weekly=0.4, trend=2.0)
    )
    life = lived(spec, days=28)
    truth = life.world.truth.attribute("all", "framing")
    assert truth.rates[0, 0] == pytest.approx(0.1, rel=1e-6)
    sums = answered(life).group_by("option").agg(pl.col("got", "acted").sum()).sort("option")
    for place, row in enumerate(sums.iter_rows(named=True)):
        planned = truth.rates[:28, place].mean()
        error = np.sqrt(planned * (1 - planned) / row["got"])
        assert abs(row["acted"] / row["got"] - planned) < SURELY * error


def test_effects_of_several_attributes_multiply_on_the_odds() -> None:
    spec = one_persona(Option(name="a"), Option(name="b", odds=2.0), frailty=0.0)
    tone = Preference(attribute="tone", believed="x", options=(Option(name="x"), Option(name="y", odds=3.0)))
    [persona] = spec.personas
    both = replace(spec, personas=(replace(persona, preferences=(*persona.preferences, tone)),))
    life = lived(both, days=28)
    met = orders_of(life).pivot("attribute", index=["decision_id", "waited"], values="option")
    rates = met.group_by("framing", "tone").agg(pl.len(), bought=pl.col("waited").count())
    for row in rates.iter_rows(named=True):
        odds = 1 / 9 * {"a": 1, "b": 2}[row["framing"]] * {"x": 1, "y": 3}[row["tone"]]
        error = np.sqrt(row["len"] * odds) / (1 + odds)
        assert abs(row["bought"] - row["len"] * odds / (1 + odds)) < SURELY * error


def test_each_option_has_its_own_delay() -> None:
    spec = one_persona(Option(name="slow", delay_days=2.5), Option(name="fast", delay_days=0.5), longest_delay_days=6.0)
    waits = orders_of(lived(spec, days=35)).drop_nulls("waited")
    for option, mean in (("slow", 2.5), ("fast", 0.5)):
        days = waits.filter(pl.col("option") == option)["waited"].to_numpy()
        cut = mean - 6.0 / np.expm1(6.0 / mean)  # the mean of an exponential below 6
        assert abs(days.mean() - cut) < SURELY * days.std() / np.sqrt(days.size)
        assert days.max() <= 6.0


def test_a_preference_flips_on_its_day() -> None:
    spec = one_persona(Option(name="a", odds=2.0), Option(name="b"), flips=(Flip(day=14, odds=(1.0, 2.0)),))
    life = lived(spec, days=28)
    truth = life.world.truth.attribute("all", "framing")
    assert (truth.best_on(13), truth.best_on(14), truth.flips) == ("a", "b", (14,))
    assert (truth.verdict_on(13), truth.verdict_on(14), truth.verdict_on(14, of="b")) == ("right", "wrong", "right")
    halves = answered(life).group_by(pl.col("day") >= 14, "option").agg(pl.col("acted").sum() / pl.col("got").sum())
    rate = {(late, option): value for late, option, value in halves.iter_rows()}
    assert rate[False, "a"] > 1.5 * rate[False, "b"]
    assert rate[True, "b"] > 1.5 * rate[True, "a"]


def test_opens_say_nothing_about_orders() -> None:
    life = lived(one_persona(Option(name="a"), Option(name="b")), days=35)
    events = pl.from_arrow(life.events)
    assert isinstance(events, pl.DataFrame)
    opened = set(events.filter(pl.col("name") == "Email Opened")["customer"])
    bought = set(events.filter(pl.col("name") == ORDER)["customer"])
    mailed = set(events.filter(pl.col("name") == "Email Delivered")["customer"])
    table = [
        [sum((c in opened) == o and (c in bought) == b for c in mailed) for o in (True, False)] for b in (True, False)
    ]
    assert min(map(min, table)) > 100
    assert chi2_contingency(table).pvalue > 1e-4


def test_the_silent_evaluator_answers_a_nudge_and_nothing_else() -> None:
    spec = one_persona(Option(name="a"), Option(name="b", odds=3.0))
    [persona] = spec.personas
    spec = replace(spec, segments=(replace(SILENT, home=persona.id, share=0.6),))
    world = World(spec)

    def by_channel(asked: pa.Table) -> pa.Table:
        decisions = drawn(world)(asked)
        nudges = pc.equal(decisions["option"], "a")
        option = pc.if_else(nudges, "In-product nudge", "E-mail")
        return decisions.set_column(2, "attribute", pa.repeat("first_test", len(option))).set_column(
            3, "option", option
        )

    for day in list(world.days())[:28]:
        world.live(day, lambda asked: pa.concat_tables([drawn(world)(asked), by_channel(asked)]))
    silent = world.people.segment == 0
    assert world.truth.segment("silent-evaluator").members == world.people.ids.filter(pa.array(silent))
    rates = dict(world.truth.segment("silent-evaluator").rates)
    assert rates["in_product"] > 5 * rates["email"] == pytest.approx(5 * rates["ads"])
    odds = [world._minds.odds("framing", "b", day=0), world._minds.odds("first_test", "In-product nudge", day=0)]
    assert [list(each) for each in odds] == [[3.0, 1.0, 1.0], [1.0, 8.0, 1.0]]
    frame = pl.from_arrow(world.answers())
    assert isinstance(frame, pl.DataFrame)
    would = frame.filter(pl.col("attribute") == "first_test").group_by("option").agg(pl.col("would", "asked").sum())
    rate = {option: would / asked for option, would, asked in would.iter_rows()}
    assert rate["In-product nudge"] > rate["E-mail"] + 0.6 * 0.6 * (rates["in_product"] - rates["email"])


def test_an_annoying_option_drives_people_away() -> None:
    loud = Option(name="loud", unsubscribes=20.0)
    life = lived(one_persona(Option(name="calm"), loud, channels=(("email", 1.0),), subscribed=1.0), days=28)
    mailed = pl.from_arrow(life.events.filter(pc.equal(life.events["name"], "Email Delivered")))
    left = pl.from_arrow(life.events.filter(pc.equal(life.events["name"], UNSUBSCRIBED)))
    assert isinstance(mailed, pl.DataFrame)
    assert isinstance(left, pl.DataFrame)
    assert left["customer"].is_unique().all()
    met = pl.from_arrow(life.exposures)
    assert isinstance(met, pl.DataFrame)
    then = met.join(left, on=["customer", "day"])["option"].to_list()
    assert then.count("loud") > 10 * then.count("calm")
    after = mailed.join(left.select("customer", left_on="day"), on="customer").filter(pl.col("day") > pl.col("left_on"))
    assert after.is_empty()


def test_a_first_order_makes_somebody_else_of_a_first_time_buyer(demo: Lived) -> None:
    bought = demo.events.filter(pc.equal(demo.events["name"], ORDER))["customer"].unique()
    who = pc.index_in(bought, value_set=demo.world.people.ids).to_numpy(zero_copy_only=False)
    names = [persona.id for persona in demo.world.spec.personas]
    now = {names[place] for place in np.unique(demo.world.people.persona[who])}
    assert now == set(names) - {BUDGET.id, EXPLORER.id}
