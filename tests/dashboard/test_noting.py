"""Notes on a persona: in the name of whoever writes them, changed by nobody, gone with the customer whom they name."""

from __future__ import annotations

import pytest

from dashboard.desk import Desk, submit
from dashboard.lived import HOSTILE
from living_personas.loop.forgetting import erase
from living_personas.loop.notes import notes_of
from living_personas.loop.person_data import export_person

PERSONA = "budget-first-buyer"
PAGE = f"/personas/{PERSONA}"


def test_a_note_carries_its_name_and_is_linked_to(desk: Desk) -> None:
    eve = desk.client("Eve")
    gone = submit(eve, PAGE, f"{PAGE}/notes", text=f"Ask the shop.\r\n{HOSTILE}", about="framing", by="Dana")
    assert gone.headers["location"] == f"{PAGE}#note-1"
    submit(eve, PAGE, f"{PAGE}/notes", text="A second one.")
    page = desk.client("Vic").get(PAGE).text
    note = page.split('id="note-1"')[1].split("</li>")[0]
    assert "Ask the shop." in note
    assert "Eve, " in note
    assert "about framing" in note
    assert f'href="{PAGE}#note-1"' in note
    assert HOSTILE not in page
    assert page.index("Ask the shop.") < page.index("A second one.")
    assert [each.by for each in notes_of(desk.context.store, PERSONA).values()] == ["Eve", "Eve"]
    assert "note-1" not in desk.client("Vic").get("/personas/deal-hunter").text


@pytest.mark.parametrize("text", ["", " \n ", "a" * 2_001, "bell \x07"])
def test_what_is_no_note_is_not_kept(shown: Desk, text: str) -> None:
    assert submit(shown.client("Eve"), PAGE, f"{PAGE}/notes", text=text).status_code == 409
    assert notes_of(shown.context.store, PERSONA) == {}


def test_what_was_written_is_shown_where_it_could_not_be_kept(desk: Desk) -> None:
    lost = f"{HOSTILE} Two days of thought. " * 80
    page = submit(desk.client("Eve"), PAGE, f"{PAGE}/notes", text=lost).text
    assert "What you wrote" in page
    assert page.count("Two days of thought.") == 80
    assert HOSTILE not in page
    asked = submit(desk.client("Dana"), "/privacy", "/privacy/erase", customer="u-1", again="u-2").text
    assert "u-1" not in asked
    assert "What you wrote" not in asked


def test_who_may_only_read_adds_none_and_none_is_about_what_there_is_not(desk: Desk) -> None:
    vic = desk.client("Vic")
    assert "Add note" not in vic.get(PAGE).text
    assert submit(vic, "/tester", f"{PAGE}/notes", text="No.").status_code == 403
    eve = desk.client("Eve")
    assert submit(eve, PAGE, "/personas/nobody/notes", text="No.").status_code == 404
    assert submit(eve, PAGE, f"{PAGE}/notes", text="No.", about="colour").status_code == 404
    assert notes_of(desk.context.store, PERSONA) == {}


def test_a_note_goes_with_the_customer_whom_it_names_and_is_told_to_them(desk: Desk) -> None:
    eve, now = desk.client("Eve"), desk.clock()
    for text in ("Ann@Example.com wrote to us.", "Nobody is named."):
        submit(eve, PAGE, f"{PAGE}/notes", text=text)
    told = [row for row in export_person(desk.context, "ann@example.com", by="Dana", at=now) if row.of == "note"]
    assert [row.row["text"] for row in told] == ["Ann@Example.com wrote to us."]
    erase(desk.context, ["ann@example.com"], now=now, by="Dana", owner="test")
    page = desk.client("Vic").get(PAGE).text
    assert "Example.com" not in page
    assert "named a customer who was erased" in page
    assert "Nobody is named." in page
    assert [note.by for note in notes_of(desk.context.store, PERSONA).values()] == ["Eve", "Eve"]


def test_one_result_has_an_address_that_a_colleague_can_open(shown: Desk) -> None:
    page = shown.client("Vic").get(PAGE).text
    assert '<tr id="result-framing">' in page
    assert f'href="{PAGE}#result-framing"' in page
    assert shown.client().get(PAGE).headers["location"] == f"/sign-in?onward={PAGE}"
