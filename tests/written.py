"""The files of a workspace, written as people would."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path


def write_workspace(root: Path, settings: str, personas: Mapping[str, str]) -> Path:
    """Write the settings, and each persona by its name; the folder."""
    (root / "personas").mkdir(parents=True, exist_ok=True)
    (root / "workspace.yaml").write_text(settings, encoding="utf-8")
    for name, text in personas.items():
        (root / "personas" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return root
