"""What people do in the dashboard is what the command line does, with their name."""

from __future__ import annotations

import csv
import io
import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from dashboard.desk import Desk, csrf, submit
from discovery.made import a_retirement
from living_personas.domain.belief import Subject
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.refinement import LATE_DATA
from living_personas.domain.reported import Reported
from living_personas.engines.table_files import csv_text
from living_personas.loop.event_days.seal import seal_waiting
from living_personas.loop.relations import table_of
from living_personas.loop.segments.discovery import segment_named
from living_personas.memory.people_records import KILLED, PRIVACY_ACTS
from living_personas.memory.records import RATIO_ACKNOWLEDGED, REPORTED
from living_personas.memory.search_records import UPKEEP
from living_personas.memory.tables import CUSTOMERS, EXPOSURES
from living_personas.outgoing.announcements import changes_in
from living_personas.people.acting import pin
from living_personas.people.person import Person
from living_personas.people.person_accounts import remove_person
from living_personas.people.proposing import proposer_of
from living_personas.people.reviewing import FEWEST, asides
from living_personas.serving.lists import deciding_list


def waiting(desk: Desk, persona: str) -> str:
    """The id of what waits for a person about a persona."""
    return next(r.id for r in desk.context.store.refinements.all(persona=persona) if r.review == "open")


def test_who_is_too_late_to_approve_is_told_about_what_and_by_whom(desk: Desk) -> None:
    id_ = waiting(desk, "deal-hunter")
    assert submit(desk.client("Dana"), "/review", f"/review/{id_}/approve").status_code == 303
    late = submit(desk.client("Dana"), "/review", f"/review/{id_}/approve")
    said = f"Refinement “{id_}” (Deal hunter, offer) does not wait for anybody: it is approved by Dana."
    assert (late.status_code, said in late.text, '<a href="/review">Review</a>' in late.text) == (409, True, True)


@pytest.mark.parametrize("act", ["reject", "approve", "hold", "more"])
def test_what_evidence_took_back_meanwhile_is_gone_whatever_a_person_says_of_it(desk: Desk, act: str) -> None:
    client, id_ = desk.client("Dana"), waiting(desk, "deal-hunter")
    token = csrf(client.get("/review").text)
    store = desk.context.store
    made = store.refinements.get(id_)
    with store.commit():  # what a cycle writes that finds its proof gone
        store.refinements.put(replace(made, review=None, verdict="hold", why=f"{made.why} Held: {LATE_DATA}."))
    before = client.get("/changes").text, len(list(changes_in(desk.context)))
    late = client.post(f"/review/{id_}/{act}", data={"csrf": token})
    assert (late.status_code, "does not wait for anybody: it is held" in late.text) == (409, True)
    assert f"Held: {LATE_DATA}." in late.text
    assert store.refinements.get(id_).decided_by == ""
    assert (client.get("/changes").text, len(list(changes_in(desk.context)))) == before
    assert asides(desk.context) == {}


@pytest.mark.parametrize("act", ["reject", "approve", "hold", "more"])
def test_what_is_about_another_value_by_now_is_gone(desk: Desk, act: str) -> None:
    client, id_ = desk.client("Dana"), waiting(desk, "deal-hunter")
    token = csrf(client.get("/review").text)
    subject = Subject(persona="deal-hunter", attribute="offer")
    for hold in (True, False):
        pin(desk.context, subject, Person(by="Eve", now=desk.now, owner="test"), value="free_returns", hold=hold)
    late = client.post(f"/review/{id_}/{act}", data={"csrf": token})
    said = "Deal hunter, offer is “free_returns” now, and the proposal would change “ten_percent_off” to “free_returns”"
    assert (late.status_code, f"{said}: it is gone." in late.text) == (409, True)
    assert desk.context.store.refinements.get(id_).review == "open"
    assert asides(desk.context) == {}


def test_two_people_decide_at_once_and_one_of_them_did(desk: Desk) -> None:
    id_, clients = waiting(desk, "deal-hunter"), [desk.client("Dana"), desk.client("Dana")]
    tokens = [csrf(client.get("/review").text) for client in clients]
    with ThreadPoolExecutor() as pool:
        answers = list(
            pool.map(
                lambda client, token: client.post(f"/review/{id_}/reject", data={"csrf": token}).status_code,
                clients,
                tokens,
            )
        )
    assert answers.count(303) == 1
    assert {*answers} <= {303, 409, 503}
    decided = [each for each in changes_in(desk.context) if each.name == "review.decided"]
    assert [each.data["refinement"] for each in decided].count(id_) == 1


