"""A real page in a real browser: its headline comes from the persona, what was seen comes back, and nothing flickers.

Without a browser these tests skip, and say so (``.ci/browser`` installs one).
"""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from listening import Quiet, answering
from living_personas.domain.event import EXPOSED
from service.browsing import site, visiting
from service.running import Running, personas, serving
from service.shop import write_shop

pytestmark = pytest.mark.long

PAGE = """<!doctype html>
<script src="{server}/living-personas.js" data-key="{key}" data-channel="landing"
  data-traits='{{"utm_campaign": "spring deal"}}'></script>
<h1 data-persona="framing" data-shows="discount">Save now<template data-option="quality">Made to last</template></h1>
"""
KEY = "pk_of_the_page"
WORDS = {"discount": "Save now", "quality": "Made to last"}


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with visiting() as found:
        yield found


@contextmanager
def shop(tmp_path: Path) -> Iterator[tuple[Running, str]]:
    """The shop, served, and the address of its landing page."""
    folder = write_shop(tmp_path / "shop")
    for path in (folder / "personas").iterdir():
        path.write_text(path.read_text().replace("within: 1 day", "within: 1 day, from_browsers: review"))
    with site() as (origin, show):
        subprocess.run(personas("run", "--workspace", str(folder)), check=True)
        words = ["keys", "create", "publishable", "--value", KEY, "--origin", origin, "--workspace", str(folder)]
        subprocess.run(personas(*words), check=True)
        with serving(folder) as running:
            show(PAGE.format(server=running.url, key=KEY))
            yield running, origin


def opened(browser: Browser, address: str, *, private: bool = False) -> tuple[Page, list[str]]:
    """The page, once it is shown, and what it asked of others."""
    page = browser.new_page()
    if private:
        page.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_function("getComputedStyle(document.querySelector('h1')).visibility === 'visible'")
    return page, asked


def test_the_headline_is_the_personas_and_the_order_comes_back(browser: Browser, tmp_path: Path) -> None:
    with shop(tmp_path) as (running, address):
        page, asked = opened(browser, address)
        assert f"{running.url}/v1/decide" in asked
        page.wait_for_timeout(500)
        headline = page.inner_text("h1").strip()
        page.evaluate("livingPersonas.track('Order Completed', {revenue: 42})")
        page.wait_for_timeout(500)
        page.close()
        [met] = running.exposures()
        [order] = running.events("Order Completed")
        assert (met["persona"], met["attribute"], met["channel"]) == ("saver", "framing", "landing")
        assert WORDS[met["option"]] == headline
        assert met["propensity"] == 0.5
        assert order["customer"] == met["customer"]
        assert [event["customer"] for event in running.events(EXPOSED)] == [met["customer"]]
        today = f"{met['time'].date()}"
        subprocess.run(personas("run", "--until", today, "--workspace", str(running.folder)), check=True)
        [cell] = [each for each in running.cells() if each["s"]]
        assert (cell["persona"], cell["attribute"], cell["option"]) == ("saver", "framing", met["option"])
        assert (cell["metric"], cell["sum"], cell["channel"]) == ("goal", 1.0, "landing")


def test_without_the_service_the_page_shows_its_own_in_time(browser: Browser, tmp_path: Path) -> None:
    with shop(tmp_path) as (_, address), silent() as server:
        page = browser.new_page()
        page.route("**/v1/decide", lambda route: route.continue_(url=f"{server}/v1/decide"))
        page.add_init_script(
            "addEventListener('DOMContentLoaded', () => {"
            "const h = document.querySelector('h1'), b = performance.now();"
            "const look = () => getComputedStyle(h).visibility === 'visible'"
            "? window.waited = performance.now() - b : requestAnimationFrame(look); look(); })"
        )
        page.goto(address)
        page.wait_for_function("window.waited !== undefined")
        assert page.evaluate("window.waited") < 300 + 100  # and two frames of a busy machine
        assert page.inner_text("h1").strip() == "Save now"
        page.close()


@contextmanager
def silent() -> Iterator[str]:
    """A server that takes questions and never answers."""

    class Silent(Quiet, BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            time.sleep(3)

    with answering(ThreadingHTTPServer(("127.0.0.1", 0), Silent)) as address:
        yield address


def test_who_asks_to_be_let_alone_is(browser: Browser, tmp_path: Path) -> None:
    with shop(tmp_path) as (running, address):
        page, asked = opened(browser, address, private=True)
        page.evaluate("livingPersonas.track('Order Completed')")
        page.wait_for_timeout(600)
        assert page.inner_text("h1").strip() == "Save now"
        assert [url for url in asked if "/v1/" in url] == []
        assert page.evaluate("localStorage.length") == 0
        page.close()
        assert running.events("Order Completed") == running.exposures() == []
