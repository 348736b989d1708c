"""What a server says of itself is true: the line that it serves comes once it answers, and never where it cannot."""

from __future__ import annotations

import os
import re
import socket
import subprocess
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from cli.shop import Typed, hand
from faults.shop import open_shop
from service.running import personas


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """A hand that types commands."""
    return hand(capsys)


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (("serve", "--no-worker"), "/healthz"),
        pytest.param(("serve", "--no-worker", "--processes", "2"), "/healthz", marks=pytest.mark.long),
        pytest.param(("dashboard",), "/", marks=pytest.mark.long),
    ],
)
def test_a_script_that_reads_the_line_and_asks_at_once_gets_an_answer(
    words: tuple[str, ...], page: str, tmp_path: Path
) -> None:
    command = personas(*words, "--port", "0", "--workspace", str(open_shop(tmp_path / "shop")))
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"}) as server:
        try:
            assert server.stderr is not None
            address = next(found[0] for line in server.stderr if (found := re.search(r"http://127[.0-9]+:\d+", line)))
            assert httpx.get(address + page).status_code in {200, 303}
        finally:
            server.terminate()


@pytest.mark.parametrize("words", [("serve",), ("serve", "--processes", "2"), ("dashboard",)])
def test_a_port_that_is_taken_is_said_and_nothing_else(words: tuple[str, ...], tmp_path: Path, typed: Typed) -> None:
    folder = open_shop(tmp_path / "shop")
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = str(taken.getsockname()[1])
        said = typed(*words, "--port", port, "--workspace", folder)
    assert said.code == 1
    assert f"Nobody can listen on '127.0.0.1', port {port}" in said.err
    assert "http://" not in said.err
