"""The workspace is edited in the dashboard: the file differs in the edited lines alone, checked, attributed, undone."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from dashboard.desk import Desk, csrf
from dashboard.test_editing import fields
from laws import law
from living_personas.dashboard.settings_form import IN_THE_FORM, NOT_HERE
from living_personas.loop.cycle import run
from living_personas.workspace.files import read_workspace
from living_personas.workspace.settings_shape import SETTINGS
from living_personas.workspace.workspace_folder import SETTINGS_FILE

PAGE = "/settings"
MORE = """
# what counts
goals:
  purchase: {event: Order Completed, within: 3 days}  # the books say so
metrics:
  Unsubscribed:
    event: Unsubscribed
    within: 7 days
contact:
  channels: [email]
  caps: {week: 3}  # more annoys
  cool_downs: {Order Completed: 2 days}
  quiet_hours: {from: '21:00', to: '08:00'}
"""


def text(desk: Desk) -> str:
    return (desk.root / SETTINGS_FILE).read_text(encoding="utf-8")


@pytest.fixture
def more(desk: Desk) -> Desk:
    """The workspace with goals, metrics and rules about contacts of its own."""
    kept = re.sub(r"^(goals|metrics|contact):.*\n(?:[ #].*\n)*", "", text(desk), flags=re.MULTILINE)
    (desk.root / SETTINGS_FILE).write_text(kept.rstrip("\n") + "\n" + MORE, encoding="utf-8")
    read_workspace(desk.root)
    return desk


def save(client: TestClient, **typed: str) -> str:
    """Save what was typed into the form as it is; the page that answers, with its status where it is no success."""
    answer = client.post(PAGE, data={**fields(client.get(PAGE).text), **typed})
    return client.get(PAGE).text if answer.status_code == 303 else f"{answer.status_code} {answer.text}"


def test_every_key_has_a_field_or_a_reason() -> None:
    assert sorted((*IN_THE_FORM, *NOT_HERE)) == sorted(key.name for key in SETTINGS.keys)


def test_what_is_edited_in_the_file_alone_has_its_line_and_a_reason_and_no_secret(more: Desk) -> None:
    page = more.client("Dana").get(PAGE).text
    line = text(more).splitlines().index(next(each for each in text(more).splitlines() if each.startswith("salt:"))) + 1
    assert re.search(rf"<code>salt</code></th><td[^>]*>{line}</td><td[^>]*>Never change it", page)
    assert more.context.settings.salt not in page


EDITS = {
    "name": ("A new name", "name:"),
    "autonomy": ("observe", "autonomy:"),
    "holdout": ("12%", "holdout:"),
    "metrics0.within": ("5 days", "within:"),
    "caps.day": ("1", "caps:"),
    "caps.week": ("4", "caps:"),
    "quiet.from": ("22:30", "quiet_hours:"),
    "cool0": ("3 days", "cool_downs:"),
    "contact.channels": ("email, in_product", "channels:"),
}


def edited_lines_alone(desk: Desk, edits: dict[str, str]) -> None:
    """The law of one edit: comments stay, the lines of other keys stay, and the files are content."""
    before = text(desk)
    page = save(desk.client("Dana"), **edits)
    assert not page.startswith("4"), page
    new = text(desk)
    read_workspace(desk.root)
    assert new.count("#") == before.count("#")
    lost = [line for line in before.splitlines() if line not in new.splitlines()]
    touched = tuple(EDITS[name][1] for name in edits)
    assert all(line.strip().startswith(touched) for line in lost)
    assert len(lost) <= len(edits)
    (desk.root / SETTINGS_FILE).write_text(before, encoding="utf-8")


@law(6, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(edits=st.fixed_dictionaries({}, optional={name: st.just(said) for name, (said, _) in EDITS.items()}))
def test_an_edit_changes_its_own_lines_alone(more: Desk, edits: dict[str, str]) -> None:
    edited_lines_alone(more, edits)


def test_what_was_saved_holds_carries_a_name_and_is_undone(more: Desk) -> None:
    client, before = more.client("Dana"), text(more)
    page = save(client, why="fewer mails", **{name: said for name, (said, _) in EDITS.items()})
    found = more.fresh().settings
    assert (found.name, found.autonomy, found.holdout) == ("A new name", "observe", 0.12)
    assert found.contact is not None
    assert found.contact.channels == ("email", "in_product")
    assert sorted(cap.most for cap in found.contact.caps) == [1, 4]
    assert "fewer mails" in page
    assert "by Dana" in page
    number = re.search(r'action="/saves/(\d+)/undo"', page)
    assert number
    client.post(f"/saves/{number[1]}/undo", data={"csrf": csrf(page)})
    assert text(more) == before
    assert "Undone: workspace.yaml" in client.get(PAGE).text


def test_goals_metrics_and_guardrails_come_and_go(more: Desk) -> None:
    client = more.client("Dana")
    save(client, **{"goals.new.name": "visit", "goals.new.event": "Visited", "goals.new.within": "1 day"})
    new = {"name": "margin", "event": "Order Completed", "value": "margin", "at_most": "500"}
    save(client, **{f"metrics.new.{key}": said for key, said in new.items()})
    save(client, **{"gn.metric": "margin", "gn.direction": "drop", "gn.margin": "3%"})
    found = read_workspace(more.root)
    assert found.goals["visit"].event == "Visited"
    assert [(g.metric, g.at_most, g.share) for g in found.settings.guardrails if g.metric == "margin"] == [
        ("margin", 500.0, 0.03)
    ]
    gone = save(client, **{"metrics1.remove": "1"})
    assert "422" not in gone[:4]  # the guardrail watches the event of that name from now on
    save(client, **{"caps.week": "", "quiet.from": "", "quiet.to": "", "cool0": ""})
    contact = more.fresh().settings.contact
    assert contact is not None
    assert (contact.caps, contact.quiet_hours, contact.cool_downs) == ((), None, ())


def test_the_first_rules_about_contacts_are_written(desk: Desk) -> None:
    kept = re.sub(r"^contact:.*\n(?:[ #].*\n)*", "", text(desk), flags=re.MULTILINE)
    (desk.root / SETTINGS_FILE).write_text(kept, encoding="utf-8")
    client = desk.client("Dana")
    assert save(client, **{"caps.week": "3"}).startswith("422")
    page = save(client, **{"contact.channels": "email", "caps.week": "3", "quiet.from": "21:00", "quiet.to": "08:00"})
    assert not page.startswith("4"), page
    contact = desk.fresh().settings.contact
    assert contact is not None
    assert (contact.channels, contact.caps[0].most) == (("email",), 3)
    assert contact.quiet_hours is not None


@pytest.mark.parametrize(
    ("field", "said", "why"),
    [
        ("holdout", "200%", "everybody"),
        ("holdout", "most", "write"),
        ("goals0.within", "soon", "write"),
        ("caps.week", "many: {", "number"),
        ("quiet.from", "late", "time of day"),
        ("metrics0.at_most", "5", "at_most"),
        ("goals0.event", "", "text"),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_saved(more: Desk, field: str, said: str, why: str) -> None:
    before = text(more)
    page = save(more.client("Dana"), **{field: said})
    assert page.startswith("422"), page
    assert f'id="{field}-wrong"' in page or why in page
    assert "Nothing was saved." in page
    assert text(more) == before


def test_another_goal_is_asked_about_before_beliefs_begin_anew(more: Desk) -> None:
    path = more.root / "personas/deal-hunter.yaml"
    persona = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"^goal:.*\n(?:  .*\n)*", "goal: purchase\n", persona, flags=re.MULTILINE), encoding="utf-8")
    run(more.fresh(), now=more.now, owner="test")
    client, before = more.client("Dana"), text(more)
    asked = save(client, **{"goals0.within": "5 days"})
    assert asked.startswith("200")
    assert "Another goal is another question: 1 belief begins anew." in asked
    assert "Offer of Deal hunter" in asked
    assert text(more) == before
    answers = {name: said for name, said in fields(asked).items() if name in ("csrf", "base", "seen")}
    answer = client.post(PAGE, data={**fields(client.get(PAGE).text), **answers, "goals0.within": "5 days"})
    assert answer.status_code == 303
    assert "Saved" in client.get(PAGE).text
    assert re.search(r'purchase: .*within: "?5 days"?}  # the books say so', text(more))


def test_who_may_not_edit_sees_no_settings_and_a_stale_form_changes_nothing(more: Desk) -> None:
    for name in ("Eve", "Vic"):
        client = more.client(name)
        assert client.get(PAGE).status_code == 403
        assert client.post(PAGE, data={"csrf": csrf(client.get("/tester").text)}).status_code == 403
    client = more.client("Dana")
    form = fields(client.get(PAGE).text)
    save(client, name="Somebody else was here")
    assert client.post(PAGE, data={**form, "name": "Late"}).status_code == 409
    assert more.fresh().settings.name == "Somebody else was here"


def test_a_large_number_is_shown_with_all_its_digits(more: Desk) -> None:
    said = text(more).replace("within: 3 days}", "within: 3 days, value: revenue, at_most: 1234567}")
    (more.root / SETTINGS_FILE).write_text(said, encoding="utf-8")
    assert fields(more.client("Dana").get(PAGE).text)["goals0.at_most"] == "1234567"
