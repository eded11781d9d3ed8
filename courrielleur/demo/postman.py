"""Hand mails to the intake by SMTP, over a few connections at once; every mail is tried until it is taken."""

import smtplib
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from courrielleur.demo.compose import Mail
from courrielleur.demo.rest import WAITS, Ended, Refused, Wait

TIME_LIMIT_SECONDS = 30.0
CONNECTIONS = 12  # the intake writes what arrives together with one commit
BATCH = 500


class Postman:
    """Sends to the SMTP server at *host*:*port*. *wait* sleeps, and tells when to end."""

    def __init__(self, host: str, port: int, wait: Wait) -> None:
        self._address = (host, port)
        self._wait = wait
        self._own = threading.local()
        self._pool = ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="postman")

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    def wait_until_ready(self) -> None:
        """Return once the server greets. Raises `Ended`."""
        while not self._greets():
            if self._wait(0.3):
                raise Ended

    def send(self, mails: Iterable[Mail]) -> int:
        """Return the number of mails once each was accepted. Raises `Ended`; `Refused` when one is not wanted."""
        return sum(self._pool.map(self._send, mails))

    def _greets(self) -> bool:
        try:
            with smtplib.SMTP(*self._address, timeout=TIME_LIMIT_SECONDS):
                return True
        except (OSError, smtplib.SMTPException):
            return False

    def _send(self, mail: Mail) -> int:
        attempt = 0
        while True:
            try:
                self._deliver(mail)
            except smtplib.SMTPResponseException as error:
                self._hang_up()
                if error.smtp_code >= 500:
                    raise Refused(error.smtp_code, str(error.smtp_error)) from error
            except (OSError, smtplib.SMTPException):
                self._hang_up()
            else:
                return 1
            if self._wait(WAITS[min(attempt, len(WAITS) - 1)]):
                raise Ended
            attempt += 1

    def _deliver(self, mail: Mail) -> None:
        """Send one mail; raises unless the server said that it has it."""
        server: smtplib.SMTP | None = getattr(self._own, "server", None)
        if server is None:
            server = self._own.server = smtplib.SMTP(*self._address, timeout=TIME_LIMIT_SECONDS)
            server.ehlo("mx.example.net")
        for code, text in (
            server.docmd("MAIL", f"FROM:<{mail.envelope_from}>"),
            server.docmd("RCPT", f"TO:<{mail.envelope_to}>"),
            server.data(mail.raw),
        ):
            if code // 100 != 2:
                raise smtplib.SMTPResponseException(code, text)

    def _hang_up(self) -> None:
        server: smtplib.SMTP | None = getattr(self._own, "server", None)
        self._own.server = None
        if server is not None:
            server.close()
