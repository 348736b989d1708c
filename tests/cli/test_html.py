"""The HTML report stands alone, shows its plots, and lets no text become markup."""

from __future__ import annotations

import re
from pathlib import Path

from cli.shop import Typed


def test_the_report_is_one_file_with_its_plots(personas: Typed, learned: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    assert personas("report", "--format", "html", "--out", out, "--workspace", learned).code == 0
    page = out.read_text()
    assert page.count("<svg") == page.count("<figure") >= 2
    assert "<script" not in page
    addresses = set(re.findall(r"""(?:https?:)?//[^\s"'<>)]+""", page))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_a_hostile_name_stays_text(personas: Typed, learned: Path) -> None:
    file = next((learned / "personas").glob("*.yaml"))
    hostile = "<img src=x onerror=alert(1)>"
    file.write_text(re.sub(r"^name: .*$", f"name: '{hostile}'", file.read_text(), flags=re.MULTILINE))
    assert personas("run", "--workspace", learned).code in (0, 3)
    page = personas("report", "--format", "html", "--workspace", learned).out
    assert hostile not in page
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
