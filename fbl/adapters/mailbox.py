"""Take mails in from IMAP servers (RFC 9051): store, commit, and only then move them aside.

Whatever is killed in between is fetched again, and stored once: the bytes decide. Waits with IDLE (RFC 2177) where
the server offers it, and asks every minute where it does not.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from fbl.adapters.mailbox_list import ImapMailbox
from fbl.adapters.taking import take

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 60.0  # for any one answer of the server
IDLE_SECONDS = 20.0  # then DONE and IDLE again: also tells soon that a silent connection is dead
BATCH = 50
BATCH_BYTES = 32 * 1024 * 1024  # held in memory at once


class FetchFailed(ImapToolsError):
    """The server refused a command or cut a mail."""


class ImapDoor:
    """One mailbox; keeps its connection from turn to turn, and makes another after a failure."""

    def __init__(self, mailbox: ImapMailbox, *, max_bytes: int, stop: Event) -> None:
        self.mailbox, self.max_bytes, self.stop = mailbox, max_bytes, stop
        self._connection: BaseMailBox | None = None

    def turn(self) -> bool:
        """Take in what is there; with nothing there, wait for something. Return whether there was something."""
        found = self.take_all()
        if not found and not self.stop.is_set():
            with self._connected() as server:
                self._wait(server)
        return found

    def take_all(self) -> bool:
        """Take in all mails of the folder, in batches. Return whether there were any."""
        with self._connected() as server:
            return self._take_all(server)

    def _take_all(self, server: BaseMailBox) -> bool:
        criteria = "UNDELETED" if self.mailbox.done_folder else "UNSEEN UNDELETED"
        uids = server.uids(criteria, charset=None)
        for batch in self._batches(server, uids):
            mails = {uid: raw for uid in batch if (raw := _fetch(server, uid)) is not None}
            take(list(mails.values()), "imap", self.mailbox.recipient_header)
            self._put_aside(server, list(mails))
            if self.stop.is_set():
                break
        return bool(uids)

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.logout()
            except (OSError, ImapToolsError, connection.client.error):
                logger.debug("mailbox %s: gone before the farewell", self.mailbox.key)

    @contextmanager
    def _connected(self) -> Iterator[BaseMailBox]:
        if self._connection is None:
            self._connection = _connect(self.mailbox)
        try:
            yield self._connection
        except BaseException:
            # After an error nobody knows which answer comes next on this connection.
            connection, self._connection = self._connection, None
            connection.client.shutdown()
            raise

    def _batches(self, server: BaseMailBox, uids: list[str]) -> Iterator[list[str]]:
        """Yield UIDs in batches that fit into memory. A mail beyond the limit is flagged and put aside unread."""
        batch: list[str] = []
        size = 0
        for uid, bytes_of in _sizes(server, uids).items():
            if bytes_of > self.max_bytes:
                logger.warning("mailbox %s: a mail of %d bytes is too large, put aside", self.mailbox.key, bytes_of)
                self._put_aside(server, [uid], flags=r"(\Seen \Flagged)")
                continue
            if batch and (len(batch) >= BATCH or size + bytes_of > BATCH_BYTES):
                yield batch
                batch, size = [], 0
            batch.append(uid)
            size += bytes_of
        if batch:
            yield batch

    def _put_aside(self, server: BaseMailBox, uids: list[str], flags: str = r"(\Seen)") -> None:
        if not uids:
            return
        # Not imap_tools' flag(): it expunges, also what others have marked.
        _ask(server.client.uid("STORE", ",".join(uids), "+FLAGS.SILENT", flags))
        if self.mailbox.done_folder:
            server.move(uids, self.mailbox.done_folder)

    def _wait(self, server: BaseMailBox) -> None:
        if "IDLE" in server.client.capabilities:
            server.idle.wait(timeout=IDLE_SECONDS)
        else:
            self.stop.wait(self.mailbox.poll_seconds)


def _connect(mailbox: ImapMailbox) -> BaseMailBox:
    kinds = {"tls": MailBox, "starttls": MailBoxStartTls, "none": MailBoxUnencrypted}
    server: BaseMailBox = kinds[mailbox.encryption](mailbox.host, mailbox.port, timeout=TIMEOUT_SECONDS)
    try:
        server.login(mailbox.user, mailbox.password(), initial_folder=None)
        # What a server offers after the login may be more than before; imaplib asks only once.
        offers = server.client.capability()[1][-1] or b""
        server.client.capabilities = tuple(offers.decode("ascii", "replace").upper().split())
        if mailbox.done_folder and not server.folder.exists(mailbox.done_folder):
            server.folder.create(mailbox.done_folder)
        server.folder.set(mailbox.folder)
    except BaseException:
        server.client.shutdown()
        raise
    return server


def _sizes(server: BaseMailBox, uids: list[str]) -> dict[str, int]:
    """Return the size in bytes of each mail, in the order of their UIDs."""
    sizes: dict[str, int] = {}
    for start in range(0, len(uids), 500):
        chunk = uids[start : start + 500]
        for line in _ask(server.client.uid("FETCH", ",".join(chunk), "(UID RFC822.SIZE)")):
            text = line[0] if isinstance(line, tuple) else line or b""
            words = text.replace(b"(", b" ").replace(b")", b" ").upper().split()
            if b"UID" in words and b"RFC822.SIZE" in words:
                uid = words[words.index(b"UID") + 1].decode("ascii")
                sizes[uid] = int(words[words.index(b"RFC822.SIZE") + 1])
    return sizes


def _fetch(server: BaseMailBox, uid: str) -> bytes | None:
    """Return a mail byte for byte, unmarked; None when another client took it away meanwhile."""
    for part in _ask(server.client.uid("FETCH", uid, "(UID BODY.PEEK[])")):
        if isinstance(part, tuple):
            return bytes(part[1])
    return None


def _ask(answer: tuple[str, list[bytes | tuple[bytes, bytes]]]) -> list[bytes | tuple[bytes, bytes]]:
    status, data = answer
    if status != "OK":
        raise FetchFailed(f"the server answered {status}")
    return data
