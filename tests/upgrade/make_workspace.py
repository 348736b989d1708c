# mypy: ignore-errors
"""Make the workspaces of this folder, with the code of commit c1002bb and no other: the past cannot be made anew.

    PYTHONPATH=/path/to/c1002bb/src:tests python tests/upgrade/make_workspace.py tests/upgrade

It writes ``workspace.tar.gz``, ``workspace_plain.tar.gz`` and ``answers.json`` into a folder; the answers are the same
each time. Modules that it imports may be gone by now, so nothing imports it.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys
import tarfile
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

import apsw
import numpy as np
import pyarrow as pa
from living_personas.steps import acting, outbox
from living_personas.steps.adopting import adopt_segment, dismiss_segment, rename_segment
from living_personas.steps.ads import number_of
from living_personas.steps.calendar import closed_through, next_day, seal_waiting
from living_personas.steps.discover import answers_of, keep_candidate, segment_named
from living_personas.steps.emails import record_emails
from living_personas.steps.fates import fates_by_day
from living_personas.steps.keys import create_key, revoke_key, signing_secret
from living_personas.steps.lists import all_customers, decide_list, exposures_of
from living_personas.steps.messages import ReadOne
from living_personas.steps.people import add_person, people
from living_personas.steps.person import Person
from living_personas.steps.proposing import propose
from living_personas.steps.record import record_all
from living_personas.steps.reviewing import set_aside
from living_personas.steps.suggesting import suggest_name

import living_personas as lp
from living_personas import loop
from living_personas.channels.moments import Moments
from living_personas.dashboard.sessions import open_session
from living_personas.deciding.token import signed_token
from living_personas.domain.belief import Subject
from living_personas.domain.candidate import Candidate, Check, Difference, FirstTest, Scorecard, Term, Wording
from living_personas.domain.decision import Decision
from living_personas.domain.event import Quarantined, Receipt
from living_personas.http import worker
from upgrade import harbour
from upgrade.asking import QUESTIONS, ask
from upgrade.harbour import CONSENT, FIRST, GUESTS, HANDED, NEWCOMERS, REGULARS, moment

OWNER = "maker"


class Clock:
    """What time it is in the workspace."""

    now = moment(0)

    def __call__(self) -> datetime:
        return self.now


class Maker:
    """A workspace of the past, made day by day."""

    def __init__(self, root: Path, *, contact: bool, drawn: int, last: int) -> None:
        self.root, self.clock, self.contact, self.drawn, self.last = root, Clock(), contact, drawn, last
        (root / "personas").mkdir(parents=True)
        (root / "workspace.yaml").write_text(harbour.SETTINGS + (harbour.CONTACT if contact else ""))
        (root / "personas" / "newcomer.yaml").write_text(harbour.NEWCOMER)
        (root / "personas" / "regular.yaml").write_text(harbour.REGULAR)
        guest = harbour.GUEST.replace("ASSIGN", "week" if contact else "visit")
        (root / "personas" / "guest.yaml").write_text(guest)
        self.rng = np.random.Generator(np.random.PCG64(20260316))
        self.keys, self.first = 0, ""

    @contextmanager
    def open(self):
        """The workspace, with its files as they are now."""
        with lp.open(self.root, clock=self.clock) as ws:
            yield ws, ws._parts

    def load(self, name: str, text: str, *, source: str, received: datetime) -> None:
        """A file that came in."""
        self.clock.now = received
        with TemporaryDirectory() as folder, self.open() as (ws, _):
            path = Path(folder) / name
            path.write_text(text)
            ws.ingest(path, source=source)

    def cycle(self, day: int) -> None:
        """The morning after a day."""
        self.clock.now = moment(day + 1, 6.25)
        with self.open() as (_, parts):
            loop.run(parts, now=self.clock(), owner=OWNER)

    def ada(self, name: str = "Ada") -> Person:
        """Who acts, now."""
        return Person(by=name, now=self.clock(), owner=OWNER)

    def row(self, id_: str, at: datetime, event: str, **more: object) -> str:
        """A line of the shop's own export."""
        self.keys += 1
        known = {"key": f"k{self.keys}", "id": id_, "at": at.isoformat(), "event": event}
        return json.dumps({**dict.fromkeys(harbour.COLUMNS), **known, **more}) + "\n"


