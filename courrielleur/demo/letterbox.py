"""The reseller's letter box: takes the console's letters by SMTP and keeps each as a file a visitor can open."""

import re
from collections.abc import Callable
from email import policy
from email.parser import BytesParser
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

LONGEST_NAME = 80  # characters of a subject in a file's name


class Letterbox:
    """Listens on *host*:*port* and writes into *folder*. *say* is told of each letter."""

    def __init__(self, host: str, port: int, folder: Path, say: Callable[[str], None]) -> None:
        self._folder = folder
        self._say = say
        self._controller = Controller(self, hostname=host, port=port, server_hostname="letters.example.net")

    def start(self) -> None:
        """Raises `OSError` when something else listens there."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._controller.start()

    def close(self) -> None:
        self._controller.stop(no_assert=True)

    async def handle_DATA(  # noqa: N802 - the name aiosmtpd calls
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        raw = envelope.content if isinstance(envelope.content, bytes) else (envelope.content or "").encode()
        path = self._folder / _name_of(raw, number=sum(1 for _ in self._folder.glob("*.eml")) + 1)
        path.write_bytes(raw)
        self._say(f"Letter: {path}")
        return "250 2.0.0 Kept"


def _name_of(raw: bytes, *, number: int) -> str:
    subject = str(BytesParser(policy=policy.default).parsebytes(raw, headersonly=True).get("Subject", ""))
    words = re.sub(r"[^\w-]+", "-", subject).strip("-")[:LONGEST_NAME]
    return f"{number:04d}-{words or 'letter'}.eml"
