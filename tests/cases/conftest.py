"""The shop of a story."""

from __future__ import annotations

from pathlib import Path

import pytest

from cases.shop import PERSONA, SHOP, Made
from cli.shop import Typed, hand
from written import write_workspace


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A workspace of a shop, written with what a story needs."""

    def write(
        *,
        more: str = "",
        anonymous: str = "",
        source: str = "",
        who: str = "true",
        value: str = ", value: price, at_most: 500",
    ) -> Path:
        return write_workspace(
            tmp_path,
            SHOP.format(more=more, anonymous=anonymous, source=source),
            {"all": PERSONA.format(who=who, value=value)},
        )

    return write


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str]) -> Typed:
    """Type a command: its words, one by one."""
    return hand(capsys)
