"""The mailboxes and files that `run_mailboxes` takes in: TOML, each key checked. docs/doors.md has an example."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any

ENCRYPTIONS = ("tls", "starttls", "none")


class BadMailboxFile(ValueError):
    """The file can't be used; the message names the table, the key and what to write."""


@dataclass(frozen=True)
class ImapMailbox:
    """A folder on an IMAP server. What is on disk here is moved to *done_folder* there, or only marked as seen."""

    key: str
    host: str
    user: str
    password_file: str  # a file with the password alone; never in the list itself
    port: int = 993
    encryption: str = "tls"
    folder: str = "INBOX"
    done_folder: str = "Courrielleur"  # empty: the mail stays and is marked as seen
    poll_seconds: int = 60  # where the server knows no IDLE
    recipient_header: str = ""  # the field in which your MTA notes the envelope's recipient, such as Delivered-To

    def password(self) -> str:
        """Return the password as it is now: a changed one is used at the next connection. Raises `OSError`."""
        return Path(self.password_file).read_text().strip("\r\n")


@dataclass(frozen=True)
class Maildir:
    key: str
    path: str
    recipient_header: str = ""


@dataclass(frozen=True)
class Mbox:
    """An mbox file that grows, and is rotated now and then."""

    key: str
    path: str
    recipient_header: str = ""
    settle_seconds: int = 5  # a mail is whole when another follows it, or when the file rested for so long


Mailbox = ImapMailbox | Maildir | Mbox
_KINDS: Mapping[str, type[ImapMailbox] | type[Maildir] | type[Mbox]] = {
    "imap": ImapMailbox,
    "maildir": Maildir,
    "mbox": Mbox,
}


def read(path: str) -> list[Mailbox]:
    """Return the mailboxes of the file at *path*. Raises `BadMailboxFile`."""
    try:
        text = Path(path).read_text()
    except OSError as error:
        raise BadMailboxFile(f"{path}: {error.strerror}") from error
    try:
        return parse(text)
    except BadMailboxFile as error:
        raise BadMailboxFile(f"{path}: {error}") from error


def parse(text: str) -> list[Mailbox]:
    """Return the mailboxes of a TOML text with one `[key]` table for each. Raises `BadMailboxFile`."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMailboxFile(f"this is not TOML: {error}") from error
    if not tables:
        raise BadMailboxFile("names no mailbox; write one [table] for each")
    return [_mailbox(key, table) for key, table in tables.items()]


def _mailbox(key: str, table: Any) -> Mailbox:
    if not isinstance(table, dict):
        raise BadMailboxFile(f"{key} stands outside of a [table]")
    values = dict(table)
    kind = values.pop("kind", None)
    if not isinstance(kind, str) or kind not in _KINDS:
        raise BadMailboxFile(f"[{key}] kind: write one of {', '.join(_KINDS)}")
    made = _KINDS[kind]
    known = {field.name: field for field in fields(made) if field.name != "key"}
    if unknown := set(values) - set(known):
        raise BadMailboxFile(f"[{key}] has no {', '.join(sorted(unknown))}; known are {', '.join(known)}")
    if missing := [name for name, field in known.items() if field.default is MISSING and name not in values]:
        raise BadMailboxFile(f"[{key}] lacks {', '.join(missing)}")
    for name, value in values.items():
        wanted = known[name].type
        if type(value) is not wanted or (wanted is int and value <= 0):
            raise BadMailboxFile(f"[{key}] {name}: write {'a whole number above 0' if wanted is int else 'a text'}")
    mailbox: Mailbox = made(key=key, **values)
    if isinstance(mailbox, ImapMailbox) and mailbox.encryption not in ENCRYPTIONS:
        raise BadMailboxFile(f"[{key}] encryption: write one of {', '.join(ENCRYPTIONS)}")
    if not isinstance(mailbox, ImapMailbox) and not os.path.isabs(mailbox.path):
        raise BadMailboxFile(f"[{key}] path: write it from the root, such as /var/mail/fbl")
    return mailbox
