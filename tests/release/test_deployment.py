"""The image, compose.yaml and the Kubernetes example: what they say is so, and their steps work without an engine."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from listening import free_port
from living_personas.cli import app
from local_postgres import PostgresServer, local_postgres
from service.shop import write_shop

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
BUILD = DOCKERFILE.split("\nFROM ")[1]
"""The stage that installs."""
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
KUBERNETES: list[dict[str, Any]] = list(
    yaml.safe_load_all((ROOT / "examples/kubernetes/personas.yaml").read_text(encoding="utf-8"))
)
OURS = {name: each for name, each in COMPOSE["services"].items() if name != "postgres"}
PODS = [each["spec"]["template"]["spec"] for each in KUBERNETES if each["kind"] == "StatefulSet"]


def instructions(word: str, *, text: str = DOCKERFILE) -> list[str]:
    """What follows a word of the Dockerfile, line by line."""
    return [line.removeprefix(word).strip() for line in text.splitlines() if line.startswith(f"{word} ")]


def variables() -> set[str]:
    """The environment variables that options of `personas serve` can be set by."""
    return set(re.findall(r'env_var="(\w+)"', (ROOT / "src/living_personas/cli/serve.py").read_text(encoding="utf-8")))


def test_the_image_is_made_of_what_is_there_and_let_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [path for line in instructions("COPY") if "--from" not in line for path in line.split()[:-1]]
    assert copied
    for path in copied:
        assert (ROOT / path).exists(), path
        assert f"!{path}" in ignored, path
    assert instructions("USER") == ["65534:65534"]


def test_what_is_installed_is_what_is_tested() -> None:
    def pins(name: str) -> dict[str, str]:
        found = re.findall(r"^([\w.-]+)==([^\s;]+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        return dict(found)

    tested, installed = pins("requirements.lock"), pins("requirements-image.lock")
    assert {"psycopg", "psycopg-binary", "psycopg-pool", "fastapi", "duckdb"} <= set(installed)
    assert {name: each for name, each in installed.items() if tested.get(name, each) != each} == {}


def test_every_variable_means_something() -> None:
    image = set(re.findall(r"\b(PERSONAS_\w+)=", DOCKERFILE))
    compose = {name for each in OURS.values() for name in each["environment"] if name.startswith("PERSONAS_")}
    pods = {each["name"] for pod in PODS for each in pod["containers"][0]["env"]}
    assert len(variables()) == 8
    assert image | compose | pods <= variables() | {"PERSONAS_STORE", "PERSONAS_STORE_FILE"}


def test_every_command_is_one_and_every_route_that_is_asked_is_there() -> None:
    commands = [
        json.loads(instructions("CMD")[-1]),
        *(each["command"] for each in OURS.values()),
        *(pod["containers"][0]["command"] for pod in PODS),
    ]
    for program, *words in commands:
        assert program == "personas"
        app.parse_args(words, print_error=False, exit_on_error=False)
    probes = {
        each[kind]["httpGet"]["path"]
        for pod in PODS
        for each in pod["containers"]
        for kind in ("startupProbe", "livenessProbe", "readinessProbe")
        if kind in each
    }
    assert probes == {"/healthz", "/readyz"}
    assert [each["kind"] for each in KUBERNETES] == ["StatefulSet", "Service", "StatefulSet"]
    assert sorted(each["spec"].get("replicas", 0) for each in KUBERNETES) == [0, 1, 2]
    assert sum("--no-worker" in each["command"] for each in OURS.values()) == 2
    assert sum("--no-worker" not in each["command"] for each in OURS.values()) == 1


@pytest.mark.slow
def test_its_own_steps_take_events_in_and_give_decisions_out(tmp_path: Path) -> None:
    """The steps of the Dockerfile in a fresh environment; then the services of compose.yaml as processes."""
    programs = _built(tmp_path)
    folder = write_shop(tmp_path / "workspace")
    with (folder / "workspace.yaml").open("a") as settings:
        settings.write("store: PERSONAS_STORE\n")
    with local_postgres() as server, ExitStack() as stack:
        environment = _environment(server, folder, programs)
        key = _typed(environment, "personas", "keys", "create", "secret").split()[-1]
        _typed(environment, "personas", "run")
        urls = {
            name: stack.enter_context(_process(each["command"], environment | {"PERSONAS_PORT": str(free_port())}))
            for name, each in OURS.items()
        }
        with httpx.Client(auth=(key, ""), trust_env=False, timeout=30) as client:
            event = {"type": "track", "event": "Order Completed", "userId": "u1", "messageId": "m1"}
            servers = [urls["server-1"], urls["server-2"]]
            answers = [client.post(f"{url}/v1/batch", json={"batch": [event]}).json() for url in servers]
            assert [(each["stored"], each["duplicate"]) for each in answers] == [(1, 0), (0, 1)]
            question = {"customer": "u1", "channel": "email"}
            decided = [client.post(f"{url}/v1/decide", json=question).json() for url in servers]
            assert decided[0]["persona"] == decided[1]["persona"]


def _built(tmp_path: Path) -> Path:
    """Take the steps that make the image, in a folder that holds what they copy and nothing else."""
    context, target = tmp_path / "build", tmp_path / "personas"
    context.mkdir()
    for line in instructions("COPY", text=BUILD):
        for path in line.split()[:-1]:
            source = ROOT / path
            (shutil.copytree if source.is_dir() else shutil.copyfile)(source, context / path)
    for step in instructions("RUN", text=BUILD):
        words = shlex.split(step.replace("/opt/personas", str(target)))
        done = subprocess.run(words, cwd=context, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-2000:]
    return target / "bin"


def _environment(server: PostgresServer, folder: Path, programs: Path) -> dict[str, str]:
    """The variables of compose.yaml, with the places of this machine."""
    said: Mapping[str, str] = OURS["worker"]["environment"]
    address = said["PERSONAS_STORE"].replace("postgres:5432/personas", f"127.0.0.1:{server.port}/postgres")
    kept = {name: each for name, each in os.environ.items() if name in ("LANG", "HOME", "TMPDIR")}
    return kept | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PERSONAS_STORE": address,
        "PERSONAS_WORKSPACE": str(folder),
        "PERSONAS_HOST": "127.0.0.1",
    }


def _typed(environment: dict[str, str], *words: str) -> str:
    done = subprocess.run(
        words, env=environment, cwd=environment["PERSONAS_WORKSPACE"], capture_output=True, text=True, check=False
    )
    assert done.returncode in (0, 3), done.stderr
    return done.stdout.strip()


@contextmanager
def _process(words: list[str], environment: dict[str, str]) -> Iterator[str]:
    url = f"http://127.0.0.1:{environment['PERSONAS_PORT']}"
    process = subprocess.Popen(words, env=environment, start_new_session=True)
    try:
        until = time.monotonic() + 90
        while True:
            try:
                if httpx.get(f"{url}/healthz", trust_env=False).status_code == 200:
                    break
            except httpx.TransportError:
                assert process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.2)
        yield url
    finally:
        process.terminate()
        process.wait(60)
