"""Guardrails can be read: what a correction must not harm, and how much speaks for its having harmed it."""

from __future__ import annotations

import pytest

from living_personas.domain.belief import Subject
from living_personas.reporting.guards import Guard, guards
from living_personas.reporting.reading import Reading, stamp_of
from loop.shops import Shop, context_of
from loop.test_stories import buying

FRAMING = Subject(persona="buyer", attribute="framing")


def seen(shop: Shop) -> Guard:
    (found,) = guards(shop.context, Reading(shop.context, stamp_of(shop.context)), FRAMING)
    return found


def test_nothing_is_watched_before_evidence_has_changed_something() -> None:
    shop = Shop(context_of(), buying(dict.fromkeys("abc", 0.2), leaving=dict.fromkeys("abc", 0.05)))
    before = seen(shop)
    assert (before.metric, before.limit) == ("Left", "must not rise by more than 1 point")
    assert before.says == "Not watched: evidence did not bring the value that holds."
    assert (before.account, before.bar, before.units) == ("", "", "")


@pytest.mark.long
def test_a_harmless_correction_shows_no_sign_of_harm() -> None:
    shop = Shop(context_of(), buying({"a": 0.1, "b": 0.3, "c": 0.1}, leaving=dict.fromkeys("abc", 0.05))).live(10)
    assert shop.value() == "b"
    now = seen(shop)
    assert now.says == "No sign of harm."
    assert (now.bar, int(now.units.replace(",", "")) >= 50) == ("20", True)


@pytest.mark.long
def test_harm_is_seen_to_come_before_it_is_taken_back() -> None:
    harmful = buying({"a": 0.1, "b": 0.3, "c": 0.1}, leaving={"a": 0.02, "b": 0.12, "c": 0.02})
    shop, said = Shop(context_of(), harmful), list[str]()
    while len(said) < 30 and shop.live(1).value() != "b":
        said.append("")
    while len(said) < 40 and shop.value() == "b":
        said.append(seen(shop).says)
        shop.live(1)
    assert shop.value() == "a"
    assert "Leans to harm, and is not proven." in said
    assert said.count("Harm is proven: the next cycle takes the correction back.") == 0, "the same cycle does"
