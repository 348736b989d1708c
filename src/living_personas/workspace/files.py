"""A workspace, read: a folder of files that people write, strictly, with everything that is wrong told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

from living_personas.deciding.next_snapshot import counted_who
from living_personas.domain.goal import Goal
from living_personas.domain.kept_days import least_kept
from living_personas.domain.persona import Persona
from living_personas.domain.settings import Settings
from living_personas.domain.value import value
from living_personas.errors import InvalidRuleError, Location, UnknownNameError, by_name
from living_personas.rules.parse import parse
from living_personas.workspace.file_problems import Problems, UnreadableError
from living_personas.workspace.nodes import Entries, Node, parse_yaml, places
from living_personas.workspace.persona_file import read_part, read_persona
from living_personas.workspace.persona_shape import PERSONA
from living_personas.workspace.settings_file import SettingsFile, read_settings
from living_personas.workspace.text_file import read_text
from living_personas.workspace.workspace_folder import PERSONAS, SETTINGS_FILE, STORE, check_folder

__all__ = ["Workspace", "declared_goals", "read_settings_alone", "read_workspace"]


@value
class Workspace:
    """What the files of a folder say.

    ``personas`` are in order of priority. ``goals`` are those that ``workspace.yaml`` names; ``traits`` all that are
    declared, by it or by its sources. ``places`` says where a key is written: the first name is a persona's id, or
    ``workspace.yaml``; list items count from 1.
    """

    root: Path
    settings: Settings
    personas: tuple[Persona, ...]
    goals: Mapping[str, Goal]
    traits: tuple[str, ...]
    places: Mapping[tuple[str, ...], Location]

    def persona(self, name: str) -> Persona:
        """The persona of this id."""
        return by_name("persona", name, {persona.id: persona for persona in self.personas})

    def where(self, *path: str) -> Location:
        """Where a key is written; if it is not, the nearest thing around it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.places:
                return self.places[path[:end]]
        raise UnknownNameError.among("file", path[0] if path else "", {path[0] for path in self.places})

    @property
    def store(self) -> Path:
        """The folder of the embedded store."""
        return self.root / STORE


def read_settings_alone(root: Path) -> Settings:
    """What the settings file says, whatever is wrong with the files of personas.

    Raises
    ------
    InvalidFilesError
        With every problem of the settings file.
    """
    problems = Problems()
    _, found = _read_settings_file(root, problems, {})
    problems.raise_if_any()
    if found is None:
        raise AssertionError  # settings that could not be read are among the problems
    return found.settings


def declared_goals(root: Path) -> tuple[str, ...]:
    """The names of the goals that the settings file declares; it is read again when it was changed.

    Raises
    ------
    InvalidFilesError
        With every problem of the settings file.
    """
    found = (root / SETTINGS_FILE).stat()
    return _goals_of(root, found.st_mtime_ns, found.st_size)


@lru_cache(maxsize=8)
def _goals_of(root: Path, _modified: int, _size: int) -> tuple[str, ...]:
    problems = Problems()
    _, found = _read_settings_file(root, problems, {})
    problems.raise_if_any()
    return tuple(found.vocabulary.goals) if found else ()


def read_workspace(root: Path, *, instead: Mapping[Path, str | None] | None = None) -> Workspace:
    """What the files below ``root`` say, or would say if they held these texts ``instead`` (None: were not there).

    Raises
    ------
    InvalidFilesError
        With every problem of every file, by file and line.
    """
    problems = Problems()
    texts = instead or {}
    settings_node, settings = _read_settings_file(root, problems, texts)
    drafts = _read_personas(root, settings, problems, texts)
    _refuse_twice(drafts, problems)
    problems.raise_if_any()
    if settings is None or settings_node is None:
        raise AssertionError  # settings that could not be read are among the problems
    found: dict[tuple[str, ...], Location] = {(SETTINGS_FILE,): Location(file=_shown(root / SETTINGS_FILE), line=1)}
    found |= {(SETTINGS_FILE, *path): where for path, where in places(settings_node).items()}
    for draft in drafts:
        found[draft.persona.id,] = draft.place("persona")
        found |= {(draft.persona.id, *path): where for path, where in places(draft.node).items()}
    _check_ignore(settings.settings.ignore, drafts, found, problems)
    _check_retention(settings.settings, [draft.persona for draft in drafts], found, problems)
    source_traits = [trait for source in settings.settings.sources for trait in source.traits]
    return Workspace(
        root=root,
        settings=settings.settings,
        personas=_ordered(drafts),
        goals=settings.vocabulary.goals,
        traits=tuple(dict.fromkeys([*settings.traits, *source_traits])),
        places=found,
    )


def _check_ignore(
    ignore: str, drafts: Iterable[_Draft], found: Mapping[tuple[str, ...], Location], problems: Problems
) -> None:
    """``ignore`` stands before the rule of every persona: together they are still a rule."""
    for draft in drafts if ignore else ():
        try:
            parse(counted_who(draft.persona.who, ignore=ignore))
        except InvalidRuleError as error:
            problems.add(
                found[SETTINGS_FILE, "ignore"],
                f"`ignore` stands before the rule of {draft.persona.id!r}, and together they are too much: "
                f"{error.message}",
                hint="declare a feature or trait that says whom to ignore, and name it in `ignore`.",
            )
    problems.raise_if_any()


