"""What a persona file may say: every key, once."""

from __future__ import annotations

from living_personas.domain.decision import IGNORED, UNMATCHED
from living_personas.domain.persona import Assign, Attribute, Change, Confidence, Scope, Splits, Trait
from living_personas.errors import Location
from living_personas.workspace.file_records import REQUIRED, FileKey, FileRecord, ListOf, MapOf, ScalarOr, Values
from living_personas.workspace.file_words import DATE, GOAL_RECORD, RULE
from living_personas.workspace.guardrail_shape import GUARDRAILS
from living_personas.workspace.persona_picture import FILE_PATTERN
from living_personas.workspace.quantities import SHARE_PATTERN, InvalidQuantityError, share
from living_personas.workspace.shapes import ATTRIBUTE_NAME, IDENTIFIER, NAME, TEXT, Number, PlainText, Quantity, WordOf

__all__ = ["PERSONA", "PERSONA_ID", "PROSE"]

_CONFIDENCE = WordOf.literal(Confidence)
_HINT_OF_ID = "'budget-first-buyer'"


def _worth(text: str) -> float:
    lift = share(text)
    if lift >= 1:
        raise InvalidQuantityError(f"{text!r} asks for a lift of 100 % or more.", hint="write it like '2%'.")
    return lift


def _id(text: str, where: Location) -> None:
    del where
    if text == IGNORED:
        raise InvalidQuantityError(f"{text!r} is whom `ignore` leaves out.", hint="choose another id.")
    if text == UNMATCHED:
        raise InvalidQuantityError(f"{text!r} is whom no persona holds.", hint="choose another id.")


def _attribute(of: Values) -> Attribute:
    return Attribute(
        name=of.key,
        options=of["options"],
        believed=of["we_believe"],
        confidence=of["confidence"],
        why=of["why"],
        change=of["change"],
        per=of["per"],
        assign=of["assign"],
        worth_changing=of["worth_changing"],
        was=tuple(of["was"].items()),
        labels=tuple(of["labels"].items()),
        pictures=tuple(of["pictures"].items()),
        snippets=tuple(of["snippets"].items()),
        anew=of["anew"],
        splits=of["splits"],
    )


def _trait(of: Values) -> Trait:
    return Trait(name=of.key, believed=of["we_believe"], unit=of["unit"], confidence=of["confidence"])


def _itself(of: Values) -> Values:
    return of


PROSE = PlainText(longest=8000, lines=True)
"""Some sentences or paragraphs."""

_INTERVAL = (
    FileKey(name="lower", shape=Number(), about="The lower end of its interval.", default=REQUIRED),
    FileKey(name="upper", shape=Number(), about="The upper end of its interval.", default=REQUIRED),
)
_ORIGIN = (
    FileKey(name="on", shape=DATE, about="The day it was written here.", default=REQUIRED),
    FileKey(name="source", shape=TEXT, about="What it was computed from.", default=REQUIRED),
)

_MEASURED = FileRecord(
    what="a measurement",
    keys=(
        FileKey(name="value", shape=Number(), about="The mean over the members.", default=REQUIRED),
        *_INTERVAL,
        FileKey(name="n", shape=Number(least=0, whole=True), about="How many members were measured.", default=REQUIRED),
        *_ORIGIN,
    ),
    build=_itself,
    example="`{value: 38.2, lower: 36.9, upper: 39.5, n: 812, on: 2026-10-01, source: crm}`.",
)
_SUGGESTED = FileRecord(
    what="a suggestion",
    keys=(
        FileKey(name="we_believe", shape=TEXT, about="The option that the data favour.", default=REQUIRED),
        FileKey(name="confidence", shape=_CONFIDENCE, about="At most `some data`.", default=REQUIRED),
        FileKey(
            name="evidence",
            shape=WordOf(words=("observational", "randomised")),
            about="Whether the shares were known when the data were collected.",
            default=REQUIRED,
        ),
        FileKey(
            name="effect", shape=Number(), about="The difference of means to the believed option.", default=REQUIRED
        ),
        *_INTERVAL,
        *_ORIGIN,
    ),
    build=_itself,
    example="`{we_believe: quality, confidence: hunch, evidence: observational, effect: 0.004, ...}`.",
)

_PICTURES = "`{ten_off: https://shop.example/ten.png}`"
_PICTURE = PlainText(
    pattern=rf"^(?:https?://[^\s\"'<>]+|{FILE_PATTERN})$",
    meant="an address that begins with https://, or the name of a .png, .jpg or .webp beside this file",
    example=_PICTURES,
    longest=500,
)

