"""Events in: recorded clients, hostile bytes, and a balance that is always exact."""

from __future__ import annotations

import json
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from gzipped import gzipped_bytes
from laws import law
from living_personas.domain.kept_days import Retired
from living_personas.domain.stranger import said_id
from living_personas.http.body import LARGEST_BODY
from living_personas.http.problems import MEDIA
from living_personas.memory.retired_records import RETIRED
from living_personas.people.keys import create_key
from living_personas.stores.sqlite.store import SqliteStore
from service.shop import KEYS, NOON, Served, track

LETTERS = {"t": "track", "i": "identify", "p": "page", "s": "screen", "g": "group", "a": "alias"}
RECORDINGS = Path(__file__).parents[3] / "shared" / "data" / "client_recordings"


def events_of(served: Served) -> list[dict[str, Any]]:
    """Every event on disk, as another process sees it."""
    store = SqliteStore(served.folder, clock=served.clock)
    try:
        store.inbox.seal()
        days = store.partitions.days("events")
        if not days:
            return []
        paths = store.partitions.read("events", days[0], days[-1])
        assert isinstance(paths, tuple)
        return [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]
    finally:
        store.close()


def test_an_event_of_a_day_that_was_dropped_is_quarantined_once(served: Served) -> None:
    """Its fate has a name and a reason at the door, whatever else is in the batch."""
    store = served.service.context.store
    RETIRED.write(store, Retired(through=NOON.date() - timedelta(days=9), again=NOON.date() - timedelta(days=8)))
    old = track("old", timestamp=(NOON - timedelta(days=9)).isoformat())
    now = track("now", timestamp=NOON.isoformat())
    told = [served.post("/v1/batch", {"batch": [old, now]}, key="secret").json() for _ in range(2)]
    fates = [[(each["message_id"], each["fate"], each.get("reason")) for each in one["events"]] for one in told]
    assert fates[0] == [("old", "quarantined", "too late"), ("now", "stored", None)]
    assert fates[1] == [("old", "duplicate", None), ("now", "duplicate", None)]
    assert (told[0]["quarantined"], told[0]["stored"], told[1]["duplicate"]) == (1, 1, 2)
    assert [row.reason for row in store.quarantine.rows()] == ["too late"]


@pytest.mark.promise("P3")
@pytest.mark.skipif(not RECORDINGS.is_dir(), reason="the recordings of real clients are not beside the repository")
def test_recorded_clients_are_understood_and_replaying_them_counts_nothing_twice(served: Served) -> None:
    for key in ("wk_test", "phc_test"):
        create_key(served.service.context, "publishable", key, now=NOON)
    served.service.watch.look()
    stored: dict[str, int] = {}
    for round_ in range(2):
        for file in sorted(RECORDINGS.glob("*.json")):
            recorded = json.loads(file.read_text())
            body = json.dumps(recorded["json"]).encode()
            gzipped = recorded["headers"].get("Content-Encoding") == "gzip"
            headers = {k: v for k, v in recorded["headers"].items() if k.lower() in ("authorization", "content-type")}
            answer = served.client.post(
                recorded["path"], content=gzipped_bytes(body) if gzipped else body, headers=headers
            )
            assert answer.status_code == 200, (file.name, answer.text)
            if "batch" not in recorded["json"]:
                continue
            fates = answer.json()
            assert fates["received"] == len(recorded["json"]["batch"])
            assert fates["quarantined"] == fates["refused"] == 0, (file.name, fates)
            again = file.stem.endswith("_002") and file.stem.startswith("f_")
            assert fates["duplicate" if round_ or again else "stored"] == fates["received"], file.name
            stored[file.name] = fates["stored"]
    links = {row["id"]: row["customer"] for row in served.service.context.store.inbox.links().to_pylist()}
    assert links == {"anon-9": "u-1"}


@pytest.mark.promise("P1")
def test_a_batch_is_on_disk_when_it_is_answered(served: Served) -> None:
    answer = served.client.post("/v1/batch", json={"batch": [track("m1"), track("m2")]}, auth=(KEYS["publishable"], ""))
    assert answer.json()["stored"] == 2
    assert {said_id(event["message_id"]) for event in events_of(served)} == {"m1", "m2"}


def said(id_: str, more: str) -> str:
    """A call with something wrong in it."""
    return f'{{"type":"track","event":"E","userId":"u","messageId":"{id_}",{more}}}'


