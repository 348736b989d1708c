"""A connection that fails as networks do: between a client and the service, answers are replaced or lost."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal

from listening import Quiet, answering

Failure = Literal["500", "429", "lost"]
"""Refused before it reaches the service (500, 429), or recorded and then the answer is lost."""

_HOP_BY_HOP = {"connection", "transfer-encoding", "keep-alive", "content-length"}


class Flaky(ThreadingHTTPServer):
    """Passes requests on; the first ``times`` of those that write events fail."""

    daemon_threads = True

    def __init__(self, upstream: tuple[str, int], *, failure: Failure, times: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.upstream = upstream
        self.failure = failure
        self._left = times
        self._lock = threading.Lock()
        self.failed = 0

    @property
    def url(self) -> str:
        """Where clients find it."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def fails(self, path: str) -> bool:
        """Whether this request's turn is to fail."""
        with self._lock:
            if self._left == 0 or "batch" not in path:
                return False
            self._left -= 1
            self.failed += 1
            return True


@contextmanager
def flaky(upstream: tuple[str, int], *, failure: Failure, times: int = 2) -> Iterator[Flaky]:
    """A flaky connection to the service, for as long as the block lasts."""
    server = Flaky(upstream, failure=failure, times=times)
    with answering(server):
        yield server


class _Passing(Quiet, BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Flaky

    def do_POST(self) -> None:
        body = self._body()
        fails = self.server.fails(self.path)
        if fails and self.server.failure != "lost":
            self._answer(int(self.server.failure), {"Retry-After": "1"}, b'{"detail": "made to fail"}')
            return
        status, headers, answer = self._passed(body)
        if fails:
            self._answer(502, {}, b"the answer was lost")
            return
        self._answer(status, headers, answer)

    do_GET = do_POST  # noqa: N815 - the base class looks for this name

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            return b"".join(iter(self._chunk, b""))
        return self.rfile.read(int(self.headers.get("Content-Length", "0")))

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        chunk = self.rfile.read(size)
        self.rfile.readline()
        return chunk

    def _passed(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection(*self.server.upstream, timeout=30)
        headers = {name: said for name, said in self.headers.items() if name.lower() not in _HOP_BY_HOP}
        connection.request(self.command, self.path, body, headers)
        answer = connection.getresponse()
        kept = {name: said for name, said in answer.getheaders() if name.lower() not in _HOP_BY_HOP}
        found = answer.status, kept, answer.read()
        connection.close()
        return found

    def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self.send_response(status)
        for name, said in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, said)
        self.end_headers()
        self.wfile.write(body)
