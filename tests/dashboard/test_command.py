"""``personas dashboard``, as it is started on a machine where nobody has an account yet."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

import pytest

from listening import free_port
from living_personas.cli import app
from service.running import personas


def page(address: str) -> str:
    """The page, once the server is there."""
    for _ in range(300):
        try:
            with urllib.request.urlopen(address) as answer:  # noqa: S310 - this machine
                return str(answer.read().decode())
        except URLError:
            time.sleep(0.1)
    raise TimeoutError(address)


@pytest.mark.long
def test_the_first_start_says_how_to_add_a_person_and_an_interrupt_ends_it(tmp_path: Path) -> None:
    app(["init", str(tmp_path / "new")])
    port = free_port()
    words = ["dashboard", "--port", str(port), "--workspace", str(tmp_path / "new")]
    with subprocess.Popen(
        personas(*words), stderr=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"}
    ) as server:
        said = page(f"http://127.0.0.1:{port}/")
        server.send_signal(signal.SIGINT)
        _, written = server.communicate(timeout=30)
    assert "personas people add &#34;Your Name&#34; --role approver" in said or 'people add "Your Name"' in said
    assert "nobody can sign in yet" in written
    assert f"http://127.0.0.1:{port}/" in written
    assert "Traceback" not in written
