"""Persona files: the one of the design reads to the right values, and any persona reads back from its print."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from laws import printable
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.persona import PRIOR_CONVERSIONS, Attribute, Persona, Trait
from living_personas.domain.settings import Metric
from living_personas.workspace.file_problems import Problems
from living_personas.workspace.files import read_workspace
from living_personas.workspace.init import init
from living_personas.workspace.nodes import parse_yaml
from living_personas.workspace.persona_file import Vocabulary, read_persona
from living_personas.workspace.persona_text import persona_text
from living_personas.workspace.schema import persona_schema

METRICS = {"margin": Metric(name="margin", event="Order Completed", value="margin", at_most=90.0)}
SCHEMA = persona_schema()
VOCABULARY = Vocabulary(goals={"purchase": Goal(event="Order Completed", within=timedelta(days=3))}, metrics=METRICS)


def read(text: str, vocabulary: Vocabulary = VOCABULARY) -> Persona:
    problems = Problems()
    try:
        return read_persona(
            parse_yaml(text, file="a.yaml", problems=problems), vocabulary=vocabulary, problems=problems
        )
    finally:
        problems.raise_if_any()


def test_the_file_of_the_design(tmp_path: Path) -> None:
    init(tmp_path, name="acme", salt_bytes=b"0123456789abcdef")
    (persona,) = read_workspace(tmp_path).personas
    assert persona == Persona(
        id="budget-first-buyer",
        name="Budget-conscious first-time buyer",
        who="orders_total = 0 and (pricing_views >= 2 or utm_campaign like '%deal%')",
        goal=Goal(event="Order Completed", within=timedelta(days=3)),
        priority=0,
        sources=("workshop 2026-09-03", "CRM export 2026-08"),
        channels=("landing", "email", "ads", "lifecycle", "in_product"),
        attributes=(
            Attribute(
                name="framing",
                options=("discount", "quality", "social_proof", "convenience"),
                believed="discount",
                confidence="workshop",
                why="Sales hear price first.",
            ),
            Attribute(
                name="offer",
                options=("none", "ten_percent_off", "free_returns"),
                believed="ten_percent_off",
                confidence="some data",
                change="review",
            ),
            Attribute(
                name="send_time",
                options=("morning", "midday", "evening", "weekend"),
                believed="morning",
                confidence="hunch",
            ),
        ),
        traits=(
            Trait(name="average_order_value", believed=40.0, unit="EUR", confidence="hunch"),
            Trait(name="mobile_share", believed=0.7, confidence="hunch"),
        ),
        guardrails=(
            Guardrail(metric="Unsubscribed", event="Unsubscribed", direction="rise", points=0.002),
            Guardrail(
                metric="margin_per_order",
                event="Order Completed",
                value="margin",
                at_most=500.0,
                direction="drop",
                share=0.03,
            ),
        ),
        brief="First visit or first order; compares prices.",
    )


def test_a_short_file_has_the_defaults() -> None:
    persona = read("persona: new_here\nwho: orders = 0\ngoal: {event: Signed Up}\n")
    assert persona == Persona(
        id="new_here", name="New here", who="orders = 0", goal=Goal(event="Signed Up", within=timedelta(days=7))
    )


def test_a_goal_may_be_named() -> None:
    assert read("persona: a\nwho: a = 1\ngoal: purchase\n").goal == VOCABULARY.goals["purchase"]


def test_words_that_other_yaml_takes_for_truth_are_texts() -> None:
    text = "persona: a\nwho: a = 1\ngoal: purchase\nattributes: {on: {options: [no, off, 2026-09-03], we_believe: no}}"
    (attribute,) = read(text).attributes
    assert attribute.name == "on"
    assert attribute.options == ("no", "off", "2026-09-03")
    assert attribute.believed == "no"


@pytest.mark.parametrize("written", ["true", '"true"', "True"])
def test_a_rule_that_holds_everybody_needs_no_quotes(written: str) -> None:
    assert read(f"persona: a\nwho: {written}\ngoal: purchase\n").who.lower() == "true"


def test_a_rule_may_span_lines() -> None:
    assert (
        read("persona: a\nwho: |\n  orders = 0\n  and views > 1\ngoal: purchase\n").who == "orders = 0\nand views > 1"
    )


def test_what_was_measured_and_suggested_decides_nothing() -> None:
    plain = """\
persona: a
who: a = 1
goal: purchase
attributes:
  tone: {options: [warm, dry], we_believe: dry}
traits:
  age: {we_believe: 40}
