"""``pin``, ``kill`` and ``acknowledge``: a person holds one attribute, or everything, or lets go of an alarm."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from living_personas.cli.login import person
from living_personas.cli.named_attribute import named_attribute
from living_personas.cli.opened import opened, published
from living_personas.cli.options import By, DryRun, Folder
from living_personas.cli.screen import tell
from living_personas.domain.names import named
from living_personas.errors import InvalidDecisionError

__all__ = ["acknowledge", "kill", "pin"]

PersonaId = Annotated[str, Parameter(help="The persona's id.")]
AttributeName = Annotated[str, Parameter(help="The attribute's name.")]
Value = Annotated[str | None, Parameter(help="The option to hold it at; the present one unless given.")]
Channel = Annotated[str, Parameter(help="The channel, for an attribute that is believed per channel.")]
Off = Annotated[bool, Parameter(help="Let it go: evidence may change it again.")]
Switch = Annotated[Literal["on", "off"], Parameter(help="On holds everything; off lets evidence go on.")]


def pin(
    persona: PersonaId = "",
    attribute: AttributeName = "",
    /,
    *,
    value: Value = None,
    channel: Channel = "",
    off: Off = False,
    by: By = "",
    dry_run: DryRun = False,
    workspace: Folder = Path(),
) -> None:
    """Hold an attribute at a value, for everybody and at once; with `--off`, let it go."""
    from living_personas.cli.option_labels import labels_known  # noqa: PLC0415 - see below
    from living_personas.people import acting  # noqa: PLC0415 - the loop, which `--help` does without

    if off and value is not None:
        raise InvalidDecisionError(f"--off lets go, and --value {value!r} holds.", hint="use one of the two.")
    with opened(workspace, rehearse=dry_run) as (_, context):
        subject = replace(named_attribute(context, persona, attribute, command="pin"), channel=channel)
        if off:
            version = acting.pin(context, subject, person(by), hold=False)
        else:
            version = acting.pin(context, subject, person(by), value=value)
        held, labels = version.standing(attribute, channel), labels_known(context)
        state = "pinned at" if held.pinned else "free, and stands at"
        option = named(version.persona.attribute(attribute).label(held.value))
        tell(f"{labels.subject(subject)} is {state} {option} (version {version.version})")


def acknowledge(
    persona: PersonaId = "",
    attribute: AttributeName = "",
    /,
    *,
    channel: Channel = "",
    by: By = "",
    dry_run: DryRun = False,
    workspace: Folder = Path(),
) -> None:
    """Take note that an attribute's occasions did not come in the shares of the policy: they are checked anew."""
    from living_personas.cli.option_labels import labels_known  # noqa: PLC0415 - see below
    from living_personas.people import acting  # noqa: PLC0415 - the loop, which `--help` does without

    with opened(workspace, rehearse=dry_run) as (_, context):
        subject = replace(named_attribute(context, persona, attribute, command="acknowledge"), channel=channel)
        first = acting.acknowledge(context, subject, person(by))
        about = labels_known(context).subject(subject)
        tell(f"{about}: occasions are checked anew from {first} on; the next run lifts what holds its changes")


def kill(state: Switch, /, *, by: By = "", dry_run: DryRun = False, workspace: Folder = Path()) -> None:
    """Hold everything at its present value, at once, or let evidence go on."""
    from living_personas.people import acting  # noqa: PLC0415 - the loop, which `--help` does without
    from living_personas.reporting.kill_words import held_words  # noqa: PLC0415 - as above

    with published(workspace, rehearse=dry_run) as context:
        turned = acting.kill(context, person(by), on=state == "on")
        found = held_words(context) or "evidence goes on."
        tell(f"kill switch {state}{'' if turned else ', as it was'}: {found}")