def mailing(maker: Maker, day: int, regulars: list[str], newcomers: list[str]) -> str:
    """A day of the drawn mailing: quality sells, discounts do not."""
    out = io.StringIO()
    write = csv.writer(out)
    write.writerow(["mail", "customer_id", "sent", "plan", "email", "consent_ads", "framing", "revenue", "left"])
    for number, name in enumerate([*regulars, *newcomers]):
        framing = "quality" if maker.rng.random() < 0.5 else "discount"
        bought = maker.rng.random() < (0.7 if framing == "quality" else 0.03)
        revenue = round(float(maker.rng.uniform(60, 140)), 2) if bought else 0
        left = int(maker.rng.random() < 0.02)
        sent = (FIRST + timedelta(days=day)).strftime("%d.%m.%Y") + f" {9 + number % 8:02}:{number % 60:02}"
        plan = "trial" if name.startswith("n") else "paid"
        write.writerow([f"m-{name}", name, sent, plan, f"{name}@example.com", "true", framing, revenue, left])
    return out.getvalue()


def history(maker: Maker) -> None:
    """Before the first mailing: who is who, who said no, which browsers are whose."""
    lines = []
    for name, said in harbour.SAID_LONG_AGO.items():
        plan = {"plan": harbour.PLANS[name]} if name in harbour.PLANS else {}
        lines.append(maker.row(name, moment(0, 8), "identify", **plan, **said))
    others = [name for name in CONSENT if name not in harbour.SAID_LONG_AGO]
    lines += [maker.row(name, moment(0, 8), "identify", plan=harbour.PLANS[name]) for name in others]
    lines.append(maker.row("r001", moment(0, 8.5), "identify", plan="paid", time_zone="Pacific/Auckland"))
    lines += [maker.row(name, moment(0, 8.4), "identify", country="CH") for name in GUESTS[2:5]]
    lines.append(maker.row("zoë müller", moment(0, 8.5), "page", browser="web-1"))
    lines.append(maker.row("r002", moment(0, 8.6), "identify", plan="paid", browser="web-2"))
    lines.append(maker.row("r003", moment(0, 8.7), "page", browser="web-3", channel="landing"))
    lines.append(maker.row("=SUM(A1)", moment(0, 23.9), "page", channel="landing"))
    lines.append(maker.row("=SUM(A1)", moment(1, 0.2), "page", channel="landing"))  # the same day in UTC
    maker.load("shop-1.jsonl", "".join(lines), source="shop", received=moment(0, 9))


def drawn_days(maker: Maker) -> None:
    """Other tools' choices, with and without their shares."""
    with maker.open() as (_, parts):  # the day of the first file is the first day that is closed
        signing_secret(parts, lambda: harbour.SECRET)
    for day in range(maker.drawn):
        text = mailing(maker, day, REGULARS[day :: maker.drawn], NEWCOMERS[day :: maker.drawn])
        maker.first = maker.first or text
        maker.load(f"mailing-{day:02}.csv", text, source="mailings", received=moment(day, 22))
        visits = "".join(
            maker.row(name, moment(day, 11 + n / 10), "page", channel="landing")
            for n, name in enumerate([GUESTS[day % 5], REGULARS[day * 7 % 96], NEWCOMERS[day * 8 % 108]])
        )
        maker.load(f"visits-{day:02}.jsonl", visits, source="shop", received=moment(day, 22.5))
        if day == 1:
            maker.load("broken.csv", harbour.BROKEN_ROWS, source="mailings", received=moment(day, 22.6))
            maker.load("mailing-00.csv", maker.first, source="mailings", received=moment(day, 22.7))
        if day == 3:
            panel = "id,at,persona,tone,wave\n" + "".join(
                f"{name},{moment(day, 12).isoformat()},{who},{tone},wave-1\n"
                for name, who, tone in (("r004", "regular", "plain"), ("n005", "newcomer", "witty"), ("g1", "", "warm"))
            )
            maker.load("panel.csv", panel, source="panel", received=moment(day, 22.8))
        if day == 5:
            segment_messages(maker, day)
        if day == 6:
            newcomer = maker.root / "personas" / "newcomer.yaml"
            newcomer.write_text(newcomer.read_text().replace("we_believe: warm", "we_believe: plain"))
        maker.cycle(day)
        if day == 6:
            people_act(maker)
        if day == 8:
            found(maker)


