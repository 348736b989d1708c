"""A persona on one sheet, and in a notebook."""

from __future__ import annotations

import json
import shutil
from base64 import b64encode
from html import unescape
from pathlib import Path

import pytest
from pypdf import PdfReader

import living_personas as lp
from agents.shops import CANARY
from cli.shop import Typed
from living_personas.errors import UnknownNameError
from living_personas.workspace.round_trip import Put, rewritten
from pictures import PNG, WEBP


def test_a_sheet_says_what_is_proven_and_what_is_not(personas: Typed, told: Path) -> None:
    sheet = personas("report", "--persona", "regular", "--sheet", "--format", "md", "--workspace", told).out
    proven, rest = sheet.split("## Leaning: likely, not known")
    assert "framing: 'quality': proven better than 'discount'. In the last 5 days 'quality' brought about " in proven
    assert "Everything that is not on this sheet." in rest
    waiting = personas("report", "--persona", "newcomer", "--sheet", "--format", "md", "--workspace", told).out
    proven = waiting.split("## Leaning: likely, not known")[0]
    assert "framing: 'discount': 'quality' proven better, waits for you. " in proven


def test_a_sheet_prints_on_a4(personas: Typed, told: Path) -> None:
    page = personas("report", "--persona", "regular", "--sheet", "--format", "html", "--workspace", told).out
    assert "@page { size: A4 portrait" in page
    assert "<h1>Regular</h1>" in page


def test_a_hostile_sheet_is_text(personas: Typed, hostile: Path) -> None:
    page = personas("report", "--persona", "regular", "--sheet", "--format", "html", "--workspace", hostile).out
    assert CANARY in page
    assert "<img" not in page


def test_a_picture_is_a_file_beside_the_persona(personas: Typed, told: Path, tmp_path: Path) -> None:
    shop = Path(shutil.copytree(told, tmp_path / "shop"))
    words = ("report", "--persona", "regular", "--sheet", "--workspace", shop, "--format")
    assert "<img" not in personas(*words, "html").out
    file = shop / "personas/regular.png"
    file.write_bytes(PNG)
    assert f'src="data:image/png;base64,{b64encode(PNG).decode()}" alt="Picture of Regular"' in (
        personas(*words, "html").out
    )
    assert personas(*words, "pdf", "--out", tmp_path / "sheet.pdf").code == 0
    (page,) = PdfReader(tmp_path / "sheet.pdf").pages
    assert len(page.images) == 1
    file.write_bytes(b"GIF89a")
    answer = personas(*words, "html")
    assert (answer.code, "personas/regular.png: The file is not a PNG, JPEG or WebP" in answer.err) == (1, True)
    checked = personas("check", "--workspace", shop)
    assert (checked.code, "personas/regular.png: The file is not a PNG" in " ".join(checked.out.split())) == (0, True)
    file.with_suffix(".webp").write_bytes(WEBP)
    file.unlink()
    assert "data:image/webp;base64," in personas(*words, "html").out
    assert "data:image/webp;base64," in personas("report", "--workspace", shop, "--format", "html").out
    (shop / "personas/newcomer.png").write_bytes(b"GIF89a")
    both = personas("report", "--workspace", shop, "--format", "html")
    assert (both.code, "without its picture: personas/newcomer.png" in both.err) == (0, True)
    assert personas(*words, "pdf", "--out", tmp_path / "webp.pdf").code == 0
    (page,) = PdfReader(tmp_path / "webp.pdf").pages
    assert len(page.images) == 1
    file.with_suffix(".webp").unlink()
    file.write_bytes(PNG + bytes(2 << 20))
    assert "make it smaller" in personas(*words, "html").err
    file.with_suffix(".jpg").write_bytes(PNG)
    assert "two pictures" in personas(*words, "html").err


def test_a_sheet_says_what_people_call_an_option_and_what_customers_read(
    personas: Typed, told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "240")
    shop = Path(shutil.copytree(told, tmp_path / "shop"))
    file = shop / "personas/regular.yaml"
    shown = {"labels": "Quality first", "snippets": "Made to last"}
    changes = [Put(way=("attributes", "framing", key, "quality"), content=said) for key, said in shown.items()]
    file.write_text(rewritten(file.read_text(), changes, file=file.name))
    personas("run", "--workspace", shop)
    html = unescape(personas("report", "--persona", "regular", "--sheet", "--format", "html", "--workspace", shop).out)
    assert "Customers read: 'Made to last'" in html
    assert "Quality first" in html
    assert "'quality'" not in html
    report = personas("report", "--persona", "regular", "--format", "md", "--workspace", shop).out
    assert "'Quality first'" in report
    assert "'quality'" not in report
    log = personas("log", "--persona", "regular", "--workspace", shop).out
    assert "'Quality first' is proven better than 'discount'." in " ".join(log.split())
    assert "'quality' is proven better" in personas("log", "--format", "json", "--workspace", shop).out


def test_names_written_from_right_to_left_move_no_share(told: Path, personas: Typed, tmp_path: Path) -> None:
    shop = Path(shutil.copytree(told, tmp_path / "shop"))
    file, name = shop / "personas/regular.yaml", "\N{HEBREW LETTER ALEF}\N{HEBREW LETTER BET}"
    change = Put(way=("attributes", "framing", "labels", "quality"), content=name)
    file.write_text(rewritten(file.read_text(), [change], file=file.name))
    personas("run", "--workspace", shop)
    html = unescape(personas("report", "--persona", "regular", "--sheet", "--format", "html", "--workspace", shop).out)
    assert f"Shown now: \N{FIRST STRONG ISOLATE}{name}\N{POP DIRECTIONAL ISOLATE} " in html


def test_a_report_of_one_persona_is_about_it_alone(personas: Typed, told: Path) -> None:
    found = json.loads(personas("report", "--persona", "regular", "--format", "json", "--workspace", told).out)
    assert [each["persona"] for each in found["personas"]] == ["regular"]
    assert {each["persona"] for each in found["log"]} == {"regular"}
    assert found["reviews"] == []


@pytest.mark.parametrize(
    "words", [("--sheet",), ("--persona", "regulr"), ("--persona", "regular", "--sheet", "--format", "json")]
)
def test_a_sheet_of_nobody_is_an_error(personas: Typed, told: Path, words: tuple[str, ...]) -> None:
    answer = personas("report", *words, "--workspace", told)
    assert answer.code == 1
    assert "hint:" in answer.err


def test_a_notebook_shows_personas_and_their_plots(told: Path) -> None:
    with lp.open(told) as ws:
        assert "regular: version 2, framing 'quality' (corrected)" in repr(ws)
        assert "<h2>Regular (regular, version 2)</h2>" in ws._repr_html_()
        persona = ws.persona("regular")
        assert "<h1>Regular</h1>" in persona._repr_html_()
        spec = json.dumps(persona.plot("framing").to_dict())
        assert all(label in spec for label in ("discount (believed)", "quality (now)"))
        with pytest.raises(UnknownNameError, match="framng"):
            persona.plot("framng")
        decision = ws.decide("c1", dry_run=True)
        assert str(decision).startswith("c1: regular (version 2): framing ")
        (made,) = [each.refinement for each in ws.report().log if each.refinement]
        assert str(made).startswith("regular/framing: correct 'discount' -> 'quality', +0.")
