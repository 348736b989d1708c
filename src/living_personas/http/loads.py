"""Whole files in the body of a request: spooled to disk, then read and recorded as files are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from living_personas.domain.event import Receipt
from living_personas.errors import IngestError, OverloadedError, UnknownNameError
from living_personas.http.headers import header
from living_personas.http.metrics import FATES
from living_personas.http.problems import ProblemError
from living_personas.http.spool import spooled
from living_personas.loop.context import Context
from living_personas.loop.recording.ingest import ingest
from living_personas.wiring import Clock
from living_personas.workspace.file_problems import InvalidFilesError

__all__ = ["MEDIA_READ", "TOTALS_SCHEMA", "Loads", "answer_with_totals", "is_load", "totals"]

MOST_AT_ONCE = 4
"""Bodies that are received, or wait to be recorded, at the same time."""

_ARROW = "application/vnd.apache.arrow.stream"

_TOGETHER = 20_000
"""Rows."""

MEDIA_READ = ("text/csv", "application/x-ndjson", "application/vnd.apache.parquet", _ARROW)
"""The kinds of bodies that are read as files."""

TOTALS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "required": ["success", "received", *FATES],
    "properties": {
        "success": {"type": "boolean", "const": True},
        **{name: {"type": "integer", "minimum": 0} for name in ("received", *FATES)},
    },
}


def is_load(request: Request) -> bool:
    """Whether a request brings a file for a source."""
    return _media(request) in MEDIA_READ or b"source=" in request.scope["query_string"]


class Loads:
    """Records bodies as files are recorded: one body at a time, in chunks, each in a durable transaction of its own.

    Parameters
    ----------
    context
        What people wrote, fresh at each call, with a store that nobody else uses: the writer, which has a store of its
        own, records between the chunks.
    """

    def __init__(self, context: Callable[[], Context], *, clock: Clock) -> None:
        self._context = context
        self._clock = clock
        self._one = threading.Lock()
        self._held = 0

    async def record(self, request: Request, spend: Callable[[int], object]) -> Receipt:
        """Record the body of a request; when this returns, all of it is on disk.

        ``spend`` is called with the bytes of the body, inflated, before anything of it is recorded.

        Raises
        ------
        ProblemError
            400 or 415 if it is not what is read here, 404 if there is no such source, 413 if it is too large.
        OverloadedError
            If other bodies are waiting.
        """
        name = request.query_params.get("source", "")
        await run_in_threadpool(self._check, name)
        media = _media(request)
        if media not in MEDIA_READ:
            raise ProblemError(
                415, f"A body of the kind {media[:60]!r} is not read as a file.", hint=f"send {', '.join(MEDIA_READ)}."
            )
        if self._held >= MOST_AT_ONCE:
            raise OverloadedError(f"{self._held} files are being received.", hint="send it again in a few seconds.")
        self._held += 1
        try:
            async with spooled(request) as path:
                spend(path.stat().st_size)
                return await run_in_threadpool(self._record, name, path, is_arrow=media == _ARROW)
        finally:
            self._held -= 1

    def _check(self, name: str) -> None:
        known = {source.name for source in self._fresh().settings.sources}
        if name not in known:
            error = UnknownNameError.among("source", name[:100], known)
            hint = error.hint if name else f"say `?source=NAME`; {error.hint}"
            raise ProblemError(404 if name else 400, error.message if name else "No source was named.", hint=hint)

    def _record(self, name: str, path: Path, *, is_arrow: bool) -> Receipt:
        rows = _stream(path) if is_arrow else path
        with self._one:
            return ingest(self._fresh(), rows, received=self._clock(), source=name)

    def _fresh(self) -> Context:
        try:
            return self._context()
        except InvalidFilesError as error:
            detail = "The workspace's files hold problems, so that it is not known what the rows mean."
            raise ProblemError(503, detail, hint="mend what `personas check` names, and send it again.") from error


def totals(receipt: Receipt) -> dict[str, int]:
    """How many events and rows met which fate."""
    return {fate: getattr(receipt, fate, 0) for fate in FATES}


def answer_with_totals(receipt: Receipt) -> bytes:
    """The JSON that answers a request with a file."""
    return msgspec.json.encode({"success": True, "received": receipt.received, **totals(receipt)})


def _media(request: Request) -> str:
    return (header(request.scope, b"content-type") or "").partition(";")[0].strip().lower()


def _stream(path: Path) -> pa.RecordBatchReader:
    """The batches of a stream, each looked at before anybody trusts its offsets."""
    try:
        reader = pa.ipc.open_stream(pa.memory_map(str(path)))
    except (pa.ArrowException, OSError) as error:
        raise IngestError(
            f"The body is no Arrow stream: {str(error).splitlines()[0]}",
            hint="write it by an IPC stream writer; files of the format Feather are none.",
        ) from error

    return pa.RecordBatchReader.from_batches(reader.schema, _together(_sound(reader), reader.schema))


def _sound(reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    for batch in reader:
        batch.validate(full=True)
        yield batch


def _together(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """Small batches as few larger ones: each is recorded in a transaction of its own."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        if rows >= _TOGETHER:
            yield from pa.Table.from_batches(held, schema).combine_chunks().to_batches()
            held, rows = [], 0
    yield from pa.Table.from_batches(held, schema).combine_chunks().to_batches()
