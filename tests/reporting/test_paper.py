"""A persona's sheet, printed by a real browser: one page of A4, whatever people wrote."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pytest
from playwright.sync_api import Browser
from pypdf import PdfReader

from chromium import chromium
from cli.shop import Typed
from living_personas.domain.belief import EffectDays, Interval
from living_personas.domain.goal import Goal, Guardrail
from living_personas.domain.persona import EVER, Persona, Status
from living_personas.domain.report import (
    AttributeReport,
    Decided,
    Gain,
    Knowledge,
    Known,
    LogEntry,
    OptionReport,
    PersonaReport,
    TraitReport,
)
from living_personas.reporting.charts import belief_chart, rates_chart
from living_personas.reporting.member_spreads import MemberSpread, Slice
from living_personas.reporting.pdf import sheet_pdf
from living_personas.reporting.plots import svg_of
from living_personas.reporting.sheet import PersonaSheet, sheet_of
from living_personas.reporting.sheet_html import sheet_html
from living_personas.reporting.words import sentence


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium("THE SHEET IS NOT PRINTED") as found:
        yield found


@pytest.mark.parametrize("persona", ["newcomer", "regular"])
def test_a_sheet_is_one_page_of_a4(browser: Browser, personas: Typed, told: Path, persona: str) -> None:
    page = personas("report", "--persona", persona, "--sheet", "--format", "html", "--workspace", told).out
    read = PdfReader(BytesIO(_printed(browser, page)))
    (sheet,) = read.pages
    assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == (595, 842)
    assert "Everything that is not on this sheet." in sheet.extract_text()


@pytest.mark.long
@pytest.mark.parametrize("letter", ["n", "W", "漢"])
def test_the_longest_persona_is_one_page(browser: Browser, letter: str) -> None:
    made = _longest(letter)
    (sheet,) = PdfReader(BytesIO(_printed(browser, sheet_html(made)))).pages
    (printed,) = PdfReader(BytesIO(sheet_pdf(made))).pages
    for page in (sheet, printed):
        text = " ".join(page.extract_text().split())
        assert all(part in text for part in ("Proven", "Leaning", "Unknown", "and 26 more.", "Never at the cost of"))
        if letter == "n":
            assert text.count("From 1,234,567 occasions.") == 10, "of letters of a usual width, no figure is cut"


@pytest.mark.long
@pytest.mark.parametrize("option", ["ten_percent_off", "W" * 60, "n" * 60])
def test_no_label_of_a_plot_is_cut(browser: Browser, option: str) -> None:
    """In the fonts of this machine; a plot is measured in others."""
    met = Interval(estimate=0.02, lower=0.01, upper=0.03)
    names = (option, "free_returns")
    options = tuple(OptionReport(option=name, units=100, rate=met, prob_best=0.5, share=0.5) for name in names)
    report = replace(_attribute("n", "learning", "unknown", met), options=options, value=option, believed=option)
    days = pa.table({"day": [date(2026, 3, 6)] * 2, "option": names, "prob_best": [0.6, 0.4]})
    page = browser.new_page()
    try:
        page.set_content("".join(map(svg_of, (rates_chart(report, percent=True), belief_chart(days, order=names)))))
        assert page.evaluate(_CUT) == []
    finally:
        page.close()


_CUT = """() => [...document.querySelectorAll("svg text")].filter(text => {
    const {left, right} = text.getBoundingClientRect(), all = text.ownerSVGElement.getBoundingClientRect();
    return left < all.left || right > all.right;
}).map(text => text.textContent)"""
"""The labels that reach out of their plot."""


def _printed(browser: Browser, html: str) -> bytes:
    page = browser.new_page(java_script_enabled=False)
    try:
        page.set_content(html)
        return page.pdf(prefer_css_page_size=True)
    finally:
        page.close()


def _longest(letter: str) -> PersonaSheet:
    """Thirty attributes of each kind, thirty traits, forty versions, and every text as long as a file may hold."""
    name, id_ = letter * 200, letter * 64
    effect = Interval(estimate=0.123456, lower=-0.123456, upper=0.234567)
    statuses: tuple[tuple[Status, Knowledge], ...] = (
        ("corrected", "turned"),
        ("learning", "leaning"),
        ("contested", "unknown"),
    )
    report = PersonaReport(
        persona=id_,
        name=name,
        who=" and ".join(["orders_total >= 1"] * 180),
        version=99,
        members=1_234_567,
        units=1_234_567,
        attributes=tuple(_attribute(letter, status, state, effect) for status, state in statuses for _ in range(30)),
        traits=tuple(
            TraitReport(trait=id_, unit=id_, believed=1_234.5, value=1_234.5, measured=effect, customers=1_234_567)
            for _ in range(30)
        ),
    )
    written = Persona(
        id=id_,
        name=name,
        who="orders_total >= 1",
        goal=Goal(event="Order Completed", within=timedelta(days=7)),
        brief=letter * 8_000,
        guardrails=tuple(Guardrail(metric=f"{letter * 63}{n}", event="Refunded", points=0.1) for n in range(10)),
    )
    slices = tuple(Slice(label=letter * 40, members=0.2, everybody=0.3) for _ in range(7))
    log = [
        LogEntry(persona=id_, version=n, day=date(2026, 3, 6), kind="edited", reason=name, by=name, refinement=None)
        for n in range(40)
    ]
    gain = Gain(persona=id_, living_customers=1_234_567, static_customers=1_234_567, difference=effect, says=name)
    spreads = (MemberSpread(name=id_, slices=slices),) * 4
    return sheet_of(report, written, as_of=date(2026, 3, 6), gain=gain, log=log, spreads=spreads)


def _attribute(letter: str, status: Status, state: Knowledge, effect: Interval) -> AttributeReport:
    day = date(2026, 3, 6)
    options = tuple(
        OptionReport(option=f"{letter * 199}{n}", units=1_234_567, rate=None, prob_best=0.5, share=0.5) for n in (1, 2)
    )
    return sentence(
        AttributeReport(
            attribute=letter * 64,
            channel=letter * 64,
            believed=options[0].option,
            confidence="hunch",
            change="auto",
            value=options[1].option,
            status=status,
            contender=options[1].option,
            effect=effect,
            over=EffectDays(first=day, last=day, units=1_234_567, ahead_since=day),
            size="",
            since=EVER,
            units=1_234_567,
            decided_on=None,
            at_decision=None,
            known=Known(state=state, option=options[1].option, than=options[0].option, turned_on=day),
            decided=Decided(how="evidence"),
            options=options,
            alarms=(),
            says="",
        ),
        Goal(event="Order Completed", within=timedelta(days=7)),
    )
