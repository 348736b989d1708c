"""P11: whatever is sent to a running service, it is never a failure of the service."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from faults.books import client_of
from faults.shop import LONG, open_shop
from figures import tell
from living_personas.http.event_streams import STREAM
from service.running import KEY, Running, serving

pytestmark = pytest.mark.faults

EXAMPLES = 400 if LONG else 15
STREAMED = 3
BOUNDED = settings(
    max_examples=EXAMPLES, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A shop, served, for everything that is sent here."""
    with serving(open_shop(tmp_path_factory.mktemp("hostile") / "shop")) as found:
        yield found


@pytest.mark.promise("P11")
def test_every_operation_answers_as_its_description_says(running: Running) -> None:
    """Schemathesis makes requests from the OpenAPI document; answers conform to it, and none is a 5xx."""
    import schemathesis  # noqa: PLC0415 - it takes a second, and most runs ask nothing of it
    from schemathesis.core.result import Ok  # noqa: PLC0415

    schema = schemathesis.openapi.from_url(f"{running.url}/openapi.json")
    statuses: list[int] = []
    for found in schema.get_all_operations():
        assert isinstance(found, Ok), found
        _ask(found.ok(), statuses)
    assert len(statuses) > EXAMPLES
    tell(f"P11 schemathesis: {len(statuses)} requests, {sum(each >= 500 for each in statuses)} answered with a 5xx")


def _ask(operation: Any, statuses: list[int]) -> None:
    from schemathesis.checks import not_a_server_error  # noqa: PLC0415
    from schemathesis.specs.openapi import checks  # noqa: PLC0415

    held = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    many = STREAMED if operation.path == STREAM else EXAMPLES  # a stream is read until its client gives up

    @settings(BOUNDED, max_examples=many)
    @given(case=operation.as_strategy())
    def ask(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {KEY}"})
        statuses.append(answer.status_code)
        case.validate_response(answer, checks=held)

    ask()


_STRANGE = [
    '"\\ud800"',
    '"\\u0000"',
    '"\u202e"',
    '"2026-02-30"',
    '"' + "x" * 40_000 + '"',
    "9" * 30,
    "NaN",
    "-Infinity",
    "1e999",
]
_SHAPES = ["null", "true", "{}", "[]", '{"a":1,"a":2}', "[" * 70 + "]" * 70, '{"a":' * 40 + "1" + "}" * 40]
_NASTY = st.sampled_from([*_STRANGE, *_SHAPES])
_FIELDS = (
    "type",
    "event",
    "userId",
    "messageId",
    "timestamp",
    "properties",
    "context",
    "traits",
    "customer",
    "channel",
)


@st.composite
def _bodies(draw: st.DrawFn) -> bytes:
    """JSON that is nearly right: one or two fields are nasty, or some bytes are turned."""
    fields = {name: json.dumps(name) for name in _FIELDS} | {"type": '"track"'}
    for name in draw(st.sets(st.sampled_from(_FIELDS), min_size=1, max_size=2)):
        fields[name] = draw(_NASTY)
    event = "{" + ",".join(f'"{name}":{text}' for name, text in fields.items()) + "}"
    body = bytearray(draw(st.sampled_from([event, f'{{"batch":[{event},{event}]}}', f"[{event}]"])).encode())
    for place in draw(st.lists(st.integers(0, len(body) - 1), max_size=2)):
        body[place] = draw(st.integers(0, 255))
    return bytes(body)


@pytest.mark.promise("P11")
def test_bodies_that_are_nearly_right_are_answered(running: Running) -> None:
    """Lone surrogates, NaN, NUL, keys that come twice, depth, size, and bytes that are turned round."""
    statuses: list[int] = []
    with client_of(running.url) as client:
        paths = [path for path, said in client.get("/openapi.json").json()["paths"].items() if "post" in said]

        @settings(BOUNDED, max_examples=20 * EXAMPLES)
        @given(body=_bodies(), path=st.sampled_from(paths))
        def ask(body: bytes, path: str) -> None:
            answer = client.post(path.replace("{key}", "framing"), content=body)
            statuses.append(answer.status_code)
            assert answer.status_code < 500, (path, body, answer.text)

        ask()
    tell(f"P11 bodies that are nearly right: {len(statuses)} requests, 0 answered with a 5xx")


@pytest.mark.promise("P11")
def test_bytes_that_are_no_request_at_all_disturb_nobody(running: Running) -> None:
    """Whatever comes through the socket, the next request is answered."""

    @settings(BOUNDED, max_examples=2 * EXAMPLES)
    @given(sent=st.binary(max_size=200) | st.sampled_from([b"GET / HTTP/9.9\r\n\r\n", b"POST /v1/batch HTTP/1.1\r\n"]))
    def write(sent: bytes) -> None:
        with socket.create_connection(running.address, timeout=5) as connection:
            connection.sendall(sent)
            connection.shutdown(socket.SHUT_WR)
            assert b" 500 " not in connection.recv(4096)

    write()
    assert httpx.get(f"{running.url}/healthz", trust_env=False).text == "ok\n"
