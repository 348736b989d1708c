"""Objects by their address, written once and never changed, through Arrow's own file systems."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import unquote, urlsplit

from living_personas.errors import FilesAwayError, Location
from living_personas.stores.sql.parquet_files import write_durably
from living_personas.stores.sql.storage_failures import storage_failure
from living_personas.stores.sql.sums import SummingFile

__all__ = ["PIECE", "ObjectStorage", "pour"]

PIECE = 4 << 20
"""Bytes that are asked for or sent at once: so much of a file is in memory."""

_AWAY_SECONDS = 10.0
"""How long nobody asks again once the storage was away: each who asks waits for several attempts, some with a lock."""
_CONNECT_SECONDS, _SILENT_SECONDS = 3.0, 5.0
"""How long one attempt waits for a connection, and for a byte; there are three."""
_RETRIED = timedelta(seconds=15)
"""How long Google's client tries again; by itself a quarter of an hour."""

_REGION = ("AWS_REGION", "AWS_DEFAULT_REGION")
_ENDPOINT = {"s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"), "gs": ("STORAGE_EMULATOR_HOST",)}


class ObjectStorage:
    """Objects under ``file:``, ``s3:`` and ``gs:``; credentials and endpoints come from the environment.

    Parameters
    ----------
    lookup
        The text in an environment variable. Credentials are found by Arrow itself, where AWS and Google look for them.
    """

    def __init__(self, *, lookup: Callable[[str], str | None] = os.environ.get) -> None:
        self._lookup = lookup
        self._opened: dict[str, Any] = {}
        self._lock = Lock()
        self._away_until = 0.0

    def put(self, address: str, path: Path) -> None:
        """Write an object, whole or not at all; one of this name is the same, as names hold checksums.

        Raises
        ------
        FilesAwayError
            If the storage cannot be reached.
        StoreError
            If it refuses.
        """
        if address.startswith("file:"):
            write_durably(_local(address), partial(pour, path))
            return
        with self._asked(address) as (system, key), path.open("rb") as file:
            stream = system.open_output_stream(key)
            while some := file.read(PIECE):
                stream.write(some)
            stream.close()  # only this makes an object of it

    def pieces(self, address: str) -> Iterator[bytes]:
        """What an object holds, some at a time.

        Raises
        ------
        FileNotFoundError
            If there is none.
        """
        with self._asked(address) as (system, key), system.open_input_stream(key, buffer_size=0) as stream:
            while some := stream.read(PIECE):
                yield some

    def size(self, address: str) -> int | None:
        """Bytes of an object; None if there is none."""
        with self._asked(address) as (system, key):
            found = system.get_file_info(key)
            return int(found.size) if found.is_file else None

    def remove(self, address: str) -> None:
        """Remove an object; one that is gone already is no error."""
        with self._asked(address) as (system, key):
            try:
                system.delete_file(key)
            except FileNotFoundError:
                return

    def listed(self, folder: str) -> dict[str, datetime]:
        """The addresses of all objects in a folder, and when each was written, by the storage's clock."""
        from pyarrow.fs import FileSelector  # noqa: PLC0415 - it starts the libraries of the clouds

        with self._asked(folder) as (system, key):
            found = system.get_file_info(FileSelector(key, allow_not_found=True))
            return {f"{folder}/{each.base_name}": each.mtime for each in found if each.is_file}

    @contextmanager
    def _asked(self, address: str) -> Iterator[tuple[Any, str]]:
        """The file system that opens an address, and the path there; its failures are told in our words."""
        if time.monotonic() < self._away_until:
            raise FilesAwayError(
                "The object storage was away a moment ago.", hint="try again.", where=Location(file=address)
            )
        try:
            yield self._system(address)
        except FileNotFoundError:
            raise
        except OSError as error:
            failure = storage_failure(error, address)
            if isinstance(failure, FilesAwayError):
                self._away_until = time.monotonic() + _AWAY_SECONDS
            raise failure from error

    def _system(self, address: str) -> tuple[Any, str]:
        parts = urlsplit(address)
        with self._lock:
            if parts.scheme not in self._opened:
                self._opened[parts.scheme] = self._open(parts.scheme)
        path = str(_local(address)) if parts.scheme == "file" else f"{parts.netloc}{parts.path}"
        return self._opened[parts.scheme], path

    def _open(self, scheme: str) -> Any:
        from pyarrow import fs  # noqa: PLC0415 - it starts the libraries of the clouds

        if scheme == "file":
            return fs.LocalFileSystem()
        endpoint = self._first(_ENDPOINT[scheme])
        where = {"endpoint_override": endpoint.partition("://")[2] or endpoint} if endpoint else {}
        if endpoint.startswith("http:"):
            where["scheme"] = "http"
        if scheme == "gs":
            return fs.GcsFileSystem(retry_time_limit=_RETRIED, **where)
        return fs.S3FileSystem(
            region=self._first(_REGION) or None,
            connect_timeout=_CONNECT_SECONDS,
            request_timeout=_SILENT_SECONDS,
            allow_delayed_open=True,  # a small object is one request
            **where,
        )

    def _first(self, names: tuple[str, ...]) -> str:
        return next((said.rstrip("/") for name in names if (said := self._lookup(name))), "")


def pour(source: Path, file: SummingFile) -> None:
    """Write all of one file into another."""
    with source.open("rb") as whole:
        while some := whole.read(PIECE):
            file.write(some)


def _local(address: str) -> Path:
    return Path(unquote(urlsplit(address).path))
