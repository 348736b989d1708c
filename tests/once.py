"""What takes long to make is made once, whichever worker of the run asks first; the others wait for it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

_LOOK_SECONDS = 0.1
_PATIENCE_SECONDS = 300


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder that ``make`` fills, the same for all workers and all folders of tests: to be copied, never opened.

    ``make`` is given the name of a folder that is not there yet.
    """
    shared = tmp_path_factory.getbasetemp()
    shared = shared.parent if os.environ.get("PYTEST_XDIST_WORKER") else shared
    place = shared / f"once-{name}"
    try:
        place.mkdir()
    except FileExistsError:
        _wait_for(place)
        return place / name
    try:
        make(place / name)
    except BaseException:
        (place / "failed").touch()
        raise
    (place / "done").touch()
    return place / name


def copied(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """A copy of what is made once, for the tests of one worker."""
    return Path(shutil.copytree(made_once(tmp_path_factory, name, make), tmp_path_factory.mktemp("copy") / name))


def _wait_for(place: Path) -> None:
    for _ in range(int(_PATIENCE_SECONDS / _LOOK_SECONDS)):
        if (place / "done").exists():
            return
        assert not (place / "failed").exists(), f"{place.name} could not be made: see the test that tried"
        time.sleep(_LOOK_SECONDS)
    raise AssertionError(f"{place.name} was not made in {_PATIENCE_SECONDS} seconds")
