"""A persona whose parts want two values is split in two, learns apart, and is one again when they want the same."""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from living_personas.deciding.decide import Decider
from living_personas.domain.event import Event
from living_personas.domain.refinement import LATE_DATA
from living_personas.errors import InvalidDecisionError
from living_personas.loop import cycle
from living_personas.loop.recording.record import record
from living_personas.loop.relations import table_of
from living_personas.loop.splits.daily_splits import learn_splits, newest_split
from living_personas.loop.splits.part_files import write_parts
from living_personas.loop.splits.split_ledger import days_counted, forget_counted
from living_personas.memory.people_records import FILE_SAVES
from living_personas.memory.split_blocks import split_block_of
from living_personas.memory.split_records import SPLITS
from living_personas.memory.tables import SPLIT_BETS, UNITS
from living_personas.outgoing.announcements import changes_in
from living_personas.people.acting import reject, reopen
from living_personas.people.person import Person
from living_personas.refining.splits.kept_split import KeptSplit
from living_personas.reporting.cards import overview_of
from living_personas.reporting.changes import change_sentence, kind_words
from living_personas.reporting.labels import labels_of
from living_personas.reporting.plain import persona_headline
from living_personas.reporting.report import build_report, log_entries
from living_personas.serving.desk import desk_of
from living_personas.serving.question import Question
from living_personas.serving.why import why
from loop.shops import DAY_ZERO, context_of, morning_after, noon, reread
from loop.split_shop import BUYER, FRAMING, SPLIT_SETTINGS, SplitShop
from serving.answered import answer_list
from written import write_workspace

pytestmark = pytest.mark.long

WORKSPACE = """\
name: shop
salt: the salt of the shop
holdout: 0%
traits: [device, country]
features:
  visits: count(*) filter (where event = 'Visit')
"""
BUYER_FILE = """\
persona: buyer
name: Buyers
who: "true"
goal: {event: Bought, within: 1 day}
attributes:
  framing: {options: [quality, social], we_believe: quality, assign: day, change: review, splits: propose}
  tone: {options: [calm, loud], we_believe: calm, assign: day, change: observe}
"""


def reversed_(device: str, option: str) -> float:
    return 0.75 if (device == "mobile") == (option == "social") else 0.25


def social(_device: str, option: str) -> float:
    return 0.8 if option == "social" else 0.2


