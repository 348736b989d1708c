"""What e-mail providers post: proven, read, and recorded like any other event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from living_personas.channels.email_providers.email_event import Read
from living_personas.channels.email_providers.email_provider import Provider
from living_personas.channels.email_providers.proof import Fetch, Sent
from living_personas.channels.email_providers.registry import PROVIDERS
from living_personas.channels.email_providers.secrets import Lookup, secret_in
from living_personas.domain.event import Event, Quarantined
from living_personas.errors import (
    DeliveryError,
    InvalidSettingsError,
    LivingPersonasError,
    UnknownNameError,
    WebhookError,
)
from living_personas.http.body import read_body
from living_personas.http.problems import ProblemError, documented, problem_of
from living_personas.http.receipts import FATES_SCHEMA, answer_with_receipts
from living_personas.http.service import Service
from living_personas.loop.recording.click_bursts import told_apart
from living_personas.loop.recording.signatures import is_first_body

__all__ = ["ADDRESS", "webhook_routes"]

ADDRESS = "LIVING_PERSONAS_URL"
"""The environment variable that says under which address the world reaches the service, behind a proxy."""

_MOST_CERTIFICATES = 8


def webhook_routes(service: Service, routes: APIRouter, *, fetch: Fetch, lookup: Lookup) -> None:
    """Add the route that providers post to."""
    certificates = _Remembered(fetch)

    async def posted(provider: str, request: Request) -> Response:
        """Record what an e-mail provider says became of its mails."""
        try:
            service.writer.check()
            found, secret = _provider(provider, lookup)
            body = await read_body(request)
            sent = Sent(
                body=body,
                headers=dict(request.headers),
                secret=secret,
                now=service.clock(),
                url=_address(request, lookup),
                fetch=certificates,
            )
            await run_in_threadpool(_prove, found, sent)
            read = await run_in_threadpool(_read, found, sent, service.view.intake.nobody)
            await _prove_first(service, found, sent)
            if read.confirm:
                await run_in_threadpool(_confirm, fetch, read.confirm)
            written = await service.writer.write(read.events, read.refusals, size=len(body), mend=told_apart)
        except (ProblemError, LivingPersonasError) as error:
            service.metrics.count({"refused": 1})
            raise problem_of(error) if isinstance(error, LivingPersonasError) else error from error
        each: list[Quarantined | Sequence[Event]] = [*((event,) for event in read.events), *read.refusals]
        answer = answer_with_receipts(service, each, written, also={"passed": list(read.passed)})
        return Response(answer, media_type="application/json")

    routes.add_api_route("/v1/webhooks/{provider}", posted, methods=["POST"], **_described())


class _Remembered:
    """Fetches each address once; those of certificates hold another one never."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._held: dict[str, bytes] = {}

    def __call__(self, url: str) -> bytes:
        found = self._held.get(url)
        if found is None:
            found = self._fetch(url)
            if len(self._held) >= _MOST_CERTIFICATES:
                self._held.clear()
            self._held[url] = found
        return found


def _provider(name: str, lookup: Lookup) -> tuple[Provider, str]:
    if name not in PROVIDERS:
        raise UnknownNameError.among("e-mail provider", name[:100], PROVIDERS)
    try:
        return PROVIDERS[name], secret_in(lookup, name)
    except InvalidSettingsError as error:
        raise ProblemError(404, error.message, hint=error.hint) from error


def _address(request: Request, lookup: Lookup) -> str:
    """The address that the provider was told to call."""
    outside = lookup(ADDRESS)
    if not outside:
        return str(request.url)
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{outside.rstrip('/')}{request.url.path}{query}"


def _prove(provider: Provider, sent: Sent) -> None:
    try:
        provider.verify(sent)
    except WebhookError as error:
        raise ProblemError(401, error.message, hint=error.hint) from error
    except DeliveryError as error:  # nothing is wrong with the body: the provider sends it again
        raise _later(error) from error


async def _prove_first(service: Service, provider: Provider, sent: Sent) -> None:
    """Refuse a signature that does not cover its body, and came with another one before."""
    if provider.loose is None:
        return
    signature, is_first = f"{provider.name} {provider.loose(sent.body)}", []
    await service.writer.beside(
        lambda context: is_first.append(is_first_body(context, signature, sent.body, now=sent.now))
    )
    if not all(is_first):
        detail = "The signature came with another body before: it proves that one only."
        raise ProblemError(
            401, detail, hint="nothing is to be done if the provider sent both; otherwise renew its secret."
        )


def _read(provider: Provider, sent: Sent, nobody: frozenset[str]) -> Read:
    read = provider.read(sent.body, sent.headers, nobody=nobody)
    return replace(read, events=tuple(replace(event, time=min(event.time, sent.now)) for event in read.events))


def _confirm(fetch: Fetch, address: str) -> None:
    """Say yes to a subscription, at an address that the reader found to be the provider's."""
    try:
        fetch(address)
    except DeliveryError as error:
        raise _later(error) from error


def _later(error: DeliveryError) -> ProblemError:
    return ProblemError(503, error.message, hint=error.hint, headers={"Retry-After": "60"})


def _described() -> dict[str, Any]:
    schema = {**FATES_SCHEMA, "properties": {**FATES_SCHEMA["properties"]}}
    schema["properties"]["passed"] = {"type": "array", "items": {"type": "string"}}
    any_text: dict[str, Any] = {"schema": {"description": "What the provider sends, byte by byte."}}
    bodies = ("application/json", "application/x-www-form-urlencoded", "text/plain")
    return {
        "operation_id": "provider_webhook",
        "response_class": Response,
        "tags": ["events"],
        "responses": {
            200: {
                "description": "What became of each event; `passed` are kinds that say nothing about a customer.",
                "content": {"application/json": {"schema": schema}},
            },
            **documented(400, 401, 404, 413, 429, 503),
        },
        "openapi_extra": {"requestBody": {"required": True, "content": dict.fromkeys(bodies, any_text)}},
    }
