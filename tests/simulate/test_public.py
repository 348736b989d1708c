"""What people import: ``lp.simulate``, a part of which costs only what it needs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import living_personas as lp
from living_personas.simulate.world import World

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "simulate.md"


def test_every_public_name_is_there_and_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for name in lp.simulate.__all__:
        assert getattr(lp.simulate, name) is not None
        assert f"`{name}" in text
    assert lp.simulate.World is World


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="Wrld"):
        _ = getattr(lp.simulate, "Wrld")  # noqa: B009 - mypy would rightly refuse the attribute


def test_importing_it_imports_nothing_heavy() -> None:
    code = "import sys, living_personas as lp; lp.simulate; print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"