def known_as(device: str) -> dict[str, object]:
    return {"device": device, "country": "NL"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_workspace(tmp_path, WORKSPACE, {"buyer": BUYER_FILE})


@pytest.fixture(scope="module")
def proposed_once() -> SplitShop:
    """A shop in which a split waits for a person."""
    attribute = replace(BUYER.attributes[0], change="review")
    persona = replace(BUYER, attributes=(attribute, *BUYER.attributes[1:]))
    shop = SplitShop(reversed_, context_of(persona, settings=SPLIT_SETTINGS))
    return shop.live(16, until=lambda: bool(shop.waiting("split")))


@pytest.fixture
def proposed(proposed_once: SplitShop) -> SplitShop:
    return replace(proposed_once, context=replace(proposed_once.context, store=deepcopy(proposed_once.context.store)))


def check_counted_apart(shop: SplitShop, part: str) -> None:
    """What evidence split off is nobody's belief."""
    reports = {each.persona: each for each in build_report(shop.context).personas}
    assert {id_: each.origin for id_, each in reports.items()} == {"buyer": "workshop", part: "split"}
    counted = overview_of(reports.values())
    assert counted.startswith("Of the workshop\N{RIGHT SINGLE QUOTATION MARK}s 2 beliefs, ")
    assert "Of 1 value of a part that evidence split off, " in counted
    assert "workshop" not in persona_headline(reports[part])


def check_taken_away_once(shop: SplitShop, path: Path, *, root: Path) -> None:
    """A part that was merged is taken away, kept as a save, and not again once somebody brought it back."""
    written = path.read_text()
    assert write_parts(shop.context, root=root) == (path,)
    split_off, merged = FILE_SAVES.all(shop.context.store).values()
    assert [(each.before, each.after) for each in (split_off, merged)] == [(None, written), (written, None)]
    path.write_text(written)
    assert write_parts(reread(shop.context, root), root=root) == ()
    assert path.read_text() == written
    path.unlink()


def test_a_persona_is_split_its_part_learns_and_both_are_one_again(root: Path, proposed: SplitShop) -> None:
    shop = proposed
    (made,) = (each for each in shop.context.store.refinements.all() if each.kind == "split")
    assert made.split is not None
    assert made.split.part == "(device = 'mobile') is true" or "desktop" in made.split.part
    assert (made.old, made.new) == ("quality", "social")
    assert "Buyers" in made.why
    assert "One value for all is proven wrong for one of them." in made.why
    assert made.effect is None or made.effect.estimate > 0
    shop.approve("split")
    (path,) = write_parts(shop.context, root=root)

    shop.context = reread(shop.context, root)
    part = next(persona for persona in shop.context.personas if persona.split_of)
    assert [attribute.name for attribute in part.attributes] == ["framing"]
    assert part.goal == BUYER.goal
    shop.live(2)
    first, second = shop.snapshot.personas
    assert (first.persona, second.persona) == (part.id, "buyer")
    mobile = Decider(shop.snapshot).decide("ann", known_as("mobile"), at=morning_after(shop.days))
    desktop = Decider(shop.snapshot).decide("bob", known_as("desktop"), at=morning_after(shop.days))
    assert (mobile.persona, desktop.persona) == (part.id, "buyer")
    inherited = {each.attribute: each for each in first.attributes}["tone"]
    assert inherited == {each.attribute: each for each in second.attributes}["tone"]
    assert {choice.attribute for choice in mobile.choices} == {"framing", "tone"}
    assert not shop.snapshot.leaves
    check_counted_apart(shop, part.id)
    units = table_of(UNITS.read(shop.context.store, DAY_ZERO + timedelta(days=shop.days - 1), date.max))
    met = {(row["attribute"], row["persona"]) for row in units.to_pylist()}
    assert met == {("tone", "buyer"), ("framing", "buyer"), ("framing", part.id)}

    shop.rates = social
    shop.live(20, until=lambda: bool(shop.waiting("correct")))
    shop.approve("correct")
    shop.live(1)
    shop.approve("merge")
    check_taken_away_once(shop, path, root=root)
    shop.context = reread(shop.context, root)
    shop.live(1)
    assert [each.persona for each in shop.snapshot.personas] == ["buyer"]
    told = [(entry.persona, kind_words(entry)) for entry in log_entries(shop.context)]
    assert told.count((part.id, "split off")) == 1
    assert told.count(("buyer", "merged")) == 1


def test_what_is_shown_by_part_is_counted_by_part_and_ends_when_a_person_does_not_want_it(proposed: SplitShop) -> None:
    table = proposed.persona("buyer").attributes[0].tables[-1]
    assert table.inside is not None
    assert proposed.snapshot.format == 2
    assert table.inside.shares != table.shares
    decider, at = Decider(proposed.snapshot), noon(proposed.days + 1)
    by_device = {device: decider.decide("ann", known_as(device), at=at).choices[0] for device in ("mobile", "desktop")}
    assert {each.policy for each in by_device.values()} == {table.policy, table.inside.policy}
    for choice in by_device.values():
        shares = dict(zip(BUYER.attributes[0].options, table.by_policy[choice.policy], strict=True))
        assert choice.propensity == shares[choice.option]
    (waiting,) = proposed.waiting("split")
    reject(proposed.context, waiting, Person(by="dana", now=morning_after(proposed.days - 1), owner="w"))
    proposed.live(1)
    assert not proposed.waiting("split")
    assert proposed.persona("buyer").attributes[0].tables[-1].inside is None


def test_desk_list_and_why_choose_by_part_from_what_is_known(proposed: SplitShop) -> None:
    """Nobody says what device it is: the last cycle knew."""
    at, desk = noon(proposed.days + 1), desk_of(proposed.context)
    customers = [f"v{proposed.days - 1}-{number}" for number in range(40)] + ["nobody"]
    listed = answer_list(proposed.context, pa.table({"customer": customers}), at=at, channel="").decided
    framing = listed.filter(pc.equal(listed["attribute"], "framing"))
    in_list = {row["customer"]: (row["option"], row["policy"], row["propensity"]) for row in framing.to_pylist()}
    answers = {each: desk.answer(Question(customer=each, at=at, only=("framing",))) for each in customers}
    chosen = {each: answer.decision.choices[0] for each, answer in answers.items()}
    assert in_list == {each: (c.option, c.policy, c.propensity) for each, c in chosen.items()}
    assert len({choice.policy for choice in chosen.values()}) == 2
    for answer in answers.values():
        (drawn,) = why(answer, proposed.snapshot).drawn
        assert drawn.runner_up_share == pytest.approx(1 - drawn.propensity)


def test_it_is_told_in_the_report_and_to_webhooks(proposed: SplitShop) -> None:
    report = build_report(proposed.context)
    (framing, tone) = report.personas[0].attributes
    assert framing.by_part.startswith("It is asked whether one value suits everybody. Where device is “")
    assert tone.by_part == ""
    assert sum(option.share for option in framing.options) == pytest.approx(1)
    (waiting,) = report.reviews
    assert waiting.split is not None
    said = change_sentence(waiting, {"buyer": BUYER.goal}, labels_of([BUYER]))
    better, other = waiting.split.values
    ends = r"\(\+\d+ in 100, between \+\d+ and \+\d+\)"
    assert re.search(
        rf"'{better}' looks better {ends} where device is “\w+”, and '{other}' {ends} for all others\.", said
    )
    assert re.search(r"'\w+' against '\w+': \+\d+ points", said)
    told = {each.name: each.data for each in changes_in(proposed.context) if each.data.get("kind") == "split"}
    assert told.keys() == {"persona.version.proposed", "review.requested"}
    for data in told.values():
        assert (data["part"], data["why"]) == (waiting.split.part, waiting.why)


def test_counted_from_nothing_it_is_the_same_to_the_byte_also_after_late_data(proposed: SplitShop) -> None:
    store, closed = proposed.context.store, DAY_ZERO + timedelta(days=proposed.days - 1)
    before = split_block_of(newest(proposed))
    late = [
        Event(message_id=f"late-{number}", customer=f"v8-{number}", name="Bought", time=noon(8, hours=5))
        for number in range(0, 40, 2)
    ]
    record(proposed.context, late, received=noon(proposed.days, hours=1))
    cycle.run(proposed.context, now=morning_after(proposed.days - 1), owner="w")
    changed = split_block_of(newest(proposed))
    assert changed != before
    bets = SPLIT_BETS.etags(store)
    for day in days_counted(store, FRAMING):
        forget_counted(store, FRAMING, day)
    first, *later = SPLITS.names(store)
    SPLITS.write_all(store, dict.fromkeys(later))
    learn_splits(proposed.context, closed)
    assert split_block_of(newest(proposed)) == changed
    assert SPLIT_BETS.etags(store) == bets
    assert first == f"{FRAMING}/{DAY_ZERO + timedelta(days=6)}"


def test_late_data_that_take_the_proof_away_end_the_waiting(proposed: SplitShop) -> None:
    """Everybody bought after all."""
    late = [
        Event(message_id=f"late-{day}-{number}", customer=f"v{day}-{number}", name="Bought", time=noon(day, hours=5))
        for day in range(7, proposed.days)
        for number in range(proposed.visitors)
    ]
    (waiting,) = proposed.waiting("split")
    record(proposed.context, late, received=noon(proposed.days, hours=1))
    cycle.run(proposed.context, now=morning_after(proposed.days - 1), owner="w")
    assert proposed.waiting("split") == []
    assert LATE_DATA in proposed.context.store.refinements.get(waiting).why


@pytest.mark.long
def test_a_rejected_split_is_opened_again_while_it_is_proven(proposed: SplitShop) -> None:
    (waiting,) = proposed.waiting("split")
    who = Person(by="Ada", now=morning_after(proposed.days - 1), owner="desk")
    reject(proposed.context, waiting, who)
    reopen(proposed.context, waiting, who)
    assert proposed.waiting("split") == [waiting]
    reject(proposed.context, waiting, who)
    late = [
        Event(message_id=f"late-{day}-{number}", customer=f"v{day}-{number}", name="Bought", time=noon(day, hours=5))
        for day in range(7, proposed.days)
        for number in range(proposed.visitors)
    ]
    record(proposed.context, late, received=noon(proposed.days, hours=1))
    cycle.run(proposed.context, now=morning_after(proposed.days - 1), owner="w")
    with pytest.raises(InvalidDecisionError, match="took away"):
        reopen(proposed.context, waiting, who)


def test_where_one_value_suits_everybody_nothing_is_proposed() -> None:
    shop = SplitShop(social).live(14)
    assert newest(shop).through == DAY_ZERO + timedelta(days=12)
    assert [each for each in shop.context.store.refinements.all() if each.kind == "split"] == []


def newest(shop: SplitShop) -> KeptSplit:
    found = newest_split(shop.context.store, FRAMING)
    assert found is not None
    return found
