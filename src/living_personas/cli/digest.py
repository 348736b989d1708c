"""``digest``: what a person should hear of a week, on stdout, by e-mail or in a chat."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from living_personas.cli.failures import say
from living_personas.cli.opened import goals_of, opened
from living_personas.cli.options import Folder
from living_personas.cli.terminal import write
from living_personas.loop.segments.discovery import segments
from living_personas.loop.segments.upkeep_proposals import proposals
from living_personas.outgoing.mail import mail_server, message, send_mail
from living_personas.outgoing.webhook import post_json
from living_personas.reporting.digest import Digest, digest_of
from living_personas.reporting.digest_forms import (
    digest_email,
    digest_page,
    digest_pictures,
    digest_slack,
    inside,
)
from living_personas.reporting.kill_words import turns_since
from living_personas.reporting.life_words import called_in
from living_personas.reporting.markdown import markdown
from living_personas.reporting.period import first_day, unknown_words
from living_personas.reporting.report import build_report
from living_personas.workspace.text_file import write_text_atomically

__all__ = ["digest"]

Since = Annotated[str, Parameter(help="How far to look back from the last closed day: 7d, or a day.")]
DigestFormat = Annotated[
    Literal["md", "html", "slack"],
    Parameter(name="--format", help="Markdown, an HTML e-mail, or Slack blocks."),
]
Out = Annotated[Path | None, Parameter(help="Write it into this file instead.")]
Send = Annotated[
    str | None, Parameter(help="smtp://host:587, smtps://host:465, or the https:// address of a Slack webhook.")
]
To = Annotated[tuple[str, ...], Parameter(name="--to", help="Who gets the e-mail; may be given several times.")]
From = Annotated[str, Parameter(name="--from", help="Whom the e-mail is from.")]


def digest(
    *,
    since: Since = "7d",
    form: DigestFormat = "md",
    out: Out = None,
    send: Send = None,
    to: To = (),
    from_: From = "",
    workspace: Folder = Path(),
) -> None:
    """Say what needs you, what was corrected and confirmed, and what is unknown; nothing if nothing is new."""
    found, unknown = _digest(workspace, since)
    if unknown:
        say(unknown)
    if found is None or not found.news:
        say("nothing is new")
        return
    if send is not None:
        _send(found, send, sender=from_, to=to)
        return
    text = _text(found, form)
    if out is None:
        write(text)
        return
    write_text_atomically(out, text)
    say(f"wrote {out}")


def _digest(workspace: Path, since: str) -> tuple[Digest | None, str]:
    """The digest, if a day is closed, and what nothing can be known of."""
    with opened(workspace, reads=True) as (_, context):
        report = build_report(context)
        begins, first = min((each.day for each in report.log), default=None), first_day(since, report.as_of)
        unknown = unknown_words(first, begins=begins, as_of=report.as_of)
        if report.as_of is None or begins is None or first > report.as_of:
            return None, unknown
        found = digest_of(
            report,
            found=segments(context),
            goals=goals_of(context),
            first=max(first, begins),
            as_of=report.as_of,
            proposals=proposals(context.store),
            head=context.store.snapshots.head(),
            turns=turns_since(context, first),
            called=called_in(context),
        )
        return found, "" if since.endswith("d") else unknown


def _text(found: Digest, form: str) -> str:
    if form == "html":
        return digest_email(found, digest_pictures(found), address=inside)
    if form == "slack":
        return json.dumps(digest_slack(found), indent=2, ensure_ascii=False) + "\n"
    return markdown(digest_page(found))


def _send(found: Digest, url: str, *, sender: str, to: tuple[str, ...]) -> None:
    if url.startswith(("http:", "https:")):
        post_json(url, digest_slack(found))
        say("posted the digest")
        return
    server = mail_server(url, os.environ)
    pictures = digest_pictures(found)
    mail = message(
        found.title,
        sender=sender,
        to=to,
        text=markdown(digest_page(found)),
        html=digest_email(found, pictures, address=lambda picture: f"cid:{picture.name}"),
        pictures={picture.name: picture.png for picture in pictures},
    )
    send_mail(server, mail)
    say(f"sent the digest to {', '.join(to)}")
