"""The scripts that pages and the edge load, built from ``browser/``: that of pages has at most 2 KB as it travels."""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable
from hashlib import sha256
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request, Response

from living_personas.http.decide import is_same

__all__ = ["SCRIPTS", "script_routes"]

_JAVASCRIPT, _TYPES = "text/javascript", "text/plain"

SCRIPTS = {
    "/living-personas.js": ("script", _JAVASCRIPT, "The script that pages load."),
    "/living-personas-evaluator.mjs": ("evaluator", _JAVASCRIPT, "Decides from a snapshot, anywhere."),
    "/living-personas-evaluator.d.mts": ("evaluator_types", _TYPES, "The evaluator's types."),
    "/living-personas-openfeature-server.mjs": ("server_provider", _JAVASCRIPT, "An OpenFeature provider for servers."),
    "/living-personas-openfeature-server.d.mts": ("server_provider_types", _TYPES, "The types of that for servers."),
    "/living-personas-openfeature-web.mjs": ("web_provider", _JAVASCRIPT, "An OpenFeature provider for pages."),
    "/living-personas-openfeature-web.d.mts": ("web_provider_types", _TYPES, "The types of that for pages."),
}
"""The path of each, with the name of its operation, its type and what it is; none needs a key."""

_CACHED = "public, max-age=86400, stale-while-revalidate=604800"
"""For a day without asking, and for a week while a newer one is fetched: its address never changes."""


def script_routes(routes: APIRouter) -> None:
    """Add the routes of the scripts."""
    for path, (name, media, says) in SCRIPTS.items():
        routes.add_api_route(path, _served(path, media), methods=["GET"], **_described(name, media, says))


def _served(path: str, media: str) -> Callable[[Request], Awaitable[Response]]:
    plain = files("living_personas.http").joinpath(f"static{path}").read_bytes()
    small = gzip.compress(plain, mtime=0)  # noqa: TID251 - without the time
    etag = f'"{sha256(plain).hexdigest()[:32]}"'
    always = {
        "ETag": etag,
        "Cache-Control": _CACHED,
        "Vary": "Accept-Encoding",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }

    async def script(request: Request) -> Response:
        if is_same(request, etag):
            return Response(status_code=304, headers=always)
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        headers = {**always, "Content-Encoding": "gzip"} if zipped else always
        return Response(small if zipped else plain, media_type=media, headers=headers)

    return script


def _described(name: str, media: str, says: str) -> dict[str, Any]:
    tag = {"ETag": {"schema": {"type": "string"}}}
    return {
        "operation_id": name,
        "description": says,
        "response_class": Response,
        "tags": ["decisions"],
        "responses": {
            200: {"description": says, "headers": tag, "content": {media: {"schema": {"type": "string"}}}},
            304: {"description": "It has not changed.", "headers": tag},
        },
    }
