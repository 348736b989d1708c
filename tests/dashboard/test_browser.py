"""In a real browser, under the real policy: pages load, nothing comes from elsewhere, a click becomes a version.

``DASHBOARD_SCREENSHOTS`` names a folder for pictures of every page, light, dark and on a phone. ``DASHBOARD_BROWSER``
is the browser to use; without one these tests skip, and say so (``.ci/browser`` installs one).
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from dashboard.browsing import LOOKS, SIZES, Watched, signed_in, violations
from dashboard.desk import Desk
from dashboard.lived import PASSWORD
from living_personas.loop.relations import table_of
from living_personas.memory.tables import EXPOSURES

pytestmark = pytest.mark.long

PATHS = (
    "/",
    "/personas",
    "/personas/budget-first-buyer",
    "/personas/hostile",
    "/personas/steady-regular/versions/2",
    "/review",
    "/changes",
    "/segments",
    "/experiments",
    "/experiments/budget-first-buyer/framing",
    "/tester",
    "/health",
    "/new-persona",
    "/personas/budget-first-buyer/edit",
    "/people",
    "/keys",
    "/lists",
    "/customer",
    "/personas/budget-first-buyer/members",
    "/settings",
)

NAMES_OF_CHARTS = "main => [...main.querySelectorAll('[role=graphics-document]')].map(each => each.ariaLabel).join()"

WITH_FORMS = (
    "/customer",
    "/new-persona",
    "/personas/budget-first-buyer/edit",
    "/people",
    "/keys",
    "/lists",
    "/personas/budget-first-buyer/members",
    "/settings",
)


@pytest.mark.promise("P27")
@pytest.mark.parametrize("look", list(LOOKS))
def test_every_page_loads_from_here_only_and_without_complaint(browser: Browser, address: str, look: str) -> None:
    seen = signed_in(browser, address, "Ada", look)
    for path in PATHS:
        seen.open(path)
        seen.picture(f"{look}{path.replace('/', '-').rstrip('-')}")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= LOOKS[look][0], path
        assert seen.page.title() != "owned"
        assert seen.page.locator("main img").count() == 0
        assert "Vega visualization" not in seen.page.locator("main").evaluate(NAMES_OF_CHARTS)
        assert seen.page.locator("[data-chart]").count() == seen.page.locator("figure details table").count(), path
        assert seen.wrong == [], path
    seen.context.close()


@pytest.mark.parametrize("look", ["light-wide", "dark-phone"])
def test_the_pages_with_forms_are_open_to_everybody(browser: Browser, address: str, look: str) -> None:
    seen = signed_in(browser, address, "Ada", look)
    for path in WITH_FORMS:
        seen.open(path)
        seen.shown(f"{look}{path.replace('/', '-')}")
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= SIZES[look.partition("-")[2]][0], path
    seen.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("look", ["light-wide", "light-phone", "dark-wide", "dark-phone"])
def test_every_page_is_open_to_everybody(browser: Browser, address: str, look: str) -> None:
    seen = Watched(browser, address, look)
    seen.open("/sign-in")
    assert violations(seen) == [], "/sign-in"
    seen.sign_in("Ada")
    found = {}
    for path in PATHS:
        seen.open(path)
        seen.picture(f"{look}{path.replace('/', '-').rstrip('-')}")
        found[path] = violations(seen)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}
    seen.context.close()


@pytest.mark.parametrize("look", ["light-wide", "dark-phone"])
def test_experiments_are_found_and_grouped(browser: Browser, address: str, look: str) -> None:
    seen = signed_in(browser, address, "Vic", look)
    seen.open("/experiments")
    before = seen.page.locator("tbody tr").count()
    seen.page.fill("[name=q]", "framing")
    seen.page.select_option("[name=group]", "persona")
    seen.press("Show", "experiments. All of them", exact=True)
    assert 0 < seen.page.locator("tbody tr").count() < before
    seen.shown(f"{look}-experiments-found")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= SIZES[look.partition("-")[2]][0]
    seen.leave()


@pytest.mark.parametrize("look", ["light-wide", "light-phone", "dark-wide", "dark-phone"])
def test_members_are_paged_looked_at_and_taken_along(browser: Browser, address: str, look: str) -> None:
    seen = signed_in(browser, address, "Dana", look)
    seen.open("/personas/budget-first-buyer")
    seen.page.get_by_role("link", name="Members", exact=True).click()
    seen.press("Show", "Page 1.", exact=True)
    seen.shown(f"{look}-members-listed")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= SIZES[look.partition("-")[2]][0]
    seen.press("Next", "Page 2.")
    with seen.page.expect_download() as file:
        seen.press("Download all members")
    assert file.value.suggested_filename.startswith("budget-first-buyer-members-")
    seen.page.get_by_role("button", name="Look at").first.click()
    seen.page.get_by_text("What it was shown").wait_for()
    assert "customer" in seen.page.url
    assert "?" not in seen.page.url
    seen.leave()


def test_the_tester_answers_in_place_the_theme_turns_and_a_new_snapshot_is_told(
    browser: Browser, address: str, desk: Desk
) -> None:
    reader, writer = (signed_in(browser, address, name) for name in ("Vic", "Dana"))
    reader.open("/tester")
    reader.page.fill("[name=traits]", "orders_total = 0\npricing_views_28d = 3")
    reader.press("Try")
    reader.page.locator("#answer").get_by_text("Budget-conscious first-time buyer").first.wait_for()
    assert reader.page.url.endswith("/tester")
    reader.page.locator("#answer").get_by_role("button", name="Copy").first.wait_for()
    reader.picture("light-tester-answer")
    reader.press("Light or dark")
    reader.open("/changes")
    assert reader.page.evaluate("document.documentElement.dataset.theme") == "dark"
    writer.open("/changes")
    writer.press("Hold everything")
    writer.press("Yes, do it", "Let evidence go on")
    reader.page.locator("#live").get_by_text("was published").wait_for(timeout=15_000)
    assert reader.wrong == writer.wrong == []
    reader.context.close()
    writer.context.close()


def test_a_new_snapshot_is_shown_where_nothing_can_be_lost(browser: Browser, address: str) -> None:
    reader, writer = (signed_in(browser, address, name) for name in ("Vic", "Dana"))
    for path in ("/", "/personas", "/experiments", "/health"):
        reader.open(path)
        before = int(reader.page.locator("#fresh").get_attribute("data-snapshot") or 0)
        reader.page.evaluate("window.stayed = true")
        writer.open("/changes")
        writer.page.get_by_role("button", name="Hold everything").or_(
            writer.page.get_by_role("button", name="Let evidence go on")
        ).click()
        writer.press("Yes, do it")
        reader.page.locator("#live").get_by_text(f"Snapshot {before + 1} is shown.").wait_for(timeout=30_000)
        assert reader.page.locator(f"#fresh[data-snapshot='{before + 1}']").count() == 1
        assert f"snapshot {before + 1}" in (reader.page.locator("#as-of").text_content() or "")
        assert reader.page.evaluate("window.stayed") is True
    assert reader.wrong == writer.wrong == []
    reader.context.close()
    writer.context.close()


@pytest.mark.parametrize("look", ["light-wide", "dark-phone", "dark-wide", "light-phone"])
def test_a_customer_is_looked_at(browser: Browser, address: str, desk: Desk, look: str) -> None:
    customer = str(table_of(EXPOSURES.all(desk.context.store))["customer"][0])
    seen = signed_in(browser, address, "Dana", look)
    seen.open("/customer")
    seen.page.fill("[name=customer]", customer)
    seen.press("Look", exact=True)
    seen.page.get_by_role("heading", name=f"Customer {customer}").wait_for()
    seen.shown(f"{look}-one-customer")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= SIZES[look.partition("-")[2]][0]
    assert customer not in seen.page.url
    seen.leave()


def test_pages_work_without_javascript(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/sign-in")
    page.fill("[name=name]", "Dana")
    page.fill("[name=password]", PASSWORD)
    page.click("button.main")
    page.goto(f"{address}/tester")
    page.fill("[name=traits]", "orders_total = 0\npricing_views_28d = 3")
    page.get_by_role("button", name="Try").click()
    page.get_by_text("As an OFREP request").wait_for()
    page.goto(f"{address}/review")
    page.get_by_role("button", name="Hold", exact=True).first.click()
    page.get_by_text("Set aside. It is kept below").wait_for()
    context.close()


def test_what_is_found_is_noted_and_a_colleague_opens_the_link(browser: Browser, address: str) -> None:
    seen = signed_in(browser, address, "Eve")
    seen.open("/")
    assert seen.page.locator("#worth").is_visible()
    seen.page.get_by_role("link", name="Personas", exact=True).click()
    seen.page.fill("[name=q]", "budget")
    seen.page.get_by_role("search").get_by_role("button", name="Show").click()
    seen.page.get_by_role("link", name="Budget-conscious").click()
    seen.page.locator("#details table").first.wait_for()
    seen.page.fill("[name=text]", "Ask the shop about this.")
    seen.press("Add note")
    seen.page.locator("#note-1").wait_for()
    assert seen.page.url.endswith("#note-1")
    assert violations(seen) == []
    link = seen.page.locator("#result-framing [data-link]").get_attribute("href")
    seen.leave()
    other = Watched(browser, address)
    other.page.goto(f"{address}{link}")
    other.page.fill("[name=name]", "Vic")
    other.page.fill("[name=password]", PASSWORD)
    other.page.click("button.main")
    other.page.wait_for_selector("nav")
    assert other.page.url == f"{address}{link}"
    assert other.page.locator("#note-1").get_by_text("Ask the shop about this.").is_visible()
    other.leave()