def messages(*texts: object, trusted: bool, received: datetime, protocol: str = "segment"):
    """What the service makes of messages: events, and rows that it cannot read."""
    one = ReadOne(protocol=protocol, moments=Moments(received=received), secret=harbour.SECRET, trusted=trusted)
    read = [one(text if isinstance(text, bytes) else json.dumps(text).encode()) for text in texts]
    events = [event for each in read if not isinstance(each, Quarantined) for event in each]
    return events, [each for each in read if isinstance(each, Quarantined)]


def segment_messages(maker: Maker, day: int) -> None:
    """What clients sent: an alias, a browser's sign-up, a viewed experiment with weights, and what is no good."""
    now = maker.clock.now = moment(day, 13)
    viewed = {
        "experiment_name": "tone",
        "variation_name": "witty",
        "variationWeights": {"warm": 0.25, "plain": 0.25, "witty": 0.5},
        "persona": "regular",
    }
    forged = {"decision_id": "d0", "token": "AAAA"}
    trusted = messages(
        {"type": "alias", "messageId": "s1", "userId": "g2", "previousId": "web-4"},
        {"type": "track", "messageId": "s2", "userId": "r010", "event": "Experiment Viewed", "properties": viewed},
        {"type": "track", "messageId": "s3", "userId": "r011", "event": "Experiment Viewed", "properties": forged},
        {"type": "track", "messageId": "s4", "event": "Nobody"},
        b'{"type": "track", "userId":',
        trusted=True,
        received=now,
    )
    browser = messages(
        {"type": "track", "messageId": "s5", "userId": "g1", "event": "Signed Up"},
        {
            "type": "page",
            "messageId": "s6",
            "anonymousId": "web-5",
            "context": {"campaign": {"name": "spring", "source": "news"}},
        },
        trusted=False,
        received=now,
    )
    posthog = messages({"event": "$pageview", "uuid": "p1"}, trusted=True, received=now, protocol="posthog")
    with maker.open() as (_, parts):
        for events, rows in (trusted, browser, posthog):
            record_all(parts, events, rows, received=now)
        clicks = [
            {
                "RecordType": "Click",
                "MessageID": f"pm{n}",
                "Recipient": "r012@example.com",
                "ReceivedAt": (now - timedelta(seconds=9 - n)).isoformat(),
                "OriginalLink": f"https://shop.example/{n}",
                "Metadata": {"customer": "r012"},
            }
            for n in range(4)
        ]
        for body in (clicks[:1], clicks[1:], [{"RecordType": "Bounce", "Type": "HardBounce", "MessageID": "pm9"}]):
            for each in body:
                record_emails(parts, "postmark", json.dumps(each).encode(), {}, received=now)


def people_act(maker: Maker) -> None:
    """Pins, proposals, a rejection, the kill switch on and off."""
    maker.clock.now = moment(7, 9)
    with maker.open() as (_, parts):
        for name, role, password in (
            ("Ada", "approver", "a sentence is good"),
            ("Bo Ek", "viewer", "another sentence"),
        ):
            add_person(parts, name, role=role, password=password, salt=name.encode() * 4, n=2**4)
        with mock.patch("secrets.token_urlsafe", return_value=HANDED["session"]):
            open_session(parts, people(parts)[0], now=datetime(2125, 1, 1, tzinfo=UTC))  # lasts until the day after
        tone = Subject(persona="regular", attribute="tone")
        acting.pin(parts, tone, maker.ada(), value="witty")
        acting.unpin(parts, tone, maker.ada())
        acting.roll_back(parts, "regular", maker.ada("Bo Ek"), to=1)
        acting.pin(parts, Subject(persona="newcomer", attribute="tone"), maker.ada())
        acting.kill(parts, maker.ada(), on=True)
        acting.kill(parts, maker.ada(), on=False)
        offer = Subject(persona="newcomer", attribute="offer", channel="email")
        open_ = propose(parts, offer, maker.ada("Bo Ek"), value="gift", why="Gifts are kind.")
        set_aside(parts, open_.id, maker.ada(), until_units=500)
        no = propose(
            parts,
            Subject(persona="newcomer", attribute="offer", channel="landing"),
            maker.ada("Bo Ek"),
            value="gift",
            why="",
        )
        acting.reject(parts, no.id, maker.ada())
        later = propose(
            parts, Subject(persona="guest", attribute="hero"), maker.ada("Bo Ek"), value="drawing", why="It is lighter."
        )
        acting.approve(parts, later.id, maker.ada())
        create_key(parts, "secret", HANDED["secret"], now=maker.clock(), note="the shop")
        create_key(parts, "publishable", HANDED["publishable"], now=maker.clock(), origins=["https://shop.example"])
        old = create_key(parts, "admin", HANDED["revoked"], now=maker.clock(), scopes=["metrics"])
        revoke_key(parts, old.id, now=maker.clock() + timedelta(hours=1))
        number_of(parts, "regular")
        number_of(parts, "newcomer")


