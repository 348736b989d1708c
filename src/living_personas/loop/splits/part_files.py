"""The files of parts of personas: written when a split is applied, taken away when a merge is, each once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, time, timedelta
from pathlib import Path

from living_personas.domain.file_save import FileSave
from living_personas.domain.persona import Persona
from living_personas.domain.refinement import Refinement
from living_personas.domain.split import Split
from living_personas.loop.context import Context
from living_personas.memory.people_records import FILE_SAVES
from living_personas.refining.apply import PARTING
from living_personas.refining.splits.split_sentence import split_sentence
from living_personas.workspace.files import read_workspace
from living_personas.workspace.persona_text import persona_text
from living_personas.workspace.text_file import put_text, text_there

__all__ = ["said_of_split", "write_parts"]


def write_parts(context: Context, *, root: Path) -> tuple[Path, ...]:
    """Write the files of parts that were split off, and take away those of parts that were merged; which ones.

    They hold from the next cycle on. Each is done once, and kept as a save of the file: whoever takes a part's file
    away has undone the split, and whoever brings one back has undone the merge.
    """
    written, changed = {persona.id: persona for persona in context.personas}, list[Path]()
    done = {(save.persona, save.at) for save in FILE_SAVES.all(context.store).values()}
    for each in context.store.refinements.all():
        part_id = each.split.persona if each.split is not None else each.subject.persona
        if each.verdict != "apply" or each.kind not in PARTING or (part_id, _moment(context, each)) in done:
            continue
        if each.kind == "merge" and part_id in written:
            path = Path(read_workspace(root).where(part_id).file)
            _keep(context, each, path, None, part=part_id, root=root)
            changed.append(path)
        elif each.split is not None and _is_new(context, each.split, written):
            part = _part(written[each.subject.persona], each, each.split)
            path = root / "personas" / f"{part.id}.yaml"
            _keep(context, each, path, persona_text(part), part=part.id, root=root)
            changed.append(path)
    return tuple(changed)


def _moment(context: Context, made: Refinement) -> datetime:
    """When it was decided: where evidence did, the end of its day."""
    return made.at or datetime.combine(made.day + timedelta(days=1), time(), tzinfo=context.zone)


def _keep(context: Context, made: Refinement, path: Path, text: str | None, *, part: str, root: Path) -> None:
    """Write the file of a part, or take it away, and keep what it was before."""
    history = context.store.versions.history(part)
    save = FileSave(
        file=path.resolve().relative_to(root.resolve()).as_posix(),
        persona=part,
        version=history[-1].version if history else 0,
        by=made.decided_by,
        at=_moment(context, made),
        why="Merged." if text is None else "Split off.",
        before=text_there(path),
        after=text,
    )
    with context.store.commit():
        FILE_SAVES.write(context.store, f"{len(FILE_SAVES.names(context.store)) + 1:08d}", save)
        put_text(path, text)


def _is_new(context: Context, split: Split, written: Mapping[str, Persona]) -> bool:
    return split.persona not in written and not context.store.versions.history(split.persona)


def _part(whole: Persona, made: Refinement, split: Split) -> Persona:
    """The persona of a part: it owns the attribute that was split, and believes what the split showed of it."""
    attribute, why = whole.attribute(made.subject.attribute), f"Split by evidence on {made.day.isoformat()}."
    owned = replace(attribute, believed=made.new, confidence=split.confidence, splits="off", why=why)
    part = whole.divided(id_=split.persona, name=split.name, part=split.part, attributes=(owned,))
    return replace(part, sources=(f"split {made.day.isoformat()}",), brief=said_of_split(split, among=whole.name))


def said_of_split(split: Split, *, among: str) -> str:
    """What a split that is proven says of a part of a persona."""
    return split_sentence(
        "proven",
        leaf=split.in_words,
        among=among,
        values=split.values,
        effects=split.effects,
        options=split.options,
    )
