"""The service as an ASGI application, with a place for what others mount beside it."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from importlib.metadata import version
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse
from starlette.routing import Route

from living_personas.channels.email_providers.proof import Fetch
from living_personas.channels.email_providers.secrets import Lookup
from living_personas.channels.webhooks.fetch import fetch
from living_personas.http.api_page import API_PAGE, api_page_routes
from living_personas.http.decide import decision_routes
from living_personas.http.event_streams import event_stream_routes
from living_personas.http.events import event_routes
from living_personas.http.flags import flag_routes
from living_personas.http.middleware import Border
from living_personas.http.mounts import DASHBOARD, Mounted
from living_personas.http.ofrep import ofrep_routes
from living_personas.http.privacy import privacy_routes
from living_personas.http.probes import health_routes
from living_personas.http.problems import PROBLEM_SCHEMA, ProblemError, answer_of
from living_personas.http.script import SCRIPTS, script_routes
from living_personas.http.service import Service
from living_personas.http.webhooks import webhook_routes

__all__ = ["create_app"]

_SCHEMES = {
    "basic": {"type": "http", "scheme": "basic", "description": "The key as the user, no password."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "Authorization: Bearer KEY."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "X-API-Key: KEY."},
}
_OPEN = frozenset({"/healthz", "/readyz", *SCRIPTS})
_OWN_PAGES: dict[str, Any] = {"docs_url": None, "redoc_url": None, "redirect_slashes": False}
"""The page of the routes is our own, without scripts."""

_SIGNED = "/v1/webhooks/"
"""What providers post is proven by signatures, not by keys."""


def create_app(
    service: Service,
    *,
    mounts: Sequence[Mounted] = (),
    fetch: Fetch = fetch,
    lookup: Lookup = os.environ.get,
    ended: Callable[[], bool] = lambda: False,
) -> FastAPI:
    """The application of a service, with other applications that are served beside it; ``fetch`` gets certificates.

    ``ended`` says that the process is told to stop: streams end then.

    The application starts the service and closes it: what waits when it is told to stop is recorded first.
    """

    @asynccontextmanager
    async def life(_app: FastAPI) -> AsyncIterator[None]:
        service.start()
        async with AsyncExitStack() as beside:
            for each in mounts:
                await beside.enter_async_context(each.running())
            yield
        await service.given.write(service.writer)
        await run_in_threadpool(service.close)

    app = FastAPI(title="Living Personas", version=version("living-personas"), lifespan=life, **_OWN_PAGES)
    app.state.service = service
    _add_routes(service, app.router, ended)
    webhook_routes(service, app.router, fetch=fetch, lookup=lookup)
    app.add_exception_handler(ProblemError, _problem)
    app.add_exception_handler(HTTPException, _refused)
    app.add_middleware(Border, service=service, beside=tuple(each.path for each in mounts))
    for each in mounts:
        _mount(app, each)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    api_page_routes(app.router, app.openapi)
    return app


def _add_routes(service: Service, routes: APIRouter, ended: Callable[[], bool]) -> None:
    """Those that need nothing but the service; an included router would be asked anew by every request."""
    for add_routes in (decision_routes, event_routes, health_routes, ofrep_routes, flag_routes, privacy_routes):
        add_routes(service, routes)
    event_stream_routes(service, routes, ended=ended)
    script_routes(routes)


def _mount(app: FastAPI, each: Mounted) -> None:
    """Below its path, and at it: clients leave the slash away, and browsers are sent on."""
    app.mount(each.path, each.app)
    if each.path != DASHBOARD:
        app.router.routes.append(Route(each.path, each.app))
        return
    for path in ("/", each.path):
        app.router.routes.append(Route(path, _to_the_dashboard, methods=["GET"]))


async def _to_the_dashboard(_request: Request) -> Response:
    return RedirectResponse(f"{DASHBOARD}/", status_code=307)


async def _problem(_request: Request, error: Exception) -> Response:
    if not isinstance(error, ProblemError):
        raise error
    return answer_of(error)


async def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    hint = f"the routes are listed in {API_PAGE}." if error.status_code in (404, 405) else "look at the request."
    detail = f"{request.method} {ascii(request.url.path)[1:-1][:200]}: {error.detail}."
    return answer_of(ProblemError(error.status_code, detail, hint=hint, headers=error.headers))


def _openapi(app: FastAPI) -> dict[str, Any]:
    if app.openapi_schema is None:
        schema = get_openapi(title=app.title, version=app.version, routes=app.routes)
        components = schema.setdefault("components", {})
        components.setdefault("schemas", {})["Problem"] = PROBLEM_SCHEMA
        components["securitySchemes"] = _SCHEMES
        for path, operations in schema["paths"].items():
            for operation in operations.values():
                operation["responses"].pop("422", None)  # a key in a path is text, which cannot be wrong
                operation["security"] = (
                    [] if path in _OPEN or path.startswith(_SIGNED) else [{name: []} for name in _SCHEMES]
                )
        app.openapi_schema = schema
    return app.openapi_schema
