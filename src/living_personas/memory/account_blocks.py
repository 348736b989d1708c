"""The accounts as one block of bytes, exactly, and back from the blocks of this version and of those before it."""

from __future__ import annotations

import io

import numpy as np

from living_personas.refining.accounts import Accounts
from living_personas.refining.early import Early
from living_personas.refining.ledger import Means
from living_personas.refining.sample_ratio import SampleRatio
from living_personas.stats.thompson import Score

__all__ = ["accounts_from", "block_of"]

_OWN = ("wealth", "principal", "reverse", "any_better", "short", "nominee", "pace")
_EARLY = ("window", "completion", "wealth", "principal", "nominee")


def block_of(accounts: Accounts) -> bytes:
    """The accounts as bytes."""
    buffer = io.BytesIO()
    arrays = {name: getattr(accounts, name) for name in _OWN} | accounts.sample.to_arrays()
    if accounts.answered.shape[-1]:
        arrays["answered"] = accounts.answered
    if accounts.early.chosen.any():
        arrays |= {f"early_{name}": getattr(accounts.early, name) for name in _EARLY}
    keys = np.array([f"{a}\n{stratum}" for a, stratum in accounts.means.keys], dtype=np.str_)
    np.savez(
        buffer,
        **arrays,
        u=accounts.score.u,
        v=accounts.score.v,
        pooled=accounts.means.pooled,
        keys=keys,
        strata=accounts.means.sums,
    )
    return buffer.getvalue()


def accounts_from(block: bytes) -> Accounts:
    """The accounts that ``block_of`` wrote.

    Of a version before 1.0 they come without ``any_better`` and ``short`` (NaN); without early windows and curves where
    there are none.
    """
    with np.load(io.BytesIO(block), allow_pickle=False) as part:
        split = (str(key).split("\n", 1) for key in part["keys"])
        keys = tuple((int(a), stratum) for a, stratum in split)
        own = {name: part[name] for name in _OWN if name in part}
        unknown = np.full_like(own["wealth"], np.nan)
        a, k = own["principal"].shape
        early = {name: part[f"early_{name}"] for name in _EARLY if f"early_{name}" in part}
        return Accounts(
            **{"any_better": unknown, "short": unknown, **own},
            score=Score(u=part["u"], v=part["v"]),
            sample=SampleRatio.from_arrays(part),
            means=Means(pooled=part["pooled"], keys=keys, sums=part["strata"]),
            answered=part.get("answered", np.zeros((a, k, 0))),
            early=Early(**early) if early else Early.none(a, k),
        )
