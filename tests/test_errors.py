"""Errors come whole out of the process in which they were raised."""

from __future__ import annotations

import pickle

import pytest

from living_personas.errors import BadValueError, LivingPersonasError, Location, NotPublishedError, StoreAwayError
from living_personas.workspace.file_problems import InvalidFilesError, Problem

WHERE = Location(file="personas/buyer.yaml", line=3)
ERRORS = (
    StoreAwayError("There is no way to it.", hint="start it.", where=WHERE),
    BadValueError("12x is no number.", hint="write digits.", reason="bad number"),
    NotPublishedError(),
    InvalidFilesError([Problem(where=WHERE, message="It is empty.", hint="write a name.")]),
)


@pytest.mark.parametrize("error", ERRORS, ids=lambda each: type(each).__name__)
def test_an_error_is_the_same_in_another_process(error: LivingPersonasError) -> None:
    again = pickle.loads(pickle.dumps(error))  # noqa: S301 - made here
    assert type(again) is type(error)
    assert (str(again), again.args, vars(again)) == (str(error), error.args, vars(error))
