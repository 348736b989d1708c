"""A marketer who never sees YAML: from the first sign-in to a list that is sent, in a browser, on a shop that lives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.csv as arrow_csv
import pytest
from playwright.sync_api import Browser, Page
from starlette.types import Receive, Scope, Send

from dashboard.browsing import Watched, served, signed_in
from dashboard.desk import Desk
from dashboard.lived import CHEAP, PASSWORD
from living_personas.demo.drive import DayOfStory, Drive, noon
from living_personas.loop.fresh_context import FreshContext
from living_personas.loop.relations import table_of
from living_personas.loop.segments.discovery import discover
from living_personas.memory.tables import CUSTOMERS, EXPOSURES
from living_personas.people.person_accounts import add_person
from living_personas.simulate.spec import WorldSpec
from living_personas.simulate.world import World
from living_personas.simulate.worlds import demo_spec

pytestmark = pytest.mark.long

BEFORE, WEEK = 8, 7
"""The days that the shop has lived before the marketer comes, and those while she is there."""


def shop_spec(seed: int = 1) -> WorldSpec:
    """A shop in which `quality` is so much better than believed that two weeks prove it."""
    spec = replace(demo_spec(seed, customers=4_000, days=BEFORE + WEEK + 1), history_days=60)
    buyer = spec.personas[0]
    [framing] = buyer.preferences
    options = tuple(replace(each, odds=5.0) if each.name == "quality" else each for each in framing.options)
    buyer = replace(buyer, preferences=(replace(framing, options=options),))
    return replace(spec, personas=(buyer, *spec.personas[1:]))


class Shop:
    """A shop that lives as long as somebody lets it, and its workspace on a desk."""

    def __init__(self, root: Path) -> None:
        self.drive = Drive(World(shop_spec()), root)
        path = root / "personas/budget-first-buyer.yaml"
        path.write_text(path.read_text().replace("  framing:\n", "  framing:\n    change: review\n"))
        self._files = FreshContext(root, self.drive.context)
        self._days = self.drive.days()
        self.day = self.live(BEFORE)
        self.desk = Desk(root, noon(self.day.day + timedelta(days=1)))

    def live(self, days: int) -> DayOfStory:
        """So many days, by what the files say and the snapshot publishes."""
        for _ in range(days):
            self.drive.context = self._files()
            self.day = next(self._days)
        return self.day

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The dashboard as it was read last."""
        await self.desk.app()(scope, receive, send)

    def wake(self) -> None:
        """The clock of the desk is at the noon after the last day."""
        self.desk.now = noon(self.day.day + timedelta(days=1))
        self.desk.read_anew()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    found = Shop(tmp_path / "shop")
    yield found
    found.desk.close()
    found.drive.context.store.close()


def test_a_marketer_runs_the_whole_loop_without_a_file(browser: Browser, shop: Shop) -> None:
    desk = shop.desk
    add_person(desk.context, "Ada", role="admin", password=PASSWORD, salt=b"3" * 16, n=CHEAP)
    with served(shop.app) as address:
        ada = signed_in(browser, address, "Ada")
        _write_a_persona(ada)
        shop.live(WEEK)
        discover(shop.drive.context, shop.day.day, seed=1)  # as it is looked for each week
        shop.wake()
        ada.sign_in("Ada")  # a session lasts a day at most
        _see_what_it_became(ada)
        _approve_what_is_proven(ada, desk)
        eve = _invite_a_colleague(browser, ada, address)
        _undo_what_was_wrong(eve, ada, desk)
        adopted = _adopt_a_segment(ada, desk)
        shop.live(1)
        shop.wake()
        ada.sign_in("Ada")
        ada.open(f"/personas/{adopted}")
        ada.picture("story-6-adopted")
        ada.page.locator("summary").get_by_text("All options of channel").click()
        ada.page.get_by_role("rowheader", name="in-product nudge").first.wait_for()
        _read_what_it_was_worth(ada)
        _take_the_list(ada, desk)
        for each in (ada, eve):
            each.leave()


def _write_a_persona(ada: Watched) -> None:
    page = ada.page
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Personas").click()
    page.get_by_role("link", name="New persona").click()
    page.fill("[name=name]", "Second visit")
    page.fill("[name=brief]", "They bought once, and are here again.")
    _row(page, 0, "orders_total", "=", "1")
    page.get_by_role("button", name="Add a row").click()
    _row(page, 1, "sessions_28d", ">=", "1")
    page.select_option("[name=overlap]", "take")
    page.locator("#counted").get_by_text("from which they would come", exact=False).wait_for()
    page.fill("[name='goal.event']", "Order Completed")
    page.fill("[name='goal.within']", "3 days")
    page.fill("[name='a.name']", "framing")
    page.fill("[name='a.options']", "discount\nquality")
    page.select_option("[name='a.confidence']", "hunch")
    page.fill("[name=why]", "Workshop of Monday")
    ada.page.locator("#counted").get_by_text("sessions_28d", exact=False).first.wait_for(state="attached")
    ada.picture("story-1-new-persona")
    page.get_by_role("button", name="Write it down").click()
    page.get_by_text("It is written down.").wait_for()


