"""The description of the service is complete, and unmodified clients and hostile requests meet it as it says."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from laws import law
from living_personas.http.event_streams import STREAM
from living_personas.http.logs import JsonLines
from living_personas.http.problems import MEDIA
from living_personas.http.script import SCRIPTS
from service.shop import Served

POSTS = ("/v1/batch", "/v1/identify", "/batch/", "/v1/decide", "/ofrep/v1/evaluate/flags", "/flags/")


def test_every_operation_says_how_it_fails(served: Served) -> None:
    schema = served.client.get("/openapi.json").json()
    assert schema["openapi"].startswith("3.1")
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            assert operation["operationId"]
            errors = {status for status in operation["responses"] if status >= "400"}
            assert "422" not in errors
            needed = set() if path in ("/healthz", "/readyz", *SCRIPTS) else {"401", "403"}
            if path.startswith("/v1/webhooks/"):  # proven by a signature, not by a key
                needed = {"401", "404"}
            assert needed <= errors, path
            if path.startswith("/v1/") and operation.get("requestBody"):
                assert {"400", "413", "429", "503"} <= errors, path
            for status in errors - {"404"}:
                assert MEDIA in operation["responses"][status]["content"], (path, status)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nowhere", 404), ("GET", "/v1/batch", 405)])
def test_even_what_is_not_there_is_a_problem(served: Served, method: str, path: str, status: int) -> None:
    answer = served.client.request(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, MEDIA)
    assert answer.json()["hint"]


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/v1/snapshot", "/metrics", "/living-personas.js", STREAM, "/docs"]
)
def test_head_answers_as_get_does_without_a_body(served: Served, path: str) -> None:
    """Monitors and load balancers ask so; a stream ends at once."""
    answer = served.client.head(path, headers=served.bearer("admin"))
    assert (answer.status_code, answer.content) == (200, b"")
    if path not in (STREAM, "/metrics"):
        got = served.client.get(path, headers=served.bearer("admin"))
        assert {**answer.headers} == {**got.headers}
    assert served.client.head("/v1/batch", headers=served.bearer("admin")).status_code == 405
    assert served.client.head("/v1/snapshot").status_code == 401


_BODIES = st.one_of(
    st.binary(max_size=100),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(st.characters()),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    ).map(lambda found: json.dumps({"context": found, "customer": found, "traits": found, "distinct_id": found})),
    st.tuples(
        st.text(st.characters(codec="utf-8")), st.dictionaries(st.text(), st.floats() | st.text(), max_size=4)
    ).map(
        lambda two: json.dumps({"customer": two[0], "traits": two[1], "context": {"targetingKey": two[0], **two[1]}})
    ),
)


@pytest.mark.promise("P11")
@law(150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=_BODIES, path=st.sampled_from(POSTS))
def test_hostile_requests_are_never_a_failure_of_the_service(served: Served, body: bytes | str, path: str) -> None:
    answer = served.client.post(path, content=body, headers=served.bearer("publishable"))
    assert answer.status_code < 500, answer.text
    assert str(answer.status_code) in served.client.get("/openapi.json").json()["paths"][path]["post"]["responses"]


def test_the_log_names_nobody(served: Served) -> None:
    secret = "dana@example.com"  # noqa: S105 - what must not be seen
    try:
        raise ValueError(secret)
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "a request failed", (), None)
        record.exc_info = (ValueError, error, error.__traceback__)
        record.customer = secret
    line = JsonLines().format(record)
    assert secret not in line
    assert json.loads(line)["error"] == "ValueError"


def test_the_documentation_knows_every_route(served: Served) -> None:
    text = (Path(__file__).parents[2] / "docs" / "reference" / "http.md").read_text()
    paths = served.client.get("/openapi.json").json()["paths"]
    assert [path for path in paths if f"`{path}`" not in text] == []


def test_every_route_the_documentation_names_is_answered(served: Served) -> None:
    root = Path(__file__).parents[2]
    pages = [*(root / "docs").rglob("*.md"), root / "README.md"]
    real = [re.sub(r"\{[^}]*\}", "[^/]+", path) for path in served.client.get("/openapi.json").json()["paths"]]
    named = {
        path.rstrip("/.")
        for page in pages
        for path in re.findall(r"`(?:[A-Z]+ )?(/(?:v1|ofrep)/[\w/{}.-]+)", page.read_text())
    }
    assert len(named) > 10
    assert {path for path in named if not any(re.fullmatch(each, path) for each in real)} == set()
