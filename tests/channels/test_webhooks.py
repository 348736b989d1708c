"""Changes go out signed, at least once, under the same id, and never into anybody's own network."""

from __future__ import annotations

import json
import ssl
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import numpy as np
import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from listening import Quiet, answering, certified
from living_personas.channels.standard_webhooks import signature_of
from living_personas.channels.webhooks.address import is_public, public_address
from living_personas.channels.webhooks.post import PostAnswer, post
from living_personas.domain.announcement import CHANGES, Announcement
from living_personas.domain.belief import Subject
from living_personas.domain.forgotten import tombstone_of
from living_personas.domain.settings import WebhookTarget
from living_personas.errors import DeliveryError
from living_personas.loop.context import Context
from living_personas.loop.privacy.tombstones import bury
from living_personas.memory.records import GIVEN_UP, OUTBOX
from living_personas.outgoing import outbox
from living_personas.outgoing.announcements import changes_in
from living_personas.people.acting import pin, roll_back
from living_personas.people.person import Person
from living_personas.stores.memory import MemoryFacts
from living_personas.stores.sqlite.store import SqliteStore
from loop.shops import SETTINGS, Shop, context_of, noon

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SECRET = "whsec_" + b64encode(b"a key of thirty-two bytes, truly").decode()
TARGET = WebhookTarget(url="https://hooks.example/in", secret_env="HOOK")  # noqa: S106 - the name of a variable
TOLD = replace(SETTINGS, webhooks=(TARGET,))


@dataclass
class Receiver:
    """Takes what is sent, or answers with what it was told to."""

    answers: list[int | PostAnswer | DeliveryError] = field(default_factory=list)
    taken: list[tuple[str, bytes, Mapping[str, str]]] = field(default_factory=list)

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> PostAnswer:
        self.taken.append((url, body, headers))
        answer = self.answers.pop(0) if self.answers else 204
        if isinstance(answer, DeliveryError):
            raise answer
        return PostAnswer(status=answer) if isinstance(answer, int) else answer


def rng() -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(1))


def due(context: Context, now: datetime, send: Receiver) -> list[str]:
    found = outbox.deliver_due(context, clock=lambda: now, rng=rng(), send=send, secret_of={"HOOK": SECRET}.get)
    return [each.state for each in found]


def news(number: int = 1) -> Announcement:
    return Announcement(id=f"evt_{number}", name="segment.discovered", subject="s", time=NOW, data={"n": number})


def test_a_change_is_told_once_signed() -> None:
    context, send = context_of(settings=TOLD), Receiver()
    assert outbox.announce(context, [news()], now=NOW) == 1
    assert outbox.announce(context, [news()], now=NOW) == 0
    assert due(context, NOW, send) == ["delivered"]
    assert due(context, NOW + timedelta(days=9), send) == []
    ((url, body, headers),) = send.taken
    told = json.loads(body)
    assert (url, told["specversion"], told["type"], told["id"]) == (TARGET.url, "1.0", "segment.discovered", "evt_1")
    assert headers["webhook-id"] == "evt_1"
    assert headers["Content-Type"] == "application/cloudevents+json"
    meant = signature_of(body, id_="evt_1", timestamp=headers["webhook-timestamp"], secret=SECRET)
    assert headers["webhook-signature"] == meant
    assert SECRET not in str(context.store.facts.keys())


