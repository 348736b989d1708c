"""Every page says what people call an option, in one kind of quotes; ids are for files, forms and tables as CSV."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest

from dashboard.desk import Desk, submit
from dashboard.lived import HOSTILE, settle
from living_personas.loop.cycle import run
from living_personas.people.file_saves import persona_path, text_of
from living_personas.reporting.labels import requoted
from living_personas.reporting.plain import quoted
from living_personas.reporting.report import build_report
from living_personas.reporting.report_page import report_page
from living_personas.workspace.round_trip import Put, rewritten

UNSEEN = re.compile(
    r"<(script|style|code|pre|textarea|svg)\b.*?</\1>|data-chart=\"[^\"]*\"|<option value=.*?>|<[^>]*?>", re.DOTALL
)
STRAIGHT = re.compile(r"(?<!\w)'[^'\n]+'(?!\w)|(?<!\w)\"[^\"\n]+\"(?!\w)")
PAGES = (
    "/",
    "/personas",
    "/review",
    "/changes",
    "/experiments",
    "/segments",
    "/health",
    "/tester",
    "/privacy",
    "/worth",
)


def words(page: str) -> str:
    """What is read on a page, but for the texts of the persona that attacks."""
    main = page.partition('<main id="main" tabindex="-1">')[2].partition("</main>")[0]
    text = unescape(UNSEEN.sub(" ", main))
    return text.replace(HOSTILE, "hostile").replace(requoted(HOSTILE, quoted), "hostile")


def pages_of(desk: Desk) -> Iterator[tuple[str, str]]:
    """Every page that tells of options, as read: of all personas, and of what was asked before."""
    client = desk.client("Dana")
    personas = [version for version in desk.context.store.versions.latest() if version.id != "hostile"]
    paths = [*PAGES]
    for version in personas:
        paths += [f"/personas/{version.id}"]
        paths += [f"/personas/{version.id}/versions/{number + 1}" for number in range(version.version)]
        paths += [f"/experiments/{version.id}/{each.name}" for each in version.persona.attributes]
    for path in paths:
        answer = client.get(path)
        assert answer.status_code in (200, 409), path
        yield path, words(answer.text)
    for version in personas:
        tried = submit(client, "/tester", "/tester", customer="c1", channel="email", traits="orders_total = 0")
        yield f"tester of {version.id}", words(tried.text)
        for standing in version.standings[:1]:
            fields = {"attribute": f"{standing.attribute}|{standing.channel}", "hold": "on"}
            sure = submit(client, f"/personas/{version.id}", f"/personas/{version.id}/pin", **fields)
            yield f"pin of {version.id}", words(sure.text)


@pytest.fixture
def called(desk: Desk) -> dict[str, str]:
    """The labels of all options: every persona's file says some, and the next version knows them."""
    labels: dict[str, str] = {}
    for version in desk.context.store.versions.latest():
        if version.id == "hostile":
            continue
        path = persona_path(desk.root, version.id)
        changes = []
        for attribute in version.persona.attributes:
            for option in attribute.options:
                labels[option] = f"Called {option[::-1].replace('_', ' ')}"
                changes.append(Put(way=("attributes", attribute.name, "labels", option), content=labels[option]))
        path.write_text(rewritten(text_of(path) or "", changes, file=path.as_posix()), encoding="utf-8")
    settle(desk.context)
    run(desk.fresh(), now=desk.now, owner="test")
    desk.read_anew()
    return labels


def test_pages_say_labels_and_no_ids(desk: Desk, called: dict[str, str]) -> None:
    ids = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, sorted(called, key=len, reverse=True)))})(?![\w-])")
    found = {path: sorted({each[0] for each in ids.finditer(page)}) for path, page in pages_of(desk)}
    assert {path: ids for path, ids in found.items() if ids} == {}
    seen = " ".join(page for _, page in pages_of(desk))
    assert sum(label in seen for label in called.values()) > len(called) / 2


def test_the_report_says_labels_and_its_json_ids(desk: Desk, called: dict[str, str]) -> None:
    report = build_report(desk.fresh())
    goals = {version.id: version.persona.goal for version in desk.context.store.versions.latest()}
    page = str(report_page(report, goals=goals))
    assert "Called" in page
    assert {each.option for persona in report.personas for a in persona.attributes for each in a.options} & {*called}


def test_pages_set_names_off_in_one_kind_of_quotes(desk: Desk) -> None:
    settle(desk.context)
    found = {path: STRAIGHT.findall(page) for path, page in pages_of(desk)}
    assert {path: quotes for path, quotes in found.items() if quotes} == {}
    assert any("\N{LEFT DOUBLE QUOTATION MARK}" in page for _, page in pages_of(desk))
    problem = desk.client("Dana").get("/personas/nobody-of-this-name")
    assert "\N{LEFT DOUBLE QUOTATION MARK}nobody-of-this-name" in words(problem.text)
