"""The records about people: who works here, whose keys there are, and who was erased. Keys and bytes never change."""

from __future__ import annotations

from living_personas.domain.account import Account, Invite, SignIn
from living_personas.domain.aside import Aside
from living_personas.domain.file_save import FileSave
from living_personas.domain.forgotten import PrivacyAct, Tombstone
from living_personas.domain.key import Key
from living_personas.domain.kill_turn import KillTurn
from living_personas.domain.note import Note
from living_personas.domain.presence import Presence
from living_personas.memory.codec import BYTES, TEXT
from living_personas.memory.record import record, records

__all__ = [
    "API_KEYS",
    "ASIDES",
    "ERASED_IDS",
    "ERASED_MANY",
    "FILE_SAVES",
    "INVITES",
    "KILLED",
    "KILL_TURNS",
    "NOTES",
    "PEOPLE",
    "PRESENCES",
    "PRIVACY_ACTS",
    "PROPOSERS",
    "SIGN_INS",
    "TOKEN_SECRET",
]

# People and keys.
KILLED = record("killed", TEXT, about="Who threw the kill switch; absent while it is off.", holds="staff")
KILL_TURNS = records(
    "kill/",
    KillTurn,
    named_by="a number, in order",
    about="Who threw the kill switch or let evidence go on, and when.",
    holds="staff",
)
ASIDES = records(
    "aside/", Aside, named_by="the refinement", about="A review that was set aside, by whom.", holds="staff"
)
PROPOSERS = records("proposer/", TEXT, named_by="the refinement", about="Who proposed a change.", holds="staff")
PEOPLE = records(
    "person/",
    Account,
    named_by="the name",
    about="Somebody who may sign in: name, role, and the scrypt hash of a password.",
    holds="staff",
)
INVITES = records(
    "invite/",
    Invite,
    named_by="the SHA-256 of the link's secret",
    about="Somebody who may choose a password by a link, in which role, and until when.",
    holds="staff",
)
SIGN_INS = records(
    "session/",
    SignIn,
    named_by="the SHA-256 of the browser's token",
    about="A browser that is signed in.",
    holds="staff",
)
NOTES = records(
    "note/",
    Note,
    named_by="a number, in order",
    about="What somebody noted about a persona, by whom and when; of one that named an erased customer not the text.",
    holds="customers",
)
FILE_SAVES = records(
    "file-save/",
    FileSave,
    named_by="a number, in order",
    about="A file that was saved in the dashboard: its text before and after, by whom and why.",
    holds="staff",
)
PRESENCES = records(
    "presence/",
    Presence,
    named_by="a number, in order",
    about="That a persona's file was taken away or is there again, and by whom.",
    holds="staff",
)
API_KEYS = records(
    "key/", Key, named_by="the key's number", about="A key of the service: its SHA-256, and what it may do."
)
TOKEN_SECRET = record("secret/tokens", BYTES, about="What exposure tokens are signed with.")

# Who was erased, and who asked.
ERASED_IDS = records(
    "erased/",
    Tombstone,
    named_by="the SHA-256 of salt, `erased` and the id",
    about="That an id was erased, and when: what comes of it is refused.",
    holds="customers' hashes",
)
ERASED_MANY = record("erased", int, about="How many ids were erased; absent if none was.")
PRIVACY_ACTS = records(
    "privacy/",
    PrivacyAct,
    named_by="a number, in order",
    about="Who erased, exported or looked at how many customers, took a list along, or let them come back, and when.",
    holds="staff",
)
