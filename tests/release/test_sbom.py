"""What is delivered says what it is made of: the bill of materials, and the licences of what is vendored."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from figures import tell

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "src" / "living_personas" / "dashboard" / "static" / "vendor"


@pytest.mark.promise("P29")
def test_the_bill_of_materials_is_the_lock() -> None:
    """Name, version and the SHA-256 of each file; `make sbom` writes it anew."""
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked = {
        (name, version): set(re.findall(r"sha256:([0-9a-f]{64})", rest))
        for name, version, rest in re.findall(r"^([\w.-]+)==([^\s;]+)([^\n]*(?:\n +[^\n]*)*)", lock, re.MULTILINE)
    }
    bom = json.loads((ROOT / "sbom.cdx.json").read_text(encoding="utf-8"))
    told = {(each["name"], each["version"]): {h["content"] for h in each["hashes"]} for each in bom["components"]}
    assert told == locked
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    assert all(locked.values())
    tell(f"{len(locked)} packages locked, each with the SHA-256 of its files")


@pytest.mark.promise("P29")
def test_the_lock_holds_all_that_is_asked_for() -> None:
    """Every dependency of the package, its extras and its tests, in a version that they allow."""
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = asked["project"]["optional-dependencies"].values()
    wanted = [asked["project"]["dependencies"], *extras, asked["dependency-groups"]["dev"]]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    locked: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE):
        locked.setdefault(canonicalize_name(name), []).append(version)
    needs = [Requirement(each) for group in wanted for each in group if not each.startswith("living-personas")]
    lacks = [
        str(need) for need in needs if not set(need.specifier.filter(locked.get(canonicalize_name(need.name), [])))
    ]
    assert lacks == []
    tell(f"{len(needs)} dependencies asked for, all locked in versions that they allow")


@pytest.mark.promise("P29")
def test_the_wheel_carries_it() -> None:
    wheel = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]["build"]["targets"]
    assert wheel["wheel"]["sbom-files"] == ["sbom.cdx.json"]


def test_the_licences_name_all_that_the_bundle_is_made_of() -> None:
    text = (VENDOR / "LICENCES.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^# (\S+)@[\d.]+$", text, re.MULTILINE))
    assert {"htmx.org", "vega", "vega-lite", "vega-embed", "d3-scale", "d3-geo", "topojson-client", "semver"} <= named
    assert "GPL" not in text
    _, *terms = (re.split(r"^# ", each, flags=re.MULTILINE)[0].strip() for each in text.split("\n## Terms\n"))
    assert all(len(each) > 20 for each in terms)
    assert len(terms) == len({" ".join(each.split()) for each in terms})
