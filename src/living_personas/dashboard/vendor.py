"""Make the vendored scripts anew: ``python -m living_personas.dashboard.vendor``; needs npm and the extra ``charts``.

Nothing is fetched when the dashboard runs: what is in ``static/vendor`` is what a browser gets.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import vl_convert

__all__ = ["PACKAGES", "main", "page_of"]

VENDOR = Path(__file__).parent / "static" / "vendor"

PACKAGES = {
    "htmx.org@4.0.1": ("dist/htmx.min.js", "htmx.js"),
    "vega@6.2.0": ("", ""),
    "vega-lite@6.4.1": ("", ""),
    "vega-embed@7.0.2": ("", ""),
}
"""Each npm package: the file to take and its name here (none: its code comes in the bundle of vl-convert, and only its
licence is taken, with those of all that it is made of)."""

_TERMS_BEGIN = ("Permission is hereby granted", "Permission to use, copy", "Redistribution and use in source")
"""Where the notice of a package ends, and the terms begin that many share."""

VEGA_LITE = "6.4"

GLOBALS = "window.vegaEmbed=vegaEmbed;"
"""What ``charts.js`` finds of the bundle."""


def main() -> None:
    """Write the scripts, their licences, and the list of what they are."""
    VENDOR.mkdir(parents=True, exist_ok=True)
    for package, (source, target) in PACKAGES.items():
        if source:
            (VENDOR / target).write_bytes(_packed(package)[f"package/{source}"])
    bundle = vl_convert.javascript_bundle(GLOBALS, vl_version=VEGA_LITE)
    (VENDOR / "vega.js").write_text(bundle + "\n", encoding="utf-8")
    (VENDOR / "LICENCES.md").write_text(page_of(_licences()), encoding="utf-8")
    (VENDOR / "SHA256").write_text("".join(_sums()), encoding="utf-8")
    sys.stdout.write((VENDOR / "SHA256").read_text(encoding="utf-8"))


def _packed(package: str) -> dict[str, bytes]:
    """The files of an npm package, through npm itself, which checks them against the registry's sums."""
    with TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", "--ignore-scripts", package]
        done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)  # noqa: S603 - fixed words
        with tarfile.open(Path(folder) / done.stdout.strip()) as archive:
            members = [member for member in archive.getmembers() if member.isfile()]
            return {m.name: part.read() for m in members if (part := archive.extractfile(m)) is not None}


def page_of(licences: Iterable[tuple[str, str]]) -> str:
    """Each package with its own notice, and below all whose terms are the same these terms, once."""
    told: dict[str, tuple[str, dict[str, dict[str, None]]]] = {}
    for package, said in licences:
        begins = (found.start() for words in _TERMS_BEGIN if (found := re.search(rf"^ *{words}", said, re.MULTILINE)))
        begin = min(begins, default=0)
        notice, terms = said[:begin].strip(), said[begin:].rstrip()
        _, notices = told.setdefault(" ".join(terms.split()), (terms, {}))
        notices.setdefault(notice, {})[f"# {package}"] = None
    blocks: list[str] = []
    for terms, notices in told.values():
        for notice, packages in notices.items():
            blocks += ["\n".join(packages), *([notice] if notice else [])]
        blocks += ["## Terms", terms]
    return "\n\n".join(blocks) + "\n"


def _licences() -> list[tuple[str, str]]:
    """Each package, and each that it is made of, with its licence: more than is bundled, and nothing less."""
    with TemporaryDirectory() as folder:
        command = ["npm", "install", "--silent", "--ignore-scripts", "--no-audit", "--no-fund", *PACKAGES]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)  # noqa: S603 - fixed words
        return [
            _licence(found.parent)
            for found in sorted(Path(folder, "node_modules").rglob("package.json"))
            if found.parent.parent.name == "node_modules" or found.parent.parent.name.startswith("@")
        ]


def _licence(package: Path) -> tuple[str, str]:
    about = json.loads((package / "package.json").read_text(encoding="utf-8"))
    texts = sorted(each for each in package.iterdir() if each.name.lower().startswith(("licen", "copying")))
    said = texts[0].read_text(encoding="utf-8").strip() if texts else f"Licensed under {about['license']}."
    return f"{about['name']}@{about['version']}", said


def _sums() -> list[str]:
    scripts = sorted(VENDOR.glob("*.js"))
    return [f"{sha256(script.read_bytes()).hexdigest()}  {script.name}\n" for script in scripts]


if __name__ == "__main__":
    main()
