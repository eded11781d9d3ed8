"""Build the mails that receivers send us: ARF, JMRP in both forms, DSN, unsubscribe mail, vacation answers.

They look as the real ones do, carry our references where the real ones keep them, and name nobody real.
"""

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

CRLF = "\r\n"


@dataclass(frozen=True)
class Sent:
    """A mail that left for one recipient, with what it carries."""

    recipient: str
    return_path: str
    headers: dict[str, str]  # of `fbl.core.identify.Carriers`
    sender: str
    subject: str
    message_id: str
    sent_at: datetime
    source_ip: str
    layout: str = ""  # HTML; else the mail has a word of text


def original(sent: Sent, *, redact_to: bool = False) -> str:
    """Return the header and first words of the mail complained about."""
    to = "redacted@redacted.invalid" if redact_to else sent.recipient
    lines = [
        f"Return-Path: <{sent.return_path}>",
        f"From: {sent.sender}",
        f"To: {to}",
        f"Subject: {sent.subject}",
        f"Date: {format_datetime(sent.sent_at)}",
        f"Message-ID: <{sent.message_id}>",
        *(f"{name}: {value}" for name, value in sent.headers.items()),
        "MIME-Version: 1.0",
        f"Content-Type: text/{'html' if sent.layout else 'plain'}; charset=utf-8",
    ]
    return CRLF.join([*lines, "", sent.layout or "…", ""])


def arf(
    sent: Sent,
    *,
    at: datetime,
    reporter: str = "feedback@arf.mail.yahoo.com",
    feedback_type: str = "abuse",
    redacted: bool = False,
) -> bytes:
    """Return a feedback report (RFC 5965); *redacted* withholds the recipient and keeps our headers (RFC 6590)."""
    recipient = f"redacted@{sent.recipient.rpartition('@')[2]}" if redacted else sent.recipient
    report = CRLF.join(
        [
            f"Feedback-Type: {feedback_type}",
            "User-Agent: ExampleFBL/1.2",
            "Version: 1",
            f"Original-Mail-From: <{sent.return_path}>",
            f"Original-Rcpt-To: <{recipient}>",
            f"Arrival-Date: {format_datetime(sent.sent_at)}",
            f"Source-IP: {sent.source_ip}",
            "",
        ]
    )
    return _multipart(
        [
            f"From: {reporter}",
            "To: fbl@bounce.courrielleur.example",
            "Subject: Feedback report",
            f"Date: {format_datetime(at)}",
        ],
        "report; report-type=feedback-report",
        [
            ("text/plain; charset=us-ascii", "This is an email abuse report." + CRLF),
            ("message/feedback-report", report),
            ("message/rfc822", original(sent, redact_to=redacted)),
        ],
        boundary=f"arf-{sent.message_id.partition('@')[0]}",
    )


def jmrp_legacy(sent: Sent, *, at: datetime) -> bytes:
    """Return a complaint as Outlook.com wrote them until June 2026: no report part, the recipient in a header."""
    inner = f"X-HmXmrOriginalRecipient: {sent.recipient}{CRLF}{original(sent)}"
    return _multipart(
        [
            "From: staff@hotmail.com",
            "To: fbl@bounce.courrielleur.example",
            f"Subject: complaint about message from {sent.source_ip}",
            f"Date: {format_datetime(at)}",
        ],
        "mixed",
        [("message/rfc822", inner)],
        boundary=f"jmrp-{sent.message_id.partition('@')[0]}",
    )


def jmrp(sent: Sent, *, at: datetime) -> bytes:
    """Return a complaint as Outlook.com writes them since June 2026: ARF, the recipient withheld."""
    return arf(sent, at=at, reporter="staff@hotmail.com", redacted=True)


def dsn(
    sent: Sent,
    *,
    at: datetime,
    status: str = "5.1.1",
    diagnostic: str = "smtp; 550 5.1.1 User unknown",
    action: str = "failed",
) -> bytes:
    """Return a delivery status notification (RFC 3464) as it comes to our signed return path."""
    domain = sent.recipient.rpartition("@")[2]
    report = CRLF.join(
        [
            f"Reporting-MTA: dns; mx.{domain}",
            f"Arrival-Date: {format_datetime(sent.sent_at)}",
            "",
            f"Final-Recipient: rfc822; {sent.recipient}",
            f"Action: {action}",
            f"Status: {status}",
            f"Diagnostic-Code: {diagnostic}",
            "",
        ]
    )
    return _multipart(
        [
            f"From: Mail Delivery System <mailer-daemon@mx.{domain}>",
            f"To: <{sent.return_path}>",
            "Subject: Undelivered Mail Returned to Sender",
            f"Date: {format_datetime(at)}",
            "Auto-Submitted: auto-replied",
        ],
        "report; report-type=delivery-status",
        [
            ("text/plain; charset=us-ascii", f"<{sent.recipient}>: {diagnostic.partition('; ')[2]}" + CRLF),
            ("message/delivery-status", report),
            ("text/rfc822-headers", original(sent).partition(CRLF * 2)[0] + CRLF),
        ],
        boundary=f"dsn-{sent.message_id.partition('@')[0]}",
    )


def vacation(sent: Sent, *, at: datetime) -> bytes:
    """Return an answer of somebody who is away (RFC 3834): it says nothing about the sender."""
    return CRLF.join(
        [
            f"From: {sent.recipient}",
            f"To: <{sent.return_path}>",
            f"Subject: Absence du bureau : {sent.subject}",
            f"Date: {format_datetime(at)}",
            "Auto-Submitted: auto-replied",
            f"In-Reply-To: <{sent.message_id}>",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "",
            "Je suis absente jusqu’au 4 janvier.",
            "",
        ]
    ).encode()


def broken(sent: Sent, *, at: datetime) -> bytes:
    """Return what calls itself a feedback report and was cut off before the part that is one."""
    return _multipart(
        [
            f"From: feedback@{sent.recipient.rpartition('@')[2]}",
            "To: fbl@bounce.courrielleur.example",
            f"Subject: Feedback report {sent.message_id.partition('@')[0]}",
            f"Date: {format_datetime(at)}",
        ],
        "report; report-type=feedback-report",
        [("text/plain; charset=us-ascii", "This is an email abuse report." + CRLF)],
        boundary=f"cut-{sent.message_id.partition('@')[0]}",
    )


def witnessed(raw: bytes, *, authserv_id: str, signer: str) -> bytes:
    """Return the mail as our own MTA hands it on: with what it found of the signature (RFC 8601)."""
    return f"Authentication-Results: {authserv_id}; dkim=pass header.d={signer}{CRLF}".encode() + raw


def _multipart(head: list[str], subtype: str, parts: list[tuple[str, str]], *, boundary: str) -> bytes:
    lines = [*head, "MIME-Version: 1.0", f'Content-Type: multipart/{subtype}; boundary="{boundary}"', ""]
    body = "".join(f"--{boundary}{CRLF}Content-Type: {kind}{CRLF}{CRLF}{text}{CRLF}" for kind, text in parts)
    return (CRLF.join(lines) + CRLF + body + f"--{boundary}--{CRLF}").encode()
