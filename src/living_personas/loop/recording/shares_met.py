"""Whether the rows of a file met their options in the shares that its source says, before anything is recorded."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from living_personas.domain.event import Event
from living_personas.domain.names import named
from living_personas.domain.told_number import share_words
from living_personas.stats.quality import RATIO_ALARM, mixture_log_factor

__all__ = ["shares_met"]


def shares_met(events: Sequence[Event]) -> Iterator[str]:
    """Attributes whose options were met in other shares than their policy's; what is in no row is one option more.

    Each customer counts once on an occasion. A false word about a policy has probability at most 1 in 1,000.
    """
    met: dict[tuple[str, str], dict[tuple[str, str, str], tuple[str, float]]] = defaultdict(dict)
    for event in events:
        for each in event.exposures:
            if each.propensity is not None and not each.holdout:
                occasion = (event.customer, each.epoch, each.stratum)
                met[each.attribute, each.policy].setdefault(occasion, (each.option, each.propensity))
    for (attribute, _), occasions in met.items():
        yield from _compared(attribute, list(occasions.values()), shares=dict(occasions.values()))


def _compared(attribute: str, met: Sequence[tuple[str, float]], *, shares: Mapping[str, float]) -> Iterator[str]:
    seen = [sum(option == name for option, _ in met) for name in shares]
    n = np.array([*seen, 0.0])
    policy = np.array([*shares.values(), max(1.0 - sum(shares.values()), 0.0)])
    nothing = np.zeros_like(n)
    if mixture_log_factor(n, policy / policy.sum(), seen=nothing, expected=nothing) < np.log(RATIO_ALARM):
        return
    told = ", ".join(
        f"{named(option)} {share_words(count / len(met), 1)} (its share: {share_words(share, 1)})"
        for (option, share), count in sorted(zip(shares.items(), seen, strict=True), key=lambda each: -each[1])
    )
    yield (
        f"Options of {named(attribute)} do not come in their shares: {told}. If the rows are in no order, the shares "
        "are wrong or rows are missing. Write the share of each option (`propensities`) before you ingest: what is "
        "recorded keeps its shares, and on wrong ones nothing is decided."
    )
