"""A workspace that an older version left behind answers as it did, and goes on.

The workspaces were made once, with the code of commit c1002bb: the past cannot be made anew. What made them runs with
that code only and is kept beside it in the history, with what the workspaces hold (``git show
e994717:tests/upgrade/make_workspace.py``, ``harbour.py``). ``answers.json`` is what they were asked and said then, of
customers on whom all doors of the past agreed.
"""

from __future__ import annotations

import json
import math
import re
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

import living_personas as lp
from living_personas.cli import login
from service.running import serving
from upgrade.asking import Said, ask, rows_of

HERE = Path(__file__).parent
ANSWERS: dict[str, Any] = json.loads((HERE / "answers.json").read_text())
FILES = {"harbour": "workspace.tar.gz", "plain": "workspace_plain.tar.gz"}
HANDED: dict[str, str] = ANSWERS["harbour"]["handed"]
"""What was handed out before the upgrade, and comes back after it: keys, a session, a token, a row of a file."""

NEXT_DAY = """\
key,id,at,browser,event,channel,revenue,plan,country,time_zone,gpc,consent,consent_email,consent_profiling
u1,r010,2026-04-05T09:00:00+02:00,,page,landing,,,,,,,,
u2,n010,2026-04-05T09:05:00+02:00,web-9,Order Completed,,80.5,,,,,,,
u3,new,2026-04-05T23:59:59+02:00,,identify,,,trial,,,,,false,
k1,no-email,2026-03-16T08:00:00+01:00,,identify,,,trial,,,,,false,
"""
"""The next day's export; its last row was a row of the first."""

# Known faults, which may be mended: what these tables said of these customers is not compared. No door heard a "no" in
# words ("no", "off", "denied") that an event brought; and the view for warehouses names the persona of everybody,
# of those who said no as well, although no decision makes them anybody's member.
IN_WORDS = frozenset({"no-words", "late-words", "now-words", "yes-all"})
# Who unsubscribed got mail as before, unless `contact:` said otherwise; now that is a no.
LEFT = frozenset({"n049", "r025", "r067"})
SAID_NO = IN_WORDS | {
    f"{when}-{what}" for when in ("no", "late", "now", "yes", "back") for what in ("email", "gpc", "profiling")
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of its own for each story, and nobody is told of anything."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HARBOUR_HOOK", raising=False)


@pytest.mark.long
@pytest.mark.parametrize("name", ["harbour", "plain"])
def test_it_answers_as_it_did(name: str) -> None:
    _left_behind(name)
    differ = {" ".join(words): list(_lost(said, ask(*words))) for words, said in ANSWERS[name]["asked"]}
    told = {words: [line for line in lost if not _is_reworded(line)] for words, lost in differ.items()}
    assert {words: lost for words, lost in told.items() if lost} == {}


def test_a_decision_that_was_met_is_made_again_and_counts_once() -> None:
    _left_behind("harbour")
    met = datetime.fromisoformat(HANDED["at"])
    with lp.open("harbour") as workspace:
        again = workspace.decide(HANDED["met"], channel="landing", campaign="spring", at=met, dry_run=True)
        receipt = workspace.exposed(again)
    assert (receipt.stored, receipt.duplicate) == (0, 1)


@pytest.mark.long
def test_it_goes_on() -> None:
    _left_behind("harbour")
    before, last = _log(), _decided("r010", at="2026-04-04T12:00:00+02:00")["snapshot"]
    Path("next.csv").write_text(NEXT_DAY)
    Path("mailing-00.csv").write_text(HANDED["mailing"])
    assert _told("ingest", "next.csv", "--source", "shop") == [
        "next.csv: 4 received = 3 stored + 1 duplicate + 0 quarantined"
    ]
    assert _told("ingest", "mailing-00.csv", "--source", "mailings") == [
        "mailing-00.csv: 3 received = 0 stored + 3 duplicate + 0 quarantined (of 1 row)"
    ]
    assert _told("run", "--until", "2026-04-05", code=3)[0] == "closed 2 days: 2026-04-04 to 2026-04-05"
    after = _log()  # reading a chain checks every link of it
    assert [entry for entry in before if entry not in after] == []
    for persona in {entry["persona"] for entry in after}:
        numbers = [entry["version"] for entry in after if entry["persona"] == persona]
        assert numbers == list(range(1, len(numbers) + 1))
    report = _json("report")
    assert (report["as_of"], report["health"]["events_waiting"]) == ("2026-04-05", 0)
    # What waited has been taken in: rows, the files of a large batch, a link, and who said no or yes again.
    at = "2026-04-06T12:00:00+02:00"
    assert _decided("back-gpc", at=at)["snapshot"] > last
    asked = ("fresh", "b3", "web-7", "now-gpc", "yes-email", "back-gpc", "new")
    Path("asked.csv").write_text("\n".join(["customer", *asked]))
    listed = _said("decide", "--list", "asked.csv", "--channel", "email", "--campaign", "spring", "--at", at)[
        "list.csv"
    ]
    personas = {row["customer"]: row["persona"] for row in rows_of(str(listed))}
    assert personas == {"fresh": "newcomer", "b3": "guest", "web-7": "regular", "back-gpc": "newcomer"}


