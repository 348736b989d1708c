"""Whole files in the body of a request: recorded as files are, within limits, and safe to send again."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest

from gzipped import gzipped_bytes, zstd_bytes
from living_personas.domain.event import Quarantined
from living_personas.errors import DiskFailedError, StoreError
from living_personas.http import loads, spool
from living_personas.loop.context import Context
from living_personas.loop.recording import ingest as ingesting
from living_personas.loop.recording.ingest import ingest
from living_personas.loop.recording.record import record
from living_personas.people.keys import create_key
from living_personas.sources.frames import open_rows
from living_personas.wiring import open_context
from service.running import Running, serving
from service.shop import NOON, Hands, Served, track, write_shop

pytestmark = pytest.mark.long

SOURCE = """\
traits: [utm_campaign]
sources:
  orders: {customer: user, time: at, event: what, message_id: id, properties: [revenue]}
"""
CSV, ARROW = "text/csv", "application/vnd.apache.arrow.stream"
GOOD, BAD = 50, 3


def _table(good: int = GOOD, bad: int = BAD) -> pa.Table:
    """Rows of orders; the bad ones name nobody."""
    count = good + bad
    return pa.table(
        {
            "id": [f"o{number}" for number in range(count)],
            "user": [f"u{number % 7}" if number < good else "null" for number in range(count)],
            "at": [f"2026-11-{1 + number % 24:02}T09:00:00Z" for number in range(count)],
            "what": ["Order Completed"] * count,
            "revenue": [str(number) for number in range(count)],
        }
    )


def _csv(table: pa.Table) -> bytes:
    written = BytesIO()
    pc.write_csv(table, written)
    return written.getvalue()


def _arrow(table: pa.Table) -> bytes:
    written = BytesIO()
    with pa.ipc.new_stream(written, table.schema) as stream:
        stream.write_table(table, max_chunksize=20)
    return written.getvalue()


def _parquet(table: pa.Table) -> bytes:
    written = BytesIO()
    pq.write_table(table, written)
    return written.getvalue()


def _lines(table: pa.Table) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in table.to_pylist())


@pytest.fixture
def shop(served: Served) -> Served:
    """The shop, whose workspace has named a source since it was opened."""
    file = served.folder / "workspace.yaml"
    file.write_text(file.read_text() + SOURCE)
    return served


def _post(
    shop: Served, body: Any, media: str = CSV, *, key: str = "secret", query: str = "?source=orders", **also: str
) -> Any:
    headers = {
        **shop.bearer(key),
        "Content-Type": media,
        **{name.replace("_", "-"): said for name, said in also.items()},
    }
    return shop.client.post(f"/v1/batch{query}", content=body, headers=headers)


@pytest.mark.parametrize(
    ("media", "write", "also"),
    [
        (CSV, _csv, {}),
        ("text/csv; charset=utf-8", lambda table: gzipped_bytes(_csv(table)), {"Content_Encoding": "gzip"}),
        (CSV, lambda table: zstd_bytes(_csv(table)), {"Content_Encoding": "zstd"}),
        ("application/x-ndjson", _lines, {}),
        ("application/vnd.apache.parquet", _parquet, {}),
        (ARROW, _arrow, {}),
        (ARROW, lambda table: gzipped_bytes(_arrow(table)), {}),
    ],
)
def test_a_body_is_recorded_as_the_same_file_is(
    shop: Served, tmp_path: Path, media: str, write: Any, also: dict[str, str]
) -> None:
    table = _table()
    answer = _post(shop, write(table), media, **also)
    assert answer.json() == {
        "success": True,
        "received": 53,
        "stored": 50,
        "duplicate": 0,
        "quarantined": 3,
        "refused": 0,
        "ignored": 0,
    }
    again = _post(shop, write(table), media, **also).json()
    assert (again["stored"], again["duplicate"]) == (0, 53)
    assert shop.counts()["_received_total"] == 106
    root = write_shop(tmp_path / "file")
    (root / "workspace.yaml").write_text((shop.folder / "workspace.yaml").read_text())
    (tmp_path / "orders.csv").write_bytes(_csv(table))
    _, context = open_context(root, clock=Hands())
    with closing(context.store):
        ingest(context, tmp_path / "orders.csv" if media.startswith(CSV) else table, received=NOON, source="orders")
        expected = _recorded(context)
    _, served = open_context(shop.folder, clock=Hands())
    with closing(served.store):
        events, held = _recorded(served)
    assert events == expected[0]
    assert [(row.source, row.row, row.reason) for row in held] == [
        (row.source, row.row, row.reason) for row in expected[1]
    ]


def _recorded(context: Context) -> tuple[list[dict[str, Any]], tuple[Quarantined, ...]]:
    inbox = context.store.inbox
    inbox.seal()
    days = context.store.partitions.days("events")
    paths = context.store.partitions.read("events", days[0], days[-1])
    assert isinstance(paths, tuple)
    rows = [row for path in paths for row in pq.read_table(path, partitioning=None).to_pylist()]
    return sorted(rows, key=lambda row: row["message_id"]), context.store.quarantine.rows()


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({"query": "?source=order"}, 404, "did you mean 'orders'?"),
        ({"query": "?source=x"}, 404, "known: 'orders'."),
        ({"query": ""}, 400, "?source=NAME"),
        ({"query": "?source="}, 400, "?source=NAME"),
        ({"key": "publishable"}, 403, "secret key"),
        ({"media": "application/json"}, 415, "text/csv"),
        ({"media": "application/pdf"}, 415, ARROW),
        ({"media": ""}, 415, ARROW),
        ({"Content_Encoding": "br"}, 415, "gzip or zstd"),
        ({"body": b""}, 400, "first line"),
        ({"body": b"\x1f\x8b\x08 no gzip"}, 400, "send it plain"),
        ({"body": gzipped_bytes(_csv(_table()))[:-9]}, 400, "send it plain"),
        ({"body": zstd_bytes(_csv(_table(9_000)))[:-900]}, 400, "send it plain"),
        ({"body": gzipped_bytes(gzipped_bytes(_csv(_table())))}, 400, "pack it once"),
        ({"body": b"customer\nu1\n"}, 400, "column"),
        ({"body": b"a,b\n", "media": ARROW}, 400, "stream writer"),
        ({"body": _arrow(_table())[:-600], "media": ARROW}, 400, "hold"),
    ],
)
def test_what_is_refused_says_why_and_records_nothing(
    shop: Served, asked: dict[str, Any], status: int, says: str
) -> None:
    answer = _post(shop, asked.pop("body", _csv(_table())), **asked)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    assert says in answer.json()["hint"] + answer.json()["detail"]
    assert str(shop.folder) not in answer.text
    assert shop.counts()['_total{fate="stored"}'] == 0
    responses = shop.client.get("/openapi.json").json()["paths"]["/v1/batch"]["post"]["responses"]
    assert str(status) in responses


def test_without_a_key(shop: Served) -> None:
    assert shop.client.post("/v1/batch?source=orders", content=b"", headers={"Content-Type": CSV}).status_code == 401


def test_what_is_too_large_says_the_limit(shop: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    body = _csv(_table(200))
    monkeypatch.setattr(spool, "LARGEST_SENT", len(body) - 1)

    def streamed() -> Iterator[bytes]:
        yield body[:100]
        yield body[100:]

    for sent in (body, streamed()):
        answer = _post(shop, sent)
        assert answer.status_code == 413
        assert f"larger than {len(body) - 1} bytes" in answer.json()["detail"]
    monkeypatch.setattr(spool, "LARGEST_UNPACKED", len(body) - 1)
    for packed in (gzipped_bytes(body), zstd_bytes(body)):
        assert _post(shop, packed).status_code == 413
    monkeypatch.setattr(spool, "LARGEST_UNPACKED", len(body))
    assert _post(shop, gzipped_bytes(body)).json()["stored"] == 200


def test_at_most_a_few_at_once(shop: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads, "MOST_AT_ONCE", 0)
    answer = _post(shop, _csv(_table()))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")


def test_a_broken_workspace_file_is_not_the_clients_fault(shop: Served) -> None:
    file = shop.folder / "workspace.yaml"
    file.write_text(file.read_text() + "nonsense: 1\n")
    answer = _post(shop, _csv(_table()))
    assert (answer.status_code, "personas check" in answer.json()["hint"]) == (503, True)


def test_a_failure_between_chunks_keeps_whole_chunks(shop: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was recorded before it counts once when the body is sent again."""
    rows, calls = 300, []
    body = _csv(_table(rows, 0))

    def failing(*arguments: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise StoreError("the disk went away", hint="look")
        return record(*arguments, **named)

    monkeypatch.setattr(ingesting, "open_source", lambda data, _source: open_rows(data, chunk=100))
    monkeypatch.setattr(ingesting, "record", failing)
    answer = _post(shop, body)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    again = _post(shop, body).json()
    assert again["received"] == again["stored"] + again["duplicate"] == rows
    assert again["duplicate"] == 100


def test_once_the_disk_failed_nothing_is_taken_any_more(shop: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_arguments: Any, **_named: Any) -> Any:
        raise DiskFailedError("the disk failed", hint="look")

    monkeypatch.setattr(ingesting, "record", failing)
    assert _post(shop, _csv(_table())).status_code == 503
    assert shop.service.writer.is_broken
    assert _post(shop, _csv(_table())).status_code == 503


def test_a_no_in_a_file_is_honoured_by_the_next_answer(shop: Served) -> None:
    question = {"customer": "ann", "channel": "email"}
    assert shop.post("/v1/decide", question).json()["deliver"] is True
    file = shop.folder / "workspace.yaml"
    file.write_text(
        file.read_text() + "  people: {customer: user, time: at, event: {fixed: identify}, properties: [consent]}\n"
    )
    body = b"user,at,consent\nann,2026-11-24T09:00:00Z,no\n"
    assert _post(shop, body, query="?source=people").json()["stored"] == 1
    assert shop.post("/v1/decide", question).json()["deliver"] is False


KEY = "sk_of_the_loads"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The shop in a process of its own."""
    root = write_shop(tmp_path_factory.mktemp("loads") / "shop")
    file = root / "workspace.yaml"
    file.write_text(file.read_text() + SOURCE)
    _, context = open_context(root, clock=Hands())
    create_key(context, "secret", KEY, now=NOON)
    context.store.close()
    with serving(root) as found:
        yield found


def test_events_go_on_while_files_are_recorded(running: Running) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    table = _table(9_000, 0)

    def load(part: int) -> Any:
        body = _arrow(table.slice(part * 3_000, 4_000))  # they overlap
        return httpx.post(
            f"{running.url}/v1/batch?source=orders",
            content=body,
            headers={**headers, "Content-Type": ARROW},
            timeout=60,
        )

    def event(number: int) -> Any:
        return httpx.post(f"{running.url}/v1/batch", json={"batch": [track(f"e{number}")]}, headers=headers, timeout=60)

    with ThreadPoolExecutor(6) as pool:
        files, events = (
            [pool.submit(load, part) for part in range(3)],
            [pool.submit(event, number) for number in range(60)],
        )
        totals = [each.result().json() for each in files]
        assert [each.result().json()["stored"] for each in events] == [1] * 60
    assert sum(each["stored"] for each in totals) == 9_000
    assert sum(each["received"] for each in totals) == 11_000
    assert len(running.events("Order Completed")) == 9_000


def test_a_body_that_is_cut_off_records_nothing(running: Running) -> None:
    table = _table(900, 0).set_column(0, "id", pa.array([f"cut{number}" for number in range(900)]))
    body = _csv(table)
    head = f"POST /v1/batch?source=orders HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {KEY}\r\nContent-Type: {CSV}\r\n"
    with socket.create_connection(running.address) as connection:
        connection.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body[:-200])
    answer = httpx.post(
        f"{running.url}/v1/batch?source=orders",
        content=body,
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": CSV},
    )
    assert answer.json()["stored"] == 900
