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
    seen.page.get_by_role("button", name="Show ten of them").click()
    seen.page.locator("#counted table").wait_for()
    seen.picture("light-new-persona-counted")
    assert violations(seen) == []
    seen.page.get_by_role("button", name="Add a row").click()
    seen.page.select_option("[name='r0.1.name']", "orders_total")
    seen.page.select_option("[name='r0.1.is']", "<=")
    seen.page.fill("[name='r0.1.to']", "3")
    seen.page.fill("[name='goal.event']", "Order Completed")
    seen.page.fill("[name='a.name']", "framing")
    seen.page.fill("[name='a.options']", "discount\nquality")
    seen.page.get_by_role("button", name="Write it down").click()
    seen.page.get_by_text("It is written down.").wait_for()
    made = (desk.root / "personas/steady-buyers.yaml").read_text(encoding="utf-8")
    assert 'who: "(orders_total >= 1) and (orders_total <= 3)"' in made or "(orders_total >= 1)" in made
    seen.page.fill("[name='goal.within']", "soon")
    seen.page.get_by_role("button", name="Save", exact=True).click()
    seen.page.get_by_text("Nothing was saved.").wait_for()
    seen.picture("light-edit-problem")
    assert violations(seen) == []
    seen.page.fill("[name='goal.within']", "3 days")
    seen.page.fill("[name='brief']", "They come back.")
    seen.page.get_by_role("button", name="Save", exact=True).click()
    seen.page.get_by_text("Saved.").wait_for()
    seen.page.get_by_role("button", name="Undo this save").click()
    seen.page.get_by_text("Undone:").wait_for()
    assert (desk.root / "personas/steady-buyers.yaml").read_text(encoding="utf-8") == made
    assert [each for each in seen.wrong if "422" not in each] == []
    seen.context.close()


def test_settings_are_saved_asked_about_and_undone(browser: Browser, address: str, desk: Desk) -> None:
    before = (desk.root / "workspace.yaml").read_text(encoding="utf-8")
    seen = signed_in(browser, address, "Dana")
    seen.open("/settings")
    seen.page.fill("[name=holdout]", "everybody")
    seen.page.get_by_role("button", name="Save", exact=True).click()
    seen.page.get_by_text("Nothing was saved.").wait_for()
    seen.picture("light-settings-problem")
    assert violations(seen) == []
    seen.page.fill("[name=holdout]", "10%")
    seen.page.fill("[name='contact.channels']", "email")
    seen.page.fill("[name='caps.week']", "3")
    seen.page.fill("[name=why]", "Fewer mails")
    seen.page.get_by_role("button", name="Save", exact=True).click()
    seen.page.get_by_text("Saved: the files say so now.").wait_for()
    assert "week: 3" in (desk.root / "workspace.yaml").read_text(encoding="utf-8")
    seen.picture("light-settings-saved")
    assert violations(seen) == []
    seen.page.get_by_role("button", name="Undo this save").click()
    seen.page.get_by_text("Undone:").wait_for()
    assert (desk.root / "workspace.yaml").read_text(encoding="utf-8") == before
    assert [each for each in seen.wrong if "422" not in each] == []
    seen.context.close()


@pytest.mark.parametrize("look", ["light-wide", "dark-phone"])
def test_a_picture_is_brought_shown_and_undone(browser: Browser, address: str, look: str) -> None:
    seen = signed_in(browser, address, "Dana", look)
    seen.open("/personas/deal-hunter/edit")
    files = seen.page.locator("[name=file]")
    files.set_input_files({"name": "face.png", "mimeType": "image/png", "buffer": b"<svg onload='alert(1)'/>"})
    seen.page.get_by_role("button", name="Use this picture").click()
    seen.page.get_by_text("may hold scripts").wait_for()
    assert violations(seen) == []
    face = png_of(96, 96)
    for of in ("", "offer|ten_percent_off"):
        files.set_input_files({"name": "face.png", "mimeType": "image/png", "buffer": face})
        seen.page.select_option("[name=of]", of)
        seen.page.get_by_role("button", name="Use this picture").click()
        seen.page.get_by_text("There is a new picture").wait_for()
    seen.picture(f"{look}-edit-picture")
    assert violations(seen) == []
    for path in ("/personas/deal-hunter", "/personas"):
        seen.open(path)
        seen.page.locator("img.face").scroll_into_view_if_needed()  # which is loaded when it is looked at
        seen.page.wait_for_function("document.querySelector('img.face').naturalWidth === 96")
        seen.picture(f"{look}{path.replace('/', '-')}-picture")
        assert violations(seen) == []
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= SIZES[look.partition("-")[2]][0]
    seen.open("/personas/deal-hunter/edit")
    seen.page.get_by_role("button", name="Undo this save").click()
    seen.page.get_by_text("Undone:").wait_for()
    assert [each for each in seen.wrong if "422" not in each] == []
    seen.context.close()


def test_a_settled_value_is_asked_about_before_it_is_dropped(browser: Browser, address: str, desk: Desk) -> None:
    held = settle(desk.context)
    value, attribute = held.standing("send_time").value, held.persona.attribute("send_time")
    other = next(option for option in attribute.options if option not in (value, attribute.believed))
    place = [each.name for each in held.persona.attributes].index("send_time")
    seen = signed_in(browser, address, "Dana")
    seen.open("/personas/steady-regular/edit")
    seen.page.select_option(f"[name='a{place}.believe']", other)
    seen.page.get_by_role("button", name="Save", exact=True).click()
    seen.page.get_by_text("of the traffic").wait_for()
    seen.picture("light-edit-question")
    assert violations(seen) == []
    assert f"we_believe: {other}" not in (desk.root / "personas/steady-regular.yaml").read_text(encoding="utf-8")
    assert seen.page.locator(f"[name='a{place}.settled'][value=keep]").is_checked()
    seen.page.get_by_role("button", name="Save it so").first.click()
    seen.page.get_by_text("Saved.").wait_for()
    assert f"we_believe: {other}" in (desk.root / "personas/steady-regular.yaml").read_text(encoding="utf-8")
    seen.open("/changes")
    seen.page.get_by_role("button", name="Hold everything").click()
    seen.picture("light-sure")
    assert violations(seen) == []
    seen.page.get_by_role("button", name="Yes, do it").click()
    seen.page.get_by_role("button", name="Undo", exact=True).click()
    seen.page.get_by_text("Evidence goes on.").wait_for()
    assert seen.wrong == []
    seen.context.close()


def test_a_review_approved_in_the_browser_is_a_version_and_is_taken_back(
    browser: Browser, address: str, desk: Desk
) -> None:
    seen = signed_in(browser, address, "Dana")
    seen.open("/review")
    seen.page.get_by_role("button", name="Approve Offer").click()
    seen.page.get_by_text("Approved: Deal hunter is at version 2.").wait_for()
    assert desk.context.store.versions.history("deal-hunter")[-1].by == "Dana"
    seen.open("/personas/deal-hunter")
    seen.page.get_by_role("button", name="Go back to version 1").click()
    seen.page.get_by_role("button", name="Yes, do it").click()
    seen.page.get_by_text("Rolled back: Deal hunter has the values of version 1").wait_for()
    newest = desk.context.store.versions.history("deal-hunter")[-1]
    assert (newest.version, newest.kind, newest.standing("offer").value) == (3, "rolled back", "ten_percent_off")
    assert seen.wrong == []
    seen.context.close()
