"""Turn an incident into the mail that tells of it, as the provider in question writes such mails."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from courrielleur.demo import mails
from courrielleur.demo.cast import Account
from courrielleur.demo.traffic import Incident, What
from fbl.core.addresses import domain_of
from fbl.core.providers import provider_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSOFT = "microsoft"
OLD_JMRP_OF_TEN = 3  # Outlook.com still writes some complaints in its old form
# Stand in the mail itself and not in what a complaint of a stranger shows.
NOBODY = "no-reference@mail.example.net"
STRANGERS_IP = "203.0.113.77"
YAHOO_SENDER, MICROSOFT_SENDER, PLUGIN_SENDER = (
    "feedback@arf.mail.yahoo.com",
    "staff@hotmail.com",
    "rapports@signal-spam.fr",
)
# What such mails look like; an analyst sees it without its links, its picture and its pixel.
LAYOUT = """\
<table width="100%" bgcolor="#eeeeee"><tr><td align="center"><table width="600"><tr><td>
<img src="https://images.example.net/logo.png" alt="Logo" width="120"><h1>{title}</h1>
<p>Bonjour,</p>
<p>Jusqu’à dimanche, tout est réduit. <a href="https://click.example.net/r?u=8841">Voir les offres</a></p>
<ul><li>Livraison gratuite</li><li>Retours pendant 30 jours</li></ul>
<p><small>Vous recevez ce courriel parce que vous êtes inscrit.
<a href="https://click.example.net/u?u=8841">Se désabonner</a></small></p>
<img src="https://track.example.net/o.gif?u=8841" width="1" height="1" onload="ping()">
</td></tr></table></td></tr></table>""".replace("\n", "\r\n")
PLUGIN_LAG = timedelta(hours=2)

FAILURES: dict[What, tuple[str, str, str]] = {  # status, diagnostic, action
    What.HARD: ("5.1.1", "smtp; 550 5.1.1 <{recipient}>: Recipient address rejected: User unknown", "failed"),
    What.SOFT: ("4.2.2", "smtp; 452 4.2.2 The recipient's mailbox is full", "failed"),
    What.BLOCK: ("5.7.1", "smtp; 550 5.7.1 Message refused: content looks like unsolicited mail", "failed"),
    What.DELAYED: ("4.4.1", "smtp; 421 4.4.1 Connection timed out, still trying", "delayed"),
}


@dataclass(frozen=True)
class Carriers:
    """What a sent mail carried for us: the answer of POST /api/v1/references."""

    return_path: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Mail:
    envelope_from: str  # empty for bounces (RFC 3464 §2)
    envelope_to: str
    raw: bytes


def compose(
    incident: Incident, account: Account, carriers: Carriers, *, report_domain: str, authserv_id: str = ""
) -> Mail:
    """Return the mail that comes in for *incident*; the same one for the same arguments.

    With an *authserv_id*, our own MTA has noted whose signature it found valid, as it does at the door of a platform.
    """
    at = EPOCH + timedelta(minutes=incident.seen_at)
    sent = _sent(incident, account, carriers)
    what = incident.what
    if what in FAILURES:
        status, diagnostic, action = FAILURES[what]
        raw = mails.dsn(
            sent, at=at, status=status, diagnostic=diagnostic.format(recipient=sent.recipient), action=action
        )
        return Mail("", carriers.return_path, raw)
    if what is What.VACATION:
        return Mail(incident.recipient, carriers.return_path, mails.vacation(sent, at=at))
    raw = _feedback(sent, what, at)
    if authserv_id and what in {What.COMPLAINT, What.NOT_SPAM, What.STRAY}:
        sender = MICROSOFT_SENDER if provider_of(domain_of(sent.recipient)) == MICROSOFT else YAHOO_SENDER
        raw = mails.witnessed(raw, authserv_id=authserv_id, signer=domain_of(sender))
    return Mail(f"feedback@{domain_of(incident.recipient)}", f"fbl@{report_domain}", raw)


def _feedback(sent: mails.Sent, what: What, at: datetime) -> bytes:
    if what is What.BROKEN:
        return mails.broken(sent, at=at)
    if what is What.NOT_SPAM:
        return mails.arf(sent, at=at, feedback_type="not-spam")
    if what is What.PLUGIN:
        return mails.arf(sent, at=at - PLUGIN_LAG, reporter=PLUGIN_SENDER)
    if what is What.UNSUBSCRIBE:
        return mails.arf(sent, at=at, feedback_type="opt-out", reporter=f"feedback@{domain_of(sent.recipient)}")
    if provider_of(domain_of(sent.recipient)) != MICROSOFT:
        return mails.arf(sent, at=at)
    is_old = _number(sent.message_id) % 10 < OLD_JMRP_OF_TEN
    return mails.jmrp_legacy(sent, at=at) if is_old else mails.jmrp(sent, at=at)


def _sent(incident: Incident, account: Account, carriers: Carriers) -> mails.Sent:
    identity = f"{account.key}/{incident.campaign}/{incident.recipient}/{incident.sent_at}"
    is_ours = incident.what not in {What.STRAY, What.BROKEN, What.UNSIGNED}
    # Of the complaints without a reference, some name an address of ours: anybody can write that.
    is_strangers = incident.what is What.STRAY and _number(identity) % 2 == 0
    return mails.Sent(
        recipient=incident.recipient,
        return_path=carriers.return_path if is_ours else NOBODY,
        headers=dict(carriers.headers) if is_ours else {},
        sender=f"info@{account.domain}",
        subject=f"=?utf-8?q?{_quoted(incident.campaign)}?=",
        message_id=f"{_number(identity):016x}@{account.domain}",
        sent_at=EPOCH + timedelta(minutes=incident.sent_at),
        source_ip=STRANGERS_IP if is_strangers else account.source_ip,
        layout="" if is_ours else LAYOUT.format(title=incident.campaign),
    )


def _quoted(text: str) -> str:
    """Return *text* in the Q encoding of RFC 2047 §4.2."""
    return "".join(
        chr(byte) if chr(byte).isascii() and chr(byte).isalnum() else f"={byte:02X}" for byte in text.encode()
    )


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
