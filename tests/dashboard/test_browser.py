"""In a real browser, under the real policy: pages load, nothing comes from elsewhere, a click becomes a version.

``DASHBOARD_SCREENSHOTS`` names a folder for pictures of every page, light, dark and on a phone. ``DASHBOARD_BROWSER``
is the browser to use; without one these tests skip, and say so (``.ci/browser`` installs one).
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from dashboard.browsing import LOOKS, SIZES, Watched, launched, served, violations
from dashboard.desk import Desk
from dashboard.lived import CHEAP, PASSWORD, settle
from living_personas.loop.relations import table_of
from living_personas.memory.tables import EXPOSURES
from living_personas.people.accounts import add_person
from pictures import png_of

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


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture
def address(desk: Desk) -> Iterator[str]:
    """The dashboard, served; Ada is its admin."""
    add_person(desk.context, "Ada", role="admin", password=PASSWORD, salt=b"3" * 16, n=CHEAP)
    with served(desk.app()) as found:
        yield found


@pytest.mark.promise("P27")
@pytest.mark.parametrize("look", list(LOOKS))
def test_every_page_loads_from_here_only_and_without_complaint(browser: Browser, address: str, look: str) -> None:
    seen = Watched(browser, address, look)
    seen.sign_in("Ada")
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
    seen = Watched(browser, address, look)
    seen.sign_in("Ada")
    for path in WITH_FORMS:
        seen.open(path)
        seen.picture(f"{look}{path.replace('/', '-')}")
        assert violations(seen) == [], path
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


def test_a_persona_is_built_counted_edited_and_taken_back(browser: Browser, address: str, desk: Desk) -> None:
    seen = Watched(browser, address)
    seen.sign_in("Ada")
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
    seen = Watched(browser, address)
    seen.sign_in("Dana")
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
def test_experiments_are_found_and_grouped(browser: Browser, address: str, look: str) -> None:
    seen = Watched(browser, address, look)
    seen.sign_in("Vic")
    seen.open("/experiments")
    before = seen.page.locator("tbody tr").count()
    seen.page.fill("[name=q]", "framing")
    seen.page.select_option("[name=group]", "persona")
    seen.page.get_by_role("button", name="Show", exact=True).click()
    seen.page.get_by_text("experiments. All of them").wait_for()
    assert 0 < seen.page.locator("tbody tr").count() < before
    seen.picture(f"{look}-experiments-found")
    assert violations(seen) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= SIZES[look.partition("-")[2]][0]
    assert seen.wrong == []
    seen.context.close()


@pytest.mark.parametrize("look", ["light-wide", "dark-phone"])
def test_a_picture_is_brought_shown_and_undone(browser: Browser, address: str, look: str) -> None:
    seen = Watched(browser, address, look)
    seen.sign_in("Dana")
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


@pytest.mark.parametrize("look", ["light-wide", "light-phone", "dark-wide", "dark-phone"])
def test_members_are_paged_looked_at_and_taken_along(browser: Browser, address: str, look: str) -> None:
    seen = Watched(browser, address, look)
    seen.sign_in("Dana")
    seen.open("/personas/budget-first-buyer")
    seen.page.get_by_role("link", name="Members", exact=True).click()
    seen.page.get_by_role("button", name="Show", exact=True).click()
    seen.page.get_by_text("Page 1.").wait_for()
    seen.picture(f"{look}-members-listed")
    assert violations(seen) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= SIZES[look.partition("-")[2]][0]
    seen.page.get_by_role("button", name="Next").click()
    seen.page.get_by_text("Page 2.").wait_for()
    with seen.page.expect_download() as file:
        seen.page.get_by_role("button", name="Download all members").click()
    assert file.value.suggested_filename.startswith("budget-first-buyer-members-")
    seen.page.get_by_role("button", name="Look at").first.click()
    seen.page.get_by_text("What it was shown").wait_for()
    assert "customer" in seen.page.url
    assert "?" not in seen.page.url
    assert seen.wrong == []
    seen.context.close()


def test_a_settled_value_is_asked_about_before_it_is_dropped(browser: Browser, address: str, desk: Desk) -> None:
    held = settle(desk.context)
    value, attribute = held.standing("send_time").value, held.persona.attribute("send_time")
    other = next(option for option in attribute.options if option not in (value, attribute.believed))
    place = [each.name for each in held.persona.attributes].index("send_time")
    seen = Watched(browser, address)
    seen.sign_in("Dana")
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
    seen = Watched(browser, address)
    seen.sign_in("Dana")
    seen.open("/review")
    seen.page.get_by_role("button", name="Approve Offer").click()
    seen.page.get_by_text("Approved: Deal hunter is at version 2.").wait_for()
    assert desk.context.store.versions.history("deal-hunter")[-1].by == "Dana"
    seen.open("/personas/deal-hunter")
    seen.page.get_by_role("button", name="Go back to version 1").click()
    seen.page.get_by_role("button", name="Yes, do it").click()
    seen.page.get_by_text("Rolled back: Deal hunter says").wait_for()
    newest = desk.context.store.versions.history("deal-hunter")[-1]
    assert (newest.version, newest.kind, newest.standing("offer").value) == (3, "rolled back", "ten_percent_off")
    assert seen.wrong == []
    seen.context.close()


def test_the_tester_answers_in_place_the_theme_turns_and_a_new_snapshot_is_told(
    browser: Browser, address: str, desk: Desk
) -> None:
    reader, writer = Watched(browser, address), Watched(browser, address)
    reader.sign_in("Vic")
    writer.sign_in("Dana")
    reader.open("/tester")
    reader.page.fill("[name=traits]", "orders_total = 0\npricing_views_28d = 3")
    reader.page.get_by_role("button", name="Try").click()
    reader.page.locator("#answer").get_by_text("Budget-conscious first-time buyer").first.wait_for()
    assert reader.page.url.endswith("/tester")
    reader.page.locator("#answer").get_by_role("button", name="Copy").first.wait_for()
    reader.picture("light-tester-answer")
    reader.page.get_by_role("button", name="Light or dark").click()
    reader.open("/changes")
    assert reader.page.evaluate("document.documentElement.dataset.theme") == "dark"
    writer.open("/changes")
    writer.page.get_by_role("button", name="Hold everything").click()
    writer.page.get_by_role("button", name="Yes, do it").click()
    writer.page.get_by_text("Let evidence go on").wait_for()
    reader.page.locator("#live").get_by_text("was published").wait_for(timeout=15_000)
    assert reader.wrong == writer.wrong == []
    reader.context.close()
    writer.context.close()


def test_a_new_snapshot_is_shown_where_nothing_can_be_lost(browser: Browser, address: str) -> None:
    reader, writer = Watched(browser, address), Watched(browser, address)
    reader.sign_in("Vic")
    writer.sign_in("Dana")
    for path in ("/", "/personas", "/experiments", "/health"):
        reader.open(path)
        before = int(reader.page.locator("#fresh").get_attribute("data-snapshot") or 0)
        reader.page.evaluate("window.stayed = true")
        writer.open("/changes")
        writer.page.get_by_role("button", name="Hold everything").or_(
            writer.page.get_by_role("button", name="Let evidence go on")
        ).click()
        writer.page.get_by_role("button", name="Yes, do it").click()
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
    seen = Watched(browser, address, look)
    seen.sign_in("Dana")
    seen.open("/customer")
    seen.page.fill("[name=customer]", customer)
    seen.page.get_by_role("button", name="Look", exact=True).click()
    seen.page.get_by_role("heading", name=f"Customer {customer}").wait_for()
    seen.picture(f"{look}-one-customer")
    assert violations(seen) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= SIZES[look.partition("-")[2]][0]
    assert customer not in seen.page.url
    assert seen.wrong == []
    seen.context.close()


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
    seen = Watched(browser, address)
    seen.sign_in("Eve")
    seen.open("/")
    assert seen.page.locator("#worth").is_visible()
    seen.page.get_by_role("link", name="Personas", exact=True).click()
    seen.page.fill("[name=q]", "budget")
    seen.page.get_by_role("search").get_by_role("button", name="Show").click()
    seen.page.get_by_role("link", name="Budget-conscious").click()
    seen.page.locator("#details table").first.wait_for()
    seen.page.fill("[name=text]", "Ask the shop about this.")
    seen.page.get_by_role("button", name="Add note").click()
    seen.page.locator("#note-1").wait_for()
    assert seen.page.url.endswith("#note-1")
    assert violations(seen) == []
    link = seen.page.locator("#result-framing [data-link]").get_attribute("href")
    assert seen.wrong == []
    seen.context.close()
    other = Watched(browser, address)
    other.page.goto(f"{address}{link}")
    other.page.fill("[name=name]", "Vic")
    other.page.fill("[name=password]", PASSWORD)
    other.page.click("button.main")
    other.page.wait_for_selector("nav")
    assert other.page.url == f"{address}{link}"
    assert other.page.locator("#note-1").get_by_text("Ask the shop about this.").is_visible()
    assert other.wrong == []
    other.context.close()
