"""Without a mouse: everything on a page is reached in its order, is seen when it is, and does what a click does."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from dashboard.browsing import signed_in
from dashboard.desk import Desk
from dashboard.test_browser import PATHS
from living_personas.people.reviewing import asides

pytestmark = pytest.mark.long

REACHED = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  window.steps ??= [];
  const before = window.steps.at(-1);
  window.steps.push(each);
  const box = each.getBoundingClientRect(), style = getComputedStyle(each);
  const told = each.labels?.[0]?.innerText || each.getAttribute('aria-label') || each.innerText || each.name || '?';
  return {
    told: told.trim().slice(0, 60),
    again: window.steps.indexOf(each) < window.steps.length - 1,
    forward: !before || !!(before.compareDocumentPosition(each) & Node.DOCUMENT_POSITION_FOLLOWING),
    seen: box.width > 0 && box.height > 0
      && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    marked: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0,
  };
}"""
"""Where the focus is: its name, and whether it comes after the one before, is in the window, and is marked."""

CAN_BE_USED = """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary')].filter(
  each => !each.disabled && each.type !== 'hidden' && each.checkVisibility()
).length"""


@pytest.mark.parametrize("look", ["light-wide", "dark-phone"])
def test_every_page_is_walked_with_the_keys_and_shows_where_one_is(browser: Browser, address: str, look: str) -> None:
    seen = signed_in(browser, address, "Ada", look)
    wrong: dict[str, list[str]] = {}
    for path in PATHS:
        seen.open(path)
        steps, most = [], seen.page.evaluate(CAN_BE_USED)
        for _ in range(2 * most + 5):
            seen.page.keyboard.press("Tab")
            step = seen.page.evaluate(REACHED)
            if step is None or step["again"]:
                break
            steps.append(step)
        assert steps[0]["told"] == "Skip to the content", path
        found = [
            f"{step['told']}: {word}" for step in steps for word in ("forward", "seen", "marked") if not step[word]
        ]
        if found:
            wrong[path] = found[:5]
        radios = seen.page.locator("input[type=radio]").count()
        assert len(steps) + radios >= most, (path, len(steps), most)
    assert wrong == {}
    seen.leave()


def test_the_first_key_leads_past_the_menu(browser: Browser, address: str) -> None:
    seen = signed_in(browser, address, "Ada")
    seen.open("/review")
    seen.page.keyboard.press("Tab")
    seen.page.keyboard.press("Enter")
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.closest('main') !== null")
    seen.leave()


def test_a_review_is_set_aside_and_a_pin_is_asked_about_without_a_mouse(
    browser: Browser, address: str, desk: Desk
) -> None:
    seen = signed_in(browser, address, "Ada")
    seen.open("/review")
    seen.page.get_by_role("button", name="Hold", exact=True).first.focus()
    seen.page.keyboard.press("Enter")
    seen.page.get_by_text("Set aside. It is kept below").wait_for()
    assert len(asides(desk.context)) == 1
    seen.open("/personas/deal-hunter")
    seen.page.get_by_role("button", name="Pin offer").focus()
    seen.page.keyboard.press("Space")
    seen.page.get_by_role("heading", name="Pin offer?").wait_for()
    for _ in range(60):
        seen.page.keyboard.press("Tab")
        if seen.page.evaluate("document.activeElement.matches('main button')"):
            break
    seen.page.keyboard.press("Enter")
    seen.page.get_by_text("Pinned: offer is held at").wait_for()
    seen.leave()