@pytest.mark.promise("P2")
def test_one_bad_event_never_fails_a_batch(served: Served) -> None:
    """Each hostile event has a named fate, and its neighbours are stored."""
    deep = '{"a":' * 40 + "1" + "}" * 40
    hostile = [
        (said("h1", '"properties":{"n":NaN}'), "bad properties"),
        (said("h2", '"properties":{"n":-Infinity}'), "bad properties"),
        ('{"type":"track","event":"E","userId":"\\ud800","messageId":"h3"}', "bad customer"),
        (said("h4", '"properties":{"a":"\\u0000"}'), "bad properties"),
        (said("h5", '"userId":"v"'), "unreadable row"),
        (said("h6", f'"properties":{deep}'), "unreadable row"),
        (said("h7", f'"properties":{{"a":"{"x" * 33_000}"}}'), "too large"),
        ('{"type":"track","userId":"u","messageId":"h8"}', "missing name"),
        ('{"type":"track","event":"E","messageId":"h9"}', "missing customer"),
        ('{"type":"track","event":"E","userId":"u"}', "missing message id"),
        (said("h11", '"timestamp":"yesterday"'), "bad time"),
        ('"text"', "unreadable row"),
        ("7", "unreadable row"),
        ("null", "unreadable row"),
    ]
    texts = [
        text for pair in ((json.dumps(track(f"good{n}")), bad) for n, (bad, _) in enumerate(hostile)) for text in pair
    ]
    body = '{"batch":[' + ",".join(texts) + "]}"
    answer = served.client.post("/v1/batch", content=body, headers=served.bearer("publishable"))
    assert answer.status_code == 200, answer.text
    fates = answer.json()
    assert (fates["received"], fates["stored"], fates["quarantined"]) == (28, 14, 14)
    assert [event["reason"] for event in fates["events"][1::2]] == [reason for _, reason in hostile]
    counts = served.counts()
    assert counts["_received_total"] == sum(
        counts[f'_total{{fate="{f}"}}'] for f in ("stored", "duplicate", "quarantined", "refused")
    )


@pytest.mark.parametrize("nine", ["9", "1e-9"])
def test_neither_nan_nor_a_number_without_end_spoils_its_neighbours(served: Served, nine: str) -> None:
    """Python reads no number of 5,000 digits, and with it not the text around it."""
    values = ("1", "NaN", "9" * 5_000, nine, "Infinity", "-" + "8" * 100_000, "2")
    events = [
        f'{{"type":"track","messageId":"n{place}","userId":"u1","event":"e","properties":{{"v":{value}}}}}'
        for place, value in enumerate(values)
    ]
    body = f'{{"batch":[{",".join(events)}]}}'
    answer = served.client.post("/v1/batch", content=body, headers=served.bearer("publishable"))
    assert answer.status_code == 200, answer.text
    kept = [event["fate"] for event in answer.json()["events"]]
    assert kept == ["stored", "quarantined", "quarantined", "stored", "quarantined", "quarantined", "stored"]
    payloads = [row.payload for row in served.service.context.store.quarantine.rows()]
    assert any("9" * 5_000 in payload for payload in payloads)


@pytest.mark.parametrize(
    "id_", [b"m\x86", b"m\\ud800", b"\xed\xa0\x80"], ids=["no UTF-8", "half a pair", "half in bytes"]
)
def test_an_id_that_is_no_text_is_quarantined_and_answered(served: Served, id_: bytes) -> None:
    """It was recorded and then could not be said: a 500 would have been sent again for ever."""
    for path, body in (
        ("/v1/batch", b'{"batch":[{"type":"track","messageId":"%s"}]}'),
        ("/v1/track", b'{"messageId":"%s"}'),
    ):
        answer = served.client.post(path, content=body % id_, headers=served.bearer("publishable"))
        assert answer.status_code == 200, answer.text
        [event] = answer.json()["events"]
        assert event["fate"] in ("quarantined", "duplicate")


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"\xff\xfe\x00", 400),
        (b'{"batch": 5}', 400),
        (b"[" * 100_000, 400),
        (b"\x1f\x8b\x08damaged", 400),
        (gzipped_bytes(b'{"batch":[]}')[:-9], 400),
        (gzipped_bytes(b" " * (64 << 20)), 413),
        (gzipped_bytes(b"") * 20_000, 413),
        (b" " * (LARGEST_BODY + 1), 413),
    ],
    ids=["empty", "cut", "no text", "no list", "deep", "damaged gzip", "cut gzip", "bomb", "many bombs", "large"],
)  # fmt: skip
def test_bodies_that_are_no_batch_are_problems(served: Served, body: bytes, status: int) -> None:
    answer = served.client.post("/v1/batch", content=body, headers=served.bearer("publishable"))
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["hint"]