def _check_retention(
    settings: Settings, personas: Sequence[Persona], found: Mapping[tuple[str, ...], Location], problems: Problems
) -> None:
    """Events are kept for as long as anything that counts looks back."""
    least = least_kept(settings, personas)
    waits = any(persona.goal.waits_for_cap for persona in personas)
    for_less = "; less is enough once every goal that names a value says `at_most`" if waits else ""
    if settings.events_kept is not None and settings.events_kept < least:
        problems.add(
            found[SETTINGS_FILE, "retention", "events"],
            f"Events are kept for {settings.events_kept.days} days, and what counts looks back over {least.days}: the "
            "longest wait for an outcome, how late it comes, and what values and days are compared with.",
            hint=f"write `events: {least.days} days` or more{for_less}.",
        )
    problems.raise_if_any()


@value
class _Draft:
    """A persona whose priority is settled when all are read; drafts are in the order of their file names."""

    persona: Persona
    node: Node
    stated: bool

    def place(self, key: str) -> Location:
        return places(self.node).get((key,), self.node.where)


_Texts: TypeAlias = Mapping[Path, str | None]


def _read_settings_file(root: Path, problems: Problems, texts: _Texts) -> tuple[Node | None, SettingsFile | None]:
    check_folder(root)
    try:
        node = _read_node(root / SETTINGS_FILE, problems, texts)
        return node, read_settings(node, problems=problems)
    except UnreadableError:
        return None, None


def _read_node(path: Path, problems: Problems, texts: _Texts) -> Node:
    text = texts.get(path)
    return parse_yaml(read_text(path, problems) if text is None else text, file=_shown(path), problems=problems)


def _read_personas(root: Path, settings: SettingsFile | None, problems: Problems, texts: _Texts) -> list[_Draft]:
    # Without settings the names they would have given are unknown: nothing is said about names then.
    vocabulary = settings.vocabulary if settings is not None else None
    nodes = list[Node]()
    written = {path for path, text in texts.items() if text is not None and path.parent == root / PERSONAS}
    gone = {path for path, text in texts.items() if text is None}
    for path in sorted({*_persona_files(root, problems), *written} - gone):
        try:
            nodes.append(_read_node(path, problems, texts))
        except UnreadableError:
            continue
    if vocabulary is None:
        for node in nodes:
            with suppress(UnreadableError):
                PERSONA.read(node, problems)
        return []
    drafts, parts = list[_Draft](), [node for node in nodes if _is_part(node)]
    for node in nodes:
        if node not in parts:
            with suppress(UnreadableError):
                persona = read_persona(node, vocabulary=vocabulary, problems=problems)
                drafts.append(_Draft(persona=persona, node=node, stated=("priority",) in places(node)))
    parents = {draft.persona.id: draft.persona for draft in drafts}
    for node in parts if len(drafts) + len(parts) == len(nodes) else ():  # else one of them is not known
        with suppress(UnreadableError):
            part = read_part(node, parents, vocabulary=vocabulary, problems=problems)
            drafts.append(_Draft(persona=part, node=node, stated=False))
    return drafts


def _is_part(node: Node) -> bool:
    return isinstance(node, Entries) and node.get("split_of") is not None


def _persona_files(root: Path, problems: Problems) -> list[Path]:
    folder = root / PERSONAS
    if not folder.is_dir():
        return []
    found = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    for path in found:
        if path.suffix.lower() in (".yml", ".yaml") and path.suffix != ".yaml":
            problems.add(
                Location(file=_shown(path)), f"The file ends in {path.suffix!r}.", hint=f"name it {path.stem}.yaml."
            )
    return [path for path in found if path.suffix == ".yaml"]


def _refuse_twice(drafts: Sequence[_Draft], problems: Problems) -> None:
    for index, draft in enumerate(drafts):
        for earlier in drafts[:index]:
            if earlier.persona.id == draft.persona.id:
                problems.add(
                    draft.place("persona"),
                    f"The persona {draft.persona.id!r} is written twice, also in {earlier.node.where.file}.",
                    hint="give one of them another id.",
                )
            if earlier.stated and draft.stated and earlier.persona.priority == draft.persona.priority:
                problems.add(
                    draft.place("priority"),
                    f"The priority {draft.persona.priority} is taken by {earlier.persona.id!r}.",
                    hint="give each persona that states a priority its own.",
                )


def _ordered(drafts: Sequence[_Draft]) -> tuple[Persona, ...]:
    """Stated priorities first; the others follow in the order of their file names, and parts are before their whole."""
    stated = [draft.persona for draft in drafts if draft.stated]
    following = max((persona.priority for persona in stated), default=-1) + 1
    others = [draft.persona for draft in drafts if not draft.stated and not draft.persona.split_of]
    numbered = [replace(persona, priority=following + index) for index, persona in enumerate(others)]
    whole = {persona.id: persona for persona in (*stated, *numbered)}
    parts = [draft.persona for draft in drafts if draft.persona.split_of]
    placed = [replace(part, priority=whole[part.split_of].priority) for part in parts]
    return tuple(sorted([*whole.values(), *placed], key=lambda persona: persona.rank))


def _shown(path: Path) -> str:
    return path.as_posix()
