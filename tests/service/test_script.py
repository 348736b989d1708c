"""The scripts that are served: small, built from the sources beside them, cached; and what pages ask is answered."""

from __future__ import annotations

import gzip
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from living_personas.http.script import SCRIPTS
from service.shop import Served

ROOT = Path(__file__).parents[2]
BUILT = ROOT / "src" / "living_personas" / "http" / "static" / "living-personas.js"
LARGEST = 2048


def test_it_is_small_cached_and_of_the_right_type(served: Served) -> None:
    plain = served.client.get("/living-personas.js", headers={"Accept-Encoding": "identity"})
    assert plain.content == BUILT.read_bytes()
    assert plain.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "max-age=86400" in plain.headers["cache-control"]
    with served.client.stream("GET", "/living-personas.js", headers={"Accept-Encoding": "gzip"}) as answer:
        travelled = b"".join(answer.iter_raw())
    assert gzip.decompress(travelled) == plain.content
    assert len(travelled) <= LARGEST
    again = served.client.get("/living-personas.js", headers={"If-None-Match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", SCRIPTS)
def test_each_is_served_to_whoever_asks(served: Served, path: str) -> None:
    answer = served.client.get(path)
    assert answer.content == (BUILT.parent / path[1:]).read_bytes()
    assert served.client.get(path, headers={"If-None-Match": answer.headers["etag"]}).status_code == 304


@pytest.mark.slow
def test_they_are_what_the_sources_build(tmp_path: Path) -> None:
    if not shutil.which("npm"):
        pytest.skip("NOT RUN: there is no npm here, and the scripts are built with it")
    folder = shutil.copytree(ROOT / "browser", tmp_path / "browser", ignore=shutil.ignore_patterns("node_modules"))
    built = tmp_path / "src" / "living_personas" / "http" / "static"
    built.mkdir(parents=True)
    subprocess.run(["npm", "ci", "--no-audit", "--no-fund"], cwd=folder, check=True, timeout=300)
    subprocess.run(["npm", "run", "build"], cwd=folder, check=True, timeout=300)
    assert {path: (built / path[1:]).read_bytes() == (BUILT.parent / path[1:]).read_bytes() for path in SCRIPTS} == (
        dict.fromkeys(SCRIPTS, True)
    )


def test_what_the_script_asks_is_answered(served: Served) -> None:
    """Plain text with the key in the body, one attribute, and whatever the page did not say left out."""
    question = {"customer": "v1", "attribute": "framing", "traits": {"utm_campaign": "deal"}}
    body = json.dumps({**question, "writeKey": served.keys["publishable"]})
    headers = {"Content-Type": "text/plain;charset=UTF-8", "Origin": "https://shop.example"}
    answer = served.client.post("/v1/decide", content=body, headers=headers)
    assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    found = answer.json()
    assert (found["persona"], found["channel"], list(found["attributes"])) == ("saver", "", ["framing"])
    message = {"event": "Persona Exposed", "messageId": "m1", "anonymousId": "v1", "context": {"channel": ""}}
    properties = {"decision_id": found["id"], "token": found["token"]}
    sent = json.dumps({**message, "properties": properties, "writeKey": served.keys["publishable"]})
    assert served.client.post("/v1/track", content=sent, headers=headers).json()["stored"] == 1
