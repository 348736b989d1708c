"""What the bytes of a picture are: PNG, JPEG or WebP by their content, whole, not too large, and without metadata."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NoReturn

from living_personas.domain.value import value
from living_personas.errors import InvalidPersonaError

__all__ = ["LARGEST_PICTURE", "LONGEST_SIDE", "PICTURE_ENDINGS", "PictureContent", "PictureKind", "read_picture"]

PictureKind = Literal["png", "jpeg", "webp"]

LARGEST_PICTURE, LONGEST_SIDE = 2 << 20, 4096
"""Bytes of a picture, and pixels of each of its sides: what is shown at the size of a thumb needs no more."""

PICTURE_ENDINGS: Mapping[str, PictureKind] = {"png": "png", "jpg": "jpeg", "jpeg": "jpeg", "webp": "webp"}
"""What pictures are, by how their files' names end."""

_KINDS = "a PNG, JPEG or WebP"


@value
class PictureContent:
    """A picture that may be shown: its bytes, what they are, and how many pixels it has."""

    kind: PictureKind
    width: int
    height: int
    content: bytes


def read_picture(content: bytes) -> PictureContent:
    """Look at every part of a picture; what its name or its sender says it is does not matter.

    The bytes are taken as they are, so whatever could carry more than a picture is refused: text such as SVG, parts
    that a picture does not need, anything behind its end, and metadata that may say where and by whom it was taken.

    Raises
    ------
    InvalidPersonaError
        If it is no such picture, is too large, is damaged, or carries metadata.
    """
    if len(content) > LARGEST_PICTURE:
        _refuse(f"The picture has {len(content):,} bytes", f"make it smaller: {LARGEST_PICTURE:,} bytes at most.")
    kind = next((kind for kind, begins in _BEGINS.items() if begins(content)), None)
    if kind is None:
        _refuse(f"The file is not {_KINDS}", f"save it as {_KINDS} picture; others, such as SVG, may hold scripts.")
    try:
        width, height = _SIZES[kind](content)
    except (struct.error, IndexError):
        _refuse("The picture ends in the middle", "save it anew.")
    if not (0 < width <= LONGEST_SIDE and 0 < height <= LONGEST_SIDE):
        hint = f"make it smaller: {LONGEST_SIDE:,} a side at most."
        _refuse(f"The picture has {width:,} by {height:,} pixels", hint)
    return PictureContent(kind=kind, width=width, height=height, content=content)


_PNG, _JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff"

_BEGINS: Mapping[PictureKind, Callable[[bytes], bool]] = {
    "png": lambda content: content.startswith(_PNG),
    "jpeg": lambda content: content.startswith(_JPEG),
    "webp": lambda content: content[:4] == b"RIFF" and content[8:12] == b"WEBP",
}

_PNG_PARTS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP cICP sBIT pHYs bKGD hIST tIME tEXt zTXt iTXt".split()
)
_PNG_TEXTS = (b"tEXt", b"zTXt", b"iTXt")
_ABOUT_PHOTOS = (b"XML:com.adobe.xmp", b"Raw profile type")
"""How texts of a PNG begin that hold XMP, EXIF or IPTC."""


def _png_size(content: bytes) -> tuple[int, int]:
    width, height, last = 0, 0, b""
    for name, data, whole in _png_parts(content):
        if name == b"eXIf" or (name in _PNG_TEXTS and data.startswith(_ABOUT_PHOTOS)):
            _refuse_metadata()
        if name not in _PNG_PARTS or last == b"IEND" or (not last and name != b"IHDR"):
            _refuse_part(name)
        if not whole:
            _refuse("The picture is damaged: a checksum in it is wrong", "save it anew.")
        if name == b"IHDR":
            width, height = struct.unpack_from(">II", data)
        last = name
    if last != b"IEND":
        _refuse("The picture ends in the middle", "save it anew.")
    return width, height


