"""JSON Schema in few bytes: of answers by hand, of arguments from their declaration."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import TypeAdapter

from living_personas.domain.event import Json

__all__ = ["BELIEF", "answer_schema", "arguments_schema", "array", "record"]

Schema = dict[str, Json]

STR: Schema = {"type": "string"}
INT: Schema = {"type": "integer"}
FLAG: Schema = {"type": "boolean"}


def maybe(kind: str) -> Schema:
    """A value of this kind, or null while it is not known."""
    return {"type": [kind, "null"]}


def array(of: Json) -> Schema:
    """A list of these."""
    return {"type": "array", "items": of}


def record(required: Mapping[str, Json], **optional: Json) -> Schema:
    """An object with these keys."""
    return {"type": "object", "properties": {**required, **optional}, "required": list(required)}


INTERVAL: Schema = {"type": ["array", "null"], "items": {"type": "number"}}

BELIEF_KEYS: Schema = {
    "attribute": STR,
    "believed": STR,
    "value": STR,
    "status": STR,
    "known": STR,
    "chosen_by": STR,
    "prob_best": maybe("number"),
    "compared": maybe("string"),
    "effect": maybe("number"),
    "interval": INTERVAL,
    "n": maybe("integer"),
    "decided_on": maybe("string"),
}
BELIEF_MORE: Schema = {"channel": STR, "proven": STR, "waits": FLAG}
BELIEF = record(BELIEF_KEYS, **BELIEF_MORE)

HEAD: Schema = {"persona": STR, "name": STR, "version": INT, "members": maybe("integer")}

_OPENING: Schema = {"boundary": STR, "as_of": maybe("string"), "snapshot": maybe("integer")}


def answer_schema(required: Mapping[str, Json], **optional: Json) -> Schema:
    """The schema of an answer: what every one begins with, and its own keys."""
    return record({**_OPENING, **required}, held=STR, **optional)


def arguments_schema(arguments: type) -> Schema:
    """The schema of a tool's arguments, without titles and descriptions that repeat names."""
    found: Schema = TypeAdapter(arguments).json_schema()
    kept = _without_titles(found)
    if not isinstance(kept, dict):
        raise TypeError(arguments)
    kept.pop("description", None)
    return kept | {"additionalProperties": False}


def _without_titles(schema: Json) -> Json:
    if isinstance(schema, dict):
        return {
            key: _without_titles(inner)
            for key, inner in schema.items()
            if not (key == "title" and isinstance(inner, str))
        }
    if isinstance(schema, list):
        return [_without_titles(inner) for inner in schema]
    return schema
