"""The script that pages load: at most 2 KB as it travels, built from ``browser/living-personas.js``."""

from __future__ import annotations

import gzip
from hashlib import sha256
from importlib.resources import files
from typing import Any

from fastapi import APIRouter, Request, Response

from living_personas.http.decide import is_same

__all__ = ["SCRIPT", "script_routes"]

SCRIPT = "/living-personas.js"

_CACHED = "public, max-age=86400, stale-while-revalidate=604800"
"""For a day without asking, and for a week while a newer one is fetched: its address never changes."""


def script_routes(routes: APIRouter) -> None:
    """Add the route of the script; it needs no key."""
    plain = files("living_personas.http").joinpath("static/living-personas.js").read_bytes()
    small = gzip.compress(plain, mtime=0)
    etag = f'"{sha256(plain).hexdigest()[:32]}"'
    always = {
        "ETag": etag,
        "Cache-Control": _CACHED,
        "Vary": "Accept-Encoding",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }

    async def script(request: Request) -> Response:
        """The script that pages load."""
        if is_same(request, etag):
            return Response(status_code=304, headers=always)
        zipped = "gzip" in request.headers.get("accept-encoding", "")
        headers = {**always, "Content-Encoding": "gzip"} if zipped else always
        return Response(small if zipped else plain, media_type="text/javascript", headers=headers)

    routes.add_api_route(SCRIPT, script, methods=["GET"], **_described())


def _described() -> dict[str, Any]:
    tag = {"ETag": {"schema": {"type": "string"}}}
    content = {"text/javascript": {"schema": {"type": "string"}}}
    return {
        "operation_id": "script",
        "response_class": Response,
        "tags": ["decisions"],
        "responses": {
            200: {"description": "The script.", "headers": tag, "content": content},
            304: {"description": "It has not changed.", "headers": tag},
        },
    }