def test_gzip_may_have_several_members(served: Served) -> None:
    """As parallel packers write it, and whoever appends one to another."""
    text = json.dumps({"batch": [track("m1"), track("m2")]}).encode()
    for n, cut in enumerate((0, 10, len(text))):
        body = gzipped_bytes(text[:cut]) + gzipped_bytes(text[cut:])
        answer = served.client.post("/v1/batch", content=body, headers=served.bearer("secret")).json()
        assert (answer["stored"], answer["duplicate"]) == ((2, 0) if n == 0 else (0, 2))
    bomb = gzipped_bytes(b" " * (3 << 20)) * 2
    assert served.client.post("/v1/batch", content=bomb, headers=served.bearer("secret")).status_code == 413


def test_gzip_is_known_by_its_bytes(served: Served) -> None:
    """RudderStack's client says that it is a form."""
    body = gzipped_bytes(json.dumps({"batch": [track("m1")]}).encode())
    headers = {"Content-Type": "application/x-www-form-urlencoded", **served.bearer("publishable")}
    assert served.client.post("/v1/batch", content=body, headers=headers).json()["stored"] == 1


def test_a_wrong_clock_is_set_right(served: Served) -> None:
    """Happened a minute before it was sent, by a clock that is three days slow."""
    slow = NOON - timedelta(days=3)
    event = track("m1", timestamp=(slow - timedelta(minutes=1)).isoformat())
    served.post("/v1/batch", {"batch": [event], "sentAt": slow.isoformat()})
    [stored] = events_of(served)
    assert stored["time"] == NOON - timedelta(minutes=1)


def test_nothing_happens_after_it_was_received(served: Served) -> None:
    served.post("/v1/batch", {"batch": [track("m1", timestamp="2031-01-01T00:00:00Z")]})
    [stored] = events_of(served)
    assert stored["time"] == NOON


@pytest.mark.parametrize("kind", ["track", "identify", "page", "screen", "group", "alias"])
def test_each_call_has_a_route_of_its_own(served: Served, kind: str) -> None:
    event = {"event": "E", "userId": "u1", "previousId": "a1", "messageId": f"m-{kind}", "traits": {"plan": "x"}}
    assert served.post(f"/v1/{kind}", event).json()["stored"] == 1
    [stored] = events_of(served)
    assert stored["name"] == ("E" if kind == "track" else kind)


def test_a_beacon_has_its_key_in_the_body(served: Served) -> None:
    body = json.dumps({**track("m1"), "writeKey": KEYS["publishable"]})
    headers = {"Content-Type": "text/plain", "Origin": "https://shop.example"}
    answer = served.client.post("/v1/track", content=body, headers=headers)
    assert answer.json()["stored"] == 1
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"


def test_a_campaign_becomes_traits(served: Served) -> None:
    event = track("m1", context={"campaign": {"name": "summer deal", "source": "google"}})
    assert served.post("/v1/batch", {"batch": [event]}).json()["received"] == 1
    stored = {row["name"]: json.loads(row["properties"]) for row in events_of(served)}
    campaign = {"utm_campaign": "summer deal", "utm_source": "google"}
    assert stored["identify"] == stored["Seen"] == {**campaign, "sent_from": "browser"}


def test_posthog_browser_events_carry_the_key_inside(served: Served) -> None:
    event = {
        "event": "$pageview",
        "uuid": "p1",
        "properties": {"token": KEYS["publishable"], "distinct_id": "anon-1", "$set": {"plan": "pro"}},
    }
    assert served.client.post("/e/", json=[event]).json()["stored"] == 1
    stored = {row["name"]: json.loads(row["properties"]) for row in events_of(served)}
    from_browser = {"sent_from": "browser"}
    assert stored == {"page": {"distinct_id": "anon-1", **from_browser}, "identify": {"plan": "pro", **from_browser}}


