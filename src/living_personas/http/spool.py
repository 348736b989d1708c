"""Bodies too large for memory: written to a file as they come, unpacked there, never larger than they may be."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from io import BufferedIOBase
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import pyarrow as pa
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request

from living_personas.http.headers import header
from living_personas.http.problems import ProblemError

__all__ = ["LARGEST_SENT", "LARGEST_UNPACKED", "spooled"]

LARGEST_SENT = 256 << 20
"""Bytes of a body as it travels."""
LARGEST_UNPACKED = 1 << 30
"""Bytes of a body once it is unpacked."""

_BLOCK = 1 << 20
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"


@asynccontextmanager
async def spooled(request: Request) -> AsyncIterator[Path]:
    """The body as a file that is there until the block ends, unpacked if its bytes say that they are gzip or zstd.

    Raises
    ------
    ProblemError
        413 if it is larger than it may be, 400 if it is damaged or was cut off, 415 if it is packed in another way, 503
        if there is no room for it.
    """
    _check_headers(request)
    with TemporaryDirectory(prefix="living-personas-") as folder, _room():
        sent = Path(folder) / "sent"
        await _receive(request, sent)
        yield await run_in_threadpool(_unpacked, sent, Path(folder) / "body")


def _check_headers(request: Request) -> None:
    said = header(request.scope, b"content-length") or "0"
    if said.isdigit() and int(said[:20]) > LARGEST_SENT:
        raise _too_large("body", LARGEST_SENT)
    packed = (header(request.scope, b"content-encoding") or "identity").strip().lower()
    if packed not in ("identity", "gzip", "x-gzip", "zstd"):
        raise ProblemError(
            415, f"The body is packed as {packed[:40]!r}.", hint="send it plain, or packed by gzip or zstd."
        )


async def _receive(request: Request, path: Path) -> None:
    size, block = 0, bytearray()
    with path.open("wb", buffering=0) as file:
        try:
            async for part in request.stream():
                size += len(part)
                if size > LARGEST_SENT:
                    raise _too_large("body", LARGEST_SENT)
                block += part
                if len(block) >= _BLOCK:
                    await run_in_threadpool(file.write, block)
                    block = bytearray()
        except ClientDisconnect as error:
            raise ProblemError(400, "The request was cut off.", hint="send it again: nothing was recorded.") from error
        await run_in_threadpool(file.write, block)


def _unpacked(sent: Path, target: Path) -> Path:
    with sent.open("rb") as file:
        begins = file.read(len(_ZSTD))
    if not begins.startswith((_GZIP, _ZSTD)):
        return sent.rename(target)
    size = 0
    with _sound(sent, begins) as stream, target.open("wb") as file:
        while block := stream.read(_BLOCK):
            if not size and block.startswith((_GZIP, _ZSTD)):
                raise ProblemError(400, "The body is packed twice.", hint="pack it once, or send it plain.")
            size += len(block)
            if size > LARGEST_UNPACKED:
                raise _too_large("unpacked body", LARGEST_UNPACKED)
            file.write(block)
    sent.unlink()
    return target


@contextmanager
def _sound(sent: Path, begins: bytes) -> Iterator[BufferedIOBase]:
    """What was sent, unpacked as it is read; damage is said in our words."""
    try:
        if begins.startswith(_GZIP):
            with gzip.open(sent) as stream:
                yield stream
        else:
            with pa.CompressedInputStream(pa.OSFile(str(sent)), "zstd") as stream:
                yield cast("Any", stream)
    except (gzip.BadGzipFile, EOFError, zlib.error, pa.ArrowException) as error:
        raise _damaged() from error
    except OSError as error:
        if error.errno is None:  # Arrow says so of damaged bytes; what the disk says has a number
            raise _damaged() from error
        raise


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        detail = f"There is no room for the body ({error.strerror or 'the disk failed'})."
        raise ProblemError(503, detail, hint="send it again later, or in smaller pieces.") from error


def _damaged() -> ProblemError:
    return ProblemError(400, "The packed body is damaged or cut off.", hint="send it again, or send it plain.")


def _too_large(what: str, most: int) -> ProblemError:
    return ProblemError(
        413, f"The {what} is larger than {most} bytes.", hint="send the rows in several bodies, each with its header."
    )