def candidate(name: str, members: list[str], rule: str) -> Candidate:
    """A segment as a search would hand it on."""
    return Candidate(
        name=name,
        size=len(members),
        share=len(members) / 220,
        members=pa.table({"customer": members}),
        scorecard=Scorecard(intercept=-2, terms=(Term(expression="visits_7d", weight=1),)),
        by_scorecard=Wording(rule="visits_7d - 2 > 0", f1=0.9),
        explanation=Wording(rule=rule, f1=0.85),
        assignment=rule,
        nearest="regular",
        differences=(Difference(column="visits_7d", kind="count", deviations=2, members=3, persona=0.5, silent=False),),
        checks=(Check(name="valley", measured=0.7, bar=0.95, must="stay below", says="deepest gap"),),
        returned=9,
        splits=10,
        filed=(("regular", 1.0),),
        first_test=FirstTest(attribute="nudge", options=("in-product note", "e-mail", "nothing"), why="They visit."),
    )


def found(maker: Maker) -> None:
    """Three segments: one adopted, one dismissed, one that waits with two names suggested."""
    maker.clock.now = moment(9, 9)
    with maker.open() as (_, parts):
        day = closed_through(parts)
        made = (
            candidate("visits often", REGULARS[:40], "visits_7d >= 2 and plan = 'paid'"),
            candidate("spends much", REGULARS[40:80], "revenue_28d >= 5000"),
            candidate("never visits", NEWCOMERS[:60], "visits_7d = 0 and plan = 'trial'"),
        )
        for each, answered in zip(made, answers_of(parts, made, day), strict=True):
            keep_candidate(parts, each, day, responses=answered)
        keep_candidate(parts, made[0], day + timedelta(days=1))
        rename_segment(parts, segment_named(parts, "s1"), name="Frequent visitors")
        adopt_segment(
            parts, segment_named(parts, "s1"), root=maker.root, day=next_day(parts, now=maker.clock()), by="Ada"
        )
        dismiss_segment(parts, segment_named(parts, "s2"), by="Ada")
        suggest_name(parts, "s3", name="Sleepers", by="agent")
        suggest_name(parts, "s3", name="The quiet ones", by="Bo Ek")


def own_days(maker: Maker) -> None:
    """Days on which options are what this workspace decided."""
    # Nobody of whom the code of the past learned although they had said no: in words, or without `contact`.
    said = [name for name in CONSENT if "words" not in name] if maker.contact else []
    asked = [*REGULARS[:12], *NEWCOMERS[:12], *GUESTS, "web-2", *said]
    for day in range(maker.drawn, maker.last):
        decide_day(maker, day, asked[day % 2 :: 2])
        if day == maker.drawn:
            listed(maker, day)
        if day == maker.last - 1:
            lines = [
                maker.row(name, moment(day, 15), "identify", **said) for name, said in harbour.SAID_YESTERDAY.items()
            ]
            maker.load("consent-1.jsonl", "".join(lines), source="shop", received=moment(day, 15.1))
        if day == maker.drawn + 2 and maker.contact:
            turn(maker, day)
        else:
            maker.cycle(day)