def newest(desk: Desk, persona: str) -> PersonaVersion:
    return desk.context.store.versions.history(persona)[-1]


def test_an_approved_review_is_a_version_with_the_persons_name(desk: Desk) -> None:
    client, id_ = desk.client("Dana"), waiting(desk, "deal-hunter")
    assert "If nothing is done" in client.get("/review").text
    assert submit(client, "/review", f"/review/{id_}/approve").headers["location"] == "/review"
    version = newest(desk, "deal-hunter")
    assert (version.version, version.by, version.standing("offer").value) == (2, "Dana", "free_returns")
    assert version.reason == "'free_returns' is proven better than 'ten_percent_off'."  # and it waits no more
    page = client.get("/review").text
    assert "Approved: Deal hunter is at version 2." in page
    assert "Approved" not in client.get("/review").text  # told once
    assert submit(client, "/review", f"/review/{id_}/approve").status_code == 409
    assert "by Dana" in client.get("/changes").text


def test_a_customer_is_told_all_erased_and_let_back_by_an_approver(desk: Desk) -> None:
    client = desk.client("Dana")
    id_ = next(id_ for id_ in table_of(CUSTOMERS.newest(desk.context.store))["customer"].to_pylist())
    told = submit(client, "/privacy", "/privacy/export", customer=id_)
    assert "attachment" in told.headers["content-disposition"]
    assert {"events", "customers", "memberships"} <= {json.loads(line)["of"] for line in told.text.splitlines()}
    assert submit(client, "/privacy", "/privacy/erase", customer=id_, again=id_ + "x").status_code == 409
    assert submit(client, "/privacy", "/privacy/erase", customer=id_, again=id_).headers["location"] == "/privacy"
    page = client.get("/privacy").text
    assert "Erased: " in page
    assert f">{id_}<" not in page
    assert submit(client, "/privacy", "/privacy/export", customer=id_).text == ""
    submit(client, "/privacy", "/privacy/lift", customer=id_)
    assert "It may come back." in client.get("/privacy").text
    assert [act.by for act in PRIVACY_ACTS.all(desk.context.store).values()] == ["Dana"] * 4
    assert submit(desk.client("Eve"), "/review", "/privacy/erase", customer=id_, again=id_).status_code == 403


def test_a_rejected_review_changes_nothing(desk: Desk) -> None:
    client, id_ = desk.client("Dana"), waiting(desk, "deal-hunter")
    submit(client, "/review", f"/review/{id_}/reject")
    assert newest(desk, "deal-hunter").version == 1
    assert desk.context.store.refinements.get(id_).decided_by == "Dana"


def test_a_rejected_review_is_opened_again_by_an_approver(desk: Desk) -> None:
    client, id_ = desk.client("Dana"), waiting(desk, "deal-hunter")
    submit(client, "/review", f"/review/{id_}/hold")
    submit(client, "/review", f"/review/{id_}/reject")
    page = client.get("/review").text
    assert "It can be opened again below." in page
    assert page.index("<h2>Rejected</h2>") < page.index(f"/review/{id_}/reopen")
    assert "/reopen" not in desk.client("Eve").get("/review").text
    assert submit(desk.client("Eve"), "/review", f"/review/{id_}/reopen").status_code == 403
    assert submit(client, "/review", f"/review/{id_}/reopen").headers["location"] == "/review"
    page = client.get("/review").text
    assert "Rejected by Dana, opened again by Dana" in page
    assert f"/review/{id_}/approve" in page
    assert asides(desk.context) == {}, "whoever rejects does not set aside any more"
    assert submit(client, "/review", f"/review/{id_}/reopen").status_code == 409
    told = [each for each in changes_in(desk.context) if each.data.get("refinement") == id_]
    assert [each.name for each in told].count("review.requested") == 2
    submit(client, "/review", f"/review/{id_}/reject")
    decided = [each for each in changes_in(desk.context) if each.name == "review.decided"]
    assert len({each.id for each in decided if each.data.get("refinement") == id_}) == 2
    submit(client, "/personas/deal-hunter", "/personas/deal-hunter/pin", attribute="offer|", hold="on", sure="1")
    assert submit(client, "/review", f"/review/{id_}/reopen").status_code == 409
    assert "<h2>Rejected</h2>" not in client.get("/review").text


