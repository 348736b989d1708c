"""A real browser on a served dashboard: what a page does that it should not, is seen."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, Route
from starlette.types import ASGIApp

from chromium import chromium
from dashboard.lived import PASSWORD
from listening import running

CHARTS = {
    "/personas/budget-first-buyer": 1,
    "/segments": 1,
}
LOOKS = {"light": (1280, 860), "dark": (1280, 860), "phone": (320, 640)}
AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text(encoding="utf-8")
"""axe-core, Deque's checks of accessibility (MPL-2.0, beside its licence): for tests, and not in the wheel."""
SIZES = {"wide": (1280, 860), "phone": (390, 844)}


def launched() -> AbstractContextManager[Browser]:
    """The browser that is here."""
    return chromium("THE DASHBOARD IS NOT TESTED IN A BROWSER")


def served(app: ASGIApp) -> AbstractContextManager[str]:
    """The address at which it is served on this machine."""
    return running(
        uvicorn.Config(app, port=0, log_level="critical", interface="asgi3", timeout_graceful_shutdown=1, ws="none")
    )


class Watched:
    """A page in a browser, and everything that it should not have done."""

    def __init__(self, browser: Browser, address: str, look: str = "light") -> None:
        width, height = LOOKS[look] if look in LOOKS else SIZES[look.partition("-")[2]]
        self.address = address
        self.wrong: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme="dark" if look.startswith("dark") else "light"
        )
        self.context.route("**/*", self._allow)
        self.page: Page = self.context.new_page()
        self.page.on(
            "console", lambda said: self.wrong.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: self.wrong.append(f"dialog {dialog.message}"))

    def _allow(self, route: Route) -> None:
        if route.request.url.startswith(self.address):
            route.continue_()
        else:
            self.wrong.append(f"asked {route.request.url}")
            route.abort()

    def sign_in(self, name: str) -> None:
        self.open("/sign-in")
        self.page.fill("[name=name]", name)
        self.page.fill("[name=password]", PASSWORD)
        self.page.click("button.main")
        self.page.wait_for_selector("nav")

    def open(self, path: str) -> None:
        answer = self.page.goto(self.address + path, wait_until="load")
        assert answer is not None
        assert answer.status == 200, path
        for _ in range(CHARTS.get(path, 0)):
            self.page.wait_for_selector("[data-chart].drawn canvas", timeout=20_000)

    def press(self, name: str, then: str = "", *, exact: bool = False) -> None:
        """Press a button, and wait until the page says something."""
        self.page.get_by_role("button", name=name, exact=exact).click()
        if then:
            self.page.get_by_text(then).wait_for()

    def shown(self, name: str) -> None:
        """Take a picture of a page that everybody can use."""
        self.picture(name)
        assert violations(self) == []

    def leave(self, *, refused: bool = False) -> None:
        """Close a page that did nothing wrong; the browser notes also what was meant to be ``refused``."""
        assert [each for each in self.wrong if not (refused and "422" in each)] == []
        self.context.close()

    def picture(self, name: str) -> None:
        if folder := os.environ.get("DASHBOARD_SCREENSHOTS"):
            Path(folder).mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def signed_in(browser: Browser, address: str, name: str, look: str = "light") -> Watched:
    """A page in a browser of its own, in which somebody has signed in."""
    seen = Watched(browser, address, look)
    seen.sign_in(name)
    return seen


def violations(seen: Watched) -> list[str]:
    """What axe finds wrong with a page, folded parts opened."""
    seen.page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
    seen.page.evaluate(AXE)
    found = seen.page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found]
