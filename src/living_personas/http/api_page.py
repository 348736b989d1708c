"""The routes of the service as a page for people: what its OpenAPI says, without a script and without a key."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Response
from jinja2 import Environment, StrictUndefined

__all__ = ["API_PAGE", "api_page_routes"]

API_PAGE = "/docs"

_FOLDER = files("living_personas.http").joinpath("templates")


@dataclass(frozen=True)
class _Operation:
    """One method of one route, as its OpenAPI says it."""

    method: str
    path: str
    says: str
    parameters: list[dict[str, Any]]
    bodies: list[tuple[str, str]]
    answers: list[tuple[str, str]]
    needs_key: bool


def api_page_routes(routes: APIRouter, openapi: Callable[[], Mapping[str, Any]]) -> None:
    """Add the page; ``openapi`` makes what it shows, once, when somebody first asks."""
    made: list[str] = []
    style = _FOLDER.joinpath("api.css").read_text(encoding="utf-8")
    allowed = b64encode(sha256(style.encode()).digest()).decode()
    headers = {
        "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{allowed}'; "
        "frame-ancestors 'none'; base-uri 'none'",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-cache",
    }

    def docs() -> Response:
        """The routes of this service, for people."""
        if not made:
            made.append(_page(openapi(), style))
        return Response(made[0], media_type="text/html", headers=headers)

    routes.add_api_route(API_PAGE, docs, methods=["GET"], include_in_schema=False)


def _page(schema: Mapping[str, Any], style: str) -> str:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = environment.from_string(_FOLDER.joinpath("api.html").read_text(encoding="utf-8"))
    tags: dict[str, list[_Operation]] = {}
    for tag, operation in _operations(schema):
        tags.setdefault(tag, []).append(operation)
    schemes = schema["components"]["securitySchemes"]
    return template.render(
        title=schema["info"]["title"], version=schema["info"]["version"], tags=tags, schemes=schemes, style=style
    )


def _operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, _Operation]]:
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            content = said.get("requestBody", {}).get("content", {})
            yield (
                said.get("tags", ["other"])[0],
                _Operation(
                    method=method.upper(),
                    path=path,
                    says=said.get("description") or said.get("summary", ""),
                    parameters=said.get("parameters", []),
                    bodies=[(kind, json.dumps(of.get("schema", {}), indent=2)) for kind, of in content.items()],
                    answers=[(status, of.get("description", "")) for status, of in sorted(said["responses"].items())],
                    needs_key=bool(said.get("security")),
                ),
            )
