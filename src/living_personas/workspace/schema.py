"""JSON Schema of both kinds of file, so that an editor completes keys and marks mistakes while one types."""

from __future__ import annotations

import json
from pathlib import Path

from living_personas.workspace.persona_shape import PERSONA
from living_personas.workspace.settings_shape import SETTINGS
from living_personas.workspace.shapes import Schema
from living_personas.workspace.text_file import write_text_atomically

__all__ = ["persona_schema", "schema_texts", "settings_schema", "write_schemas"]

_DIALECT = "http://json-schema.org/draft-07/schema#"  # the newest that yaml-language-server knows whole


def persona_schema() -> Schema:
    """The schema of ``personas/*.yaml``: from the same declarations that the reader uses."""
    return {"$schema": _DIALECT, "title": "A persona of Living Personas"} | PERSONA.schema()


def settings_schema() -> Schema:
    """The schema of ``workspace.yaml``: from the same declarations that the reader uses."""
    return {"$schema": _DIALECT, "title": "A workspace of Living Personas"} | SETTINGS.schema()


def schema_texts() -> dict[str, str]:
    """The schemas as texts, by their paths in a workspace."""
    return {
        ".living/persona.schema.json": _text(persona_schema()),
        ".living/workspace.schema.json": _text(settings_schema()),
    }


def write_schemas(root: Path) -> tuple[Path, ...]:
    """Write both schemas below ``root``; the files written."""
    paths = []
    for name, text in schema_texts().items():
        write_text_atomically(root / name, text)
        paths.append(root / name)
    return tuple(paths)


def _text(schema: Schema) -> str:
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
