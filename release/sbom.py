"""Write ``sbom.cdx.json``: what is locked, as a CycloneDX bill of materials; ``make sbom`` hands over what a tool told.

The tool names an index for every component, and repeats the line of the lock: both are left out, as whoever installs
says where from. Of each component stay its name, version, purl and the SHA-256 of its files.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def main() -> None:
    """Read what the tool wrote on stdin, and write the file."""
    told = json.load(sys.stdin)
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "library", "name": "living-personas"}},
        "components": sorted(map(_component, told["components"]), key=lambda each: (each["name"], each["version"])),
    }
    (ROOT / "sbom.cdx.json").write_text(bom_text(bom), encoding="utf-8")


def bom_text(bom: dict[str, Any]) -> str:
    """The bill as JSON, a line each component: what another lock changes is seen by its name."""
    *head, (last, components) = bom.items()
    lines = [f"{json.dumps(name)}: {json.dumps(said, ensure_ascii=False)}," for name, said in head]
    each = ",\n".join(json.dumps(component, ensure_ascii=False) for component in components)
    return "\n".join(["{", *lines, f"{json.dumps(last)}: [", each, "]", "}", ""])


def _component(told: dict[str, Any]) -> dict[str, object]:
    references = told.get("externalReferences", [])
    hashes = sorted({each["content"] for reference in references for each in reference.get("hashes", [])})
    kept = {name: told[name] for name in ("type", "name", "version", "purl")}
    return kept | {"bom-ref": told["purl"], "hashes": [{"alg": "SHA-256", "content": each} for each in hashes]}


if __name__ == "__main__":
    main()