def test_a_review_is_set_aside_and_asked_again(desk: Desk) -> None:
    client, id_ = desk.client("Eve"), waiting(desk, "deal-hunter")
    (counted,) = re.findall(rf'(?s)id="{id_}".*?from (\d+) occasions', client.get("/review").text)
    submit(client, "/review", f"/review/{id_}/more")
    assert asides(desk.context)[id_].until_units == max(2 * int(counted), FEWEST), "of those that the page told"
    page = client.get("/review").text
    assert page.index("Set aside") < page.index(id_)
    submit(client, "/review", f"/review/{id_}/take-up")
    twice = submit(client, "/review", f"/review/{id_}/take-up")
    assert (twice.status_code, "is not set aside" in twice.text) == (409, True)
    assert submit(client, "/review", "/review/nothing/take-up").status_code == 404
    submit(client, "/review", f"/review/{id_}/hold")
    assert asides(desk.context)[id_].kind == "held"


def test_nobody_approves_what_they_proposed_unless_they_are_alone(desk: Desk) -> None:
    client = desk.client("Dana")
    fields = {"attribute": "framing|", "new": "convenience", "why": "We deliver on Sundays."}
    submit(client, "/personas/budget-first-buyer", "/personas/budget-first-buyer/propose", **fields)
    id_ = waiting_by_hand(desk)
    assert "Proposed by Dana, not by evidence: We deliver on Sundays." in client.get("/review").text
    assert proposer_of(desk.context.store, id_) == "Dana"
    assert submit(client, "/review", f"/review/{id_}/approve").status_code == 409
    for other in ("Eve", "Vic"):
        remove_person(desk.context, other, now=desk.now)
    assert submit(client, "/review", f"/review/{id_}/approve").status_code == 303
    assert newest(desk, "budget-first-buyer").standing("framing").value == "convenience"


def waiting_by_hand(desk: Desk) -> str:
    return next(r.id for r in desk.context.store.refinements.all() if r.review == "open" and r.id.startswith("p"))


@pytest.mark.long
def test_go_back_pin_let_go_and_hold_everything(desk: Desk) -> None:
    client = desk.client("Dana")
    page = "/personas/steady-regular"
    undo = f"{page}?undo.to={newest(desk, 'steady-regular').version}"
    assert submit(client, page, f"{page}/roll-back", to="1", sure="1").headers["location"] == undo
    assert newest(desk, "steady-regular").kind == "rolled back"
    assert "holds now" in client.get(page).text
    submit(client, page, f"{page}/pin", attribute="send_time|", hold="on", sure="1")
    assert newest(desk, "steady-regular").standing("send_time").pinned
    submit(client, page, f"{page}/pin", attribute="send_time|", hold="off", sure="1")
    assert not newest(desk, "steady-regular").standing("send_time").pinned
    submit(client, "/changes", "/kill", state="on", sure="1")
    assert KILLED.read(desk.context.store) == "Dana"
    assert "Everything is held." in client.get("/changes").text
    submit(client, "/changes", "/kill", state="off", sure="1")
    assert KILLED.read(desk.context.store) is None
    assert submit(client, page, f"{page}/roll-back", to="99", sure="1").status_code == 404
    assert submit(client, page, f"{page}/roll-back", to="x", sure="1").status_code == 409


@pytest.mark.parametrize(
    ("action", "fields", "asked"),
    [
        ("/kill", {"state": "on"}, "Hold everything?"),
        ("/personas/steady-regular/pin", {"attribute": "send_time|", "hold": "on"}, "Pin send time?"),
        ("/personas/steady-regular/roll-back", {"to": "1"}, "Go back to version 1 of Steady regular?"),
    ],
)
def test_what_holds_for_everybody_is_asked_once_and_undone_where_it_is_told(
    desk: Desk, action: str, fields: dict[str, str], asked: str
) -> None:
    client, before = desk.client("Dana"), newest(desk, "steady-regular")
    page = submit(client, "/changes", action, **fields).text
    assert asked in page
    assert newest(desk, "steady-regular") == before
    assert KILLED.read(desk.context.store) is None
    sure = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    told = client.get(client.post(action, data=sure).headers["location"]).text
    undo = told.split('<div class="notice done">')[1].split("</form>")[0]
    back = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', undo))
    to = re.search(r'action="([^"]+)"', undo)
    assert to is not None
    assert client.post(to[1], data=back).status_code == 303
    assert KILLED.read(desk.context.store) is None
    after = newest(desk, "steady-regular")
    assert [(s.value, s.pinned) for s in after.standings] == [(s.value, s.pinned) for s in before.standings]


