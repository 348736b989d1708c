"""In a real browser: what people change by forms becomes files and versions, and is taken back."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from dashboard.browsing import SIZES, signed_in, violations
from dashboard.desk import Desk
from dashboard.lived import settle
from pictures import png_of

pytestmark = pytest.mark.long


def test_a_persona_is_built_counted_edited_and_taken_back(browser: Browser, address: str, desk: Desk) -> None:
    seen = signed_in(browser, address, "Ada")
    seen.open("/new-persona")
    seen.page.fill("[name=name]", "Steady buyers")
    seen.page.select_option("[name='r0.0.name']", "orders_total")
    seen.page.fill("[name='r0.0.to']", "1")
    seen.page.locator("#counted").get_by_text("customers", exact=False).first.wait_for()
    seen.press("Show ten of them")
    seen.page.locator("#counted table").wait_for()
    seen.shown("light-new-persona-counted")
    seen.press("Add a row")
    seen.page.select_option("[name='r0.1.name']", "orders_total")
    seen.page.select_option("[name='r0.1.is']", "<=")
    seen.page.fill("[name='r0.1.to']", "3")
    seen.page.fill("[name='goal.event']", "Order Completed")
    seen.page.fill("[name='a.name']", "framing")
    seen.page.fill("[name='a.options']", "discount\nquality")
    seen.press("Write it down", "It is written down.")
    made = (desk.root / "personas/steady-buyers.yaml").read_text(encoding="utf-8")
    assert 'who: "(orders_total >= 1) and (orders_total <= 3)"' in made or "(orders_total >= 1)" in made
    seen.page.fill("[name='goal.within']", "soon")
    seen.press("Save", "Nothing was saved.", exact=True)
    seen.shown("light-edit-problem")
    seen.page.fill("[name='goal.within']", "3 days")
    seen.page.fill("[name='brief']", "They come back.")
    seen.press("Save", "Saved.", exact=True)
    seen.press("Undo this save", "Undone:")
    assert (desk.root / "personas/steady-buyers.yaml").read_text(encoding="utf-8") == made
    seen.leave(refused=True)


def test_settings_are_saved_asked_about_and_undone(browser: Browser, address: str, desk: Desk) -> None:
    before = (desk.root / "workspace.yaml").read_text(encoding="utf-8")
    seen = signed_in(browser, address, "Dana")
    seen.open("/settings")
    seen.page.fill("[name=holdout]", "everybody")
    seen.press("Save", "Nothing was saved.", exact=True)
    seen.shown("light-settings-problem")
    seen.page.fill("[name=holdout]", "10%")
    seen.page.fill("[name='contact.channels']", "email")
    seen.page.fill("[name='caps.week']", "3")
    seen.page.fill("[name=why]", "Fewer mails")
    seen.press("Save", "Saved: the files say so now.", exact=True)
    assert "week: 3" in (desk.root / "workspace.yaml").read_text(encoding="utf-8")
    seen.shown("light-settings-saved")
    seen.press("Undo this save", "Undone:")
    assert (desk.root / "workspace.yaml").read_text(encoding="utf-8") == before
    seen.leave(refused=True)


@pytest.mark.parametrize("look", ["light-wide", "dark-phone"])
def test_a_picture_is_brought_shown_and_undone(browser: Browser, address: str, look: str) -> None:
    seen = signed_in(browser, address, "Dana", look)
    seen.open("/personas/deal-hunter/edit")
    files = seen.page.locator("[name=file]")
    files.set_input_files({"name": "face.png", "mimeType": "image/png", "buffer": b"<svg onload='alert(1)'/>"})
    seen.press("Use this picture", "may hold scripts")
    assert violations(seen) == []
    face = png_of(96, 96)
    for of in ("", "offer|ten_percent_off"):
        files.set_input_files({"name": "face.png", "mimeType": "image/png", "buffer": face})
        seen.page.select_option("[name=of]", of)
        seen.press("Use this picture", "There is a new picture")
    seen.shown(f"{look}-edit-picture")
    for path in ("/personas/deal-hunter", "/personas"):
        seen.open(path)
        seen.page.locator("img.face").scroll_into_view_if_needed()  # which is loaded when it is looked at
        seen.page.wait_for_function("document.querySelector('img.face').naturalWidth === 96")
        seen.shown(f"{look}{path.replace('/', '-')}-picture")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= SIZES[look.partition("-")[2]][0]
    seen.open("/personas/deal-hunter/edit")
    seen.press("Undo this save", "Undone:")
    seen.leave(refused=True)


def test_a_settled_value_is_asked_about_before_it_is_dropped(browser: Browser, address: str, desk: Desk) -> None:
    held = settle(desk.context)
    value, attribute = held.standing("send_time").value, held.persona.attribute("send_time")
    other = next(option for option in attribute.options if option not in (value, attribute.believed))
    place = [each.name for each in held.persona.attributes].index("send_time")
    seen = signed_in(browser, address, "Dana")
    seen.open("/personas/steady-regular/edit")
    seen.page.select_option(f"[name='a{place}.believe']", other)
    seen.press("Save", "of the traffic", exact=True)
    seen.shown("light-edit-question")
    assert f"we_believe: {other}" not in (desk.root / "personas/steady-regular.yaml").read_text(encoding="utf-8")
    assert seen.page.locator(f"[name='a{place}.settled'][value=keep]").is_checked()
    seen.page.get_by_role("button", name="Save it so").first.click()
    seen.page.get_by_text("Saved.").wait_for()
    assert f"we_believe: {other}" in (desk.root / "personas/steady-regular.yaml").read_text(encoding="utf-8")
    seen.open("/changes")
    seen.press("Hold everything")
    seen.shown("light-sure")
    seen.press("Yes, do it")
    seen.press("Undo", "Evidence goes on.", exact=True)
    seen.leave()


def test_a_review_approved_in_the_browser_is_a_version_and_is_taken_back(
    browser: Browser, address: str, desk: Desk
) -> None:
    seen = signed_in(browser, address, "Dana")
    seen.open("/review")
    seen.press("Approve Offer", "Approved: Deal hunter is at version 2.")
    assert desk.context.store.versions.history("deal-hunter")[-1].by == "Dana"
    seen.open("/personas/deal-hunter")
    seen.press("Go back to version 1")
    seen.press("Yes, do it", "Rolled back: Deal hunter has the values of version 1")
    newest = desk.context.store.versions.history("deal-hunter")[-1]
    assert (newest.version, newest.kind, newest.standing("offer").value) == (3, "rolled back", "ten_percent_off")
    seen.leave()


def test_a_page_on_paper_is_dark_on_light_and_holds_nothing_to_press(browser: Browser, address: str) -> None:
    seen = signed_in(browser, address, "Dana", "dark")
    seen.open("/personas/deal-hunter")
    ink = "getComputedStyle(document.documentElement).getPropertyValue('--ink')"
    for theme in ("", "dark"):
        seen.page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        seen.page.emulate_media(media="screen")
        on_screen = seen.page.evaluate(ink)
        seen.page.emulate_media(media="print")
        assert (on_screen, seen.page.evaluate(ink)) == ("#e8ebee", "#1d2630")
    pressed = seen.page.locator("main :is(button, a.button, textarea, select, input:not([type=hidden]))")
    assert [each.inner_text() for each in pressed.all() if each.is_visible()] == []
    seen.leave()
