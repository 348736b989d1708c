"""What is kept of splits as one block of bytes, exactly, and back."""

from __future__ import annotations

import io
from datetime import date

import numpy as np

from living_personas.domain.value import value
from living_personas.memory.codec import as_json
from living_personas.refining.splits.kept_split import KeptSplit
from living_personas.refining.splits.leaf_search import LeafSearch
from living_personas.refining.splits.menu import YesNoQuestion
from living_personas.refining.splits.split_accounts import SplitAccounts
from living_personas.refining.splits.split_day import SplitState
from living_personas.stats.thompson import Score

__all__ = ["split_block_of", "split_from"]

_NO_LEAF = -1


@value
class _Head:
    """What is kept beside the arrays."""

    questions: tuple[YesNoQuestion, ...]
    options: tuple[str, ...]
    asked: date
    begun: date
    through: date
    times: int


_HEAD = as_json(_Head)


def split_block_of(kept: KeptSplit) -> bytes:
    """The bytes."""
    search, accounts, buffer = kept.state.search, kept.state.accounts, io.BytesIO()
    head = _Head(
        questions=kept.questions,
        options=kept.options,
        asked=kept.asked,
        begun=kept.begun,
        through=kept.through,
        times=kept.times,
    )
    np.savez(
        buffer,
        head=np.frombuffer(_HEAD.encode(head), dtype=np.uint8),
        u=search.u,
        v=search.v,
        recent_u=search.recent.u,
        recent_v=search.recent.v,
        units=search.units,
        successes=search.successes,
        claim=accounts.claim,
        rule=accounts.rule,
        principal=np.array(accounts.principal),
        leaves=np.array([_NO_LEAF if leaf is None else leaf for leaf in (kept.state.leaf, accounts.leaf)]),
    )
    return buffer.getvalue()


def split_from(block: bytes) -> KeptSplit:
    """What ``split_block_of`` wrote."""
    with np.load(io.BytesIO(block), allow_pickle=False) as part:
        head = _HEAD.decode(part["head"].tobytes())
        leaf, about = (None if each == _NO_LEAF else int(each) for each in part["leaves"])
        search = LeafSearch(
            u=part["u"],
            v=part["v"],
            recent=Score(u=part["recent_u"], v=part["recent_v"]),
            units=part["units"],
            successes=part["successes"],
        )
        accounts = SplitAccounts(claim=part["claim"], rule=part["rule"], principal=float(part["principal"]), leaf=about)
    return KeptSplit(
        questions=head.questions,
        options=head.options,
        asked=head.asked,
        begun=head.begun,
        through=head.through,
        times=head.times,
        state=SplitState(search=search, accounts=accounts, leaf=leaf),
    )
