"""Run ``personas`` as if only the core and one extra was installed: only_extra.py EXTRA COMMAND [then COMMAND]..."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from itertools import groupby
from pathlib import Path
from types import ModuleType

from packaging.requirements import Requirement

PROJECT = Path(__file__).parents[2] / "pyproject.toml"


class OnlyInstalled(MetaPathFinder):
    """Finds modules where Python finds them, but none that does not come with the core and the extra."""

    find_distributions = staticmethod(PathFinder.find_distributions)

    def __init__(self, installed: frozenset[str]) -> None:
        self.missing = {
            module for module, of in packages_distributions().items() if not {_normal(each) for each in of} & installed
        }

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Where a module is, if it is there."""
        if fullname.partition(".")[0] in self.missing:
            return None
        return PathFinder.find_spec(fullname, path, target)


def installed_with(extra: str) -> frozenset[str]:
    """The distributions that come with the core and an extra (none where it is empty), with all that they need."""
    found: set[tuple[str, str]] = set()
    wanted = [("living-personas", extra), ("living-personas", "")]
    while wanted:
        name, of = wanted.pop()
        if (name, of) in found:
            continue
        found.add((name, of))
        wanted += [(_normal(each.name), more) for each in _needs(name, of) for more in ("", *each.extras)]
    return frozenset(name for name, _ in found)


def _needs(name: str, extra: str) -> list[Requirement]:
    if name == "living-personas":  # as it is written now, not when it was installed
        project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
        return [
            Requirement(each)
            for each in (project["optional-dependencies"][extra] if extra else project["dependencies"])
        ]
    try:
        said = [Requirement(each) for each in requires(name) or []]
    except PackageNotFoundError:
        return []
    return [each for each in said if each.marker is None or each.marker.evaluate({"extra": extra})]


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


if __name__ == "__main__":
    extra, *arguments = sys.argv[1:]
    only = OnlyInstalled(installed_with(extra))
    sys.meta_path[:] = [only if each is PathFinder else each for each in sys.meta_path]
    for loaded in [name for name in sys.modules if name.partition(".")[0] == "packaging"]:
        del sys.modules[loaded]
    from living_personas.cli import main

    commands = [list(group) for is_then, group in groupby(arguments, key=lambda each: each == "then") if not is_then]
    for command in commands:
        try:
            main(command)
        except SystemExit as ended:
            if ended.code:
                raise