def test_the_example_of_the_specification() -> None:
    assert (
        signature_of(
            b'{"test": 2432232314}',
            id_="msg_p5jXN8AQM9LWM0D4loKWxJek",
            timestamp="1614265330",
            secret="whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",  # noqa: S106 - the example's
        )
        == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_what_was_not_taken_is_tried_again_under_the_same_id_and_body() -> None:
    context = context_of(settings=TOLD)
    send = Receiver(answers=[500, DeliveryError("no", hint="h"), 302, 200])
    outbox.announce(context, [news()], now=NOW)
    now = NOW
    for state in ("waiting", "waiting", "waiting", "delivered"):
        assert due(context, now, send) == [state]
        (*later,) = outbox.outgoing(context.store)
        now = later[0].due if later else now
    assert len({body for _, body, _ in send.taken}) == len({h["webhook-id"] for *_, h in send.taken}) == 1
    assert len({h["webhook-timestamp"] for *_, h in send.taken}) == 4


def test_what_another_worker_is_trying_is_left_to_it_until_it_is_plainly_gone() -> None:
    context, told = context_of(settings=TOLD), Receiver()
    outbox.announce(context, [news(1), news(2)], now=NOW)
    beside: list[str] = []

    def slow(url: str, body: bytes, headers: Mapping[str, str]) -> PostAnswer:
        beside.extend(due(context, NOW, told))  # the other one looks while this one waits for an answer
        return told(url, body, headers)

    outbox.deliver_due(context, clock=lambda: NOW, rng=rng(), send=slow, secret_of={"HOOK": SECRET}.get)
    assert beside == ["delivered"]
    assert sorted(headers["webhook-id"] for *_, headers in told.taken) == ["evt_1", "evt_2"]

    def killed(*_: object) -> PostAnswer:
        raise KeyboardInterrupt

    outbox.announce(context, [news(3)], now=NOW)
    with pytest.raises(KeyboardInterrupt):
        outbox.deliver_due(context, clock=lambda: NOW, rng=rng(), send=killed, secret_of={"HOOK": SECRET}.get)
    assert due(context, NOW, told) == []
    assert due(context, NOW + outbox.TAKEN, told) == ["delivered"]


def test_who_does_not_answer_is_asked_once_in_a_pass_and_keeps_nobody_waiting() -> None:
    other = replace(TARGET, url="https://other.example/in")
    context = context_of(settings=replace(SETTINGS, webhooks=(TARGET, other)))
    outbox.announce(context, [news(n) for n in range(40)], now=NOW)
    time, signed = NOW, list[datetime]()

    def slow(url: str, _body: bytes, headers: Mapping[str, str]) -> PostAnswer:
        nonlocal time
        signed.append(datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC))
        assert signed[-1] == time  # a signature is of the moment of its try: receivers refuse old ones
        time += timedelta(seconds=5 if url == TARGET.url else 1)
        if url == TARGET.url:
            raise DeliveryError("no answer", hint="h")
        return PostAnswer(status=200)

    def one_pass() -> list[str]:
        secret_of = {"HOOK": SECRET}.get
        found = outbox.deliver_due(context, clock=lambda: time, rng=rng(), send=slow, secret_of=secret_of)
        return sorted(each.state for each in found)

    assert one_pass() == ["delivered"] * 40 + ["waiting"]
    left = outbox.outgoing(context.store)
    assert ({each.url for each in left}, sorted(each.tries for each in left)) == ({TARGET.url}, [0] * 39 + [1])
    outbox.announce(context, [news(100 + n) for n in range(200)], now=time)
    assert len(one_pass()) < 130  # two minutes are enough for one pass: the rest goes with the next
    while "delivered" in one_pass():
        pass
    assert {each.url for each in outbox.outgoing(context.store)} == {TARGET.url}


def test_a_change_that_is_refused_keeps_no_other_back() -> None:
    context, send = context_of(settings=TOLD), Receiver(answers=[400, 410, 204])
    outbox.announce(context, [news(n) for n in range(3)], now=NOW)
    assert due(context, NOW, send) == ["waiting", "waiting", "delivered"]


@pytest.mark.parametrize(
    ("said", "least", "most"),
    [
        ("3600", 3600, 3600),
        ("1", 15, 45),
        ("999999999999", 21_600, 21_600),
        ("Wed, 25 Nov 2026 13:00:00 GMT", 3600, 3600),
        ("Wed, 25 Nov 2020 13:00:00 GMT", 15, 45),
        ("soon", 15, 45),
        ("", 15, 45),
    ],
)
def test_who_is_busy_is_left_alone_for_as_long_as_it_says(said: str, least: int, most: int) -> None:
    context = context_of(settings=TOLD)
    outbox.announce(context, [news()], now=NOW)
    assert due(context, NOW, Receiver(answers=[PostAnswer(status=429, retry_after=said)])) == ["waiting"]
    (later,) = outbox.outgoing(context.store)
    assert least <= (later.due - NOW).total_seconds() <= most


def test_after_enough_tries_it_is_dead_and_said_so_and_can_be_revived() -> None:
    context, send = context_of(settings=TOLD), Receiver(answers=[503] * outbox.MOST_TRIES)
    outbox.announce(context, [news()], now=NOW)
    now, states = NOW, []
    while (each := outbox.outgoing(context.store)[0]).state == "waiting":
        now = each.due
        states += due(context, now, send)
    assert states == ["waiting"] * (outbox.MOST_TRIES - 1) + ["dead"]
    assert each.failure == "It was answered with 503."
    assert due(context, now + timedelta(days=99), send) == []
    outbox.revive(context, now=now)
    assert due(context, now, send) == ["delivered"]


