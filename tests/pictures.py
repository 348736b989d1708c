"""Small pictures of six by four pixels, as tools write them."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode

SIZE = (6, 4)


def png_part(name: bytes, data: bytes) -> bytes:
    """A part of a PNG with its checksum."""
    return struct.pack(">I4s", len(data), name) + data + struct.pack(">I", zlib.crc32(name + data))


def png_of(width: int, height: int, *between: bytes, colour: bytes = b"\x17\x61\x6a") -> bytes:
    """A PNG of one colour, with other parts between its head and its pixels."""
    head = png_part(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    pixels = png_part(b"IDAT", zlib.compress((b"\0" + colour * width) * height))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(between) + pixels + png_part(b"IEND", b"")


PNG = png_of(*SIZE)
JPEG = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABALDA4MChAODQ4SERATGCgaGBYWGDEjJR0oOjM9PDkzODdASFxOQERXRTc4UG1RV19i"
    "Z2hnPk1xeXBkeFxlZ2P/2wBDARESEhgVGC8aGi9jQjhCY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2NjY2Nj"
    "Y2NjY2NjY2P/wAARCAAEAAYDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAX/xAAYEAADAQEAAAAAAAAAAAAAAAAAAREh"
    "Qf/EABUBAQEAAAAAAAAAAAAAAAAAAAME/8QAFxEAAwEAAAAAAAAAAAAAAAAAAAIxMv/aAAwDAQACEQMRAD8AjN2YlFwADLCB9H//"
    "2Q=="
)
WEBP = b64decode("UklGRjgAAABXRUJQVlA4ICwAAABwAQCdASoGAAQAAsBMJagCdAGIQAD+7nfsvCM0fKmXifbhI5vkz2ACeMbAAA==")
WEBP_LOSSLESS = b64decode("UklGRhwAAABXRUJQVlA4TBAAAAAvBcAAEAdQsqhMAQMR0f8A")
