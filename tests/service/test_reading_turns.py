"""While large bodies are read, whoever asks something short waits for one of them."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest

from living_personas.http.reading_turns import LARGE, ReadingTurns


def read_beside_questions(size: int, *, bodies: int = 8) -> list[str]:
    """The order in which bodies of a size are read, and questions that are ready all the time answered."""
    order: list[str] = []

    async def read(turns: ReadingTurns) -> None:
        async with turns.turn(size):
            order.append("body")

    async def ask() -> None:
        for _ in range(3 * bodies):
            order.append("question")
            await asyncio.sleep(0)

    async def both() -> None:
        turns = ReadingTurns()
        await asyncio.gather(*(read(turns) for _ in range(bodies)), ask())

    asyncio.run(both())
    assert order.count("body") == bodies
    return order


def test_a_question_waits_for_one_large_body_and_not_for_all() -> None:
    assert ("body", "body") not in pairwise(read_beside_questions(LARGE))
    assert ("body", "body") in pairwise(read_beside_questions(LARGE - 1))  # small ones are no reason to wait


def test_a_body_that_cannot_be_read_lets_the_next_one_be() -> None:
    async def fail_first() -> None:
        turns = ReadingTurns()
        with pytest.raises(ValueError, match="spoilt"):
            async with turns.turn(LARGE):
                raise ValueError("spoilt")
        async with asyncio.timeout(5), turns.turn(LARGE):
            pass

    asyncio.run(fail_first())
