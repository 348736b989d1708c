"""Why the desk answered as it did: which rules were true, and what would have been next."""

from __future__ import annotations

from collections.abc import Mapping

from living_personas.domain.decision import Choice
from living_personas.domain.snapshot import Snapshot
from living_personas.domain.value import value
from living_personas.rules.closure import compile_rule
from living_personas.rules.parse import parse
from living_personas.serving.question import Answer

__all__ = ["DrawnOption", "RuleTried", "Why", "why"]

_WORDS: Mapping[bool | None, str] = {True: "true", False: "false", None: "unknown"}


@value
class RuleTried:
    """One persona's rule, in order: true, false, or unknown because something is not known."""

    persona: str
    who: str
    answer: str


@value
class DrawnOption:
    """An option that was chosen, how probable it was, and what would have been next."""

    attribute: str
    option: str
    propensity: float
    runner_up: str
    runner_up_share: float


@value
class Why:
    """An answer with its reasons."""

    answer: Answer
    rules: tuple[RuleTried, ...]
    drawn: tuple[DrawnOption, ...]


def why(answer: Answer, snapshot: Snapshot) -> Why:
    """The reasons of an answer that was decided under a snapshot."""
    return Why(
        answer=answer,
        rules=tuple(
            RuleTried(
                persona=persona.persona,
                who=persona.who,
                answer=_WORDS[compile_rule(parse(persona.who))(answer.known)],
            )
            for persona in snapshot.personas
        ),
        drawn=tuple(_drawn(snapshot, answer, choice) for choice in answer.decision.choices),
    )


def _drawn(snapshot: Snapshot, answer: Answer, choice: Choice) -> DrawnOption:
    decision = answer.decision
    persona = next(each for each in snapshot.personas if each.persona == decision.persona)
    tables = {
        policy: dict(zip(each.options, shares, strict=True))
        for each in persona.attributes
        if each.attribute == choice.attribute and each.channel in ("", decision.channel)
        for table in each.tables
        for policy, shares in table.by_policy.items()
    }
    others = [(share, option) for option, share in tables.get(choice.policy, {}).items() if option != choice.option]
    share, option = max(others, default=(0.0, ""))
    return DrawnOption(
        attribute=choice.attribute,
        option=choice.option,
        propensity=choice.propensity,
        runner_up=option,
        runner_up_share=share,
    )
