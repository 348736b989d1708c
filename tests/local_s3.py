"""An S3 server of one's own, on 127.0.0.1, that fails when it is told to; what it holds is gone with the process."""

from __future__ import annotations

import logging
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import pytest
from moto.moto_server.werkzeug_app import create_backend_app
from moto.s3.models import S3Backend, s3_backends
from werkzeug.serving import BaseWSGIServer, make_server

_BUCKET = "bucket"
_FOLDERS = count()
"""All servers of a process hold the same objects, as moto keeps them once: so no two give the same folder."""
_SLOW_DOWN = b'<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Please reduce your rate.</Message></Error>'

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class S3Server:
    """A server that can be cut off in the middle of a request."""

    def __init__(self) -> None:
        logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
        self._app: Wsgi = create_backend_app("s3")
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, self._answer, threaded=True)
        self.port = self._server.server_port
        self._is_away = False
        self.asked: list[str] = []
        """The method and path of each request since somebody cleared it."""
        self.busy = 0
        """So many requests are still answered with 503."""
        self.refuses = ""
        """The code of the error that every request is answered with, such as ``ExpiredToken``."""
        self.seconds = 0.0
        """How long an answer takes."""
        self.cut_at = ""
        """The next request that begins so, method and path, is read by half; then all are cut off until `mend`."""

    def start(self) -> None:
        """Begin to answer."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        put = urllib.request.Request(f"http://127.0.0.1:{self.port}/{_BUCKET}", method="PUT")
        urllib.request.urlopen(put).close()  # noqa: S310 - our own

    def mend(self) -> None:
        """Go on answering, at once and well."""
        self.busy, self.refuses, self.seconds, self.cut_at, self._is_away = 0, "", 0.0, "", False

    def end(self) -> None:
        """Stop answering for good."""
        self._server.shutdown()
        self._server.server_close()

    def uri(self) -> str:
        """A folder that nobody else uses."""
        return f"s3://{_BUCKET}/shop-{next(_FOLDERS)}"

    def objects(self, uri: str) -> dict[str, bytes]:
        """What lies in a folder, by its address."""
        prefix = uri.partition(f"//{_BUCKET}/")[2]
        keys = self._backend().buckets[_BUCKET].keys
        return {
            f"s3://{_BUCKET}/{name}": key.value
            for name, key in keys.items()
            if name.startswith(f"{prefix}/") and not name.endswith("/")
        }

    def write(self, address: str, body: bytes) -> None:
        """Put something in the place of an object, as somebody else could."""
        self._backend().put_object(_BUCKET, address.partition(f"//{_BUCKET}/")[2], body)

    def delete(self, address: str) -> None:
        """Delete an object, as somebody else could."""
        self._backend().delete_object(_BUCKET, address.partition(f"//{_BUCKET}/")[2])

    def environment(self) -> dict[str, str]:
        """What processes need to reach it."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    @staticmethod
    def _backend() -> S3Backend:
        return s3_backends["123456789012"]["aws"]

    def _answer(self, environment: dict[str, Any], begin: Callable[..., Any]) -> Iterable[bytes]:
        asked = f"{environment['REQUEST_METHOD']} {environment['PATH_INFO']}"
        self.asked.append(asked)
        if self.cut_at and asked.startswith(self.cut_at):
            self._is_away = True
            environment["wsgi.input"].read(int(environment["CONTENT_LENGTH"]) // 2)
        if self._is_away:
            environment["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            raise ConnectionAbortedError
        if self.busy:
            self.busy -= 1
            begin("503 Slow Down", [("Content-Type", "application/xml")])
            return [_SLOW_DOWN]
        if self.refuses:
            begin("403 Forbidden", [("Content-Type", "application/xml")])
            return [f'<?xml version="1.0"?><Error><Code>{self.refuses}</Code><Message>no</Message></Error>'.encode()]
        time.sleep(self.seconds)
        return self._app(environment, begin)


@contextmanager
def local_s3() -> Iterator[S3Server]:
    """A server that runs until the block ends, and that this process finds in its environment."""
    server = S3Server()
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        for name, text in server.environment().items():
            patch.setenv(name, text)
        try:
            yield server
        finally:
            server.end()