def test_going_back_says_beforehand_what_becomes_of_which_value(desk: Desk) -> None:
    client, page = desk.client("Dana"), "/personas/steady-regular"
    first = newest(desk, "steady-regular").version
    submit(client, page, f"{page}/pin", attribute="send_time|", hold="on", sure="1")
    asked = submit(client, page, f"{page}/roll-back", to=str(first)).text
    assert "Nothing changes: its values are the same." in asked
    same = submit(client, page, f"{page}/roll-back", to=str(first), sure="1")
    assert f"Nothing was changed: the values are those of version {first}." in client.get(same.headers["location"]).text
    assert newest(desk, "steady-regular").version == first + 1
    before = newest(desk, "steady-regular").standing("send_time").value
    subject = Subject(persona="steady-regular", attribute="send_time")
    pin(desk.context, subject, Person(by="Dana", now=desk.now, owner="test"), value="evening")
    assert before == "morning"
    asked = submit(client, page, f"{page}/roll-back", to=str(first)).text
    assert "Send time becomes “morning” again; it is “evening” now." in asked
    changes = client.get("/changes").text
    assert "Pinned “send_time” at “evening” by Dana." in changes


def test_a_segment_is_named_adopted_and_has_a_file(desk: Desk) -> None:
    client = desk.client("Dana")
    assert "Heavy product use" in client.get("/segments").text
    submit(client, "/segments", "/segments/s1/name", name="Silent  evaluators")
    assert segment_named(desk.context.store, "s1").name == "Silent evaluators"
    assert "it was renamed by Dana (it was called “heavy product use, opens nothing”)" in client.get("/segments").text
    (told,) = [each for each in changes_in(desk.context) if each.name == "segment.renamed"]
    assert (told.data["by"], told.data["other"], told.time) == ("Dana", "heavy product use, opens nothing", desk.now)
    submit(client, "/segments", "/segments/s1/adopt")
    assert (desk.root / "personas" / "silent-evaluators.yaml").is_file()
    settled = segment_named(desk.context.store, "s1")
    assert (settled.state, settled.decided_by) == ("adopted", "Dana")
    assert submit(client, "/segments", "/segments/s1/dismiss").status_code == 409
    assert "it was adopted by Dana (persona “silent-evaluators”)" in client.get("/segments").text
    assert submit(desk.client("Eve"), "/segments", "/segments/s1/undo").status_code == 403
    submit(client, "/segments", "/segments/s1/undo")
    assert not (desk.root / "personas" / "silent-evaluators.yaml").exists()
    settled = segment_named(desk.context.store, "s1")
    assert (settled.state, settled.decided_by, settled.life[-1].kind) == ("dismissed", "Dana", "undone")
    assert submit(client, "/segments", "/segments/s1/undo").status_code == 409
    editor = desk.client("Eve")
    assert submit(editor, "/segments", "/segments/s1/reopen").status_code == 409  # an approver undid it
    submit(client, "/segments", "/segments/s1/reopen")
    submit(editor, "/segments", "/segments/s1/dismiss")
    assert "Open it again" in editor.get("/segments").text
    submit(editor, "/segments", "/segments/s1/reopen")
    assert segment_named(desk.context.store, "s1").state == "open"
    assert "it was opened again by Eve" in editor.get("/segments").text


def test_an_alarm_is_taken_note_of_where_it_is_told(desk: Desk) -> None:
    client, page = desk.client("Dana"), "/personas/deal-hunter"
    with desk.context.store.commit():
        REPORTED.write(desk.context.store, [Reported(of=("deal-hunter", "offer", "visitor")).with_peak(99.0)])
    desk.read_anew()
    assert "Deal hunter, offer: browsers that name visitors do not report" in client.get("/health").text
    assert "Take note<" in client.get(page).text
    assert "Take note<" not in desk.client("Eve").get(page).text
    fields = {"attribute": "offer|"}
    assert submit(desk.client("Eve"), page, f"{page}/acknowledge", **fields).status_code == 403
    asked = submit(client, page, f"{page}/acknowledge", **fields).text
    assert "Take note of the alarm about offer?" in asked
    assert submit(client, page, f"{page}/acknowledge", sure="1", **fields).headers["location"] == page
    assert "Noted: offer is checked anew from" in client.get(page).text
    assert RATIO_ACKNOWLEDGED.read(desk.context.store, str(Subject(persona="deal-hunter", attribute="offer")))
    desk.read_anew()
    assert "browsers that name visitors do not report" not in client.get("/health").text