def test_a_pass_reads_nothing_of_what_was_given_up_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody drops it but a person: what is read would grow as long as a receiver stays away."""
    context, send = context_of(settings=TOLD), Receiver(answers=[*[503] * outbox.MOST_TRIES * 5])
    outbox.announce(context, [news(n) for n in range(5)], now=NOW)
    left = {each.key: each for each in outbox.outgoing(context.store)}
    while any(each.state == "waiting" for each in left.values()):
        due(context, max(each.due for each in left.values()), send)
        left = {each.key: each for each in outbox.outgoing(context.store)}
    before = next(iter(left.values()))
    OUTBOX.write(context.store, before.key, before)  # as older versions left it
    due(context, NOW + timedelta(days=99), send)
    read, get = list[str](), MemoryFacts.get

    def noted(facts: MemoryFacts, key: str) -> bytes | None:
        read.append(key)
        return get(facts, key)

    monkeypatch.setattr(MemoryFacts, "get", noted)
    assert due(context, NOW + timedelta(days=99), send) == []
    assert [key for key in read if key.startswith((OUTBOX.prefix, GIVEN_UP.prefix))] == []
    assert {each.key: each for each in outbox.outgoing(context.store)} == left
    outbox.revive(context, now=NOW + timedelta(days=99))
    assert due(context, NOW + timedelta(days=99), send) == ["delivered"] * 5
    assert outbox.outgoing(context.store) == ()


@given(st.integers(1, 60), st.integers(0, 2**32))
def test_pauses_grow_within_bounds(tries: int, seed: int) -> None:
    found = outbox.pause(tries, rng=np.random.Generator(np.random.PCG64(seed)))
    whole = timedelta(seconds=min(30.0 * 2 ** (tries - 1), 6 * 3600.0))
    assert whole / 2 <= found <= whole * 1.5


def test_without_its_secret_nothing_is_sent() -> None:
    context, send = context_of(settings=TOLD), Receiver()
    outbox.announce(context, [news()], now=NOW)
    (each,) = outbox.deliver_due(context, clock=lambda: NOW, rng=rng(), send=send, secret_of=lambda _: None)
    assert (each.state, send.taken) == ("waiting", [])
    assert "'HOOK' is not set" in each.failure


def test_only_what_was_asked_for_is_told() -> None:
    asked = replace(TARGET, events=("customer.erased",))
    context, send = context_of(settings=replace(SETTINGS, webhooks=(asked,))), Receiver()
    outbox.announce(context, [news()], now=NOW)
    outbox.collect(context, now=NOW)  # from now on
    bury(context, ["ann", "ann's phone"], main=["ann"], at=NOW)
    assert due(context, NOW, send) == ["delivered"]
    assert b"customer.erased" in send.taken[0][1]
    assert b"ann" not in send.taken[0][1]
    assert tombstone_of("ann", salt=SETTINGS.salt).encode() in send.taken[0][1]


def test_it_survives_a_restart(tmp_path: Path) -> None:
    with closing(SqliteStore(tmp_path, clock=lambda: NOW)) as store:
        context = context_of(store=store, settings=TOLD)
        outbox.announce(context, [news()], now=NOW)
        due(context, NOW, Receiver(answers=[500]))
    with closing(SqliteStore(tmp_path, clock=lambda: NOW)) as store:
        context, send = context_of(store=store, settings=TOLD), Receiver()
        assert outbox.announce(context, [news()], now=NOW) == 0
        assert due(context, NOW + timedelta(days=1), send) == ["delivered"]
        assert send.taken[0][2]["webhook-id"] == "evt_1"


@pytest.mark.long
def test_the_life_of_a_persona_is_told() -> None:
    context = context_of(settings=TOLD)
    living = Shop(
        context, lambda option, _day, r: {"Bought": None} if r.random() < (0.5 if option == "b" else 0.1) else {}
    )
    outbox.collect(context, now=noon(0))
    living.live(9)
    person = Person(by="dana", now=noon(9), owner="w")
    pin(context, Subject(persona="buyer", attribute="framing"), person, value="c")
    roll_back(context, "buyer", person, to=1)
    assert outbox.collect(context, now=noon(9)) > 3
    assert outbox.collect(context, now=noon(10)) == 0
    told = {json.loads(each.body)["type"] for each in outbox.outgoing(context.store)}
    assert told >= {"persona.version.proposed", "persona.version.published", "persona.version.rolled_back"}
    assert told <= set(CHANGES)
    assert [each.id for each in changes_in(context)] == [each.id for each in changes_in(context)]


PRIVATE = [
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",  # noqa: S104
    "255.255.255.255", "192.0.2.1", "198.18.0.1", "168.63.129.16", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fd00:ec2::254", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a00:1", "2002:a00:1::1", "2001:db8::1",
    "ff02::1", "nonsense", "", "192.0.0.8", "192.0.0.9", "192.88.99.1", "3fff::1", "fec0::1", "64:ff9b:1::808:808",
    "5f00::1", "2001::1", "2001:678::5efe:a00:1", "2001:678::200:5efe:10.0.0.1", "::ffff:0:10.0.0.1", "::10.0.0.1",
]  # fmt: skip


@pytest.mark.promise("P27")
@pytest.mark.parametrize("address", PRIVATE)
def test_no_private_address(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(DeliveryError, match="not on the public network"):
        public_address("hooks.example", 443, resolve=lambda _h, _p: [address])
    with pytest.raises(DeliveryError, match="not on the public network"):
        public_address("hooks.example", 443, resolve=lambda _h, _p: ["8.8.8.8", address])


def test_a_public_one_is_looked_up_once() -> None:
    asked: list[str] = []

    def resolve(host: str, _port: int) -> list[str]:
        asked.append(host)
        return ["93.184.215.14"]

    assert public_address("hooks.example", 443, resolve=resolve) == "93.184.215.14"
    assert asked == ["hooks.example"]


@pytest.mark.parametrize(
    "url", ["https://localhost/", "https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/"]
)
def test_names_of_this_machine_are_refused_for_real(url: str) -> None:
    with pytest.raises(DeliveryError):
        post(url, b"{}", {})


@contextmanager
def server(answer: bytes) -> Iterator[tuple[int, ssl.SSLContext, list[tuple[str, bytes]]]]:
    """A TLS server on this machine called hooks.example: its port, a context that trusts it, what it was sent."""
    proven, trusting = certified(x509.DNSName("hooks.example"))
    got: list[tuple[str, bytes]] = []

    class Answering(Quiet, BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.append((f"{self.headers['Host']}{self.path}", body))
            self.wfile.write(answer)

    listening = HTTPServer(("127.0.0.1", 0), Answering)
    listening.socket = proven.wrap_socket(listening.socket, server_side=True)
    with answering(listening):
        yield listening.server_port, trusting, got


def test_it_connects_to_the_address_that_was_checked_and_proves_the_name() -> None:
    with server(b"HTTP/1.1 204 No Content\r\n\r\n") as (port, context, got):
        url = f"https://hooks.example:{port}/in?a=1"
        status = post(url, b"{}", {"webhook-id": "e"}, address_of=lambda _h, _p: "127.0.0.1", context=context)
        assert (status, got) == (PostAnswer(status=204), [(f"hooks.example:{port}/in?a=1", b"{}")])
        with pytest.raises(DeliveryError):  # the certificate is another name's
            post(f"https://other.example:{port}/", b"{}", {}, address_of=lambda _h, _p: "127.0.0.1", context=context)


@pytest.mark.promise("P27")
def test_redirects_are_not_followed_and_slow_answers_not_awaited() -> None:
    with server(b"HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1/\r\n\r\n") as (port, context, got):
        url = f"https://hooks.example:{port}/"
        assert post(url, b"{}", {}, address_of=lambda _h, _p: "127.0.0.1", context=context).status == 302
        assert len(got) == 1
    busy = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nRETRY-AFTER:  120 \r\n\r\n"
    for answer, retry_after in ((busy, "120"), (busy[:40], "")):
        with server(answer) as (port, context, got):
            url = f"https://hooks.example:{port}/"
            said = post(url, b"{}", {}, address_of=lambda _h, _p: "127.0.0.1", context=context, seconds=1)
            assert said == PostAnswer(status=429, retry_after=retry_after)
    with server(b"") as (port, context, _), pytest.raises(DeliveryError):
        post(
            f"https://hooks.example:{port}/",
            b"{}",
            {},
            address_of=lambda _h, _p: "127.0.0.1",
            context=context,
            seconds=0.5,
        )