def test_rows_of_before_are_found_again_in_any_file() -> None:
    """They were known by the name of their file and their number; now they are known by what they say."""
    _left_behind("harbour")
    header, *rows = HANDED["mailing"].splitlines()
    new = rows[0].replace("r001", "somebody-new")
    for name, lines, told in (
        ("mailing-00.csv", [new, *rows[::-1]], "6 received = 3 stored + 3 duplicate + 0 quarantined (of 2 rows)"),
        ("another.csv", [*rows, new], "6 received = 0 stored + 6 duplicate + 0 quarantined (of 2 rows)"),
    ):
        Path(name).write_text("\n".join([header, *lines]) + "\n")
        assert _told("ingest", name, "--source", "mailings")[0] == f"{name}: {told}"


def test_who_asked_is_remembered_and_the_world_is_told_once(monkeypatch: pytest.MonkeyPatch) -> None:
    _left_behind("harbour")
    assert {"- Suggested name: 'Sleepers' (agent).", "- Suggested name: 'The quiet ones' (Bo Ek)."} <= {
        *_told("discover", "list")
    }
    before = [each["key"] for each in _json("webhooks", "list")]
    proposed = next(each["id"] for each in _reviews() if each["why"].startswith("Proposed by Bo Ek"))
    monkeypatch.setattr(login, "account", lambda: "Bo Ek")
    _said("review", "approve", proposed, "--by", "Ada", code=1)  # nobody approves what they proposed themselves
    monkeypatch.setattr(login, "account", lambda: "Ada")
    assert _told("review", "approve", proposed)[0].startswith("approved: Newcomer is at version 5.")
    _said("webhooks", "retry")  # everything that is news is put beside what was given up
    news = [each for each in _json("webhooks", "list") if each["key"] not in before]
    assert sorted((each["name"], each["url"]) for each in news) == [
        ("persona.version.published", "https://hooks.example/in"),
        ("persona.version.published", "https://other.example/in"),
        ("review.decided", "https://other.example/in"),
    ]


@pytest.mark.long
def test_what_was_handed_out_still_opens() -> None:
    _left_behind("harbour")
    with serving(Path("harbour")) as running, httpx.Client(base_url=running.url) as service:
        reader = {"cookie": f"lp_session={HANDED['session']}"}
        review, health = (_read_page(service, page, reader) for page in ("review", "health"))
        assert ("Ada" in review.text, "asked again from 500 occasions on" in review.text) == (True, True)
        assert HANDED["received"] in health.text
        assert service.get("/dashboard/review").is_redirect
        key, revoked = ({"authorization": f"Bearer {HANDED[kind]}"} for kind in ("secret", "revoked"))
        question = {"customer": "r010", "channel": "landing", "campaign": "spring"}
        assert service.post("/v1/decide", json=question, headers=key).json()["persona"] == "frequent-visitors"
        assert service.post("/v1/decide", json=question, headers=revoked).status_code == 401
        met = {"type": "track", "event": "Persona Exposed", "userId": HANDED["mailed"], "messageId": "m"}
        mailed = {**met, "properties": {"token": HANDED["token"]}}
        fates = [service.post("/v1/track", json=mailed, headers=key).json()["events"][0]["fate"] for _ in range(2)]
        assert fates == ["stored", "duplicate"]


def _read_page(service: httpx.Client, page: str, reader: Mapping[str, str]) -> httpx.Response:
    """A page of the dashboard, asked again as a browser does while its numbers are being read."""
    while "Reading the evidence" in (answer := service.get(f"/dashboard/{page}", headers=reader)).text:
        time.sleep(0.2)
    return answer


