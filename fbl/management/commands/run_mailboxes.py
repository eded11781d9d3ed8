"""Take mails in from mailboxes: IMAP, Maildirs, mbox files that grow. One thread for each."""

import signal
from functools import partial
from threading import Event, Thread
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from fbl.adapters.follow import MboxDoor
from fbl.adapters.mailbox import ImapDoor
from fbl.adapters.mailbox_list import BadMailboxFile, ImapMailbox, Mailbox, Maildir, read
from fbl.adapters.maildir import MaildirDoor
from fbl.adapters.taking import keep_on

FAREWELL_SECONDS = 10.0
Door = ImapDoor | MaildirDoor | MboxDoor


class Command(BaseCommand):
    help = "Take mails in from the mailboxes listed in COURRIELLEUR_MAILBOXES; each is put aside once it is on disk."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="take in what is there now, and end")

    def handle(self, *args: Any, once: bool = False, **options: Any) -> None:
        if not settings.MAILBOXES:
            raise CommandError("COURRIELLEUR_MAILBOXES names no file; docs/doors.md says what to write into it.")
        try:
            mailboxes = read(settings.MAILBOXES)
        except BadMailboxFile as error:
            raise CommandError(f"COURRIELLEUR_MAILBOXES: {error}") from error
        stop = Event()
        doors = {mailbox.key: open_door(mailbox, stop) for mailbox in mailboxes}
        if once:
            self._once(doors)
        else:
            self._keep_on(doors, stop)

    def _once(self, doors: dict[str, Door]) -> None:
        failed = 0
        for key, door in doors.items():
            try:
                door.take_all()
            except Exception as error:
                failed += 1
                self.stderr.write(f"{key}: {type(error).__name__}")
            finally:
                if isinstance(door, ImapDoor):
                    door.close()
        if failed:
            raise SystemExit(1)

    def _keep_on(self, doors: dict[str, Door], stop: Event) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        # Daemons: one that hangs in a server's silence keeps nobody waiting; it may be cut at any point.
        threads = [Thread(target=partial(keep_on, key, door.turn, stop), daemon=True) for key, door in doors.items()]
        for thread in threads:
            thread.start()
        self.stderr.write(f"Mails are taken in from {', '.join(doors)}")
        while not stop.wait(1.0):
            pass
        for thread in threads:
            thread.join(FAREWELL_SECONDS / len(threads))


def open_door(mailbox: Mailbox, stop: Event) -> Door:
    limit = settings.REPORT_MAX_BYTES
    if isinstance(mailbox, ImapMailbox):
        return ImapDoor(mailbox, max_bytes=limit, stop=stop)
    if isinstance(mailbox, Maildir):
        return MaildirDoor(mailbox, max_bytes=limit, stop=stop)
    return MboxDoor(mailbox, settings.VAR_DIR / "mailboxes", max_bytes=limit, stop=stop)
