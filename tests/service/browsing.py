"""A real browser, and a site of its own that it can open; without a browser tests skip, and say so."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, sync_playwright

__all__ = ["chromium", "site"]

VISITOR = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
"""What a browser of a person says it is; a headless one says that it is headless, and counts nowhere."""


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser that is installed."""
    found = os.environ.get("DASHBOARD_BROWSER") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip(
            "THE PAGE'S SCRIPT IS NOT TESTED IN A BROWSER: there is no chromium here; .ci/browser installs one."
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-gpu", f"--user-agent={VISITOR}"]
        )
        yield browser
        browser.close()


@contextmanager
def site() -> Iterator[tuple[str, Callable[[str], None]]]:
    """The address of a site with one page, and how to say what stands on it."""
    held = {"page": ""}

    class Landing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(held["page"].encode())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Landing) as pages:
        threading.Thread(target=pages.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{pages.server_port}", lambda page: held.update(page=page)
        pages.shutdown()
