"""A persona edited in the dashboard: its file keeps its other lines, and what was learned is not lost in silence."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.desk import Desk, csrf, submit
from dashboard.lived import settle
from laws import law
from living_personas.domain.persona import PersonaVersion
from living_personas.loop.corrections.file_versions import adopt
from living_personas.people.file_saves import saves_of
from living_personas.workspace.files import read_workspace

PAGE = "/personas/steady-regular/edit"
FILE = "personas/steady-regular.yaml"


def text(desk: Desk) -> str:
    return (desk.root / FILE).read_bytes().decode()


def fields(page: str) -> dict[str, str]:
    """What the form of a page would send as it is."""
    form = page.split('<form class="sheet"')[1].split("</form>", maxsplit=1)[0]
    found = {
        name: unescape(said)
        for name, said in re.findall(r'<input (?:type="hidden" )?name="([^"]+)" value="([^"]*)"', form)
    }
    found |= {
        n: unescape(said).removeprefix("\n")
        for n, said in re.findall(r'<textarea class="prose" name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    }
    for name, options in re.findall(r'<select name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found[name] = unescape(chosen[1]) if chosen else ""
    return found


def newest(desk: Desk) -> PersonaVersion:
    return desk.context.store.versions.history("steady-regular")[-1]


def next_version(desk: Desk) -> PersonaVersion:
    adopt(desk.fresh(), desk.now.date())
    return newest(desk)


def test_the_form_as_it_is_changes_nothing(desk: Desk) -> None:
    client, before = desk.client("Dana"), text(desk)
    assert client.post(PAGE, data=fields(client.get(PAGE).text)).status_code == 303
    assert text(desk) == before
    assert "Nothing was changed." in client.get(PAGE).text
    assert not saves_of(desk.context.store)


def test_another_belief_asks_first_and_keeps_what_is_settled(desk: Desk) -> None:
    client, held = desk.client("Dana"), settle(desk.context)
    standing = held.standing("send_time")
    assert standing.is_settled
    other = held.persona.attribute("send_time").believed
    believed = next(o for o in held.persona.attribute("send_time").options if o not in (other, standing.value))
    place = [each.name for each in held.persona.attributes].index("send_time")
    sent = {**fields(client.get(PAGE).text), f"a{place}.believe": believed, "why": "We deliver on Sundays."}
    before = text(desk)
    asked = client.post(PAGE, data=sent)
    assert text(desk) == before
    assert standing.value in asked.text
    assert re.search(r"gives .{1,40} \d+\N{NO-BREAK SPACE}% of the traffic", asked.text)
    assert client.post(PAGE, data={**sent, **_answers(asked.text), f"a{place}.settled": "keep"}).status_code == 303
    assert f"we_believe: {believed}" in text(desk)
    kept = next_version(desk)
    assert kept.standing("send_time") == standing
    assert kept.reason.startswith("The file was edited by Dana (We deliver on Sundays.).")
    assert kept.persona.attribute("send_time").believed == believed


def test_starting_anew_begins_with_the_belief(desk: Desk) -> None:
    client, held = desk.client("Dana"), settle(desk.context)
    place = [each.name for each in held.persona.attributes].index("send_time")
    believed = next(o for o in held.persona.attribute("send_time").options if o != held.standing("send_time").value)
    if believed == held.persona.attribute("send_time").believed:
        believed = [o for o in held.persona.attribute("send_time").options if o != held.standing("send_time").value][-1]
    sent = {**fields(client.get(PAGE).text), f"a{place}.believe": believed}
    asked = client.post(PAGE, data=sent).text
    client.post(PAGE, data={**sent, **_answers(asked), f"a{place}.settled": "anew"})
    assert "anew: " in text(desk)
    begun = next_version(desk).standing("send_time")
    assert (begun.value, begun.status) == (believed, "assumed")


def test_an_option_comes_and_goes_and_the_settled_value_stays(desk: Desk) -> None:
    client, held = desk.client("Dana"), settle(desk.context)
    attribute, value = held.persona.attribute("send_time"), held.standing("send_time").value
    place = [each.name for each in held.persona.attributes].index("send_time")
    gone = next(number for number, o in enumerate(attribute.options) if o not in (attribute.believed, value))
    sent = {
        **fields(client.get(PAGE).text),
        f"a{place}.new1": "night",
        f"a{place}.new1.label": "After ten",
        f"a{place}.o{gone}.retire": "1",
    }
    asked = client.post(PAGE, data=sent).text
    assert "Beside the other options it is tested anew." in asked
    client.post(PAGE, data={**sent, **_answers(asked)})
    after = next_version(desk)
    now = after.persona.attribute("send_time")
    assert attribute.options[gone] not in now.options
    assert (now.options[-1], now.label("night")) == ("night", "After ten")
    assert after.standing("send_time").value == value
    assert after.standing("send_time").is_settled


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(desk: Desk) -> None:
    client, before = desk.client("Dana"), text(desk)
    sent = fields(client.get(PAGE).text) | {
        "goal.within": "soon",
        "gn.metric": "Unsubscribed",
        "gn.margin": "much",
        "name": "x<script>alert(1)</script>",
    }
    answer = client.post(PAGE, data=sent)
    assert answer.status_code == 422
    assert re.search(r'name="goal.within" value="soon"[^>]*aria-invalid="true"', answer.text)
    assert "is not a length of time" in unescape(answer.text) or "soon" in answer.text
    assert "<script>alert" not in answer.text
    assert "Nothing was saved." in answer.text
    assert text(desk) == before


def test_another_goal_is_asked_about_before_beliefs_begin_anew(desk: Desk) -> None:
    client, before = desk.client("Dana"), text(desk)
    form = fields(client.get(PAGE).text)
    assert form["goal.within"] != "5 days"
    sent = {**form, "goal.within": "5 days"}
    asked = client.post(PAGE, data=sent)
    standings = newest(desk).standings
    assert f"{len(standings)} belief{'s begin' if len(standings) > 1 else ' begins'} anew." in asked.text
    assert "Send time of Steady regular" in asked.text
    assert text(desk) == before
    assert client.post(PAGE, data={**sent, **_answers(asked.text)}).status_code == 303
    assert "5 days" in text(desk)
    assert next_version(desk).persona.goal.within == timedelta(days=5)


def test_a_save_is_told_with_who_and_why_and_is_undone(desk: Desk) -> None:
    client, before = desk.client("Dana"), text(desk)
    client.post(
        PAGE, data={**fields(client.get(PAGE).text), "name": "Regulars", "brief": "One\nTwo", "why": "Shorter."}
    )
    assert read_workspace(desk.root).persona("steady-regular").name == "Regulars"
    page = client.get(PAGE).text
    assert "Shorter." in page
    assert "by Dana" in page
    assert "+name: Regulars" in page
    assert submit(client, PAGE, "/saves/1/undo").status_code == 303
    assert text(desk) == before
    assert [save.undoes for save in saves_of(desk.context.store).values()] == [0, 1]
    assert submit(client, PAGE, "/saves/1/undo").status_code == 409
    assert submit(client, PAGE, "/saves/7/undo").status_code == 404


def test_how_long_until_we_would_know_stands_beside_each_belief(desk: Desk) -> None:
    page = desk.client("Dana").get("/personas/budget-first-buyer/edit").text
    assert re.search(r"How long until we would know that another is better: (\d|not known)", page)


def test_a_file_that_cannot_be_read_is_said_to_be(desk: Desk) -> None:
    client = desk.client("Dana")
    client.get(PAGE)
    (desk.root / FILE).write_text(text(desk).replace("who:", "whom:"), encoding="utf-8")
    assert client.get(PAGE).status_code == 500
    assert "cannot be read" in client.get(PAGE).text


def test_a_file_that_somebody_else_changed_is_not_overwritten(desk: Desk) -> None:
    client = desk.client("Dana")
    sent = {**fields(client.get(PAGE).text), "name": "Mine"}
    (desk.root / FILE).write_text(text(desk) + "# theirs\n", encoding="utf-8")
    assert client.post(PAGE, data=sent).status_code == 409
    assert text(desk).endswith("# theirs\n")


@pytest.mark.parametrize("name", ["Eve", "Vic"])
def test_only_who_decides_edits(desk: Desk, name: str) -> None:
    client = desk.client(name)
    assert client.get(PAGE).status_code == 403
    token = csrf(client.get("/tester").text)
    assert client.post(PAGE, data={"csrf": token, "name": "x"}).status_code == 403
    assert client.post("/saves/1/undo", data={"csrf": token}).status_code == 403
    assert desk.client("Dana").post(PAGE, data={"name": "x"}).status_code == 403


WORDS = st.text(st.sampled_from("ab #:'\"-{}[],|>\u00e9"), min_size=1, max_size=12).map(str.strip).filter(bool)
EDITS = st.fixed_dictionaries(
    {},
    optional={
        "name": WORDS,
        "brief": st.lists(WORDS, min_size=1, max_size=3).map("\r\n".join),
        "a0.why": st.lists(WORDS, min_size=1, max_size=3).map("\r\n".join),
        "a0.confidence": st.sampled_from(["none", "hunch", "strong data"]),
        "a0.change": st.sampled_from(["auto", "review", "observe"]),
        "a0.o0.label": WORDS,
        "a0.o1.picture": st.sampled_from(["https://shop.example/a.png", "a.webp"]),
        "a0.o1.snippet": WORDS,
        "goal.within": st.sampled_from(["2 days", "1 week"]),
    },
).filter(bool)
PLACES = {
    "name": "name:",
    "brief": "brief:",
    "a0.why": "why:",
    "a0.confidence": "confidence:",
    "a0.change": "change:",
    "a0.o0.label": "labels:",
    "a0.o1.picture": "pictures:",
    "a0.o1.snippet": "snippets:",
    "goal.within": "goal:",
}


def edited_lines_alone(desk: Desk, edits: dict[str, str]) -> None:
    """The law of one edit: comments stay, the lines of other keys stay, and the files are content."""
    client, before = desk.client("Dana"), text(desk)
    commented = before.replace("\n", "  # kept\n", 3)
    (desk.root / FILE).write_text("# above\n" + commented + "# below\n", encoding="utf-8")
    old = text(desk)
    sent = {**fields(client.get(PAGE).text), **edits}
    answer = client.post(PAGE, data=sent)
    if "Another goal is another question" in answer.text:
        answer = client.post(PAGE, data={**sent, **_answers(answer.text)})
    assert answer.status_code == 303, answer.text
    new = text(desk)
    read_workspace(desk.root)
    assert new.startswith("# above\n")
    assert new.endswith("# below\n")
    assert new.count("  # kept\n") == old.count("  # kept\n") == 3
    touched = tuple(PLACES[name] for name in edits)
    lost = [line for line in old.splitlines() if line not in new.splitlines()]
    assert all(line.strip().startswith(touched) or any(f"{word} " in line for word in touched) for line in lost)
    (desk.root / FILE).write_text(before, encoding="utf-8")


@law(5, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edits=EDITS)
def test_an_edit_changes_its_own_lines_alone(desk: Desk, edits: dict[str, str]) -> None:
    edited_lines_alone(desk, edits)


@pytest.mark.slow
@settings(max_examples=500, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edits=EDITS)
def test_500_edits_change_their_own_lines_alone(desk: Desk, edits: dict[str, str]) -> None:
    edited_lines_alone(desk, edits)


def _answers(page: str) -> dict[str, str]:
    return {name: said for name, said in fields(page).items() if name in ("seen", "base", "csrf")}
