"""A backup: a workspace as of one moment in a folder of its own, and the sum of every file; others go on."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from living_personas.domain.damage import Damage
from living_personas.domain.value import value
from living_personas.errors import Location, StoreError
from living_personas.stores.sql.sums import sum_of
from living_personas.stores.sqlite.copying import copy_store
from living_personas.stores.sqlite.examination import opened_parts
from living_personas.workspace.text_file import write_bytes_atomically
from living_personas.workspace.workspace_folder import PERSONAS, SETTINGS_FILE, STORE

__all__ = ["MANIFEST", "BackedUp", "Manifest", "back_up", "read_manifest", "restore", "taken_from", "wrong_files"]

MANIFEST = "backup.json"

_FORMAT: Literal[1] = 1


@value
class BackedUp:
    """A file of a backup: its path in the workspace, how many bytes it has, and their SHA-256 in hex."""

    path: str
    size: int
    sha256: str


@value
class Manifest:
    """What a backup holds, and of when: everything that was acknowledged before ``made``."""

    format: Literal[1]
    version: str
    made: datetime
    files: tuple[BackedUp, ...]

    @property
    def size(self) -> int:
        """How many bytes the files have."""
        return sum(each.size for each in self.files)


_MANIFEST: TypeAdapter[Manifest] = TypeAdapter(Manifest)


def back_up(root: Path, target: Path, *, clock: Callable[[], datetime]) -> Manifest:
    """Copy a workspace as it is at this moment into a new folder: its files, its state, and every file of its days.

    Raises
    ------
    StoreError
        If the folder holds anything, or a file of the store is missing or damaged: then nothing is left of the backup.
    """
    _check_empty(target)
    made = clock()
    unfinished = _beside(target)
    try:
        unfinished.mkdir(mode=0o700, parents=True)
        copied = [*_copy_files(root, unfinished), *copy_store(root / STORE, unfinished / STORE, clock=clock)]
        files = tuple(_backed_up(unfinished, path) for path in sorted(copied))
        manifest = Manifest(format=_FORMAT, version=version("living-personas"), made=made, files=files)
        _sync(path for path in copied)
        write_bytes_atomically(unfinished / MANIFEST, _MANIFEST.dump_json(manifest, indent=1) + b"\n")
        _put(unfinished, target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return manifest


def restore(backup: Path, target: Path, *, prepare: Callable[[Path, Manifest], object]) -> Manifest:
    """Make a workspace of a backup, every file of which is checked first.

    ``prepare`` is given the folder before it gets its name: nobody can serve it before what was taken back since is.

    Raises
    ------
    StoreError
        If the folder holds anything, or the backup is damaged: then nothing is written.
    """
    manifest = read_manifest(backup)
    _check_empty(target)
    wrong = wrong_files(backup, manifest)
    if wrong:
        raise StoreError(
            f"The backup is damaged: {_told(wrong)}.",
            hint="take another; `personas doctor --repair --from` takes from this one what is whole.",
            where=Location(file=str(backup / MANIFEST)),
        )
    unfinished = _beside(target)
    try:
        for each in manifest.files:
            path = unfinished / each.path
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            shutil.copyfile(backup / each.path, path)
            if each.path.startswith(f"{STORE}/"):
                path.chmod(0o600)
        copied = wrong_files(unfinished, manifest)
        if copied:
            raise StoreError(
                f"The copy is not what the backup holds: {_told(copied)}.",
                hint="look at the disk that it was written to, and try again.",
                where=Location(file=str(target)),
            )
        _sync(unfinished / each.path for each in manifest.files)
        prepare(unfinished, manifest)
        _put(unfinished, target)
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return manifest


def read_manifest(backup: Path) -> Manifest:
    """What a backup says of itself.

    Raises
    ------
    StoreError
        If it is none, or a newer version made it.
    """
    path = backup / MANIFEST
    try:
        found = _MANIFEST.validate_json(path.read_bytes())
    except OSError as error:
        raise StoreError(
            f"This is no backup: its {MANIFEST!r} cannot be read: {error.strerror}.",
            hint="give a folder that `personas backup` made.",
            where=Location(file=str(path)),
        ) from error
    except ValidationError as error:
        raise StoreError(
            f"The {MANIFEST!r} of the backup is damaged, or of a newer version: {error.errors()[0]['msg']}.",
            hint="take another backup, or install the version that made it.",
            where=Location(file=str(path)),
        ) from error
    outside = [each.path for each in found.files if Path(each.path).is_absolute() or ".." in Path(each.path).parts]
    if outside:
        raise StoreError(
            f"The backup names the file {outside[0]!r}, which would lie outside of the workspace.",
            hint="take another backup: `personas backup` never makes such a one.",
            where=Location(file=str(path)),
        )
    return found


def taken_from(backup: Path, root: Path, damages: Iterable[Damage]) -> tuple[str, ...]:
    """Put files of a backup in the place of damaged ones that are the same by their sums; the paths of those."""
    held = {each.path: each for each in read_manifest(backup).files}
    taken = []
    with opened_parts(root / STORE, clock=_never) as parts:
        needed = {part.object or parts.path(part).relative_to(root).as_posix(): part for part in parts.needed()}
        for damage in damages:
            part = needed.get(damage.place)
            name = parts.path(part).relative_to(root).as_posix() if part else ""
            found = held.get(name)
            if part is None or found is None or not _is_whole(backup / name, found):
                continue
            if part.sum is None or part.sum.sha256.hex() == found.sha256:
                parts.mend(part, backup / name)
                taken.append(damage.place)
    return tuple(taken)


def wrong_files(folder: Path, manifest: Manifest) -> tuple[str, ...]:
    """The paths of a backup's files that are missing or other than they were written."""
    return tuple(each.path for each in manifest.files if not _is_whole(folder / each.path, each))


def _never() -> datetime:
    """No file is old: nothing is cleared away meanwhile."""
    return datetime(1970, 1, 1, tzinfo=UTC)


def _is_whole(path: Path, expected: BackedUp) -> bool:
    try:
        if path.stat().st_size != expected.size:
            return False
        return sum_of(path).sha256.hex() == expected.sha256
    except OSError:
        return False


def _copy_files(root: Path, target: Path) -> list[Path]:
    """What people wrote: the settings, and everything in the folder of the personas."""
    names = [Path(SETTINGS_FILE)] if (root / SETTINGS_FILE).is_file() else []
    names += [path.relative_to(root) for path in sorted((root / PERSONAS).rglob("*")) if path.is_file()]
    for name in names:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / name, target / name)
    return [target / name for name in names]


def _backed_up(folder: Path, path: Path) -> BackedUp:
    found = sum_of(path)
    return BackedUp(path=path.relative_to(folder).as_posix(), size=found.size, sha256=found.sha256.hex())


def _check_empty(target: Path) -> None:
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StoreError(
            f"{target.name!r} is there already, and not empty.",
            hint="give a folder that is not there yet, or is empty: nothing is ever written over.",
            where=Location(file=str(target)),
        )


def _beside(target: Path) -> Path:
    """Where it is made: on the same disk, under a name that says that it is not finished."""
    return target.absolute().with_name(f"{target.absolute().name}.unfinished-{os.getpid()}")


def _put(unfinished: Path, target: Path) -> None:
    if target.is_dir():
        target.rmdir()
    unfinished.rename(target)


def _sync(paths: Iterable[Path]) -> None:
    for path in paths:
        with path.open("rb") as file:
            os.fsync(file.fileno())


def _told(names: Sequence[str]) -> str:
    more = f" and {len(names) - 3:,} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more}"