def _left_behind(name: str) -> None:
    """A workspace as it was left, in the current folder."""
    with tarfile.open(HERE / FILES[name]) as tar:
        tar.extractall(name, filter="data")


def _is_reworded(line: str) -> bool:
    """Sentences say who decided; what a person chose is not *corrected*; what waits is of the units that are known now.

    Plans count the options, and the wait for outcomes (decision 0021).
    """
    place, _, said = line.partition(" was ")
    opinion = place.endswith("/status") and said == "'corrected', and is 'learning'"
    discovered = place.endswith("/by") and said == "'workshop', and is 'discovery'"
    planned = "/times/" in place and place.endswith(("/units", "/days"))
    waits = re.fullmatch(r"/json/(?:reviews/)?\d+/units", place) is not None
    return planned or waits or place.endswith("/says") or opinion or discovered


_OF_TOMORROW = ("/share", "/prob_best", "/compared")
"""What a report says of the day after the last closed one."""


def _lost(old: object, new: object, place: str = "") -> Iterator[str]:
    """Where an answer does not say what it said; it may say more than it did.

    The shares of a report are those of the tables to come, which a version may make otherwise (decision 0017); tables
    that were published stay, as the decisions show. Its chances of being the best, and which option they compare with
    the belief, were those without the last days' outcomes, which steered already: now they are the ledger's
    (`tests/dashboard/test_chances.py`, `tests/reporting/test_shares_now.py`).
    """
    if place.startswith("/json/personas/") and place.endswith(_OF_TOMORROW):
        fits = 0 <= new <= 1 if isinstance(new, float) else isinstance(new, str) and new and place.endswith("/compared")
        yield from () if fits else (f"{place} is {new!r}",)
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key, said in old.items():
            yield from _lost_at(str(key), said, new, f"{place}/{key}")
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _lost(one, other, f"{place}/{number}")
    elif isinstance(old, float) and isinstance(new, float):
        if not math.isclose(old, new, rel_tol=1e-9, abs_tol=1e-12):
            yield f"{place} was {old!r}, and is {new!r}"
    elif _number(old) != _number(new):
        yield f"{place} was {old!r}, and is {new!r}"


def _lost_at(key: str, said: object, new: Mapping[str, object], place: str) -> Iterator[str]:
    """The same of one key; what waited is taken in once, as consents are read when an older workspace is opened.

    What living personas gained is reckoned in another way now: per customer and day, from its entry on.
    """
    if key not in new:
        yield f"{place} is gone"
    elif isinstance(said, str) and key.endswith(".csv"):
        yield from _lost(_compared(key, said), _compared(key, str(new[key])), place)
    elif key == "diff":  # its first lines say in other words of which versions it is
        yield from _lost(str(said).splitlines()[2:], str(new[key]).splitlines()[2:], place)
    elif key not in ("events_waiting", "gain"):
        yield from _lost(said, new[key], place)


def _number(said: object) -> object:
    """The number that a cell spells, if it does."""
    try:
        return float(said) if isinstance(said, str) else said
    except ValueError:
        return said


def _compared(table: str, text: str) -> Sequence[Mapping[str, str]]:
    """The rows of a table that must stay; the first column names the customer, which was behind an apostrophe."""
    ignored = (SAID_NO if table.startswith("views/") else IN_WORDS) | LEFT
    rows = [{key: cell.removeprefix("'") for key, cell in row.items()} for row in rows_of(text)]
    return [row for row in rows if next(iter(row.values())) not in ignored]


def _said(*words: str, code: int = 0) -> Said:
    said = ask(*words, "--workspace", "harbour")
    assert said["code"] == code
    return said


def _told(*words: str, code: int = 0) -> list[str]:
    said = _said(*words, code=code)
    assert isinstance(said["text"], list)
    return said["text"]


def _json(*words: str) -> Any:
    return _said(*words, "--format", "json")["json"]


def _reviews() -> list[dict[str, Any]]:
    waiting: list[dict[str, Any]] = _said("review", "--format", "json", code=3)["json"]  # type: ignore[assignment]
    return waiting


def _log() -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = _json("log")
    return entries


def _decided(customer: str, *, at: str) -> dict[str, Any]:
    decided: dict[str, Any] = _json("decide", customer, "--channel", "email", "--campaign", "spring", "--at", at)
    return decided
