"""A persona whose parts want two values is split in two, learns apart, and is one again when they want the same."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from living_personas.deciding.decide import Decider
from living_personas.loop.context import Context
from living_personas.loop.parting import write_parts
from living_personas.workspace.files import read_workspace
from loop.shops import context_of, morning_after
from loop.split_shop import SplitShop

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
    (tmp_path / "personas").mkdir()
    (tmp_path / "workspace.yaml").write_text(WORKSPACE, encoding="utf-8")
    (tmp_path / "personas" / "buyer.yaml").write_text(BUYER_FILE, encoding="utf-8")
    return tmp_path


def reopened(context: Context, root: Path) -> Context:
    """The workspace as its files say by now."""
    files = read_workspace(root)
    return replace(context, settings=files.settings, personas=files.personas)


def test_a_persona_is_split_its_part_learns_and_both_are_one_again(root: Path) -> None:
    files = read_workspace(root)
    shop = SplitShop(reversed_, context_of(*files.personas, settings=files.settings))
    shop.live(16, until=lambda: bool(shop.waiting("split")))
    (made,) = (each for each in shop.context.store.refinements.all() if each.kind == "split")
    assert made.split is not None
    assert made.split.part == "(device = 'mobile') is true" or "desktop" in made.split.part
    assert (made.old, made.new) == ("quality", "social")
    assert "Buyers" in made.why
    assert "One message for all is proven wrong for one of them." in made.why
    assert made.effect is None or made.effect.estimate > 0
    shop.approve("split")
    (path,) = write_parts(shop.context, root=root)
    assert write_parts(shop.context, root=root) == () or path.exists()

    shop.context = reopened(shop.context, root)
    part = next(persona for persona in shop.context.personas if persona.split_of)
    assert [attribute.name for attribute in part.attributes] == ["framing"]
    assert part.goal == files.personas[0].goal
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

    shop.rates = social
    shop.live(20, until=lambda: bool(shop.waiting("correct")))
    shop.approve("correct")
    shop.live(1)
    shop.approve("merge")
    assert write_parts(shop.context, root=root) == (path,)
    shop.context = reopened(shop.context, root)
    shop.live(1)
    assert [each.persona for each in shop.snapshot.personas] == ["buyer"]
