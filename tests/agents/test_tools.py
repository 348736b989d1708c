"""What agents are told: on one page, in few tokens, never a bare number, and never about too few people."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from agents.conversation import every_answer, on_a_pipe, said, service_of, talk, text_of
from cli.conftest import personas as personas  # noqa: PLC0414 - the hand that types
from cli.shop import Typed
from dashboard.conftest import lived_once as lived_once  # noqa: PLC0414 - it looks at effects by country
from living_personas.loop.cycle import run
from living_personas.mcp.answers import DETAIL_TOKENS, TOKENS, size_of
from living_personas.mcp.framing import unframed
from living_personas.wiring import open_context, system_clock
from living_personas.workspace.round_trip import Put, rewritten

pytestmark = pytest.mark.long

READS = {
    "list_personas", "get_persona", "get_evidence", "what_changed", "list_segments", "preview_decision", "find_persona",
}  # fmt: skip
WRITES = {"propose_change", "name_segment", "record_outcome"}
FIGURES = ("effect", "interval", "n", "prob_best", "rate", "members", "share")


@pytest.mark.parametrize(("writes", "tools"), [(False, READS), (True, READS | WRITES)])
def test_the_tools_are_on_one_page_and_none_approves(shop: Path, *, writes: bool, tools: set[str]) -> None:
    async def listed(client: Client) -> list[str]:
        return [tool.model_dump_json(by_alias=True, exclude_none=True) for tool in (await client.list_tools()).tools]

    definitions = talk(service_of(shop, writes=writes), listed)
    assert {json.loads(each)["name"] for each in definitions} == tools
    assert len(definitions) <= 10
    assert sum(len(each.encode()) for each in definitions) <= 12 * 1024
    hints = {json.loads(each)["name"]: json.loads(each)["annotations"]["readOnlyHint"] for each in definitions}
    assert {name for name, reads in hints.items() if not reads} == tools & WRITES


def test_the_documentation_knows_exactly_these_tools() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reference" / "mcp.md").read_text()
    table = page.split("\n## Tools\n")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([a-z_]+)", table, re.MULTILINE)) == READS | WRITES


@pytest.mark.promise("P28")
def test_a_tool_that_is_not_listed_cannot_be_called(own_shop: Path) -> None:
    async def tried(client: Client) -> tuple[bool, str]:
        given = {"persona": "regular", "attribute": "framing", "value": "discount", "why": "I say so."}
        result = await client.call_tool("propose_change", given)
        return result.is_error, text_of(result)

    failed, text = talk(service_of(own_shop), tried)
    assert failed
    assert "get_persona" in text
    assert "propose_change" not in json.dumps(json.loads(text)["valid"])


@pytest.mark.parametrize("detail", [False, True])
def test_answers_stay_small_on_the_largest_workspace(large: Path, *, detail: bool) -> None:
    answers = talk(service_of(large), lambda client: every_answer(client, detail=detail))
    sizes = {name: len(text.encode()) / 3.5 for name, text in answers.items() if "://" not in name}
    assert len(sizes) == 8
    assert max(sizes.values()) < (DETAIL_TOKENS if detail else TOKENS), sizes


def test_what_does_not_fit_is_counted(large: Path) -> None:
    answer = talk(service_of(large), lambda client: said(client, "list_personas"))
    assert len(answer["personas"]) + answer["omitted"] == 10
    assert answer["more"]
    assert size_of(answer) < TOKENS


def test_agents_are_told_what_an_option_is_called_and_what_customers_read(own_shop: Path) -> None:
    file = own_shop / "personas/regular.yaml"
    shown = {"labels": "Quality first", "snippets": "Made to <b>last</b>"}
    changes = [Put(way=("attributes", "framing", key, "quality"), content=text) for key, text in shown.items()]
    file.write_text(rewritten(file.read_text(), changes, file=file.name))
    _, context = open_context(own_shop)
    with closing(context.store):
        run(context, now=system_clock(), owner="test")

    async def asked(client: Client) -> list[dict[str, Any]]:
        answer = await said(client, "get_evidence", persona="regular", attribute="framing")
        return list(answer["options"])

    options = {unframed(each["option"]): each for each in talk(service_of(own_shop), asked)}
    assert unframed(options["quality"]["label"]) == "Quality first"
    assert "Made to &lt;b&gt;last" in options["quality"]["snippet"]
    assert not {"label", "snippet"} & set(options["discount"])


def test_a_persona_is_found_by_words_that_begin_its_own(own_shop: Path) -> None:
    file = own_shop / "personas/regular.yaml"
    put = Put(way=("brief",), content="Waits for discounted_loyalty_weeks; theatre.")
    file.write_text(rewritten(file.read_text(), [put], file=file.name))
    _, context = open_context(own_shop)
    with closing(context.store):
        run(context, now=system_clock(), owner="test")

    async def found(client: Client) -> dict[str, list[tuple[str, int]]]:
        asked = ("loyal ones", "the", "Who waits for loyal weeks?")
        answers = {each: await said(client, "find_persona", description=each) for each in asked}
        return {
            each: [(unframed(row["persona"]), row["shared_words"]) for row in answer["personas"]]
            for each, answer in answers.items()
        }

    regular = {"loyal ones": [("regular", 1)], "the": [], "Who waits for loyal weeks?": [("regular", 4)]}
    assert talk(service_of(own_shop), found) == regular


@pytest.mark.parametrize(
    ("asked", "hint"),
    [
        ({"channel": "email"}, "leave out `channel`: one belief holds for all of them"),
        ({"by": "country"}, "no effect is kept in parts: name traits or features under `breakdowns` in workspace.yaml"),
        ({"attribute": "tone"}, "use one of these attributes"),
    ],
)
def test_what_is_asked_in_vain_says_what_to_do_instead(shop: Path, asked: dict[str, str], hint: str) -> None:
    async def refused(client: Client) -> dict[str, Any]:
        result = await client.call_tool("get_evidence", {"persona": "regular", "attribute": "framing", **asked})
        assert result.is_error
        return dict(json.loads(text_of(result)))

    answer = talk(service_of(shop), refused)
    assert answer["hint"].startswith(hint)
    assert [unframed(each) for each in answer["valid"]] == (["framing"] if "attribute" in asked else [])


def test_a_trait_that_no_rule_would_understand_is_refused(shop: Path) -> None:
    async def asked(client: Client) -> str:
        result = await client.call_tool("preview_decision", {"traits": {"orders": "x"}})
        assert result.is_error
        return text_of(result)

    assert "'orders' is 'x', which is no number" in talk(service_of(shop), asked)


def test_every_belief_carries_its_evidence(shop: Path) -> None:
    async def asked(client: Client) -> list[dict[str, Any]]:
        persona = await said(client, "get_persona", persona="regular")
        evidence = await said(client, "get_evidence", persona="regular", attribute="framing")
        preview = await said(client, "preview_decision", traits={"orders": 1})
        people = await said(client, "list_personas")
        assert persona["as_of"] == evidence["as_of"] == "2026-03-06"
        assert persona["version"] == evidence["version"] == preview["version"] == 2
        assert preview["recorded"] is False
        assert unframed(persona["goal"]) == unframed(evidence["goal"]) == "Order Completed within 1 day"
        assert "is proven better than" in evidence["says"]
        assert evidence["days"][0] < evidence["days"][1] <= evidence["as_of"]
        return [*persona["beliefs"], evidence["belief"], *preview["choices"], people["personas"][1]["belief"]]

    beliefs = talk(service_of(shop), asked)
    for belief in beliefs:
        assert (unframed(belief["believed"]), unframed(belief["value"])) == ("discount", "quality")
        assert belief["status"] == "corrected"
        assert 0.95 < belief["prob_best"] < 1, "nothing is certain"
        assert belief["interval"][0] <= belief["effect"] <= belief["interval"][1]
        assert belief["n"] == 1200


def test_thin_evidence_says_learning_and_never_a_number(large: Path) -> None:
    """No customer met any attribute but one: the others are learning, with no figure at all."""

    async def asked(client: Client) -> list[dict[str, Any]]:
        persona = await said(client, "get_persona", persona="a-persona-with-quite-a-long-id-0", detail=True)
        found: list[dict[str, Any]] = persona["beliefs"]
        return found

    beliefs = talk(service_of(large), asked)
    thin = [belief for belief in beliefs if unframed(belief["attribute"]) != "framing"]
    assert len(thin) >= 5
    for belief in thin:
        assert belief["part"] == "unknown"
        assert belief["status"] == "learning"
        assert [belief[key] for key in ("prob_best", "effect", "interval", "n")] == [None] * 4


def test_an_error_names_the_valid_ids(shop: Path) -> None:
    async def asked(client: Client) -> list[list[str]]:
        found = []
        for name, given in (
            ("get_persona", {"persona": "regulr"}),
            ("get_evidence", {"persona": "regular", "attribute": "tone"}),
            ("what_changed", {"persona": "nobody"}),
            ("get_persona", {"person": "regular"}),
        ):
            result = await client.call_tool(name, given)
            assert result.is_error
            found.append([unframed(each) for each in json.loads(text_of(result))["valid"]])
        return found

    valid = talk(service_of(shop), asked)
    assert valid == [["newcomer", "regular"], ["framing"], ["newcomer", "regular"], ["persona", "detail"]]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("get_persona", {"persona": 3}),
        ("what_changed", {"since": "yesterday"}),
        ("list_segments", {"state": "secret"}),
        ("find_persona", {"description": ""}),
        ("preview_decision", {"traits": {"orders": [1]}}),
    ],
)
def test_a_question_that_cannot_be_meant_is_an_error_with_a_hint(shop: Path, name: str, given: dict[str, Any]) -> None:
    result = talk(service_of(shop), lambda client: client.call_tool(name, given))
    assert result.is_error
    assert json.loads(text_of(result))["hint"]


@pytest.mark.promise("P23")
def test_nothing_is_told_about_too_few_people(shop: Path) -> None:
    """Both personas have 1,200 members and the segment 300: with a bar above that, no figure is told anywhere."""
    answers = talk(service_of(shop, smallest=1_300), lambda client: every_answer(client, detail=True))
    told = {
        (name, key): figure
        for name, text in answers.items()
        if text.startswith("{")
        for key, figure in _figures(json.loads(text))
        if figure is not None
    }
    assert told == {}
    beliefs = [text for name, text in answers.items() if name.startswith(("list_p", "get_", "find_")) and "{" in text]
    assert [re.findall(r'"compared":"[^"]*', text) for text in beliefs] == [[]] * len(beliefs), "which one leads"
    segments = json.loads(answers["list_segments {}"])
    assert (segments["withheld"], segments["segments"]) == (1, [])
    assert "fewer than 1300" in answers["preview_decision {'customer': 'c1'}"]
    assert "too few to tell" in answers["persona://regular/brief"]


@pytest.mark.promise("P23")
def test_counts_of_any_two_answers_differ_by_nothing_or_by_many(shop: Path) -> None:
    answers = talk(service_of(shop), lambda client: every_answer(client, detail=True))
    counts = sorted(
        {
            figure
            for text in answers.values()
            if text.startswith("{")
            for key, figure in _figures(json.loads(text))
            if key in ("n", "members") and figure is not None
        }
    )
    assert len(counts) >= 3
    assert all(count % 50 == 0 and count >= 50 for count in counts)
    assert all(high - low >= 50 for low, high in pairwise(counts))


def test_a_brief_says_what_is_unknown(shop: Path) -> None:
    answers = talk(service_of(shop), every_answer)
    brief = answers["persona://regular/brief"]
    assert brief.index("Proven") < brief.index("(corrected)") < brief.index("Leaning") < brief.index("Unknown")
    assert "everything that is not listed above" in brief


def test_a_time_of_which_nothing_can_be_known_is_said(shop: Path) -> None:
    async def asked(client: Client) -> list[dict[str, Any]]:
        return [await said(client, "what_changed", since=since) for since in ("2999-01-01", "2001-01-01", "2d")]

    ahead, before, known = talk(service_of(shop), asked)
    last = known["as_of"]
    assert (ahead["changes"], ahead["says"]) == (
        [],
        f"Nothing is known of 2999-01-01 and later yet: the last closed day is {last}.",
    )
    assert before["says"] == f"Something is known from {before['changes'][-1]['day']} on: that is the first day."
    assert "says" not in known


def test_personas_mcp_speaks_over_a_pipe(shop: Path) -> None:
    async def asked(client: Client) -> tuple[int, str, str]:
        tools = (await client.list_tools()).tools
        changed = await said(client, "what_changed", since="30d")
        version = await client.read_resource("persona://regular@1")
        return len(tools), unframed(changed["changes"][0]["new"]), version.contents[0].model_dump()["text"]

    tools, new, version = on_a_pipe(shop, asked)
    assert (tools, new) == (7, "quality")
    assert "we_believe: discount" in version


def _figures(answer: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(answer, dict):
        for key, inner in answer.items():
            if key in FIGURES:
                yield key, inner
            else:
                yield from _figures(inner)
    elif isinstance(answer, list):
        for inner in answer:
            yield from _figures(inner)


def test_an_effect_in_parts_is_exploratory_and_about_enough_customers(lived_once: Path) -> None:
    """The lived workspace looks at effects by country."""
    about = {"persona": "budget-first-buyer", "attribute": "framing", "by": "country", "detail": True}

    def asked(**more: Any) -> Callable[[Client], Awaitable[dict[str, Any]]]:
        return lambda client: said(client, "get_evidence", **{**about, **more})

    found = talk(service_of(lived_once), asked())
    assert "nobody promised an error rate" in found["exploratory"]
    assert found["options"] == []
    names = {unframed(each["part"]) for each in found["parts"]}
    assert len(names) + found["withheld"] > 1
    assert all((each["effect"] is None) == (each["interval"] is None) for each in found["parts"])
    strict = talk(service_of(lived_once, smallest=100), asked())
    assert {unframed(each["part"]) for each in strict["parts"]} < names
    assert strict["withheld"] > found["withheld"]
    assert size_of(talk(service_of(lived_once), asked(detail=False))) < TOKENS
    wrong = talk(service_of(lived_once), lambda client: client.call_tool("get_evidence", {**about, "by": "contry"}))
    assert wrong.is_error
    assert "use one of these columns" in text_of(wrong)


def test_of_whom_no_persona_holds_it_is_said_what_they_get(shop: Path) -> None:
    async def asked(client: Client) -> list[dict[str, Any]]:
        return [
            await said(client, "preview_decision", customer=customer, traits=traits)
            for customer, traits in (("nobody-ever", {}), ("c1", {"orders": -1}), ("c1", {"consent": False}))
        ]

    stranger, known, refused = talk(service_of(shop), asked)
    assert [each["persona"] for each in (stranger, known, refused)] == ["unmatched"] * 3
    assert stranger["says"].startswith("Nothing is known of this customer but what was asked with it")
    assert known["says"].startswith("No rule is true for this customer, by what is known of it. So nothing is chosen")
    assert all(
        "your own default, as everybody does whom no persona holds" in each["says"] for each in (stranger, known)
    )
    assert refused["says"] == "There is no consent of this customer, so nothing is chosen."
    assert (known["deliver"], refused["deliver"], refused["held_for"]) == (True, False, "no consent")


def test_a_trait_that_no_rule_asks_for_is_said_to_be_none(shop: Path, personas: Typed) -> None:
    async def asked(client: Client) -> list[dict[str, Any]]:
        given = ({"ordrs": 0}, {"orders": 0, "consent_email": True, "time_zone": "Asia/Tokyo"})
        return [await said(client, "preview_decision", traits=traits) for traits in given]

    wrong, right = talk(service_of(shop), asked)
    told = "No rule asks for 'ordrs': did you mean 'orders'?"
    assert unframed(wrong["unasked"]) == told
    assert "unasked" not in right
    typed = personas("decide", "nobody", "--trait", "ordrs=0", "--workspace", shop)
    assert f"warning: {told}" in typed.err
