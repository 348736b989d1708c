"""Commands that only touch the store start at once: they import no engine, no statistics and no parser of files."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from living_personas.cli import main

ENGINES = ("duckdb", "ibis", "pandas", "ruamel", "scipy", "sqlglot")
COLUMNS = ("numpy", "pyarrow", "pydantic")
"""What the store needs, and help does not."""


@pytest.mark.long
@pytest.mark.parametrize(
    ("command", "heavy"),
    [
        (("keys", "list"), ENGINES),
        (("people", "list"), ENGINES),
        (("kill", "--help"), ENGINES + COLUMNS),
        (("--version",), ENGINES + COLUMNS),
    ],
)
def test_it_imports_nothing_heavy(command: tuple[str, ...], heavy: tuple[str, ...], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        main(["init", str(tmp_path / "acme")])
    there = () if command[-1].startswith("--") else ("--workspace", str(tmp_path / "acme"))
    asks = f"""
import sys
from living_personas.cli import main
try:
    main({[*command, *there]!r})
except SystemExit as ended:
    assert not ended.code
print(sorted(set({heavy!r}) & set(sys.modules)), file=sys.stderr)
"""
    found = subprocess.run([sys.executable, "-c", asks], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
    assert found.stderr.splitlines()[-1] == "[]"
