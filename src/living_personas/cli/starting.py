"""``init``, ``check`` and ``schema``: begin a workspace, and see what its files mean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from living_personas.cli.checked_file import checked_file, checked_page
from living_personas.cli.failures import say
from living_personas.cli.options import DryRun, Folder, Format
from living_personas.cli.other_readers import read_otherwise
from living_personas.cli.pasted import about
from living_personas.cli.screen import json_of, show, tell
from living_personas.cli.understood import Understood, understood
from living_personas.cli.understood_page import understood_page
from living_personas.domain.consent import Consent
from living_personas.domain.counted import counted
from living_personas.domain.currency import currency_code
from living_personas.domain.number_text import DecimalMark
from living_personas.errors import InvalidSettingsError, Location
from living_personas.loop.recording.file_check import CheckedSource
from living_personas.loop.recording.message_files import messages_among, spoken_in
from living_personas.recipes.draft import Said, draft
from living_personas.recipes.evidence import SeenInSource
from living_personas.recipes.recognise import nearly
from living_personas.recipes.understood_file import UnderstoodFile, understand
from living_personas.wiring import salt_bytes
from living_personas.workspace import init as making
from living_personas.workspace.encoding_shape import ENCODING
from living_personas.workspace.file_words import DATE, WITHIN
from living_personas.workspace.files import read_workspace
from living_personas.workspace.quantities import duration
from living_personas.workspace.schema import schema_texts, write_schemas
from living_personas.workspace.workspace_folder import SETTINGS_FILE
from living_personas.workspace.zone_shape import ZONE

__all__ = ["check", "init", "schema"]

NewFolder = Annotated[Path, Parameter(help="The folder, made if it is missing.")]
Name = Annotated[str, Parameter(help="What the workspace is called; the folder's name unless given.")]
From = Annotated[
    tuple[Path, ...],
    Parameter(
        name="--from",
        consume_multiple=True,
        help="Exports that you have, or folders of them: the files are written for them.",
    ),
]
Zone = Annotated[str, Parameter(help="Whose midnight ends a day, such as Europe/Berlin.")]
Within = Annotated[str, Parameter(help="How long after what was met an outcome counts, such as '3 days'.")]
SaidConsent = Annotated[Consent, Parameter(help="What it means that somebody said neither yes nor no.")]
Currency = Annotated[str, Parameter(help="Judge by what is earned, in this currency, such as EUR.")]
Encoding = Annotated[str, Parameter(help="The encoding of text that is no UTF-8, such as windows-1252.")]
Decimal = Annotated[DecimalMark | None, Parameter(help="What stands before the decimals of numbers.")]
Day = Annotated[str, Parameter(help="The day of rows that say none, such as that of a mailing.")]
DataFile = Annotated[
    Path | None, Parameter(help="A file of data: show what each row would become, and record nothing.")
]
SourceName = Annotated[str, Parameter(help="Which source it is; each whose columns it has unless given.")]


def init(
    folder: NewFolder = Path(),
    /,
    *,
    from_: From = (),
    name: Name = "",
    zone: Zone = "",
    within: Within = "3 days",
    consent: SaidConsent = "assumed",
    currency: Currency = "",
    decimal: Decimal = None,
    day: Day = "",
    encoding: Encoding = "",
    dry_run: DryRun = False,
) -> None:
    """Begin a workspace in a folder; one that is there is never written over.

    With `--from` its files are written for the exports that you have: what was understood is said, what was guessed is
    called a guess.
    """
    called = name or folder.resolve().name
    salt = salt_bytes()
    said = _said(zone=zone, within=within, consent=consent, currency=currency, decimal=decimal, day=day)
    if not from_:
        _refuse_words_about_files(currency=currency, decimal=decimal, day=day, encoding=encoding)
    if encoding and ENCODING.check:
        ENCODING.check(encoding, Location(file="--encoding"))
    found = tuple(understand(file, zone=ZoneInfo(said.zone or "UTC"), encoding=encoding) for file in _files(from_))
    sources = [each for each in found if each.recipe or not read_otherwise(each.rows)]
    drafted = draft(sources, said, name=called, salt=salt.hex(), spoken=_spoken(found)) if found else None
    texts = drafted.texts if drafted else None
    if dry_run:
        _rehearse(folder, called, said, texts)
    else:
        written = _begin(folder, called, said, texts, salt=salt)
        for path in written:
            tell(f"wrote {path.as_posix()}")
    place = "" if folder == Path() else f" --workspace {folder.as_posix()}"
    with about(folder):
        for each in found:
            tell(*_understood_lines(each))
    tell(*(f"yours to settle: {each}" for each in (drafted.unsettled if drafted else ())))
    what = f"check {sources[0].rows.file.as_posix()}{place}" if sources else f"check{place}"
    say(f"next: edit these files, then `personas {what}`")


def check(
    file: DataFile = None, /, *, source: SourceName = "", form: Format = "table", workspace: Folder = Path()
) -> None:
    """Say what the files mean; if something is wrong, where it is and how to mend it.

    With a file of data, say what each of its first 1,000 rows would become; nothing is recorded.
    """
    if file is not None:
        checked = checked_file(workspace, file, source=source)
        show(form, lambda: checked_page(checked), lambda: json_of(checked, tuple[CheckedSource, ...]))
        return
    if source:
        raise InvalidSettingsError(
            f"The source {source!r} was named, and no file of data.", hint="write `personas check FILE --source NAME`."
        )
    found = understood(workspace)
    show(form, lambda: understood_page(found), lambda: json_of(found, Understood))


def schema(*, dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Write the JSON Schemas of both kinds of file anew, for editors."""
    read_workspace(workspace)
    paths = [workspace / name for name in schema_texts()] if dry_run else write_schemas(workspace)
    for path in paths:
        tell(f"{'would write' if dry_run else 'wrote'} {path.as_posix()}")


