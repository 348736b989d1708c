"""What is taken as a picture: whole stills without metadata, whatever their names say; all else says why not."""

from __future__ import annotations

import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from living_personas.domain.persona import Persona
from living_personas.errors import InvalidPersonaError
from living_personas.workspace.files import read_workspace
from living_personas.workspace.persona_picture import (
    keep_picture,
    persona_picture,
    picture_problems,
    read_picture_file,
)
from living_personas.workspace.picture_content import LARGEST_PICTURE, read_picture
from pictures import JPEG, PNG, SIZE, WEBP, WEBP_LOSSLESS, png_of, png_part

KINDS = {"png": PNG, "jpeg": JPEG, "webp": WEBP}
EXIF = b"Exif\0\0II*\0\x08\0\0\0"


def _jpeg_with(marker: int, data: bytes) -> bytes:
    return JPEG[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(data) + 2) + data + JPEG[2:]


def _webp_with(name: bytes, data: bytes) -> bytes:
    body = WEBP[8:] + name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(("kind", "content"), [*KINDS.items(), ("webp", WEBP_LOSSLESS)])
def test_a_picture_is_known_by_its_content(kind: str, content: bytes) -> None:
    found = read_picture(content)
    assert (found.kind, found.width, found.height, found.content) == (kind, *SIZE, content)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "not a PNG, JPEG or WebP"),
        (b"<?xml version='1.0'?><svg/>", "may hold scripts"),
        (b"GIF89a", "not a PNG, JPEG or WebP"),
        (b"<html><script>alert(1)</script>", "not a PNG, JPEG or WebP"),
        (b"", "not a PNG, JPEG or WebP"),
        (PNG + b"<script>alert(1)</script>", "ends in the middle"),
        (PNG + png_part(b"tEXt", b"behind"), "does not need"),
        (JPEG + b"PK\x03\x04", "something behind its end"),
        (WEBP + b"<script>", "something behind its end"),
        (png_of(6, 4, png_part(b"eXIf", EXIF[6:])), "metadata"),
        (png_of(6, 4, png_part(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>")), "metadata"),
        (png_of(6, 4, png_part(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(EXIF))), "metadata"),
        (_jpeg_with(0xE1, EXIF), "metadata"),
        (_jpeg_with(0xED, b"Photoshop 3.0\0"), "metadata"),
        (_webp_with(b"EXIF", EXIF), "metadata"),
        (_webp_with(b"XMP ", b"<x/>"), "metadata"),
        (_webp_with(b"ANMF", bytes(16)), "does not move"),
        (png_of(6, 4, png_part(b"acTL", struct.pack(">II", 2, 0))), "does not move"),
        (_jpeg_with(0xE2, b"MPF\0"), "does not need"),
        (png_of(4097, 1), "4,097 by 1 pixels"),
        (png_of(0, 4), "0 by 4 pixels"),
        (PNG[:-5] + b"\0" + PNG[-4:], "does not need"),
        (PNG[:45] + bytes((PNG[45] ^ 1,)) + PNG[46:], "checksum"),
        (PNG + bytes(LARGEST_PICTURE), "make it smaller"),
    ],
)
def test_what_is_no_plain_still_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(InvalidPersonaError) as told:
        read_picture(content)
    assert why in f"{told.value.message} {told.value.hint}"


def test_a_tool_may_sign_a_png_and_a_jpeg() -> None:
    assert read_picture(png_of(6, 4, png_part(b"tEXt", b"Software\0a screenshot"))).kind == "png"
    assert read_picture(_jpeg_with(0xFE, b"made by a tool")).kind == "jpeg"


@given(kind=st.sampled_from(list(KINDS)), end=st.floats(0, 1, exclude_max=True))
def test_no_beginning_of_a_picture_is_a_picture(kind: str, end: float) -> None:
    with pytest.raises(InvalidPersonaError):
        read_picture(KINDS[kind][: int(len(KINDS[kind]) * end)])


@given(
    kind=st.sampled_from(list(KINDS)),
    place=st.floats(0, 1, exclude_max=True),
    byte=st.integers(0, 255),
    behind=st.binary(max_size=8),
)
def test_whatever_bytes_are_sent_the_answer_is_a_picture_or_a_reason(
    kind: str, place: float, byte: int, behind: bytes
) -> None:
    content = bytearray(KINDS[kind])
    content[int(len(content) * place)] = byte
    with suppress(InvalidPersonaError):
        found = read_picture(bytes(content) + behind)
        assert found.kind == kind
        assert not behind


def _persona(picture: str = "") -> Persona:
    who = read_workspace(Path("examples/orders")).persona("regular")
    return Persona(id="regular", name="Regular", who=who.who, goal=who.goal, picture=picture)


def test_a_picture_is_kept_beside_the_persona_and_never_written_over(tmp_path: Path) -> None:
    first = keep_picture(tmp_path, "regular", read_picture(PNG))
    other = keep_picture(tmp_path, "regular", read_picture(png_of(6, 4, colour=b"\0\0\0")))
    assert first == keep_picture(tmp_path, "regular", read_picture(PNG))
    assert first != other
    assert {each.name for each in (tmp_path / "personas").iterdir()} == {first, other}
    assert read_picture_file(tmp_path, first).content == PNG
    assert persona_picture(tmp_path, _persona(first)).startswith("data:image/png;base64,")
    assert persona_picture(tmp_path, _persona()) == ""
    assert keep_picture(tmp_path, "regular", read_picture(JPEG)).endswith(".jpg")


def test_pictures_that_are_not_there_or_are_something_else_are_told(tmp_path: Path) -> None:
    folder = tmp_path / "personas"
    folder.mkdir()
    (folder / "regular.png").write_bytes(JPEG)
    (folder / "ten.webp").write_bytes(b"<svg/>")
    told = [str(each) for each in picture_problems(tmp_path, _persona())]
    assert len(told) == 1
    assert "personas/regular.png" in told[0]
    assert "JPEG, and no PNG" in told[0]
    assert "There is no picture 'gone.png'" in str(picture_problems(tmp_path, _persona("gone.png"))[0])
    assert "may hold scripts" in str(picture_problems(tmp_path, _persona("ten.webp"))[0])


@pytest.mark.parametrize("name", ["../workspace.yaml", "..", "a/b.png", ".hidden.png", "personas", "a.svg", "a.png\n"])
def test_no_other_file_is_read_as_a_picture(tmp_path: Path, name: str) -> None:
    (tmp_path / "personas").mkdir()
    (tmp_path / "workspace.yaml").write_bytes(PNG)
    with pytest.raises(InvalidPersonaError):
        read_picture_file(tmp_path, name)