def decide_day(maker: Maker, day: int, asked: list[str]) -> None:
    """Ask on two channels, meet, and sometimes act; what is held back or refused is not met."""
    lines: list[str] = []
    often = 3 if day == maker.last - 2 else 8  # so many on the landing page at once are an alarm
    for number, name in enumerate(asked):
        maker.clock.now = moment(day, 9 + number / 20)
        channel = "email" if number % often else "landing"
        with maker.open() as (ws, _):
            decided = ws.decide(name, channel=channel, campaign="spring", visit=f"v{day}")
            delivered = ws.delivery(name, channel=channel).deliver
            if decided.choices and delivered:
                ws.exposed(decided)
        good = decided.option("framing") == "quality" or decided.option("nudge") == "e-mail"
        if decided.choices and maker.rng.random() < (0.6 if good else 0.1):
            lines.append(maker.row(name, moment(day, 12 + number / 20), "Order Completed", revenue=50 + number))
        if number % 4 == 0:
            lines.append(maker.row(name, moment(day, 13 + number / 20), "page", channel="landing"))
    maker.load(f"shop-own-{day}.jsonl", "".join(lines), source="shop", received=moment(day, 20))


def listed(maker: Maker, day: int) -> None:
    """A list that left for the e-mail tool, and everybody on it who might be contacted was met by it."""
    now = maker.clock.now = moment(day, 14)
    with maker.open() as (_, parts):
        some = all_customers(parts).select(["customer"])
        some = some.filter(pa.compute.is_in(some["customer"], value_set=pa.array(REGULARS[20:40] + NEWCOMERS[20:40])))
        some = some.append_column("visit", pa.array(["v"] * some.num_rows))
        decided = decide_list(parts, some, at=now, channel="email", campaign="spring")
        loop.record(parts, exposures_of(decided, at=now, channel="email"), received=now)


def turn(maker: Maker, day: int) -> None:
    """A turn of the service's worker: the cycle, the weekly search, and what the world is told."""
    now = maker.clock.now = moment(day + 1, 6.25)
    rng = np.random.Generator(np.random.PCG64(1))
    env = {"HARBOUR_HOOK": "whsec_" + "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0"}
    with (
        maker.open() as (_, parts),
        mock.patch.object(worker, "owner", return_value=OWNER),
        mock.patch.object(worker, "fresh_rng", return_value=rng),
        mock.patch.dict(os.environ, env),
    ):
        worker.turn(parts, clock=maker.clock, send=lambda *_: 500)
        acting.pin(parts, Subject(persona="guest", attribute="hero"), maker.ada())
        outbox.collect(parts, now=now)
        for hours in range(0, 120, 8):  # twelve tries, and it is given up
            outbox.deliver_due(parts, now=now + timedelta(hours=hours), rng=rng, send=lambda *_: 500, secret_of=env.get)
        acting.unpin(parts, Subject(persona="guest", attribute="hero"), maker.ada())
        outbox.collect(parts, now=now)
        answers = iter([200])  # the first is taken, the second is to be tried again
        outbox.deliver_due(parts, now=now, rng=rng, send=lambda *_: next(answers, 503), secret_of=env.get)


def seen_again(maker: Maker) -> None:
    """A segment is seen again, after days enough to say how its members answer."""
    maker.clock.now = moment(maker.last, 8)
    with maker.open() as (_, parts):
        day = closed_through(parts)
        again = candidate("never visits", NEWCOMERS[:64], "visits_7d = 0 and plan = 'trial'")
        for answered in answers_of(parts, (again,), day):
            keep_candidate(parts, again, day, responses=answered)