def _said(*, zone: str, within: str, consent: Consent, currency: str, decimal: DecimalMark | None, day: str) -> Said:
    """What was typed, if a file may say it."""
    if zone and ZONE.check:
        ZONE.check(zone, Location(file="--zone"))
    WITHIN.parse(within)
    if day:
        DATE.parse(day)
    if currency and currency_code(currency) != currency:
        raise InvalidSettingsError(f"{currency!r} is the code of no currency.", hint="write it like EUR.")
    return Said(
        within=within, consent=consent, zone=zone or None, currency=currency or None, decimal=decimal, day=day or None
    )


def _files(named: Iterable[Path]) -> Iterator[Path]:
    """The files, and those right inside folders; what is hidden is nobody's export."""
    for path in named:
        inside = sorted(file for file in path.iterdir() if file.is_file()) if path.is_dir() else []
        yield from [file for file in inside if not file.name.startswith((".", "_"))] or [path]


def _refuse_words_about_files(**said: str | None) -> None:
    """What speaks of exports says nothing without one: it is refused, never dropped."""
    named = ", ".join(f"--{name} {each}" for name, each in said.items() if each)
    if named:
        raise InvalidSettingsError(
            f"{named} speaks of exports, and none was named.",
            hint="name them with --from; without them, write it into the files: a goal takes `value` and `currency`.",
        )


def _understood_lines(found: UnderstoodFile) -> Iterator[str]:
    """What a file was taken for, and why."""
    name, looked_at = found.rows.file.name, f"{counted(len(found.rows.rows), 'row')} looked at"
    if found.recipe is None and (reader := read_otherwise(found.rows)):
        yield f"{name} ({looked_at}): {reader}"
        return
    if found.recipe is None:
        yield f"{name}: no export that is known ({looked_at}): its columns are in workspace.yaml, to fill in"
        if near := nearly(found.rows):
            recipe, lacks = near
            yield f"  nearly {recipe.name} ({recipe.export}), but for the columns {', '.join(map(repr, lacks))}"
            yield f"  export it with them, or fill in as `personas sources {recipe.id}` shows"
        return
    yield f"{name}: {found.recipe.name} ({looked_at}), by its columns {', '.join(found.recipe.recognised_by)}"
    for seen in found.seen:
        source = seen.source
        event = source.event or source.fixed_event
        roles = {"customer": source.customer, "time": source.time.column, "event": event, "row": source.message_id}
        columns = {each.name: each.column for each in source.columns}
        said = ", ".join(f"{role} = {columns.get(column, column)}" for role, column in roles.items() if column)
        yield f"  source {source.name}: {said}"
        yield f"    {_fates(seen)}"
        if seen.absent:
            yield f"    not in this file: {', '.join(seen.absent)}"


def _spoken(found: Iterable[UnderstoodFile]) -> Counter[str]:
    """The events of messages, by name."""
    spoken = [messages_among(each.rows) for each in found if each.recipe is None and spoken_in(each.rows)]
    return Counter(name for rows in spoken for name in rows.values("event") if isinstance(name, str))


def _fates(seen: SeenInSource) -> str:
    events = [f"{name} {count:,}" for name, count in seen.events.most_common(5)]
    more = len(seen.events) - len(events)
    said = f"events: {', '.join(events)}{f' and {more} more' if more else ''}" if events else "events: none"
    left_out = f"; left out: {counted(seen.left_out, 'row')}" if seen.left_out else ""
    refused = ", ".join(f"{reason} {count:,}" for reason, count in seen.quarantined.most_common())
    return f"{said}{left_out}{f'; to quarantine: {refused}' if refused else ''}"


def _begin(folder: Path, name: str, said: Said, drafted: Mapping[str, str] | None, *, salt: bytes) -> tuple[Path, ...]:
    return making.init(
        folder,
        name=name,
        salt_bytes=salt,
        consent=said.consent,
        drafted=drafted,
        within=duration(said.within),
        zone=said.zone or "UTC",
    )


def _rehearse(folder: Path, name: str, said: Said, drafted: Mapping[str, str] | None) -> None:
    if (folder / SETTINGS_FILE).exists():
        raise InvalidSettingsError(
            f"There is a workspace in {folder.as_posix()} already.",
            hint="choose another folder, or edit the files that are there.",
            where=Location(file=(folder / SETTINGS_FILE).as_posix()),
        )
    with TemporaryDirectory() as copy:
        for path in _begin(Path(copy), name, said, drafted, salt=salt_bytes()):
            tell(f"would write {(folder / path.relative_to(copy)).as_posix()}")
