"""What the doors that fetch mail have in common: store first, and keep on through every failure."""

import logging
from collections.abc import Callable, Sequence
from threading import Event

from django.db import connections
from django.utils import timezone

from courrielleur.jobs.queue import nudge
from fbl.services.inbox import Arrival, store

logger = logging.getLogger(__name__)

LONGEST_PAUSE = 300.0  # seconds between two tries at a mailbox that fails
MAX_HEAD = 1 << 16  # bytes of a mail that are searched for its envelope


def take(raws: Sequence[bytes], door: str, recipient_header: str) -> None:
    """Store the mails; when this returns they are on disk, and the source may let go of them."""
    if not raws:
        return
    now = timezone.now()
    store(
        [
            Arrival(
                raw,
                door,
                now,
                envelope_from=_header(raw, "Return-Path") if recipient_header else "",
                envelope_to=_header(raw, recipient_header) if recipient_header else "",
            )
            for raw in raws
        ]
    )
    nudge("river")


def keep_on(name: str, turn: Callable[[], bool], stop: Event, *, first_pause: float = 1.0) -> None:
    """Take turns until *stop*: at once after one that found something, longer and longer pauses after failures.

    A turn that returns False has waited already, if its source can wait.
    """
    pause = first_pause
    while not stop.is_set():
        try:
            turn()
        except Exception as error:
            # A server that is away, a folder without permission, a database that restarts: all end some day. The
            # words of a server may quote a mail: only the kind of the error is logged.
            logger.warning("mailbox %s: %s, next try in %.0f s", name, type(error).__name__, pause)
            stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
        else:
            pause = first_pause
        finally:
            connections.close_all()  # of this thread; the next turn connects to a database that may be another


def _header(raw: bytes, name: str) -> str:
    """Return the address in the topmost field *name*: the one the MTA that delivered the mail to us wrote."""
    head = raw[:MAX_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    wanted = name.lower().encode() + b":"
    for line in head.split(b"\n"):
        if line[: len(wanted)].lower() == wanted:
            return line[len(wanted) :].decode("ascii", "replace").strip().strip("<>")
    return ""
