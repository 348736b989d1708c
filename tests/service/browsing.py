"""A real browser, and a site of its own that it can open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from playwright.sync_api import Browser

from chromium import chromium
from listening import Quiet, answering

VISITOR = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
"""What a browser of a person says it is; a headless one says that it is headless, and counts nowhere."""


def visiting() -> AbstractContextManager[Browser]:
    """The browser that is installed, as a person's."""
    return chromium("THE PAGE'S SCRIPT IS NOT TESTED IN A BROWSER", f"--user-agent={VISITOR}")


@contextmanager
def site() -> Iterator[tuple[str, Callable[[str], None]]]:
    """The address of a site with one page, and how to say what stands on it."""
    held = {"page": ""}

    class Landing(Quiet, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(held["page"].encode())

    with answering(ThreadingHTTPServer(("127.0.0.1", 0), Landing)) as address:
        yield address, lambda page: held.update(page=page)
