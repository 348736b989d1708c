"""The shares that options were drawn with: one share for each option of a policy, or none at all."""

from __future__ import annotations

import math
from collections.abc import Mapping

from living_personas.domain.settings import SourceExposure
from living_personas.errors import IngestError, did_you_mean
from living_personas.sources.rows import BadRowError, Row
from living_personas.sources.values import number_of, text_of

__all__ = ["CONTEXTS", "Shares"]

_ROOM = 1e-6
"""How far a sum of printed shares, or the same share printed twice, may be off."""


_CONTEXTS = 2
"""Shares beside the first one, of one option under one policy, from which they are taken to depend on the customer."""

CONTEXTS = (
    "a policy has one share for each option: bring a column, mapped as `policy`, that names one policy for each set of "
    "shares (each context in which customers draw alike), and the context as `stratum`"
)


class Shares:
    """The shares met so far, by policy; a share that contradicts them is refused, row by row."""

    def __init__(
        self, exposure: SourceExposure, *, source: str, known: Mapping[str, Mapping[str, float]] | None = None
    ) -> None:
        self._exposure = exposure
        self._base = f"logged/{source}"
        self._refused: dict[tuple[str, str], list[float]] = {}
        self._policies = {policy: dict(shares) for policy, shares in (known or {}).items()}
        _check_declared(exposure, source=source)

    def of(self, row: Row, option: str) -> tuple[str, float | None]:
        """The policy that a row's option was drawn from, and its share; ``("", None)`` if shares are unknown."""
        share = self._said(row, option)
        if share is None:
            return "", None
        policy = self._policy(row)
        shares = self._policies.setdefault(policy, dict(self._exposure.propensities or {}))
        if option not in shares:
            _check_room(shares, option=option, share=share, policy=policy)
            shares[option] = share
        if not _same(shares[option], share):
            raise BadRowError("bad propensity", self._contradicted(policy, option, known=shares[option], share=share))
        return policy, shares[option]

    def _contradicted(self, policy: str, option: str, *, known: float, share: float) -> str:
        """Why a second share is refused, and what to do: by whether it looks like another policy, or like contexts."""
        others = self._refused.setdefault((policy, option), [])
        if len(others) < _CONTEXTS and not any(_same(each, share) for each in others):
            others.append(share)
        if len(others) >= _CONTEXTS:
            shares = ", ".join(map(repr, (known, *others)))
            return (
                f"the share of option {option!r} varies from row to row within policy {policy!r} ({shares}, ...): "
                f"shares that depend on the customer are not supported; {CONTEXTS}"
            )
        return f"option {option!r} has the share {share!r} where policy {policy!r} has {known!r}; {CONTEXTS}"

    def settled(self, row: Row, option: str) -> tuple[str, float | None] | None:
        """What ``of`` answers, if it is known already; None if a share would be new, or is refused."""
        try:
            share = self._said(row, option)
            policy = self._policy(row) if share is not None else ""
        except BadRowError:
            return None
        if share is None:
            return "", None
        known = self._policies.get(policy, {}).get(option)
        return (policy, known) if known is not None and _same(known, share) else None

    def met(self) -> dict[str, dict[str, float]]:
        """A copy of all policies known so far."""
        return {policy: dict(shares) for policy, shares in self._policies.items() if shares}

    def _policy(self, row: Row) -> str:
        part = text_of(row, self._exposure.policy, reason="bad propensity")
        return f"{self._base}/{part}" if part else self._base

    def _said(self, row: Row, option: str) -> float | None:
        """The share that the settings or the row give the option."""
        said = self._exposure.propensity
        if self._exposure.propensities is not None:
            return _declared(self._exposure, option)
        if not isinstance(said, str):
            return said
        share = number_of(row, said, reason="bad propensity")
        if share is None or not 0 < share <= 1:
            raise BadRowError("bad propensity", f"column {said!r} holds {row.get(said)!r}, not a share above 0 up to 1")
        return float(share)


def _same(known: float, share: float) -> bool:
    return math.isclose(known, share, abs_tol=_ROOM)


def _declared(exposure: SourceExposure, option: str) -> float:
    declared = exposure.propensities or {}
    if option not in declared:
        detail = f"column {exposure.option!r} holds {option!r}, which has no share; {did_you_mean(option, declared)}"
        raise BadRowError("bad option", detail)
    if declared[option] <= 0:
        raise BadRowError("bad propensity", f"option {option!r} was met, although its share is {declared[option]!r}")
    return declared[option]


def _check_room(shares: Mapping[str, float], *, option: str, share: float, policy: str) -> None:
    total = math.fsum([*shares.values(), share])
    if total > 1 + _ROOM:
        others = ", ".join(map(repr, shares))
        detail = f"with option {option!r} at {share!r} the shares of policy {policy!r} add up to {total:.6g} "
        raise BadRowError(
            "bad propensity",
            f"{detail}(others: {others}): a misspelt option, a wrong share, or shares that "
            f"depend on the customer; {CONTEXTS}",
        )


def _check_declared(exposure: SourceExposure, *, source: str) -> None:
    declared = list((exposure.propensities or {}).values())
    if isinstance(exposure.propensity, int | float):
        declared.append(exposure.propensity)
    bad = [share for share in declared if not 0 <= share <= 1]
    total = math.fsum((exposure.propensities or {}).values())
    if bad or total > 1 + _ROOM or exposure.propensity == 0:
        what = f"a share of {bad[0]!r}" if bad else f"shares that add up to {total:.6g}"
        raise IngestError(
            f"Source {source!r} declares {what}.",
            hint="shares are above 0 and add up to at most 1 over the options of a policy.",
        )
