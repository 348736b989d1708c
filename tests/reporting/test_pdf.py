"""The report on paper: all that the HTML says, as text that can be found, on A4, the same bytes each time."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from agents.shops import CANARY
from cli.shop import Typed
from laws import law
from living_personas.domain.goal import Goal
from living_personas.domain.persona import Persona
from living_personas.domain.report import PersonaReport
from living_personas.errors import InvalidDecisionError
from living_personas.reporting.page import Bullets, Code, Heading, Table, Text
from living_personas.reporting.pdf import page_pdf, sheet_pdf
from living_personas.reporting.sheet import Change, PersonaSheet, sheet_of

A4 = (595, 842)
"""Points."""

NAMES = "Müller & Söhne, Ødegård, Żółć, Жанна, Ελένη, 日本語, עברית, 😀"


def test_the_report_says_on_paper_what_it_says_elsewhere(personas: Typed, told: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    assert personas("report", "--format", "pdf", "--out", out, "--workspace", told).code == 0
    read = PdfReader(out)
    assert {(round(page.mediabox.width), round(page.mediabox.height)) for page in read.pages} == {A4}
    assert read.metadata is not None
    assert read.metadata.title == "Shop: personas and their evidence"
    text, pages = _text(out.read_bytes()), len(read.pages)
    found = json.loads(personas("report", "--format", "json", "--workspace", told).out)
    for persona in found["personas"]:
        assert f"{persona['name']} ({persona['persona']}, version {persona['version']})" in text
        assert all(attribute["says"] in text for attribute in persona["attributes"])
    assert all(entry["reason"].split(",")[0] in text for entry in found["log"])
    assert all(f"page {number} of {pages}" in text for number in range(1, pages + 1))
    assert "framing: outcome per occasion, with intervals that hold at every time at once" in text
    assert "quality (now)" in text, "the plots hold text, not pictures of it"


def test_the_same_workspace_gives_the_same_bytes(personas: Typed, told: Path, tmp_path: Path) -> None:
    files = [tmp_path / "one.pdf", tmp_path / "two.pdf"]
    for file in files:
        assert personas("report", "--format", "pdf", "--out", file, "--workspace", told).code == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_a_hostile_shop_is_text_on_paper(personas: Typed, hostile: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    assert personas("report", "--format", "pdf", "--out", out, "--workspace", hostile).code == 0
    text = _text(out.read_bytes())
    assert f"<img src=x onerror=alert('{CANARY}')>" in text
    assert all("/Annots" not in page for page in PdfReader(out).pages), "nothing of it became a link"


def test_a_sheet_is_one_page(personas: Typed, told: Path, tmp_path: Path) -> None:
    out = tmp_path / "sheet.pdf"
    words = ("--persona", "regular", "--sheet", "--format", "pdf", "--out", out)
    assert personas("report", *words, "--workspace", told).code == 0
    assert len(PdfReader(out).pages) == 1
    assert "Everything that is not on this sheet." in _text(out.read_bytes())


def test_names_of_every_script_are_printed_and_found() -> None:
    page = page_pdf(NAMES, (Heading(text=NAMES, level=1), Text(text=NAMES)), day=None)
    for made in (page, sheet_pdf(_sheet(NAMES, brief=NAMES))):
        read = PdfReader(BytesIO(made))
        assert read.metadata is not None
        assert read.metadata.title == NAMES
        assert all(name in _text(made) for name in ("Müller & Söhne", "Ødegård", "Żółć", "Жанна", "Ελένη"))


@given(text=st.text(st.characters(codec=None), max_size=60))
@law(25, deadline=None)
def test_no_text_stops_the_page(text: str) -> None:
    table = Table(columns=(text, "n"), rows=((text, "1"),), numbers=("n",))
    page = (Heading(text=text), Text(text=text), Bullets(items=(text,)), Code(text=text), table)
    assert page_pdf(text, page, day=None).startswith(b"%PDF-")
    assert sheet_pdf(_sheet(text, brief=text)).startswith(b"%PDF-")


def test_a_sheet_that_fits_on_no_page_says_so() -> None:
    with pytest.raises(InvalidDecisionError, match="does not fit on one page"):
        sheet_pdf(replace(_sheet("long", brief=""), guarded="Somebody wrote a lot. " * 2_000))


def test_without_its_extra_it_says_what_to_install(
    personas: Typed, told: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    answer = personas("report", "--format", "pdf", "--workspace", told)
    assert answer.code == 1
    assert "pip install 'living-personas[pdf]'" in answer.err


def _sheet(name: str, *, brief: str) -> PersonaSheet:
    """A sheet on which every text is this one."""
    goal = Goal(event="Order Completed", within=timedelta(days=7))
    report = PersonaReport(
        persona="p", name=name, who="orders >= 1", version=1, members=1_000, units=0, attributes=(), traits=()
    )
    made = sheet_of(report, Persona(id="p", name=name, who="orders >= 1", goal=goal, brief=brief), as_of=None)
    changes = (Change(day=date(2026, 1, 1), kind=name, why=name),)
    return replace(made, who=name, worth=name, guarded=name, changes=changes, traits=((name, name, name),))


def _text(made: bytes) -> str:
    """What is written on all pages, on one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(made)).pages).split())


HAVE_NO_FONT = "\U00012000\U00010900"  # cuneiform and Phoenician
"""Letters for which this test asks; a machine that has fonts for them has no boxes to say anything of."""


def test_letters_without_a_font_are_said_with_the_remedy() -> None:
    said: list[str] = []
    pdf = page_pdf("Müller Жанна", [Text(text=f"Ελένη {HAVE_NO_FONT} {NAMES}")], day=None, warn=said.append)
    assert pdf == page_pdf("Müller Жанна", [Text(text=f"Ελένη {HAVE_NO_FONT} {NAMES}")], day=None)
    asked = ["fc-list", ":charset=12000"]
    fonts = subprocess.run(asked, capture_output=True, text=True, check=False).stdout if shutil.which(asked[0]) else ""
    assert bool(said) != bool(fonts.strip())
    for words in said:
        assert "letters such as " in words
        assert "\U00012000 (CUNEIFORM)" in words
        assert not {"Ж", "ü"} & set(words.partition("they are boxes")[0])
        assert "fonts-noto-core" in words
    page_pdf(
        "Müller",
        [Text(text="Ελένη, Жанна: 20 \N{EN DASH} 30 \N{EURO SIGN} \N{MINUS SIGN}5")],
        day=None,
        warn=said.append,
    )
    assert len(said) == (not fonts.strip()), "letters of the font that comes along are never said"


def test_boxes_are_said_on_stderr(personas: Typed, told: Path, tmp_path: Path) -> None:
    root = tmp_path / "copy"
    shutil.copytree(told, root)
    file = root / "personas/newcomer.yaml"
    file.write_text(re.sub(r"(?m)^name: .*$", f"name: {HAVE_NO_FONT}", file.read_text()))
    personas("run", "--workspace", root)
    for also in ((), ("--persona", "newcomer", "--sheet")):
        answer = personas("report", *also, "--format", "pdf", "--out", tmp_path / "r.pdf", "--workspace", root)
        assert answer.code == 0, answer.err
        assert "boxes in the PDF" in answer.err
