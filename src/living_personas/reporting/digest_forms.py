"""The digest as a page, as an e-mail that needs no style sheet, and as Slack blocks."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from html import escape

from living_personas.domain.command_text import outside_code
from living_personas.domain.event import Json
from living_personas.domain.value import value
from living_personas.reporting.charts import rates_chart
from living_personas.reporting.digest import Digest, Finding, sections
from living_personas.reporting.page import Bullets, Heading, Page, Text
from living_personas.reporting.plots import png_of
from living_personas.reporting.text_html import text_html

__all__ = ["Picture", "digest_email", "digest_page", "digest_pictures", "digest_slack", "inside"]

MOST_PICTURES = 6
"""An e-mail above 100 kB is cut by common readers; a plot has about 10 kB."""

MOST_BLOCKS, MOST_TEXT, MOST_HEADER = 50, 3000, 150
"""What Slack takes: blocks in a message, characters in a section, characters in a header."""

_BODY = (
    "font:16px/1.5 Helvetica,Arial,sans-serif;color:#1c2430;max-width:640px;margin:0 auto;padding:16px;"
    "overflow-wrap:anywhere"  # a hash, or a name without blanks, is wider than a phone
)
_HEADING = "font-size:18px;margin:24px 0 8px;border-top:1px solid #d7dce2;padding-top:16px"
_SOFT = "color:#5c6672;font-size:14px"


@value
class Picture:
    """A plot of one finding."""

    name: str
    finding: Finding
    png: bytes


def digest_page(digest: Digest) -> Page:
    """The digest in blocks."""
    blocks: list[Heading | Text | Bullets] = [Heading(text=digest.title, level=1), Text(text=digest.opening)]
    for section in sections(digest):
        blocks.append(Heading(text=section.title))
        blocks.append(Bullets(items=tuple(f"{each.about}: {each.says}" for each in section.findings)))
    return (*blocks, Text(text=digest.ending)) if digest.ending else tuple(blocks)


def digest_pictures(digest: Digest) -> tuple[Picture, ...]:
    """A plot of each finding that has one.

    Raises
    ------
    MissingExtraError
        If the extra ``charts`` is not installed.
    """
    shown = [each for section in sections(digest) for each in section.findings if each.shown is not None]
    return tuple(
        Picture(name=f"plot-{number}", finding=each, png=png_of(rates_chart(each.shown, percent=each.percent)))
        for number, each in enumerate(shown[:MOST_PICTURES], 1)
        if each.shown is not None
    )


def inside(picture: Picture) -> str:
    """The address of a picture that is in the page itself."""
    return f"data:image/png;base64,{b64encode(picture.png).decode()}"


def digest_email(digest: Digest, pictures: tuple[Picture, ...], *, address: Callable[[Picture], str]) -> str:
    """The digest as HTML with styles on each element, as e-mail readers need it; ``address`` says where plots are."""
    body = [
        f'<h1 style="font-size:22px;margin:0 0 8px">{escape(digest.title)}</h1>',
        f'<p style="{_SOFT};margin:0">{escape(digest.opening)}</p>',
    ]
    plots = {id(picture.finding): picture for picture in pictures}
    for section in sections(digest):
        body.append(f'<h2 style="{_HEADING}">{escape(section.title)}</h2>')
        for each in section.findings:
            body.append(
                f'<p style="margin:0 0 12px"><strong>{escape(each.about)}</strong><br>{text_html(each.says)}</p>'
            )
            if picture := plots.get(id(each)):
                body.append(_image(picture, address(picture)))
    if digest.ending:
        body.append(f'<p style="{_SOFT};margin:24px 0 0">{text_html(digest.ending)}</p>')
    head = f'<meta charset="utf-8"><title>{escape(digest.title)}</title>'
    page = "\n".join(body)
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body style="{_BODY}">\n{page}\n</body></html>\n'


def digest_slack(digest: Digest) -> dict[str, Json]:
    """The digest as a Slack message: what people wrote is escaped, and no address in it becomes a link."""
    blocks: list[Json] = [
        {"type": "header", "text": {"type": "plain_text", "text": _short(digest.title, MOST_HEADER), "emoji": False}},
        _section(_slack(digest.opening)),
    ]
    findings = [(section.title, each) for section in sections(digest) for each in section.findings]
    said = ""
    for number, (title, each) in enumerate(findings):
        if len(blocks) > MOST_BLOCKS - 4:
            blocks.append(_section(f"... and {len(findings) - number} more: see `personas digest`."))
            break
        if title != said:
            blocks.append(_section(f"*{_slack(title)}*"))
            said = title
        blocks.append(_section(_short(f"*{_slack(each.about)}*\n{_slack(each.says)}", MOST_TEXT)))
    if digest.ending:
        blocks.append(_section(_slack(digest.ending)))
    return {"text": _slack(digest.title), "blocks": blocks}


def _image(picture: Picture, address: str) -> str:
    about = escape(f"Plot: {picture.finding.about}, outcome per occasion of each option with its interval")
    return f'<img src="{escape(address)}" alt="{about}" width="560" style="max-width:100%;height:auto;margin:0 0 16px">'


def _section(text: str) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _slack(text: str) -> str:
    """Slack reads only these three signs as its own; the signs of its emphasis are told apart by a joiner."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return outside_code(plain, lambda part: "".join(f"{sign}\u2060" if sign in "*_~`" else sign for sign in part))


def _short(text: str, most: int) -> str:
    """The text, cut where no escape is cut in half."""
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    start = cut.rfind("&")
    return (cut[:start] if start > most - 8 and ";" not in cut[start:] else cut) + "…"
