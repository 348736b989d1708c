"""What a customer like this would be shown, and why; nothing is recorded."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from datetime import datetime

from living_personas.deciding.decide import Decider
from living_personas.domain.decision import Decision
from living_personas.domain.persona import PersonaVersion
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse

__all__ = ["RuleTried", "Tried", "curl_text", "ofrep_text", "try_customer"]


@value
class RuleTried:
    """One persona's rule, in order: true, false, or unknown because something is not known."""

    persona: str
    name: str
    who: str
    answer: str


@value
class Drawn:
    """An option that was chosen, how probable it was, and what would have been next."""

    attribute: str
    option: str
    propensity: float
    runner_up: str
    runner_up_share: float


@value
class Tried:
    """A decision with its reasons."""

    decision: Decision
    rules: tuple[RuleTried, ...]
    drawn: tuple[Drawn, ...]


def try_customer(
    snapshot: Snapshot,
    versions: Mapping[str, PersonaVersion],
    customer: str,
    known: Mapping[str, object],
    *,
    at: datetime,
    channel: str,
) -> Tried:
    """Decide as the server would, and say which rules were true."""
    decision = Decider(snapshot).decide(customer, known, at=at, channel=channel, visit="tester", campaign="")
    return Tried(
        decision=decision,
        rules=tuple(_rule(persona.persona, persona.who, versions, known) for persona in snapshot.personas),
        drawn=tuple(_drawn(snapshot, decision, choice.attribute) for choice in decision.choices),
    )


def ofrep_text(customer: str, known: Mapping[str, object], *, channel: str) -> str:
    """The same question as the body of an OFREP request."""
    context = {"targetingKey": customer, **({"channel": channel} if channel else {}), **known}
    return json.dumps({"context": context}, indent=2, ensure_ascii=True)


def curl_text(body: str, *, server: str) -> str:
    """The same question for a terminal: quoted, so that nothing in it is a command."""
    address = f"{server}/ofrep/v1/evaluate/flags"
    return (
        f"curl -s {shlex.quote(address)} -H 'Content-Type: application/json' \\\n"
        f'  -H "Authorization: Bearer $KEY" \\\n  -d {shlex.quote(body)}'
    )


def _rule(persona: str, who: str, versions: Mapping[str, PersonaVersion], known: Mapping[str, object]) -> RuleTried:
    answer = compile_rule(parse(who))(known)
    name = versions[persona].persona.name if persona in versions else persona
    words = {True: "true", False: "false", None: "unknown"}
    return RuleTried(persona=persona, name=name, who=who, answer=words[answer])


def _drawn(snapshot: Snapshot, decision: Decision, attribute: str) -> Drawn:
    choice = next(each for each in decision.choices if each.attribute == attribute)
    persona = next(each for each in snapshot.personas if each.persona == decision.persona)
    tables = {
        table.policy: dict(zip(each.options, table.shares, strict=True))
        for each in persona.attributes
        if each.attribute == attribute and each.channel in ("", decision.channel)
        for table in each.tables
    }
    others = [(share, option) for option, share in tables.get(choice.policy, {}).items() if option != choice.option]
    share, option = max(others, default=(0.0, ""))
    return Drawn(
        attribute=attribute,
        option=choice.option,
        propensity=choice.propensity,
        runner_up=option,
        runner_up_share=share,
    )
