"""Every state of a belief on every surface: no two of them contradict each other, and none says more than is known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

import living_personas as lp
from agents.conversation import said, service_of, talk
from dashboard.desk import Desk
from living_personas.domain.belief import Interval
from living_personas.domain.report import PersonaReport, Report
from living_personas.loop.context import Context
from living_personas.mcp.framing import unframed
from living_personas.reporting.as_json import report_json
from living_personas.reporting.brief_text import brief_text
from living_personas.reporting.digest import digest_of
from living_personas.reporting.digest_forms import digest_page
from living_personas.reporting.html import report_html
from living_personas.reporting.labels import labels_in, requoted
from living_personas.reporting.markdown import markdown
from living_personas.reporting.plain import quoted
from living_personas.reporting.report import build_report, ledger_days
from living_personas.reporting.report_page import log_table, report_page
from living_personas.reporting.sheet import sheet_of
from living_personas.reporting.sheet_page import sheet_page
from living_personas.reporting.views import attributes_view
from living_personas.reporting.words import size_of
from living_personas.wiring import open_context
from once import copied
from reporting.states import NOW, STATES, lived

pytestmark = pytest.mark.long

PROVEN = {"corrected", "waiting", "turned", "back-to-proof", "restored", "confirmed"}
"""States in which an option is proven better, whoever decided what holds."""
WAITS = {"waiting", "restored"}
BY_ADA = {"opinion", "pinned", "back-to-opinion", "back-to-proof"}

Told = Mapping[str, str]
"""What each surface says of one state."""


@pytest.fixture(scope="module")
def surfaces(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Told]:
    """What is said of each state, by surface."""
    folder = copied(tmp_path_factory, "states", lived)
    _, context = open_context(folder)
    with closing(context.store):
        report = build_report(context)
        found = dict(_on_paper(context, report))
    found |= _on_pages(folder)
    found["MCP"] = talk(service_of(folder), _asked)
    found["MCP changes"] = talk(service_of(folder), _changes)
    with lp.open(folder) as workspace:
        found["Python"] = lambda state: repr(workspace.persona(state))
        return {state: {name: one(state) for name, one in found.items()} for state in STATES}


def _on_paper(context: Context, report: Report) -> Iterator[tuple[str, Callable[[str], str]]]:
    """Report, sheet, brief, digest and log."""
    goals = {version.id: version.persona.goal for version in context.versions()}
    written = {version.id: version.persona for version in context.versions()}
    page = markdown(report_page(report, goals=goals))
    yield "report md", lambda state: _part(page, rf"## Name of {state} \(", r"\n## ")
    html = _plain(report_html(report, goals=goals, ledger=ledger_days(context)))
    yield (
        "report html",
        lambda state: _part(html, rf"Name of {state} \({state}, version", r"Name of \S+ \(|Still unknown"),
    )
    yield "sheet", lambda state: markdown(sheet_page(sheet_of(_of(report, state), written[state], as_of=report.as_of)))
    yield "brief", lambda state: brief_text(_of(report, state), written[state])
    day = report.as_of
    assert day is not None
    digest = markdown(digest_page(digest_of(report, found=(), goals=goals, first=day.replace(day=1), as_of=day)))
    yield "digest", lambda state: "\n".join(re.findall(rf"^- Name of {state}[,:].*", digest, flags=re.MULTILINE))
    log = markdown((log_table(report.log, goals, labels_in(report.personas)),))
    yield "log", lambda state: "\n".join(re.findall(rf"^\|[^|]*\| Name of {state} \|.*", log, flags=re.MULTILINE))


def _on_pages(folder: Path) -> dict[str, Callable[[str], str]]:
    desk = Desk(folder, NOW)
    pages: dict[str, str] = {}

    def page(path: str) -> str:
        if path not in pages:
            answer = visitor.get(path)
            assert answer.status_code == 200, path
            pages[path] = answer.text.split("<main")[1].split("</main")[0]
        return pages[path]

    visitor = desk.client("Dana")
    return {
        "dashboard persona": lambda state: _plain(page(f"/personas/{state}").split("Take the wheel")[0]),
        "dashboard card": lambda state: _item(page("/personas"), '</li>\n<li class="card', f'/personas/{state}"'),
        "dashboard experiment": lambda state: _plain(page(f"/experiments/{state}/framing")),
        "dashboard experiments": lambda state: _item(page("/experiments"), "<tr>", f"/experiments/{state}/"),
        "dashboard changes": lambda state: _plain(page(f"/changes?persona={state}").split("</form>", 1)[1]),
        "dashboard review": lambda state: _item(page("/review"), '<li class="card', f'/personas/{state}"'),
    }


async def _asked(client: Client) -> Callable[[str], str]:
    found = {state: (await said(client, "get_persona", persona=state))["beliefs"][0] for state in STATES}
    return lambda state: json.dumps(found[state])


async def _changes(client: Client) -> Callable[[str], str]:
    found = {
        state: (await said(client, "what_changed", persona=state, since="2026-01-01"))["changes"] for state in STATES
    }
    return lambda state: json.dumps(found[state])


def _of(report: Report, state: str) -> PersonaReport:
    return next(persona for persona in report.personas if persona.persona == state)


def _part(text: str, begins: str, ends: str) -> str:
    found = re.search(begins, text)
    assert found is not None, begins
    rest = text[found.end() :]
    end = re.search(ends, rest)
    return rest[: end.start()] if end else rest


def _item(page: str, mark: str, named: str) -> str:
    """The item of a list that names something; nothing if none does."""
    return " ".join(_plain(part) for part in page.split(mark) if named in part)


def _plain(html: str) -> str:
    bare = re.sub(r"<(script|style|svg).*?</\1>", " ", html, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


HEADINGS = re.compile(r"Proven: build on it|Proven:|[Nn]ot proven|which proves nothing")
CLAIM = re.compile(r"(?i)\bproven\b")
KNOWING = (
    "report md", "report html", "sheet", "brief", "dashboard persona", "dashboard card", "dashboard experiment",
    "dashboard experiments", "MCP", "Python",
)  # fmt: skip
"""Surfaces that say what is known now; the others say what happened."""


def claims(surface: str, told: str) -> bool:
    """Whether a surface says of a state that something is proven."""
    if surface == "MCP":
        belief: dict[str, Any] = json.loads(told)
        return belief["known"] in ("better", "best", "turned")
    if surface.startswith("dashboard") and re.search(r"was wrong|does better|right about|\bturned\b", told):
        return True
    return CLAIM.search(HEADINGS.sub("", told)) is not None


@pytest.mark.parametrize("state", STATES)
def test_all_surfaces_agree_on_what_is_proven(surfaces: Mapping[str, Told], state: str) -> None:
    told = {surface: claims(surface, surfaces[state][surface]) for surface in KNOWING}
    assert told == dict.fromkeys(KNOWING, state in PROVEN), surfaces[state]


@pytest.mark.parametrize("state", ["opinion", "pinned", "back-to-opinion"])
def test_what_happened_is_not_called_a_proof_either(surfaces: Mapping[str, Told], state: str) -> None:
    told = {surface: claims(surface, surfaces[state][surface]) for surface in ("digest", "log", "dashboard changes")}
    assert not any(told.values()), surfaces[state]
    assert not re.search(r"(?i)corrected", " ".join(surfaces[state].values()))


def test_an_effect_of_a_confirmation_has_one_sign_on_every_surface(surfaces: Mapping[str, Told]) -> None:
    """*quality* was put to the test against *discount*, which was believed and is right: it brings fewer."""
    told = surfaces["confirmed"]
    minus = r"[-\N{MINUS SIGN}]\d"
    assert re.search(rf"\| quality against discount \| {minus}", told["report md"])
    for surface in ("report md", "sheet", "digest"):
        assert re.search("quality. brought about [0-9.]+ fewer .* than .discount", told[surface]), surface
    (change,) = [each for each in json.loads(told["MCP changes"]) if each["kind"] == "confirm"]
    believed = json.loads(told["MCP"])
    assert (change["compared"], change["old"]) == (believed["compared"], believed["believed"])
    assert believed["effect"] < 0
    assert not re.search("discount. against .quality", " ".join(told.values()))


@pytest.mark.parametrize("state", STATES)
def test_what_waits_is_said_to_wait_everywhere(surfaces: Mapping[str, Told], state: str) -> None:
    words = re.compile(r"waits for you|\"waits\": true")
    waiting = {surface: words.search(surfaces[state][surface]) is not None for surface in KNOWING}
    assert waiting == dict.fromkeys(KNOWING, state in WAITS), surfaces[state]
    for surface in ("digest", "dashboard review"):
        assert ("proven, waits for you" in surfaces[state][surface]) == (state in WAITS), surface
    assert "not enough yet" not in " ".join(surfaces[state].values()) or state not in PROVEN


@pytest.mark.parametrize("state", STATES)
def test_nobody_is_said_to_have_been_wrong_who_was_not(surfaces: Mapping[str, Told], state: str) -> None:
    everywhere = " ".join(surfaces[state].values())
    assert ("workshop was wrong" in everywhere) == (state in ("corrected", "back-to-proof"))
    assert ("was right" in everywhere) == (state in ("turned", "confirmed"))
    assert ("turned on about 2026-03-0" in everywhere) == (state == "turned")
    if state == "discovered":
        assert "workshop" not in everywhere.lower()
        assert "first guess" in everywhere


@pytest.mark.parametrize("state", STATES)
def test_who_decided_is_said_with_the_moment(surfaces: Mapping[str, Told], state: str) -> None:
    for surface in ("report md", "report html", "log"):
        assert ("Ada, 2026-03-21 10:15" in surfaces[state][surface]) == (state in BY_ADA), surface
    for surface in ("dashboard persona", "dashboard experiment", "dashboard changes"):
        assert ("Ada, 21 March 2026, 10:15" in surfaces[state][surface]) == (state in BY_ADA), surface
    belief = json.loads(surfaces[state]["MCP"])
    decided = {
        "opinion": "person", "pinned": "pin", "back-to-opinion": "rollback", "back-to-proof": "rollback",
        "restored": "guardrail", "discovered": "first guess", "corrected": "evidence", "turned": "evidence",
    }  # fmt: skip
    assert belief["chosen_by"] == decided.get(state, "workshop")


def test_a_confirmation_is_evidence_and_no_decision_of_the_workshop(surfaces: Mapping[str, Told]) -> None:
    """The workshop chose the value when it wrote the file; the day is that of the evidence."""
    report, page = surfaces["confirmed"]["report md"], surfaces["confirmed"]["dashboard experiment"]
    assert re.search(r"the workshop \(evidence of \d{4}-\d\d-\d\d\)", report)
    assert re.search(r"the workshop \(evidence of \d+ March 2026\)", page)
    assert not any(re.search(r"the workshop, \d", text) for text in (report, page))


def test_what_was_proven_before_its_size_was_known_says_both(surfaces: Mapping[str, Told]) -> None:
    """An interval that holds 0 beside *proven* is a riddle, unless the page says that only the size is open."""
    for state in ("turned", "confirmed", "corrected"):
        for surface in ("log", "dashboard changes"):
            assert "by how much: not yet known" in surfaces[state][surface], (state, surface)


def test_agents_are_told_the_state_in_one_word(surfaces: Mapping[str, Told]) -> None:
    known = {state: json.loads(told["MCP"])["known"] for state, told in surfaces.items()}
    for state in STATES:
        expected = {
            "confirmed": ("best",),
            "turned": ("turned",),
            "small": ("small",),
            "undecided": ("undecided",),
            "leaning": ("leaning",),
        }
        allowed = expected.get(state, ("better",) if state in PROVEN else ("unknown", "leaning"))
        assert known[state] in allowed, state
    assert known["unknown"] == "unknown"
    assert unframed(json.loads(surfaces["waiting"]["MCP"])["proven"]) == "quality"


def test_people_read_occasions_and_customers(surfaces: Mapping[str, Told]) -> None:
    for state, told in surfaces.items():
        for surface, text in told.items():
            if surface not in ("MCP", "Python"):
                assert not re.search(r"(?i)\bunits?\b", text), (state, surface)


def test_one_effect_is_one_number(surfaces: Mapping[str, Told]) -> None:
    """The sentence about the size is the same wherever there is one."""
    size = re.compile(r"In the last \d+ days .*?\.(?= |$|\n)")
    for state in ("corrected", "turned", "waiting", "confirmed", "back-to-proof"):
        texts = (surfaces[state][name] for name in ("report md", "sheet", "dashboard experiment", "dashboard persona"))
        said = [(size.search(text) or pytest.fail(f"no size of {state}: {text}")).group(0) for text in texts]
        found = {requoted(each, quoted) for each in said}  # pages set names off otherwise than plain text
        assert len(found) == 1, (state, found)


@pytest.mark.parametrize("state", ["waiting", "restored"])
def test_what_waits_is_asked_about_with_the_effect_that_its_page_shows(
    surfaces: Mapping[str, Told], state: str
) -> None:
    effect = re.compile(r"“quality”: (\+\d+ in 100 \([^)]*\))")
    shown = effect.search(surfaces[state]["dashboard persona"])
    assert shown is not None
    assert f"“quality” against “discount”: {shown.group(1)}" in surfaces[state]["dashboard review"]


def test_the_occasions_beside_an_effect_are_those_that_it_is_of(tmp_path_factory: pytest.TempPathFactory) -> None:
    """On the days before, more were counted about the same question."""
    folder = copied(tmp_path_factory, "states", lived)
    _, context = open_context(folder)
    with closing(context.store):
        report = build_report(context)
        written = {version.id: version.persona for version in context.versions()}
        rows = attributes_view(context).to_pylist()
    (found,) = _of(report, "restored").attributes
    assert found.over is not None
    assert found.over.units == found.behind < found.units
    sheet = markdown(sheet_page(sheet_of(_of(report, "restored"), written["restored"], as_of=report.as_of)))
    assert f"From {found.behind:,} occasions." in sheet
    assert [row["n"] for row in rows if row["persona_id"] == "restored"] == [found.behind]
    told = markdown(report_page(report, goals={id_: persona.goal for id_, persona in written.items()}))
    assert f"{found.units:,} occasions were counted in all." in told
    assert "| occasions in all |" in told


def test_of_what_is_proven_best_it_is_not_open_which_is_better(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The proof is of all days, the interval of the last ones: it may hold 0."""
    folder = copied(tmp_path_factory, "states", lived)
    _, context = open_context(folder)
    with closing(context.store):
        report = build_report(context)
        goal = next(version.persona.goal for version in context.versions() if version.id == "confirmed")
    (best,) = _of(report, "confirmed").attributes
    said = size_of(replace(best, effect=Interval(estimate=-0.03, lower=-0.067, upper=0.006)), goal)
    assert said.startswith("Better: proven; by how much: not yet known. In the last ")
    assert "which is better" not in said
    assert said.endswith(
        "'quality' brought between 6.7 fewer and 0.6 more 'Order Completed' per 100 occasions than 'discount'."
    )


def test_the_json_says_both_apart(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = copied(tmp_path_factory, "states", lived)
    _, context = open_context(folder)
    with closing(context.store):
        told: Any = report_json(build_report(context))
    beliefs = {persona["persona"]: persona["attributes"][0] for persona in told["personas"]}
    assert {state for state, belief in beliefs.items() if belief["known"]["proven"]} == PROVEN
    assert {state for state, belief in beliefs.items() if belief["decided"]["by"] == "Ada"} == BY_ADA
    assert {state for state, belief in beliefs.items() if belief["known"]["waits"]} == WAITS
    for state in ("opinion", "back-to-opinion"):
        assert beliefs[state]["status"] in ("learning", "contested")
    assert beliefs["turned"]["known"]["turned_on"] == "2026-03-07"
