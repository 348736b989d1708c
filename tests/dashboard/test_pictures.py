"""Pictures in the dashboard: brought by a form, checked, kept beside the persona's file, shown, and undone."""

from __future__ import annotations

import re
from hashlib import sha256

import pytest
from starlette.testclient import TestClient

from dashboard.desk import Desk, csrf
from living_personas.dashboard.app import LARGEST_FORM
from living_personas.loop.cycle import run
from living_personas.workspace.picture_content import LARGEST_PICTURE
from pictures import JPEG, PNG, WEBP, png_of, png_part

PAGE = "/personas/deal-hunter/edit"
FILE = "personas/deal-hunter.yaml"


def bring(client: TestClient, content: bytes, name: str = "face.png", **more: str) -> str:
    """Bring a picture as a browser does; the page that answers."""
    form = {"csrf": csrf(client.get(PAGE).text), "of": "", **more}
    answer = client.post("/personas/deal-hunter/picture", data=form, files={"file": (name, content, "image/png")})
    return client.get(PAGE).text if answer.status_code == 303 else f"{answer.status_code} {answer.text}"


def shown(page: str) -> list[str]:
    return re.findall(r'src="(/pictures/[^"]+)"', page)


@pytest.mark.parametrize(("content", "kind"), [(PNG, "png"), (JPEG, "jpeg"), (WEBP, "webp")])
def test_a_picture_is_kept_shown_on_every_page_and_undone(desk: Desk, content: bytes, kind: str) -> None:
    client, before = desk.client("Dana"), (desk.root / FILE).read_text()
    page = bring(client, content, name="whatever-it-says.exe")
    end = "jpg" if kind == "jpeg" else kind
    name = f"deal-hunter-{sha256(content).hexdigest()[:12]}.{end}"
    after = (desk.root / FILE).read_text()
    assert [line for line in after.splitlines() if line not in before.splitlines()] == [f"picture: {name}"]
    assert (desk.root / "personas" / name).read_bytes() == content
    [address] = shown(page)
    for each in ("/personas", "/personas/deal-hunter"):
        assert shown(client.get(each).text) == [address]
    answer = desk.client("Vic").get(address)
    assert (answer.content, answer.headers["content-type"]) == (content, f"image/{kind}")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert desk.client().get(address).status_code == 303
    number = re.search(r'action="/saves/(\d+)/undo"', page)
    assert number
    client.post(f"/saves/{number[1]}/undo", data={"csrf": csrf(page)})
    assert (desk.root / FILE).read_text() == before
    assert shown(client.get("/personas").text) == []


def test_another_picture_takes_its_place_and_none_too_and_the_next_version_says_so(desk: Desk) -> None:
    client, other = desk.client("Dana"), png_of(8, 8)
    bring(client, PNG)
    page = bring(client, other)
    assert client.get(shown(page)[0]).content == other
    assert shown(bring(client, b"", remove="1")) == []
    bring(client, PNG)
    run(desk.fresh(), now=desk.now, owner="test")
    newest = desk.context.store.versions.history("deal-hunter")[-1]
    assert newest.persona.picture.endswith(".png")
    assert "A picture of Deal hunter." in newest.reason


def test_an_option_has_a_picture_and_a_snippet_on_the_persona_page(desk: Desk) -> None:
    client = desk.client("Dana")
    page = bring(client, PNG, of="offer|ten_percent_off")
    assert len(shown(page)) == 1
    written = (desk.root / FILE).read_text()
    assert re.search(r"ten_percent_off: deal-hunter-ten-percent-off-[0-9a-f]{12}\.png", written)
    assert "404" in bring(client, PNG, of="offer|nothing-like-it")
    assert "404" in bring(client, PNG, of="../../etc")
    run(desk.fresh(), now=desk.now, owner="test")
    desk.read_anew()
    assert len(shown(desk.client("Dana").get("/personas/deal-hunter").text)) == 1


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "may hold scripts"),
        (png_of(6, 4, png_part(b"eXIf", b"II*\0")), "without EXIF"),
        (PNG + b"<script>alert(1)</script>", "ends in the middle"),
        (PNG + bytes(LARGEST_PICTURE - len(PNG) + 1), "2,097,153 bytes"),
        (b"", "No file was chosen"),
    ],
)
def test_what_is_no_picture_is_told_at_the_field_and_nothing_is_kept(shown: Desk, content: bytes, why: str) -> None:
    before = {each.name: each.read_bytes() for each in (shown.root / "personas").iterdir()}
    page = bring(shown.client("Dana"), content)
    assert page.startswith("422")
    assert 'role="alert" id="picture-wrong"' in page
    assert why in page
    assert {each.name: each.read_bytes() for each in (shown.root / "personas").iterdir()} == before


def test_who_may_not_edit_brings_no_picture_and_other_forms_take_no_file(desk: Desk) -> None:
    for name in ("Eve", "Vic"):
        client = desk.client(name)
        form = {"csrf": csrf(client.get("/tester").text), "of": ""}
        assert client.post("/personas/deal-hunter/picture", data=form, files={"file": PNG}).status_code == 403
    client = desk.client("Dana")
    assert client.post("/personas/deal-hunter/picture", data={"of": ""}, files={"file": PNG}).status_code == 403
    form = {"csrf": csrf(client.get(PAGE).text)}
    too_large = client.post(
        "/personas/deal-hunter/picture", data=form, files={"file": bytes(LARGEST_PICTURE + LARGEST_FORM)}
    )
    assert too_large.status_code == 413
    assert client.post("/tester", data=form, files={"file": PNG}).status_code == 400
    assert client.get("/pictures/..%2Fworkspace.yaml").status_code == 404
    assert client.get("/pictures/deal-hunter.yaml").status_code == 404
    stranger = desk.client()
    form = {"csrf": csrf(stranger.get("/sign-in").text), "of": ""}
    answer = stranger.post("/personas/deal-hunter/picture", data=form, files={"file": PNG})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