"""
    measured = "measured: {value: 39, lower: 38, upper: 40, n: 10, on: 2026-01-01, source: crm}"
    suggested = (
        "suggested: {we_believe: warm, confidence: hunch, evidence: observational, effect: 0.1, lower: 0, upper: 0.2,"
        " on: 2026-01-01, source: crm}"
    )
    noted = plain.replace("40}", f"40, {measured}}}").replace("dry}", f"dry, {suggested}}}")
    assert read(noted) == read(plain)


TEXTS = printable(20)
PROSE = st.lists(TEXTS | st.just(""), max_size=4).map("\n".join).map(str.strip)
NAMES = st.from_regex(r"[A-Za-z][A-Za-z0-9_.-]{0,8}", fullmatch=True)
IDENTIFIERS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True)
SHARES = st.integers(0, 999).map(lambda number: number / 1000)
CONFIDENCE = st.sampled_from(list(PRIOR_CONVERSIONS))
SAID = st.sampled_from(["Ten percent off", "No: really", "- it's", "yes", "10", "# tag", "{a: b}", '"so"', "Zehn € ab"])
PICTURES = st.sampled_from(["https://shop.example/ten.png?a=1#b", "ten-off.png", "a.jpeg", "no.webp"])
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def attributes(draw: st.DrawFn, name: str, *, channels: bool) -> Attribute:
    options = draw(st.lists(TEXTS, min_size=2, max_size=4, unique=True))
    return Attribute(
        name=name,
        options=tuple(options),
        believed=draw(st.sampled_from(options)),
        confidence=draw(CONFIDENCE),
        why=draw(PROSE),
        change=draw(st.sampled_from(["auto", "review", "observe", "pinned"])),
        per=draw(st.sampled_from(["persona", "channel"])) if channels else "persona",
        assign=draw(st.sampled_from(["visit", "day", "week", "campaign", "always"])),
        worth_changing=draw(SHARES),
        labels=draw(_by_option(options, SAID)),
        pictures=draw(_by_option(options, PICTURES)),
        snippets=draw(_by_option(options, SAID)),
    )


def _by_option(options: list[str], said: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    return st.fixed_dictionaries({}, optional=dict.fromkeys(options, said)).map(lambda found: tuple(found.items()))


@st.composite
def personas(draw: st.DrawFn) -> Persona:
    channels = draw(st.lists(NAMES, max_size=3, unique=True))
    names = draw(st.lists(NAMES, max_size=2, unique=True))
    value = draw(st.none() | TEXTS)
    margin = METRICS["margin"]
    return Persona(
        id=draw(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,12}", fullmatch=True).filter(lambda name: name != "unmatched")),
        name=draw(TEXTS),
        who=draw(st.sampled_from(["orders = 0", "a like '%x: #%' or\n  b is null", "not (c in ('no', '10'))"])),
        goal=Goal(
            event=draw(TEXTS),
            within=draw(st.timedeltas(timedelta(seconds=1), timedelta(days=90))),
            value=value,
            at_most=draw(st.none() | st.floats(0.01, 1e6)) if value is not None else None,
        ),
        priority=draw(st.integers(0, 1000)),
        sources=tuple(draw(st.lists(TEXTS, max_size=2, unique=True))),
        channels=tuple(channels),
        attributes=tuple(draw(attributes(name, channels=bool(channels))) for name in names),
        traits=tuple(
            Trait(name=name, believed=draw(NUMBERS), unit=draw(TEXTS | st.just("")), confidence=draw(CONFIDENCE))
            for name in draw(st.lists(IDENTIFIERS, max_size=2, unique=True))
        ),
        guardrails=draw(
            st.sampled_from(
                [
                    (),
                    (Guardrail(metric="Unsubscribed", event="Unsubscribed", points=0.002),),
                    (
                        Guardrail(metric="no", event="no", direction="drop", share=0.5),
                        Guardrail(
                            metric="margin", event=margin.event, value=margin.value, at_most=margin.at_most, share=0.03
                        ),
                    ),
                ]
            )
        ),
        brief=draw(PROSE),
        picture=draw(st.sampled_from(["", "face.png", "a-1.jpg"])),
    )


@pytest.mark.long
@settings(max_examples=50)
@given(persona=personas())
def test_a_persona_reads_back_from_its_print(
    persona: Persona, schema_problems: Callable[[str, dict[str, Any]], list[str]]
) -> None:
    text = persona_text(persona)
    assert read(text) == persona
    assert schema_problems(text, SCHEMA) == []