@pytest.mark.promise("P3")
def test_what_came_twice_counts_once_for_ever(served: Served) -> None:
    batch = {"batch": [track("m1"), track("m1"), track("m2")]}
    first, second = (served.post("/v1/batch", batch).json() for _ in range(2))
    assert [event["fate"] for event in first["events"]] == ["stored", "duplicate", "stored"]
    assert second["duplicate"] == 3


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["track", "identify", "alias", "page", "nothing"]) | _JSON,
        "event": st.text() | _JSON,
        "userId": st.sampled_from(["u1", "u2", ""]) | _JSON,
        "anonymousId": _JSON,
        "messageId": st.sampled_from(["m1", "m2", "m3"]) | _JSON,
        "timestamp": st.datetimes().map(str) | _JSON,
        "properties": _JSON,
        "context": st.fixed_dictionaries({"campaign": _JSON}) | _JSON,
    },
)


@pytest.mark.promise("P2", "P4")
@law(150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batch=st.lists(_MESSAGE | _JSON, max_size=5), sent=st.none() | st.datetimes().map(str) | _JSON)
def test_whatever_is_in_a_batch_has_a_fate(served: Served, batch: list[Any], sent: Any) -> None:
    body = json.dumps({"batch": batch, "sentAt": sent})
    for path in ("/v1/batch", "/batch/"):
        answer = served.client.post(path, content=body, headers=served.bearer("publishable"))
        assert answer.status_code == 200, answer.text
        fates = answer.json()
        assert fates["received"] == len(batch) == len(fates["events"])
        assert fates["received"] == fates["stored"] + fates["duplicate"] + fates["quarantined"] + fates["refused"]


@pytest.mark.promise("P11")
@law(300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200) | st.text(st.sampled_from('{}[]":,\\ud8batch0eE-.N'), max_size=60).map(str.encode))
def test_bytes_are_never_a_failure_of_the_service(served: Served, body: bytes) -> None:
    for path in ("/v1/batch", "/v1/track", "/batch/"):
        answer = served.client.post(path, content=body, headers=served.bearer("publishable"))
        assert answer.status_code < 500, answer.text


def test_keys_in_basic_auth_are_the_user(served: Served) -> None:
    said = "Basic " + b64encode(f"{KEYS['publishable']}:".encode()).decode()
    assert served.client.post("/v1/track", json=track("m1"), headers={"Authorization": said}).status_code == 200


def test_browser_and_mobile_clients_send_to_other_addresses(served: Served) -> None:
    """Segment's browser client names a call by its letter; a beacon of RudderStack's has its key in the address."""
    calls = {letter: track(f"m-{letter}", type=kind, previousId="u0", groupId="g1") for letter, kind in LETTERS.items()}
    for letter, call in calls.items():
        assert served.post(f"/v1/{letter}", {**call, "type": None}).json()["stored"] == 1, letter
    for n, path in enumerate(("/v1/b", "/v1/import", "/v1/import/")):
        assert served.post(path, {"batch": [track(f"b{n}")], "sentAt": NOON.isoformat()}).json()["stored"] == 1, path
    beacon = f"/beacon/v1/batch?writeKey={KEYS['publishable']}"
    text = {"Content-Type": "text/plain"}
    sent = served.client.post(beacon, content=json.dumps({"batch": [track("m9")]}), headers=text)
    assert sent.json()["stored"] == 1
    assert served.client.post(beacon.replace("wk", "no"), content="{}", headers=text).status_code in (400, 401)


@pytest.mark.parametrize("packed", [True, False])
def test_posthogs_beacons_are_forms(served: Served, packed: bool) -> None:  # noqa: FBT001 - pytest names it
    event = {"event": "Seen", "uuid": "e1", "distinct_id": "\u00e4nn", "properties": {"token": KEYS["publishable"]}}
    text = json.dumps({"batch": [event], "api_key": KEYS["publishable"]})
    said = urlencode({"data": b64encode(text.encode()).decode() if packed else text})
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    assert served.client.post("/e/?compression=base64", content=said, headers=form).json()["stored"] == 1
    assert [row["customer"] for row in events_of(served)] == ["\u00e4nn"]
    for broken in ("data=%%%", "data=", "data=bm8=", "date=e30="):
        answer = served.client.post("/e/", content=broken, headers=form)
        assert (answer.status_code, answer.headers["content-type"]) == (400, MEDIA)