def today(maker: Maker) -> dict[str, str]:
    """The day that is not over: a late order makes a closed day dirty, and much waits that nobody has sealed."""
    late = maker.row("r005", moment(maker.last - 4, 21), "Order Completed", revenue=33.5)
    maker.load("late.jsonl", late, source="shop", received=moment(maker.last, 9))
    with maker.open() as (_, parts):
        seal_waiting(parts)
    if maker.contact:
        seen_again(maker)
    met, handed = own_today(maker)
    lines = [maker.row(name, moment(maker.last, 11), "identify", **said) for name, said in harbour.SAID_NOW.items()]
    lines.append(maker.row("r007", moment(maker.last, 11.1), "identify", plan="paid", browser="web-7"))
    lines.append(maker.row("r008", moment(maker.last, 11.2), "identify", browser="web-no"))
    lines.append(maker.row("fresh", moment(maker.last, 11.3), "identify", plan="trial"))
    lines.append(maker.row("r009", moment(maker.last, 11.4), "Order Completed", revenue=80))
    maker.load("shop-today.jsonl", "".join(lines), source="shop", received=moment(maker.last, 11.5))
    if maker.contact:  # so many at once become files that wait, instead of rows
        visits = "".join(maker.row(f"b{n % 5}", moment(maker.last, 8), "page", channel="landing") for n in range(1_000))
        maker.load("visits.jsonl", visits, source="shop", received=moment(maker.last, 11.6))
    maker.clock.now = moment(maker.last, 11.8)
    with maker.open() as (ws, _):
        for decision in met:
            ws.exposed(decision)
    return handed


def own_today(maker: Maker) -> tuple[list[Decision], dict[str, str]]:
    """Decisions of today; and a token that is still on its way in somebody's mail."""
    now = maker.clock.now = moment(maker.last, 10)
    with maker.open() as (ws, _):
        met = [
            ws.decide(name, channel="landing", campaign="spring", visit="v", dry_run=True) for name in ("r020", "n020")
        ]
        mailed = ws.decide("n021", channel="landing", campaign="spring", visit="v", dry_run=True)
    choices = tuple(each for each in mailed.choices if each.attribute != "offer")  # an offer counts at the decision
    token = signed_token(mailed, choices, secret=harbour.SECRET, lifetime=timedelta(days=36_500))
    return met, {"at": now.isoformat(), "met": "r020", "mailed": "n021", "token": token}


def packed(root: Path, out: Path) -> None:
    """The folder, whole."""
    with closing(apsw.Connection(str(root / ".living" / "state.db"))) as state:
        state.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path in sorted(root.rglob("*")):
            about = tar.gettarinfo(path, arcname=path.relative_to(root).as_posix())
            about.mtime, about.uid, about.gid, about.uname, about.gname = 0, 0, 0, "", ""
            about.mode = 0o755 if path.is_dir() else 0o644
            with path.open("rb") if path.is_file() else io.BytesIO() as file:
                tar.addfile(about, file if path.is_file() else None)
    with out.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(plain.getvalue())


def listed_in(maker: Maker) -> None:
    """The list that every door is asked about: customers on whom the doors of the past agreed."""
    names = [*REGULARS[6:42:3], *NEWCOMERS[6:42:3], *GUESTS[:5], "web-1", "web-2", "web-4", "r007", "web-7", "nobody"]
    names += ["no-email", "no-gpc", "no-profiling", "late-email", "late-gpc"] if maker.contact else []
    with (maker.root / "list.csv").open("w", newline="") as file:
        csv.writer(file).writerows([["customer", "visit"], *([name, "v1"] for name in names)])


def main() -> None:
    """Make both workspaces, and ask them: days of the drawn mailing, and the last day, which is not over."""
    out = Path(sys.argv[1]).resolve()
    texts = []
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, file, contact, drawn, last in (
            ("harbour", "workspace", True, 12, 19),
            ("plain", "workspace_plain", False, 2, 4),
        ):
            maker = Maker(Path(name), contact=contact, drawn=drawn, last=last)
            history(maker)
            drawn_days(maker)
            own_days(maker)
            handed = today(maker) | HANDED | {"mailing": "\n".join(maker.first.splitlines()[:2])}
            with maker.open() as (_, parts):
                handed["received"] = f"{sum(fates_by_day(parts).values(), Receipt()).received:,}"
            listed_in(maker)
            packed(maker.root, out / f"{file}.tar.gz")
            lines = [json.dumps([words, ask(*words)], ensure_ascii=False) for words in QUESTIONS[name]]
            asked = ",\n".join(lines)
            texts.append(f'"{name}": {{\n"handed": {json.dumps(handed)},\n"asked": [\n{asked}\n]}}')
        os.chdir("/")
    (out / "answers.json").write_text("{\n" + ",\n".join(texts) + "\n}\n")


if __name__ == "__main__":
    main()