def _row(page: Page, number: int, name: str, sign: str, to: str) -> None:
    page.select_option(f"[name='r0.{number}.name']", name)
    page.select_option(f"[name='r0.{number}.is']", sign)
    page.fill(f"[name='r0.{number}.to']", to)


def _see_what_it_became(ada: Watched) -> None:
    ada.open("/personas/second-visit")
    ada.page.get_by_text("version 1").first.wait_for()
    ada.page.get_by_role("rowheader", name="framing").first.wait_for()
    ada.shown("story-2-a-week-later")


def _approve_what_is_proven(ada: Watched, desk: Desk) -> None:
    ada.open("/review")
    ada.page.get_by_text("proven, waits for you", exact=False).first.wait_for()
    ada.shown("story-3-review")
    ada.press("Approve Framing", "Approved:")
    newest = desk.context.store.versions.history("budget-first-buyer")[-1]
    assert (newest.standing("framing").value, newest.standing("framing").status) == ("quality", "corrected")


def _invite_a_colleague(browser: Browser, ada: Watched, address: str) -> Watched:
    ada.open("/people")
    form = ada.page.locator("form[action$='/people/invite']")
    form.locator("[name=name]").fill("Eve")
    form.locator("[name=role]").select_option("editor")
    form.get_by_role("button", name="Make a link").click()
    link = ada.page.locator("#link").text_content() or ""
    eve = Watched(browser, address)
    eve.page.goto(link)
    eve.page.fill("[name=password]", PASSWORD)
    eve.page.fill("[name=again]", PASSWORD)
    eve.press("Take it")
    eve.page.wait_for_url("**/sign-in*")
    eve.sign_in("Eve")
    return eve


def _undo_what_was_wrong(eve: Watched, ada: Watched, desk: Desk) -> None:
    eve.open("/personas/deal-hunter")
    eve.page.locator("summary").get_by_text("Offer", exact=True).click()
    form = eve.page.locator("form[action$='/propose']").first
    form.locator("[name=new]").select_option("bundle")
    form.locator("[name=why]").fill("A competitor does it.")
    form.get_by_role("button", name="Propose").click()
    ada.open("/review")
    ada.press("Approve Offer", "Approved:")
    assert desk.context.store.versions.history("deal-hunter")[-1].standing("offer").value == "bundle"
    ada.open("/personas/deal-hunter")
    ada.press("Go back to version 1")
    ada.picture("story-4-going-back")
    ada.press("Yes, do it", "Rolled back:")
    assert desk.context.store.versions.history("deal-hunter")[-1].standing("offer").value == "ten_percent_off"


def _adopt_a_segment(ada: Watched, desk: Desk) -> str:
    ada.open("/segments")
    ada.page.get_by_text("heavy product use", exact=False).first.wait_for()
    ada.shown("story-5-segment")
    ada.page.fill("[name=name]", "Silent evaluator")
    ada.press("Name it")
    ada.page.get_by_role("heading", name="Silent evaluator").wait_for()
    ada.press("Adopt as persona")
    ada.page.get_by_text("Adopted", exact=False).first.wait_for()
    return (desk.root / "personas").glob("*silent*").__next__().stem


def _read_what_it_was_worth(ada: Watched) -> None:
    ada.open("/")
    ada.page.get_by_role("heading", name="What it is worth").wait_for()
    ada.page.get_by_text("who were held out", exact=False).first.wait_for()
    assert ada.page.get_by_text("Nothing is broken.").is_visible()
    ada.shown("story-7-home")


def _take_the_list(ada: Watched, desk: Desk) -> None:
    ada.open("/lists")
    ada.page.select_option("[name=persona]", "second-visit")
    ada.press("Count them")
    ada.page.locator("#counted").wait_for()
    ada.picture("story-8-list")
    ada.page.get_by_label("I send it now", exact=False).check()
    with ada.page.expect_download() as downloaded:
        ada.press("Download the list")
    rows = arrow_csv.read_csv(downloaded.value.path())
    known = table_of(CUSTOMERS.newest(desk.context.store))
    mine = known.filter(pc.equal(known["persona"], "second-visit"))["customer"].to_pylist()
    assert set(rows["persona"].to_pylist()) == {"second-visit"}
    assert set(rows["customer"].to_pylist()) <= set(mine)
    desk.context.store.inbox.seal()
    met = table_of(EXPOSURES.all(desk.context.store))
    today = met.filter(pc.equal(met["day"], desk.now.date()))
    assert set(today["persona"].to_pylist()) == {"second-visit"}