def test_a_persona_is_retired_and_comes_back(desk: Desk) -> None:
    client, path = desk.client("Dana"), desk.root / "personas" / "deal-hunter.yaml"
    before, persona = path.read_text(), newest(desk, "deal-hunter").persona
    UPKEEP.write(desk.context.store, "u1", a_retirement(persona.id, persona.who, day=newest(desk, persona.id).day))
    assert "Nobody has belonged to it for a month." in client.get("/segments").text
    assert submit(desk.client("Eve"), "/segments", "/upkeep/u1/apply").status_code == 403
    submit(client, "/segments", "/upkeep/u1/apply")
    assert not path.exists()
    assert "Undo it" in client.get("/segments").text
    submit(client, "/segments", "/upkeep/u1/undo")
    assert path.read_text() == before
    assert submit(client, "/segments", "/upkeep/u1/dismiss").status_code == 409
    assert submit(desk.client("Eve"), "/segments", "/upkeep/u1/reopen").status_code == 409
    submit(client, "/segments", "/upkeep/u1/reopen")
    submit(desk.client("Eve"), "/segments", "/upkeep/u1/dismiss")
    submit(desk.client("Eve"), "/segments", "/upkeep/u1/reopen")
    assert "Write it into the files" in client.get("/segments").text


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b"])
def test_a_segment_cannot_be_called_anything(shown: Desk, name: str) -> None:
    assert submit(shown.client("Eve"), "/segments", "/segments/s1/name", name=name).status_code == 409


def test_the_tester_says_why_and_records_nothing(desk: Desk) -> None:
    client = desk.client("Vic")
    before = desk.context.store.inbox.waiting(), desk.context.store.facts.keys()
    traits = "orders_total = 0\npricing_views_28d = 4\nutm_campaign = it's a 'deal'; rm -rf /"
    tried = submit(client, "/tester", "/tester", customer="u'1", channel="", traits=traits).text
    assert "Budget-conscious first-time buyer" in tried
    assert "Propensity" in tried
    assert "✓ true" in tried
    assert "&#39;\\&#39;&#39;" in tried or "&#39;&#34;&#39;&#34;&#39;" in tried  # a quote stays inside of its quotes
    token = client.get("/tester").text.split('name="csrf" value="')[1][:64]
    piece = client.post(
        "/tester", data={"csrf": token, "customer": "u1", "traits": "", "channel": ""}, headers={"HX-Request": "true"}
    ).text
    assert "<html" not in piece
    assert "unknown" in piece
    assert (desk.context.store.inbox.waiting(), desk.context.store.facts.keys()) == before
    assert submit(client, "/tester", "/tester", traits="no equals sign").status_code == 409


def test_a_form_that_is_too_large_is_refused(shown: Desk) -> None:
    assert submit(shown.client("Vic"), "/tester", "/tester", traits="x" * 70_000).status_code == 413


def test_a_list_is_counted_and_taken_along_and_who_took_it_is_written_down(desk: Desk) -> None:
    client, asked = desk.client("Dana"), {"persona": "budget-first-buyer", "channel": "email", "reader": "tools"}
    counted = submit(client, "/lists", "/lists", **asked).text
    assert re.search(r"<strong>[\d,]+00 on the list</strong>|<strong>[\d,]+50 on the list</strong>", counted)
    taken = submit(client, "/lists", "/lists/take", **asked, campaign="spring")
    assert "budget-first-buyer-email-" in taken.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(taken.text)))
    listed = pa.table({"customer": [row["customer"] for row in rows]})
    with deciding_list(desk.context, [listed], at=desk.now, channel="email", campaign="spring") as found:
        wanted = csv_text(found.wide())
    assert {row["persona"] for row in rows} == {"budget-first-buyer"}
    assert wanted == taken.text
    [act] = PRIVACY_ACTS.all(desk.context.store).values()
    assert (act.kind, act.by, act.customers) == ("listed", "Dana", len(rows))
    assert f"{len(rows):,}<" not in desk.client("Vic").get("/privacy").text
    assert submit(client, "/lists", "/lists", **{**asked, "persona": "nobody"}).status_code == 409
    assert desk.client("Eve").get("/lists").status_code == 403


def test_a_list_that_is_sent_is_met_by_whoever_may_be_contacted(desk: Desk) -> None:
    client, asked = desk.client("Dana"), {"persona": "budget-first-buyer", "channel": "email", "reader": "spreadsheet"}
    taken = submit(client, "/lists", "/lists/take", **asked, sent="1")
    now = {row["customer"] for row in csv.DictReader(io.StringIO(taken.text)) if row["deliver"] == "true"}
    seal_waiting(desk.context)
    met = table_of(EXPOSURES.all(desk.context.store))
    assert now
    assert now == set(met.filter(pc.equal(met["day"], desk.now.date()))["customer"].to_pylist())
