"""Whether the service lives, whether it can serve, and what can be watched."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST

from living_personas.errors import LivingPersonasError
from living_personas.http.authentication import authorise
from living_personas.http.deciding import desk
from living_personas.http.problems import ProblemError, documented, problem_of
from living_personas.http.service import Service

__all__ = ["health_routes"]

_TEXT: dict[str, Any] = {"text/plain": {"schema": {"type": "string"}}}


def health_routes(service: Service, routes: APIRouter) -> None:
    """Add the routes for whoever runs the service."""

    async def healthz() -> Response:
        """The process answers."""
        return Response("ok\n", media_type="text/plain")

    async def readyz() -> Response:
        """Events can be recorded, there is something to decide from, and every thread that must live does."""
        try:
            service.writer.check()
        except LivingPersonasError as error:
            raise problem_of(error) from error
        _check_threads(service)
        ready = f"ready, snapshot {desk(service).published.snapshot.number}\n"
        problem = service.watch.held.knowledge.problem
        damaged = f"damaged: everybody is taken for new. {problem} Run `personas doctor --repair`.\n" if problem else ""
        stale = "files: what was published last is served, as they hold problems: run `personas check`.\n"
        failing = "events: the last ones could not be recorded, and were answered with 503: look into the log.\n"
        said = (ready, damaged, stale if service.watch.wrong else "", failing if service.writer.is_failing else "")
        return Response("".join(said), media_type="text/plain")

    def metrics(request: Request) -> Response:
        """All metrics in the text format of Prometheus."""
        authorise(service, request, "metrics")
        return Response(service.metrics.text(), media_type=CONTENT_TYPE_LATEST)

    for path, route, errors in (
        ("/healthz", healthz, ()),
        ("/readyz", readyz, (429, 503)),
        ("/metrics", metrics, (401, 403)),
    ):
        answers = {200: {"description": (route.__doc__ or "").strip(), "content": _TEXT}, **documented(*errors)}
        routes.add_api_route(
            path, route, methods=["GET"], response_class=Response, tags=["operation"], responses=answers
        )


def _check_threads(service: Service) -> None:
    ill = [each for each in service.threads if not each.is_well]
    if ill:
        said = ", ".join(f"{each.name} for {each.seconds_since:.0f} seconds" for each in ill)
        hint = "look into the log for what keeps it, such as open files or the disk; restart the service if it stays."
        raise ProblemError(503, f"What must live has not succeeded: {said}.", hint=hint, headers={"Retry-After": "5"})
