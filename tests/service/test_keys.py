"""Every key opens exactly the routes that it should, and browsers only what their sites were given."""

from __future__ import annotations

import pytest

from figures import tell
from living_personas.http.event_streams import STREAM
from living_personas.http.script import SCRIPTS
from living_personas.memory.people_records import API_KEYS
from living_personas.people.keys import create_key, keys_of, revoke_key
from service.shop import KEYS, NOON, Served, track

DECIDE = {"customer": "u1"}
CONTEXT = {"context": {"targetingKey": "u1"}}
ROUTES: tuple[tuple[str, str, object, str], ...] = (
    ("POST", "/v1/batch", {"batch": []}, "write"),
    *(("POST", f"/v1/{kind}", track("m"), "write") for kind in ("track", "page", "screen", "group", "identify")),
    *(("POST", f"/v1/{letter}", track("m"), "write") for letter in "tipsg"),
    *(("POST", path, {"batch": []}, "write") for path in ("/v1/b", "/v1/import", "/v1/import/", "/beacon/v1/batch")),
    *(("POST", path, {"batch": []}, "write") for path in ("/batch/", "/batch", "/capture/", "/e/", "/i/v0/e/")),
    ("POST", "/v1/decide", DECIDE, "decide"),
    ("POST", "/ofrep/v1/evaluate/flags", CONTEXT, "decide"),
    ("POST", "/ofrep/v1/evaluate/flags/framing", CONTEXT, "decide"),
    ("POST", "/flags/", {"distinct_id": "u1"}, "decide"),
    ("GET", STREAM, None, "decide"),
    ("GET", "/v1/snapshot", None, "snapshot"),
    ("GET", "/metrics", None, "metrics"),
    ("POST", "/v1/erase", {"customers": ["nobody-known"]}, "manage"),
    ("POST", "/v1/export/person", {"customer": "nobody-known"}, "manage"),
)
OPENS = {
    "publishable": {"write", "decide"},
    "secret": {"write", "decide", "snapshot", "metrics"},
    "admin": {"write", "decide", "snapshot", "metrics", "manage"},
    "write only": {"write"},
    "decide only": {"decide"},
    "revoked": set[str](),
}


@pytest.mark.promise("P26")
@pytest.mark.parametrize("kind", OPENS)
def test_each_key_opens_what_it_should(served: Served, kind: str) -> None:
    context = served.service.context
    create_key(context, "secret", "only_writes", now=NOON, scopes=["write"])
    create_key(context, "secret", "only_decides", now=NOON, scopes=["decide"])
    gone = create_key(context, "admin", "was_revoked", now=NOON)
    revoke_key(context, gone.id, now=NOON)
    served.service.watch.look()
    secrets = {**KEYS, "write only": "only_writes", "decide only": "only_decides", "revoked": "was_revoked"}
    for method, path, body, scope in ROUTES:
        for headers in (
            {"Authorization": f"Bearer {secrets[kind]}"},
            {"X-API-Key": secrets[kind]},
        ):
            answer = served.client.request(method, path, json=body, headers=headers)
            wanted = 200 if scope in OPENS[kind] else 401 if kind == "revoked" else 403
            assert answer.status_code == wanted, (path, answer.text)
    tell(f"{kind}: {2 * len(ROUTES)} requests, opened and refused as its scopes say")


@pytest.mark.promise("P26")
def test_the_matrix_knows_every_route(served: Served) -> None:
    paths = served.client.get("/openapi.json").json()["paths"]
    asked = {path.replace("/framing", "/{key}") for _, path, _, _ in ROUTES}
    open_to_all = {"/healthz", "/readyz", *SCRIPTS, "/v1/webhooks/{provider}"}
    assert set(paths) - asked - open_to_all <= {"/v1/alias", "/v1/a", "/capture", "/flags"}


@pytest.mark.parametrize("said", [None, "Bearer wrong", "Basic !!!", "Basic d3Jvbmc6", "Bearer ", "Digest x"])
def test_without_a_key_nothing_opens(served: Served, said: str | None) -> None:
    headers = {"Authorization": said} if said else {}
    for method, path, body, _ in ROUTES:
        answer = served.client.request(method, path, json=body, headers=headers)
        assert answer.status_code == 401, path
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.promise("P26")
def test_only_digests_are_kept(served: Served) -> None:
    facts = served.service.context.store.facts
    for name in facts.keys(API_KEYS.prefix):
        block = facts.get(name)
        assert block is not None
        assert not any(secret.encode() in block for secret in KEYS.values())
    database = (served.folder / ".living" / "state.db").read_bytes()
    assert not any(secret.encode() in database for secret in KEYS.values())


def test_a_browser_may_use_a_key_only_from_its_sites(served: Served) -> None:
    ours, theirs = "https://shop.example", "https://evil.example"
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization,anonymousid"}
    allowed = served.client.options("/v1/decide", headers={"Origin": ours, **asks})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (204, ours)
    assert allowed.headers["access-control-allow-headers"] == "authorization,anonymousid"  # RudderStack's adds one
    refused = served.client.options("/v1/decide", headers={"Origin": theirs, **asks})
    assert refused.status_code == 403
    assert "access-control-allow-origin" not in refused.headers
    for origin, status in ((ours, 200), (theirs, 403)):
        headers = {"Origin": origin, **served.bearer("publishable")}
        assert served.client.post("/v1/decide", json=DECIDE, headers=headers).status_code == status


def test_ids_of_keys_are_not_used_twice(served: Served) -> None:
    assert len({key.id for key in keys_of(served.service.context)}) == len(KEYS)
