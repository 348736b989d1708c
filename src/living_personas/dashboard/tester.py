"""Try a customer: which persona, why, and what would be shown. Nothing is recorded."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping

from starlette.responses import Response

from living_personas.dashboard.visit import Visit
from living_personas.domain.raw import bare
from living_personas.errors import InvalidDecisionError
from living_personas.serving.asked_traits import asked_traits
from living_personas.serving.desk import desk_of
from living_personas.serving.no_persona import no_persona_words
from living_personas.serving.question import Question, asked_customer
from living_personas.serving.why import why

__all__ = ["tester", "try_out"]

EXAMPLE = "somebody"


def tester(visit: Visit) -> Response:
    """The empty form."""
    return _page(visit, customer=EXAMPLE, channel="", traits="", answer={"tried": None})


def try_out(visit: Visit) -> Response:
    """The form with its answer; only the answer if htmx asks for it."""
    customer = asked_customer(bare(visit.form.get("customer", "")) or EXAMPLE, visit.context.settings)
    channel, written = visit.form.get("channel", ""), visit.form.get("traits", "")
    given = _traits(written)
    desk = desk_of(visit.context)
    answer = desk.answer(
        Question(customer=customer, at=visit.board.clock(), channel=channel, visit="tester", traits=given)
    )
    body = ofrep_text(customer, given, channel=channel)
    curl = curl_text(body, server=str(visit.request.base_url).removesuffix("/").removesuffix(visit.board.prefix))
    labels = visit.labels
    values = {
        "tried": why(answer, desk.published.snapshot),
        "nobody": no_persona_words(answer, is_known=desk.knows(customer, at=visit.board.clock())),
        "unasked": desk.unasked(given),
        "names": labels.names,
        "labels": {attribute: known for (of, attribute), known in labels.by.items() if of == answer.decision.persona},
        "ofrep": body,
        "curl": curl,
    }
    if visit.request.headers.get("hx-request") == "true":
        return visit.piece("tried.html", **values)
    return _page(visit, customer=customer, channel=channel, traits=written, answer=values)


def ofrep_text(customer: str, given: Mapping[str, object], *, channel: str) -> str:
    """The same question as the body of an OFREP request."""
    context = {"targetingKey": customer, **({"channel": channel} if channel else {}), **given}
    return json.dumps({"context": context}, indent=2, ensure_ascii=True)


def curl_text(body: str, *, server: str) -> str:
    """The same question for a terminal: quoted, so that nothing in it is a command."""
    address = f"{server}/ofrep/v1/evaluate/flags"
    return (
        f"curl -s {shlex.quote(address)} -H 'Content-Type: application/json' \\\n"
        f'  -H "Authorization: Bearer $KEY" \\\n  -d {shlex.quote(body)}'
    )


def _page(visit: Visit, *, customer: str, channel: str, traits: str, answer: Mapping[str, object]) -> Response:
    snapshot = visit.context.store.snapshots.latest()
    personas = visit.newest().values()
    return visit.page(
        "tester.html",
        status=200,
        published=snapshot is not None,
        customer=customer,
        channel=channel,
        traits=traits,
        channels=sorted({channel for version in personas for channel in version.persona.channels}),
        needed=asked_traits(snapshot) if snapshot else (),
        **answer,
    )


def _traits(written: str) -> dict[str, object]:
    """One ``name = value`` a line; numbers and true or false are what they look like."""
    found: dict[str, object] = {}
    for line in filter(None, map(str.strip, written.splitlines())):
        name, equals, said = (part.strip() for part in line.partition("="))
        if not equals or not name:
            raise InvalidDecisionError(f"The line {line!r} has no value.", hint="write one `name = value` a line.")
        found[name] = _value(said)
    return found


def _value(said: str) -> object:
    try:
        read: object = json.loads(said)
    except ValueError:
        return said
    return read if isinstance(read, str | int | float | bool) else said