def _png_parts(content: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Name and data of each part, and whether its checksum is right."""
    at = len(_PNG)
    while at < len(content):
        length, name = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        (checksum,) = struct.unpack_from(">I", content, at + 8 + length)
        yield name, data, checksum == zlib.crc32(name + data)
        at += 12 + length


_SIZED = frozenset({0xC0, 0xC1, 0xC2})
"""JPEG: baseline, extended and progressive; others no browser shows."""
_PLAIN = frozenset({0xC4, 0xDA, 0xDB, 0xDD, 0xE0, 0xEE, 0xFE})
"""Tables, scans, JFIF, Adobe's transform, and a comment."""
_COLOURS = b"ICC_PROFILE\0"


def _jpeg_size(content: bytes) -> tuple[int, int]:
    at, size = 2, (0, 0)
    while (marker := _marker(content, at)) != 0xD9:
        (length,) = struct.unpack_from(">H", content, at + 2)
        data = content[at + 4 : at + 2 + length]
        if marker in _SIZED:
            height, width = struct.unpack_from(">HH", data, 1)
            size = (width, height)
        elif marker in (0xE1, 0xED):
            _refuse_metadata()
        elif marker not in _PLAIN and not (marker == 0xE2 and data.startswith(_COLOURS)):
            _refuse_part(b"%02x" % marker)
        at += 2 + length
        if marker == 0xDA:
            at = _end_of_scan(content, at)
    if at + 2 != len(content):
        _refuse_part(b"something behind its end")
    return size


def _marker(content: bytes, at: int) -> int:
    if content[at] != 0xFF:
        _refuse("The picture is damaged", "save it anew.")
    return content[at + 1]


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next marker is: in a scan 0xFF stands for itself before 0x00, and marks restarts."""
    while True:
        at = content.index(0xFF, at) if 0xFF in content[at:] else len(content)
        if content[at + 1] != 0 and not 0xD0 <= content[at + 1] <= 0xD7:
            return at
        at += 2


def _webp_size(content: bytes) -> tuple[int, int]:
    (length,) = struct.unpack_from("<I", content, 4)
    if length + 8 != len(content):
        _refuse("The picture ends in the middle, or holds something behind its end", "save it anew.")
    at, size = 12, (0, 0)
    while at < len(content):
        name, long = struct.unpack_from("<4sI", content, at)
        data = content[at + 8 : at + 8 + long]
        if name in (b"EXIF", b"XMP "):
            _refuse_metadata()
        if len(data) < long or name not in _WEBP_PARTS:
            _refuse_part(name)
        size = _WEBP_PARTS[name](data) or size
        at += 8 + long + long % 2
    return size


def _lossy(data: bytes) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width & 0x3FFF, height & 0x3FFF


def _lossless(data: bytes) -> tuple[int, int]:
    (bits,) = struct.unpack_from("<I", data, 1)
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1


_WEBP_PARTS: Mapping[bytes, Callable[[bytes], tuple[int, int] | None]] = {
    b"VP8 ": _lossy,
    b"VP8L": _lossless,
    **dict.fromkeys((b"VP8X", b"ALPH", b"ICCP"), lambda _: None),
}

_SIZES: Mapping[PictureKind, Callable[[bytes], tuple[int, int]]] = {
    "png": _png_size,
    "jpeg": _jpeg_size,
    "webp": _webp_size,
}


def _refuse(what: str, hint: str) -> NoReturn:
    raise InvalidPersonaError(f"{what}.", hint=hint)


def _refuse_metadata() -> NoReturn:
    hint = "save it without EXIF, XMP and IPTC (a screenshot of it has none)."
    _refuse("The picture carries metadata, which may say where and by whom it was taken", hint)


def _refuse_part(name: bytes) -> NoReturn:
    _refuse(
        f"The picture holds what a still picture does not need ({name.decode('ascii', 'replace')!r})",
        f"save it anew as {_KINDS} that does not move.",
    )