_ATTRIBUTE = FileRecord(
    what="an attribute",
    keys=(
        FileKey(
            name="options",
            shape=ListOf(item=TEXT, what="a list of options", example="[discount, quality]", at_least=2),
            about="What there is to choose from; sending nothing can be an option.",
            default=REQUIRED,
        ),
        FileKey(name="we_believe", shape=TEXT, about="The option that people think is best.", default=REQUIRED),
        FileKey(
            name="confidence",
            shape=_CONFIDENCE,
            about="What the belief is worth: 0, 5, 20, 100 or 500 past conversions.",
            default="none",
        ),
        FileKey(name="why", shape=PROSE, about="Why people think so.", default=""),
        FileKey(
            name="change",
            shape=WordOf.literal(Change),
            about="What evidence may do: correct it, propose a review, only observe, or nothing (pinned).",
            default="auto",
        ),
        FileKey(
            name="per",
            shape=WordOf.literal(Scope),
            about="One belief for the persona (pooled over its channels), or one per channel.",
            default="persona",
        ),
        FileKey(
            name="assign", shape=WordOf.literal(Assign), about="How long a customer keeps an option.", default="week"
        ),
        FileKey(
            name="worth_changing",
            shape=Quantity(parse=_worth, pattern=SHARE_PATTERN, meant="a share", example="2%", numbers=True),
            about="The relative lift below which an effect is reported as real but small.",
            default=0.0,
        ),
        FileKey(
            name="was",
            shape=MapOf(name=TEXT, item=TEXT, what="former names by option", example="`{premium: quality}`"),
            about="What options were called before: what was met under a former name goes on counting.",
            default={},
        ),
        FileKey(
            name="labels",
            shape=MapOf(name=TEXT, item=TEXT, what="labels by option", example="`{ten_off: Ten percent off}`"),
            about="How people are shown options.",
            default={},
        ),
        FileKey(
            name="pictures",
            shape=MapOf(name=TEXT, item=_PICTURE, what="addresses of pictures by option", example=_PICTURES),
            about="Where a picture of an option is to be seen: an address, or a file beside this one.",
            default={},
        ),
        FileKey(
            name="snippets",
            shape=MapOf(
                name=TEXT,
                item=PlainText(longest=300),
                what="snippets by option",
                example="`{ten_off: 10 percent off until Sunday}`",
            ),
            about="What customers read where an option is shown; for people and agents who write or read.",
            default={},
        ),
        FileKey(
            name="anew",
            shape=DATE,
            about="The day on which people asked to begin with what they believe, whatever was settled before.",
        ),
        FileKey(
            name="splits",
            shape=WordOf.literal(Splits),
            about="Whether it is asked if one value suits everybody: no; yes, with a duel where two parts lean apart; "
            "or yes, following what looks best in each.",
            default="off",
        ),
        FileKey(
            name="suggested", shape=_SUGGESTED, about="What history suggests; for people to read, it decides nothing."
        ),
    ),
    build=_attribute,
    example="`{options: [discount, quality], we_believe: discount}`.",
    blame="we_believe",
)

_TRAIT = FileRecord(
    what="a trait",
    keys=(
        FileKey(
            name="we_believe", shape=Number(), about="The mean that people think its members have.", default=REQUIRED
        ),
        FileKey(name="unit", shape=TEXT, about="The unit it is shown in.", default=""),
        FileKey(name="confidence", shape=_CONFIDENCE, about="What the belief is worth.", default="none"),
        FileKey(name="measured", shape=_MEASURED, about="What was measured; for people to read, it decides nothing."),
    ),
    build=_trait,
    example="`{we_believe: 40, unit: EUR}`.",
)

PERSONA_ID = r"^[a-z0-9][a-z0-9_-]{0,63}$"
"""What the id of a persona may be, and with it the name of its file."""

PERSONA = FileRecord(
    what="a persona",
    keys=(
        FileKey(
            name="persona",
            shape=PlainText(
                pattern=PERSONA_ID,
                meant="an id of small letters, digits, '-' and '_'",
                example=_HINT_OF_ID,
                longest=64,
                check=_id,
            ),
            about="The id, for ever: versions and evidence are kept under it.",
            default=REQUIRED,
        ),
        FileKey(name="name", shape=TEXT, about="What people call it; by default made of the id.", default=""),
        FileKey(
            name="who",
            shape=RULE,
            about="The rule that says whom it holds; with `split_of`, whom of the other.",
            default=REQUIRED,
        ),
        FileKey(
            name="split_of",
            shape=PlainText(longest=64, meant="the id of a persona", example=_HINT_OF_ID),
            about="The persona that this one is a part of: it owns the attributes it names, and inherits all else.",
            default="",
        ),
        FileKey(
            name="priority",
            shape=Number(least=-1_000_000, most=1_000_000, whole=True),
            about="Who comes first where two rules are true: the lowest. Personas without it follow by file name.",
        ),
        FileKey(
            name="from",
            shape=ListOf(item=TEXT, example="[workshop 2026-09-03]"),
            about="What it was made of.",
            default=(),
        ),
        FileKey(
            name="goal",
            shape=ScalarOr(short=TEXT, long=GOAL_RECORD),
            about="The outcome it is judged by: the name of one under `goals` of workspace.yaml, or one written here. "
            "A part of a persona has that of the whole.",
            default=REQUIRED,
            unless="split_of",
        ),
        FileKey(
            name="channels",
            shape=ListOf(item=NAME, what="a list of channels", example="[landing, email]"),
            about="Where it is met.",
            default=(),
        ),
        FileKey(
            name="attributes",
            shape=MapOf(
                name=ATTRIBUTE_NAME,
                item=_ATTRIBUTE,
                what="attributes by name",
                example="`framing: {options: [discount, quality], we_believe: discount}`",
            ),
            about="What to choose for it, which evidence may correct.",
            default={},
        ),
        FileKey(
            name="traits",
            shape=MapOf(
                name=IDENTIFIER,
                item=_TRAIT,
                what="traits by name",
                example="`mobile_share: {we_believe: 0.7}`",
            ),
            about="What describes its members; each is named after the feature that measures it.",
            default={},
        ),
        FileKey(name="guardrails", shape=GUARDRAILS, about="Metrics that no refinement may harm.", default=()),
        FileKey(name="brief", shape=PROSE, about="Some sentences for those who write to it.", default=""),
        FileKey(
            name="picture",
            shape=PlainText(
                pattern=f"^{FILE_PATTERN}$",
                meant="the name of a .png, .jpg or .webp beside this file",
                example="`picture: budget-first-buyer.png`",
            ),
            about="Its picture, a file beside this one; by default the one that is called like the persona, if any.",
            default="",
        ),
    ),
    build=_itself,
    example="`persona: budget-first-buyer`.",
)
