"""Judge a proposal: apply, review or hold. Small, pure, and the only place that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from living_personas.domain.names import named
from living_personas.domain.persona import Change, Standing
from living_personas.domain.refinement import Refinement, Verdict

__all__ = ["GUARDRAIL", "decided", "judge"]

GUARDRAIL = "guardrail"
"""Who decided, when evidence's own value did harm: evidence may then only propose."""

_FREEDOM: dict[Change, int] = {"auto": 3, "review": 2, "observe": 1, "pinned": 0}
_WAITS = "Waits for a person"
_NOT_MEASURED = "how late {source} delivers is not known yet; declare its `late` in workspace.yaml."


def judge(
    refinement: Refinement,
    *,
    change: Change,
    autonomy: Change,
    standing: Standing | None,
    alarms: Sequence[str] = (),
    killed: bool = False,
    doubted: bool = False,
    sooner: bool = False,
    unmeasured: str = "",
) -> Refinement:
    """The refinement with its verdict.

    Parameters
    ----------
    change, autonomy
        What the attribute and the workspace allow; the stricter of the two holds.
    standing
        Where the attribute stands (None for traits). A pin holds; a value that a person set is only proposed against.
    alarms
        What is wrong with the data now; anything holds.
    killed
        Whether the kill switch is on; it holds everything.
    doubted
        Whether outcomes counted that anybody could have sent: then a person decides, whatever is proposed.
    sooner
        Whether the new value may only be answered sooner: then a person decides.
    unmeasured
        A source of which nobody knows how late it delivers, if there is one: then a person decides.
    """
    verdict, reason = _verdict(
        refinement,
        min(change, autonomy, key=_FREEDOM.__getitem__),
        standing,
        alarms,
        killed=killed,
        doubted=doubted,
        sooner=sooner,
        unmeasured=unmeasured,
    )
    why = f"{refinement.why} {reason}".strip() if reason else refinement.why
    return replace(refinement, verdict=verdict, why=why)


def decided(why: str) -> str:
    """A reason without that it waits for a person: once somebody decided, nothing does.

    >>> decided("'quality' is proven better than 'discount'. Waits for a person.")
    "'quality' is proven better than 'discount'."
    """
    return why.partition(_WAITS)[0].rstrip()


def _verdict(
    refinement: Refinement,
    allowed: Change,
    standing: Standing | None,
    alarms: Sequence[str],
    *,
    killed: bool,
    doubted: bool,
    sooner: bool,
    unmeasured: str,
) -> tuple[Verdict, str]:
    """The first rule that applies."""
    by = standing.decided_by if standing is not None else ""
    pinned = standing is not None and standing.pinned
    by_person = by not in ("", "evidence")
    rules: tuple[tuple[bool, Verdict, str], ...] = (
        (refinement.kind == "undo" and pinned, "hold", "Held: the value is pinned."),
        (refinement.kind == "undo", "review", f"{_WAITS}: keep it, or undo it."),
        (killed, "hold", "Held: the kill switch is on."),
        (pinned, "hold", "Held: the value is pinned."),
        (bool(alarms), "hold", f"Held: {' '.join(alarms)}"),
        (allowed in ("observe", "pinned"), "hold", f"Held: changes are set to {named(allowed)}."),
        (refinement.grade == "real but small", "hold", "Held: real but small, below what is worth changing."),
        (refinement.grade == "not yet known to be worth it", "hold", "Held: not yet known to be worth changing."),
        (doubted, "review", f"{_WAITS}: browsers sent outcomes, and anybody can send those."),
        (sooner, "review", f"{_WAITS}: options may differ in speed only."),
        (bool(unmeasured), "review", f"{_WAITS}: {_NOT_MEASURED.format(source=named(unmeasured))}"),
        (refinement.kind in ("confirm", "restore"), "apply", ""),
        (by == GUARDRAIL, "review", f"{_WAITS}: a guardrail took it back before."),
        (by_person, "review", f"{_WAITS}: the present value was set by {by}."),
        (allowed == "review", "review", f"{_WAITS}."),
    )
    return next(((verdict, reason) for applies, verdict, reason in rules if applies), ("apply", ""))
