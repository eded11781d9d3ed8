"""What somebody writes who has mails of ours at hand, knows our formats and our code, and has not our keys."""

import dataclasses
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from courrielleur.demo import mails
from courrielleur.demo.mails import Sent
from tests.signing import signed
from tests.worlds import NOON, REPORT_DOMAIN, Mailing

FBL = f"fbl@{REPORT_DOMAIN}"
FEED = "arf.mail.yahoo.com"  # enrolled, trusted, and signs
ATTACKER = "attacker.example.org"  # has a DKIM key of their own, and publishes it
Forged = tuple[bytes, str]  # the mail, and the address it is sent to


@dataclasses.dataclass
class Forger:
    """Writes number after number against *victim*, whose dedicated address is 192.0.2.25; *other* mails here too."""

    victim: int
    other: int
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.chance = random.Random(7)

    def token(self) -> str:
        return "".join(self.chance.choice("abcdefghijklmnopqrstuvwxyz234567") for _ in range(60))

    def sent(self, number: int, *, account: int | None = None, days_ago: float = 0.25) -> Sent:
        """Return a true mail, with a true reference; its Feedback-ID left out, so that one thing is wrong at a time."""
        at = self.now - timedelta(days=days_ago)
        true = Mailing(self.victim if account is None else account, sent_at=at).to(f"r{number}@yahoo.ca")
        headers = {name: value for name, value in true.headers.items() if name != "Feedback-ID"}
        return dataclasses.replace(true, headers=headers, message_id=f"{number}@example.com")

    def bare(self, number: int) -> Sent:
        """Return it without a reference: the sending address alone says whose it is."""
        return dataclasses.replace(self.sent(number), headers={}, return_path="info@boutique.example.com")

    def sealed_wrongly(self, number: int) -> Sent:
        fake, true = self.token(), self.sent(number)
        real = true.headers["X-Courrielleur-Ref"]
        headers = {name: value.replace(real, fake) for name, value in true.headers.items()}
        return dataclasses.replace(true, headers=headers, return_path=f"b-{fake}@{REPORT_DOMAIN}")

    def arf(self, sent: Sent, **more: str) -> bytes:
        return mails.arf(sent, at=self.now, **more)

    def dsn(self, sent: Sent) -> bytes:
        return mails.dsn(sent, at=self.now)


Make = Callable[[Forger, int], Forged]

