"""Every page: for people who are signed in, from this host only, nothing inline, hostile texts harmless."""

from __future__ import annotations

import re
from contextlib import closing
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from dashboard.desk import Desk, csrf
from dashboard.lived import HOSTILE, PASSWORD, add_people
from living_personas.cli import app
from living_personas.cli import run as run_command
from living_personas.memory.records import SIZES
from living_personas.memory.tables import CUSTOMERS

PAGES = (
    "/",
    "/personas",
    "/personas?q=buyer&only=waiting&sort=name&group=channel",
    "/worth",
    "/personas/budget-first-buyer",
    "/personas/hostile",
    "/personas/hostile/versions/1",
    "/personas/steady-regular/versions/2",
    "/personas/budget-first-buyer/gain",
    "/segments",
    "/changes",
    "/changes?persona=hostile&page=1",
    "/review",
    "/experiments",
    "/experiments/budget-first-buyer/framing",
    "/tester",
    "/health",
    "/privacy",
)


class Tags(HTMLParser):
    """The tags of a page with their attributes, and the text of scripts and styles."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.inline = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: said or "" for name, said in attrs}))

    def handle_data(self, data: str) -> None:
        if self.found and self.found[-1][0] in ("script", "style"):
            self.inline += data.strip()


@pytest.mark.promise("P27")
@pytest.mark.parametrize("path", PAGES)
def test_a_page_loads_nothing_from_elsewhere_and_runs_nothing_inline(shown: Desk, path: str) -> None:
    answer = shown.client("Dana").get(path)
    assert answer.status_code == 200, answer.text
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    tags = Tags(answer.text)
    assert tags.inline == ""
    for tag, said in tags.found:
        assert not [name for name in said if name.startswith("on") or name == "style"], (tag, said)
        for name in ("src", "href", "action", "data-stream", "hx-get", "hx-post"):
            assert urlsplit(urljoin("http://desk/", said.get(name, ""))).netloc == "desk", (tag, said)
    assert HOSTILE not in answer.text
    assert "<img" not in answer.text


@pytest.mark.parametrize("path", [path for path in PAGES if not path.endswith(("/gain", "/worth"))])
def test_a_page_can_be_walked_without_eyes_or_mouse(shown: Desk, path: str) -> None:
    tags = Tags(shown.client("Dana").get(path).text).found
    names = [tag for tag, _ in tags]
    assert names.count("main") == names.count("h1") == 1
    assert ("a", {"class": "skip", "href": "#main"}) in tags
    assert names.count("table") == names.count("caption")
    assert all(said.get("scope") for tag, said in tags if tag == "th")
    for tag, said in tags:
        if tag == "svg" and said.get("role") == "img":
            assert said["aria-label"]
    ids = [said["id"] for _, said in tags if "id" in said]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("path", [path for path in PAGES if "/versions/" not in path])
def test_days_are_in_words(shown: Desk, path: str) -> None:
    """The text of a version is that of its file, and is all that says days as files do."""
    page = shown.client("Dana").get(path).text
    said = re.sub(r"<(script|style|code|pre|textarea)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    assert re.findall(r".{0,40}\b20\d\d-\d\d-\d\d\b", said) == []


@pytest.mark.parametrize("path", PAGES)
def test_nobody_reads_who_is_not_signed_in(shown: Desk, path: str) -> None:
    answer = shown.client().get(path)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?onward=/")


def test_files_are_kept_by_caches_and_pages_name_their_content(shown: Desk) -> None:
    client = shown.client()
    page = Tags(client.get("/sign-in").text).found
    style = next(said["href"] for tag, said in page if tag == "link" and said["rel"] == "stylesheet")
    answer = client.get(style)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert client.get("/static/%2e%2e/app.py").status_code == 404


def test_it_works_below_a_prefix(shown: Desk) -> None:
    mounted = TestClient(
        Starlette(routes=[Mount("/dashboard", shown.app("/dashboard"))]),
        base_url="http://desk",
        follow_redirects=False,
    )
    sent_away = mounted.get("/dashboard/review")
    assert sent_away.headers["location"] == "/dashboard/sign-in?onward=/review"
    token = csrf(mounted.get("/dashboard/sign-in").text)
    entered = mounted.post(
        "/dashboard/sign-in", data={"csrf": token, "name": "Vic", "password": PASSWORD, "onward": "/review"}
    )
    assert entered.headers["location"] == "/dashboard/review"
    page = mounted.get("/dashboard/review")
    links = [said["href"] for tag, said in Tags(page.text).found if tag in ("a", "link") and "href" in said]
    assert page.status_code == 200
    assert all(link.startswith(("/dashboard", "#")) or link == "" for link in links), links
    assert 'aria-current="page">Review' in page.text


def test_a_goal_is_told_with_its_time_wherever_its_outcomes_are_counted(shown: Desk) -> None:
    page = shown.client("Vic").get("/personas/deal-hunter").text
    assert "“In 100” counts Order Completed within 3 days on 100 occasions" in page
    assert re.search(r"<dt>Goal</dt>\s*<dd>Order Completed within 3 days</dd>", page)


def test_what_is_not_there_says_what_is(shown: Desk) -> None:
    client = shown.client("Vic")
    missing = client.get("/personas/budget-first-byer")
    assert missing.status_code == 404
    assert "did you mean" in missing.text.lower()
    assert client.get("/nowhere").status_code == 404


def test_a_persona_of_too_few_customers_is_a_word_and_no_number(desk: Desk) -> None:
    day = CUSTOMERS.days(desk.context.store)[-1]
    SIZES.write(desk.context.store, {day: {"budget-first-buyer": 37, "deal-hunter": 1200}})
    client = desk.client("Dana")
    page = client.get("/personas/budget-first-buyer").text
    assert "fewer than 50 customers" in page
    for hidden in ("37 customers", "data-chart", "in 100 (", 'id="brief"'):
        assert hidden not in page
    assert "37" not in client.get("/personas").text.split("<main")[1].split("</main")[0]
    for other in ("/changes", "/review", "/experiments"):
        mine = client.get(other).text.split("Budget-conscious first-time buyer")[-1][:2_000]
        assert "in 100 (" not in mine.split("</li>")[0].split("</tr>")[0], other
    assert client.get("/experiments/budget-first-buyer/framing").status_code == 409
    assert 'href="/experiments/budget-first-buyer' not in client.get("/experiments").text


def test_an_edited_file_is_read_again_and_a_broken_one_says_what_to_do(desk: Desk) -> None:
    client = desk.client("Vic")
    settings = desk.root / "workspace.yaml"
    text = settings.read_text()
    settings.write_text(text + "\nnonsense: 1\n")
    broken = client.get("/")
    assert broken.status_code == 500
    assert "personas check" in broken.text
    settings.write_text(text)
    assert client.get("/").status_code == 200


def test_the_list_of_personas_says_first_what_matters(shown: Desk) -> None:
    page = shown.client("Vic").get("/personas").text
    lead = page.split('class="lead">')[1].split("</p>")[0]
    assert "belief" in lead
    assert "wait" in lead


def test_a_workspace_without_a_persona_says_that_one_is_missing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = str(tmp_path / "new")
    app(["init", folder])
    for file in (tmp_path / "new" / "personas").iterdir():
        file.unlink()
    capsys.readouterr()
    assert run_command(["run", "--workspace", folder]) == 0
    assert capsys.readouterr().out.startswith("there is no persona yet: write one into personas/NAME.yaml")
    with closing(Desk(tmp_path / "new", datetime(2026, 3, 1, tzinfo=UTC))) as desk:
        add_people(desk.context)
        for path in ("/", "/personas"):
            assert "There is no persona yet" in desk.client("Dana").get(path).text
        assert '<a href="/new-persona">write one</a>' in desk.client("Dana").get("/").text


def test_a_new_workspace_says_what_to_do_next(tmp_path: Path) -> None:
    app(["init", str(tmp_path / "new")])
    desk = Desk(tmp_path / "new", datetime(2026, 3, 1, tzinfo=UTC))
    try:
        from_elsewhere = desk.client().get("/sign-in").text  # a test client is no loopback address
        assert "Ask whoever runs this workspace" in from_elsewhere
        assert str(tmp_path) not in from_elsewhere
        add_people(desk.context)
        client = desk.client("Dana")
        for path in ("/", "/personas", "/review", "/changes", "/segments", "/experiments", "/tester", "/health"):
            answer = client.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert "personas " in answer.text or "Nothing waits" in answer.text
            assert not re.search(r"(since|from|on) not yet", answer.text), path
        app(["run", "--workspace", str(tmp_path / "new")])
        page = client.get("/personas/budget-first-buyer").text
        assert "chooses nothing" not in page
        assert "Nothing is chosen" not in page
        assert "is assumed; nothing was measured yet" in page
        assert "customers not counted yet" in page
        for path in (
            "/",
            "/personas",
            "/review",
            "/changes",
            "/experiments",
            "/experiments/budget-first-buyer/framing",
        ):
            assert client.get(path).status_code == 200, path
    finally:
        desk.context.store.close()
