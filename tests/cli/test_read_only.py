"""Whoever may only read a workspace is shown it, from a copy; what would change it is refused."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def locked(learned: Path) -> Iterator[Path]:
    """The shop after its first cycle, in which nothing may be written."""
    paths = [learned, *learned.rglob("*")]
    for path in paths:
        path.chmod(0o500 if path.is_dir() else 0o400)
    yield learned
    for path in paths:
        path.chmod(0o700 if path.is_dir() else 0o600)


def typed(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """A command of a user whom the rights of files hold."""
    as_user: list[str] = []
    if os.geteuid() == 0:
        found = shutil.which("setpriv")
        if found is None:
            pytest.skip("root may write everywhere, and there is no `setpriv` to give that up")
        rights = "-dac_override,-dac_read_search,-fowner"
        as_user = [found, f"--bounding-set={rights}", f"--inh-caps={rights}"]
    code = "import sys; from living_personas.cli import main; sys.exit(main())"
    command = [*as_user, sys.executable, "-c", code, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.long
def test_who_may_only_read_is_shown_the_report_and_changes_nothing(locked: Path) -> None:
    shown = typed("report", "--workspace", locked)
    assert shown.returncode == 0, shown.stderr
    assert "quality" in shown.stdout
    assert "this user may only read the workspace" in shown.stderr
    refused = typed("kill", "on", "--workspace", locked)
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr
    assert str(locked / ".living") in refused.stderr