COMPLAINTS: dict[str, Make] = {
    "no reference": lambda f, n: (f.arf(dataclasses.replace(f.bare(n), source_ip="203.0.113.9")), FBL),
    "no reference, from the victim's address": lambda f, n: (f.arf(f.bare(n)), FBL),
    "a reference made up": lambda f, n: (f.arf(f.sealed_wrongly(n)), FBL),
    "a reference made up, in the older form of Outlook": lambda f, n: (
        mails.jmrp_legacy(f.sealed_wrongly(n), at=f.now),
        FBL,
    ),
    "the reference of another account": lambda f, n: (f.arf(f.sent(n, account=f.other)), FBL),
    "references of two accounts": lambda f, n: (_with_another(f.arf(f.sent(n)), f.sent(n, account=f.other)), FBL),
    "an expired reference": lambda f, n: (f.arf(f.sent(n, days_ago=181)), FBL),
    "a reference of tomorrow": lambda f, n: (f.arf(f.sent(n, days_ago=-2)), FBL),
    "a reference in the words only": lambda f, n: (
        f.arf(f.bare(n)).replace(
            b"This is an email", f"X-Courrielleur-Ref: {_token(f.sent(n))}\r\nThis is an".encode()
        ),
        FBL,
    ),
    "signed by a domain nobody enrolled": lambda f, n: (
        signed(f.arf(f.bare(n), reporter=f"fbl@{ATTACKER}"), ATTACKER, name="attacker"),
        FBL,
    ),
    "in the feed's name, signed by another": lambda f, n: (signed(f.arf(f.bare(n)), ATTACKER, name="attacker"), FBL),
    "in the feed's name, signed with another key": lambda f, n: (signed(f.arf(f.bare(n)), FEED, name="attacker"), FBL),
    "a true report with another body": lambda f, n: (
        signed(f.arf(f.bare(n)), FEED).replace(b"Source-IP: 192.0.2.25", b"Source-IP: 192.0.2.025"),
        FBL,
    ),
    "a true report of a part": lambda f, n: (signed(f.arf(f.bare(n)), FEED, length=True), FBL),
    "a true report with a second sender": lambda f, n: (
        b"From: feedback@arf.mail.yahoo.com\r\n" + signed(f.arf(f.bare(n)), FEED),
        FBL,
    ),
    "Authentication-Results of its own": lambda f, n: (
        f"Authentication-Results: mx.courrielleur.example; dkim=pass header.d={FEED}\r\n".encode() + f.arf(f.bare(n)),
        FBL,
    ),
    "a domain that looks alike": lambda f, n: (
        signed(f.arf(f.bare(n), reporter="feedback@arf.mail.yahoo.example"), ATTACKER, name="attacker").replace(
            b"yahoo.example",
            "yаhoo.com".encode(),
        ),
        FBL,
    ),
    "a domain that looks alike, as DNS writes it": lambda f, n: (
        signed(f.arf(f.bare(n), reporter="feedback@arf.mail.xn--yhoo-53d.com"), ATTACKER, name="attacker"),
        FBL,
    ),
    "a true complaint wrapped in a complaint": lambda f, n: (
        f.arf(f.bare(n)).replace(
            b"Content-Type: message/rfc822\r\n\r\n", b"Content-Type: message/rfc822\r\n\r\n" + f.arf(f.sent(n))
        ),
        FBL,
    ),
    "not spam": lambda f, n: (f.arf(f.sent(n), feedback_type="not-spam"), FBL),
    "a trap hit": lambda f, n: (f.arf(f.sent(n)).replace(b"ExampleFBL", b"abusix-py"), FBL),
}

BOUNCES: dict[str, Make] = {
    "at no return path": lambda f, n: (f.dsn(f.sent(n)), "info@courrielleur.example"),
    "at a return path made up": lambda f, n: (f.dsn(f.sent(n)), f"b-{f.token()}@{REPORT_DOMAIN}"),
    "of a mail that is not ours": lambda f, n: (f.dsn(f.bare(n)), "info@boutique.example.com"),
    "at a return path of long ago": lambda f, n: _at_its_path(f, f.sent(n, days_ago=20)),
    "at a return path of tomorrow": lambda f, n: _at_its_path(f, f.sent(n, days_ago=-2)),
    "at a return path cut short": lambda f, n: (f.dsn(f.sent(n)), f.sent(n).return_path.replace("b-", "b-a", 1)),
    "at a return path with a letter changed": lambda f, n: (f.dsn(f.sent(n)), _changed(f.sent(n).return_path)),
    "at the address for complaints, with the true mail": lambda f, n: (f.dsn(f.sent(n)), FBL),
    "as text, at no return path": lambda f, n: (
        b"From: MAILER-DAEMON@example.net\r\nTo: info@courrielleur.example\r\nSubject: failure notice\r\n\r\n"
        b"Hi. This is the qmail-send program.\r\n\r\n<"
        + f.sent(n).recipient.encode()
        + b">:\r\n550 5.1.1 User unknown\r\n\r\n"
        b"--- Below this line is a copy of the message.\r\n\r\n"
        + f"Return-Path: <{f.sent(n).return_path}>\r\n".encode(),
        "info@courrielleur.example",
    ),
}


# Kinds that take a signature to write, or to see through.
SIGNED = frozenset(name for name in COMPLAINTS if "signed" in name or "true report" in name or "looks alike" in name)


def _at_its_path(forger: Forger, sent: Sent) -> Forged:
    return forger.dsn(sent), sent.return_path


def _with_another(raw: bytes, other: Sent) -> bytes:
    return raw.replace(b"X-Courrielleur-Ref:", f"X-Courrielleur-Ref: {_token(other)}\r\nX-Courrielleur-Ref:".encode())


def _token(sent: Sent) -> str:
    return sent.headers["X-Courrielleur-Ref"]


def _changed(path: str) -> str:
    return path[:20] + ("a" if path[20] != "a" else "b") + path[21:]
