"""Every moment on a page is told by the clocks of the workspace."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from living_personas.dashboard.render import _environment

TEMPLATES = Path(__file__).parents[2] / "src" / "living_personas" / "dashboard" / "templates"


def test_a_moment_is_told_in_the_zone_of_the_workspace() -> None:
    page = _environment("").from_string("{{ at|moment }}")
    at = datetime(2026, 3, 20, 22, 15, tzinfo=UTC)
    assert page.render(at=at, zone=ZoneInfo("Asia/Tokyo")) == "21 March 2026, 07:15"
    assert page.render(at=at, zone=ZoneInfo("America/New_York")) == "20 March 2026, 18:15"


def test_no_template_writes_a_moment_by_itself() -> None:
    for template in TEMPLATES.glob("*.html"):
        assert not re.search(r"strftime|\.hour", template.read_text(encoding="utf-8")), template.name
