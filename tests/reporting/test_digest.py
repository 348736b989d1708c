"""The digest: reads well to a stranger, is silent when nothing is new, and arrives by mail and in a chat."""

from __future__ import annotations

import email
import email.policy
import json
import re
from base64 import b64decode
from dataclasses import replace
from datetime import date
from email.message import EmailMessage
from html.parser import HTMLParser
from ipaddress import ip_address
from pathlib import Path
from shutil import copytree

import pytest
from cryptography import x509

from agents.shops import CANARY, HOSTILE
from cli.shop import Typed
from listening import certified
from living_personas.outgoing.mail import MailServer, SendingError, mail_server, message, send_mail
from living_personas.reporting.digest import Digest, Finding
from living_personas.reporting.digest_forms import digest_email, digest_page, digest_slack
from living_personas.reporting.markdown import markdown
from reporting import post

PNG = b"\x89PNG\r\n\x1a\n"

EMPTY = Digest(
    workspace="Shop",
    first=date(2026, 3, 1),
    as_of=date(2026, 3, 7),
    needs_you=(),
    corrected=(),
    confirmed=(),
    chosen=(),
    segments=(),
    lives=(),
    health=(),
    unknown=(),
    news=True,
)


class Tags(HTMLParser):
    """Every tag with its attributes, and the text between them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_what_people_do_to_a_persona_is_told_with_its_moment(personas: Typed, told: Path, tmp_path: Path) -> None:
    own, pin = copytree(told, tmp_path / "own"), ("pin", "newcomer", "framing")
    for act in (pin, (*pin, "--off"), ("rollback", "regular", "--to", "1")):
        assert personas(*act, "--by", "Dana", "--workspace", own).code == 0
    out = personas("digest", "--since", "7d", "--workspace", own).out
    chosen = out.split("## Chosen by people or guardrails")[1].split("##")[0]
    done = r"Done on 2026-\d\d-\d\d \d\d:\d\d, with data until 2026-03-06\."
    for said in (
        "Newcomer: Pinned 'framing' at 'discount' by Dana.",
        "Newcomer: Unpinned 'framing' at 'discount' by Dana.",
        "Regular: Rolled back to version 1 by Dana.",
    ):
        assert re.search(rf"- {said} {done}", chosen), chosen


def test_a_week_is_told_to_somebody_who_never_saw_one(personas: Typed, told: Path) -> None:
    answer = personas("digest", "--since", "7d", "--workspace", told)
    assert answer.code == 0
    headings = re.findall(r"^## (.*)$", answer.out, flags=re.MULTILINE)
    assert headings == ["Needs you", "Corrected", "New segments"]
    assert "A persona says what we believe of a group of customers" in answer.out
    assert re.search(
        r"Regular, framing: we believed 'discount'; 'quality' is proven better \(decided by evidence, on 2026-03-03\)"
        r"\. In the last 5 days 'quality' brought about \d+ more 'Order Completed' per 100 occasions than 'discount'",
        answer.out,
    )
    size = re.findall(r"on 2026-03-03\)\. (In the last 5 days 'quality' [^.]*)", answer.out)[0]
    report = " ".join(personas("report", "--format", "md", "--workspace", told).out.split())
    assert size in report, "digest and report of one day say one difference"
    assert re.search(
        r"Newcomer, framing: proven, waits for you: change 'discount' to 'quality'\?.*review approve r[0-9a-f]{12}",
        answer.out,
    )


def test_nothing_new_is_not_told(personas: Typed, told: Path) -> None:
    for form in ("md", "html", "slack"):
        answer = personas("digest", "--since", "2026-06-01", "--format", form, "--workspace", told)
        assert (answer.code, answer.out) == (0, "")
        assert "nothing is new" in answer.err


def test_before_the_first_day_there_is_nothing(personas: Typed, tmp_path: Path) -> None:
    personas("init", tmp_path / "new")
    answer = personas("digest", "--workspace", tmp_path / "new")
    assert (answer.code, answer.out) == (0, "")


def test_the_email_needs_no_style_sheet_and_no_address(personas: Typed, told: Path) -> None:
    page = personas("digest", "--format", "html", "--workspace", told).out
    found = Tags()
    found.feed(page)
    pictures = [given for tag, given in found.tags if tag == "img"]
    assert pictures
    for given in pictures:
        kind, _, block = str(given["src"]).partition(",")
        assert kind == "data:image/png;base64"
        assert b64decode(block).startswith(PNG)
        assert given["alt"]
    assert not {"style", "script", "link"} & {tag for tag, _ in found.tags}
    assert all(given.get("style") for tag, given in found.tags if tag in ("body", "h1", "h2", "p", "img"))


def test_a_message_goes_out_by_mail(personas: Typed, told: Path) -> None:
    with post.mail_server() as arrived:
        address = f"smtp://127.0.0.1:{arrived.port}"
        answer = personas(
            "digest", "--send", address, "--from", "lp@example.com", "--to", "ada@example.com", "--workspace", told
        )
    assert answer.code == 0, answer.err
    assert arrived.to == ["TO:<ada@example.com>"]
    (raw,) = arrived.messages
    found = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    assert found["Subject"].startswith("Shop: 1 for you to decide, 1 corrected")
    text, html = found.get_body(("plain",)), found.get_body(("html",))
    assert text is not None
    assert html is not None
    assert "## Needs you" in text.get_content()
    named = set(re.findall(r"cid:([\w-]+)", html.get_content()))
    carried = {
        str(part["Content-ID"]).strip("<>"): part for part in found.walk() if part.get_content_type() == "image/png"
    }
    assert named == set(carried) != set()
    assert all(part.get_content().startswith(PNG) for part in carried.values())


def test_mail_is_encrypted_and_logs_in() -> None:
    server, trust = certified(x509.IPAddress(ip_address("127.0.0.1")))
    found = message("s", sender="a@example.com", to=["b@example.com"], text="t", html="<p>h</p>", pictures={})
    with post.mail_server(trusted=server) as arrived:
        where = mail_server(
            f"smtp://127.0.0.1:{arrived.port}", {"PERSONAS_SMTP_USER": "u", "PERSONAS_SMTP_PASSWORD": "p"}
        )
        send_mail(where, found, trust=trust)
        with pytest.raises(SendingError, match="certificate"):  # nobody vouches for it
            send_mail(where, found)
    assert arrived.secret == [True]
    assert b64decode(arrived.logins[0].removeprefix("PLAIN ")) == b"\0u\0p"


def test_mail_never_goes_to_another_machine_in_the_clear() -> None:
    found = message("s", sender="a@example.com", to=["b@example.com"], text="t", html="<p>h</p>", pictures={})
    with post.mail_server(host="127.0.0.2") as arrived, pytest.raises(SendingError, match="offers no encryption"):
        send_mail(MailServer(host="127.0.0.2", port=arrived.port, tls=False), found)
    assert arrived.messages == []


def test_a_refusal_is_an_error(personas: Typed, told: Path) -> None:
    with post.mail_server(refuses=True) as arrived:
        answer = personas(
            *("digest", "--send", f"smtp://127.0.0.1:{arrived.port}", "--from", "a@example.com"),
            *("--to", "b@example.com", "--workspace", told),
        )
    assert answer.code == 1
    assert "did not take the message" in answer.err


@pytest.mark.parametrize("address", ["ada", "a@b.com\nBcc: x@y.z", "a b@c.de", "a@b.com,c@d.com"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SendingError, match="no e-mail address"):
        message("s", sender="a@example.com", to=[address], text="", html="", pictures={})


def test_a_password_in_the_address_is_refused_and_not_told() -> None:
    with pytest.raises(SendingError) as raised:
        mail_server("smtp://me:hunter2@mail.example.com", {})
    assert "hunter2" not in str(raised.value)


def test_a_message_is_posted_to_a_chat(personas: Typed, told: Path) -> None:
    with post.chat() as (address, posted):
        answer = personas("digest", "--send", address, "--workspace", told)
    assert answer.code == 0, answer.err
    (body,) = posted
    assert body["blocks"][0]["text"]["text"].startswith("Shop: 1 for you to decide")


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_chat_that_refuses_or_sends_elsewhere_is_an_error(personas: Typed, told: Path, status: int) -> None:
    with post.chat(status=status) as (address, posted):
        answer = personas("digest", "--send", address, "--workspace", told)
    assert (answer.code, len(posted)) == (1, 1)
    assert "secret" not in answer.err


def test_a_chat_is_not_told_in_the_clear(personas: Typed, told: Path) -> None:
    answer = personas("digest", "--send", "http://hooks.example.com/x", "--workspace", told)
    assert answer.code == 1
    assert "https://" in answer.err


@pytest.mark.promise("P27")
def test_hostile_texts_are_harmless_in_every_form(personas: Typed, hostile: Path) -> None:
    forms = {
        form: personas("digest", "--since", "90d", "--format", form, "--workspace", hostile).out
        for form in ("md", "html", "slack")
    }
    assert all(CANARY in text for text in forms.values())
    found = Tags()
    found.feed(forms["html"])
    assert {tag for tag, _ in found.tags} <= {
        "html",
        "head",
        "meta",
        "title",
        "body",
        "h1",
        "h2",
        "p",
        "strong",
        "br",
        "code",
        "img",
    }
    assert all("onerror" not in given for _, given in found.tags)
    assert all(
        str(given.get("src", "data:")).startswith("data:image/png;") for tag, given in found.tags if tag == "img"
    )
    assert "](" not in forms["md"]
    assert not re.search(r"(?<!\\)<", forms["md"])
    for block in json.loads(forms["slack"])["blocks"]:
        if block["text"]["type"] == "mrkdwn":
            assert not re.search(r"[<>]|&(?!amp;|lt;|gt;)", block["text"]["text"])
            assert block["text"]["verbatim"] is True


@pytest.mark.parametrize("text", HOSTILE)
def test_slack_and_mail_take_any_text_of_any_length(text: str) -> None:
    findings = tuple(Finding(about=text * 3, says=text * 80) for _ in range(120))
    digest = replace(EMPTY, workspace=text, needs_you=findings[:60], unknown=findings[60:])
    blocks = digest_slack(digest)["blocks"]
    assert isinstance(blocks, list)
    assert len(blocks) <= 50
    assert "more: see" in json.dumps(blocks[-1])
    for block in blocks:
        assert isinstance(block, dict)
        inner = block["text"]
        assert isinstance(inner, dict)
        shown = str(inner["text"])
        assert 1 <= len(shown) <= (150 if block["type"] == "header" else 3000)
        assert block["type"] == "header" or not re.search(r"[<>]|&(?!amp;|lt;|gt;)", shown)
    assert "<img" not in digest_email(digest, (), address=str)
    assert "overflow-wrap:anywhere" in digest_email(digest, (), address=str), "a hash is wider than a phone"
    assert "\n# " not in markdown(digest_page(digest))[2:]


def test_an_address_that_is_empty_sends_nothing_and_is_no_success(personas: Typed, told: Path) -> None:
    """A variable that nobody set: `--send "$SLACK_WEBHOOK"`."""
    answer = personas("digest", "--send", "", "--workspace", told)
    assert (answer.code, answer.out) == (1, "")
    assert "'' is no mail server" in answer.err


def test_the_command_that_ends_it_works_as_it_stands(personas: Typed, told: Path) -> None:
    (named,) = re.findall(r"`personas (doctor --head [0-9a-f]{64})` says", personas("digest", "--workspace", told).out)
    answer = personas(*named.split(), "--workspace", told)
    assert (answer.code, "the hash that was printed is that of snapshot" in answer.out) == (0, True)
