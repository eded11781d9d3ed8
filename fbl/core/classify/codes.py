"""Enhanced status codes (RFC 3463, RFC 5248 registry) and SMTP reply codes (RFC 5321): found, and valued."""

import re

from fbl.core.classify.verdict import Reason

# In these patterns the look back stands behind the first digit: `re` seeks digits fast, and looks back slowly.
# Not a part of an IP address or a version number.
_STATUS = re.compile(r"([245])(?<![\d.\w][245])\.([0-7])\.(\d{1,3})(?!\.?\d|\w)")
_REPLY_OPENS = re.compile(r"([245][0-5]\d)(?:$|[\s:;,\-])(?!\.\d)")
_REPLY_BESIDE = re.compile(r"[245](?<![\d.][245])[0-5]\d(?=[ \-]#?[245]\.\d\.\d{1,3}(?!\d))")
_REPLY = re.compile(r"[245](?<!\d[245])[0-5]\d(?=$|[\s:;,\-)\]'\"<.#])(?!\.\d)")
# A reply stands where a server's answer begins, or beside an enhanced code.
_BEFORE_REPLY = re.compile(
    r"(?:^|[:;>\[(\"'“<#]|said|with|returned|code|error|smtp|was|responded|status)\s{0,3}[:=]?\s{0,3}(?:smtp error )?$",
    re.IGNORECASE,
)
_LONGEST_BEFORE = 30

# Codes that are specific enough to decide alone. What is missing here is decided by its subject below.
_STATUS_REASONS: dict[str, Reason] = {
    "5.1.0": Reason.UNKNOWN_USER,
    "5.1.1": Reason.UNKNOWN_USER,
    "5.1.2": Reason.UNKNOWN_DOMAIN,
    "5.1.3": Reason.UNKNOWN_USER,
    "5.1.6": Reason.MOVED,
    "5.1.7": Reason.SENDER_REFUSED,
    "5.1.8": Reason.SENDER_REFUSED,
    "5.1.10": Reason.NO_MAIL,
    "5.2.1": Reason.DISABLED,
    "5.2.2": Reason.MAILBOX_FULL,
    "5.2.3": Reason.TOO_BIG,
    "5.3.1": Reason.SYSTEM,
    "5.3.2": Reason.NO_MAIL,
    "5.3.4": Reason.TOO_BIG,
    "5.4.4": Reason.NETWORK,  # NXDOMAIN or a routing fault: only the text can tell
    "5.4.7": Reason.EXPIRED,
    "5.5.3": Reason.RATE,
    "5.7.8": Reason.SECURITY,
    "5.7.13": Reason.DISABLED,
    "5.7.17": Reason.DISABLED,  # the mailbox has a new owner (RFC 7293)
    "5.7.18": Reason.UNKNOWN_DOMAIN,  # the domain has a new owner
    "5.7.20": Reason.AUTHENTICATION,
    "5.7.21": Reason.AUTHENTICATION,
    "5.7.22": Reason.AUTHENTICATION,
    "5.7.23": Reason.AUTHENTICATION,
    "5.7.24": Reason.AUTHENTICATION,
    "5.7.25": Reason.REVERSE_DNS,
    "5.7.26": Reason.AUTHENTICATION,
    "5.7.27": Reason.SENDER_REFUSED,
    "5.7.28": Reason.BLOCKED,
    "5.7.29": Reason.AUTHENTICATION,
    "4.2.2": Reason.MAILBOX_FULL,
    "4.3.1": Reason.SYSTEM,
    "4.4.7": Reason.EXPIRED,
    "4.7.28": Reason.RATE,
}
# Subject and first digit of the detail say it only roughly: used after every text had its chance.
_SUBJECT_REASONS: dict[str, Reason] = {
    "5.2": Reason.SYSTEM,
    "5.3": Reason.SYSTEM,
    "5.4": Reason.NETWORK,
    "5.5": Reason.PROTOCOL,
    "5.6": Reason.CONTENT,
    "5.7": Reason.POLICY,
    "4.2": Reason.SYSTEM,
    "4.3": Reason.SYSTEM,
    "4.4": Reason.NETWORK,
    "4.5": Reason.PROTOCOL,
    "4.6": Reason.CONTENT,
    "4.7": Reason.RATE,
}
_REPLY_REASONS: dict[str, Reason] = {
    "421": Reason.NETWORK,
    "432": Reason.SECURITY,
    "450": Reason.SYSTEM,
    "451": Reason.SYSTEM,
    "452": Reason.SYSTEM,
    "454": Reason.SECURITY,
    "455": Reason.SYSTEM,
    "500": Reason.PROTOCOL,
    "501": Reason.PROTOCOL,
    "502": Reason.PROTOCOL,
    "503": Reason.PROTOCOL,
    "504": Reason.PROTOCOL,
    "521": Reason.NO_MAIL,
    "523": Reason.TOO_BIG,
    "525": Reason.DISABLED,
    "530": Reason.SECURITY,
    "534": Reason.SECURITY,
    "535": Reason.SECURITY,
    "538": Reason.SECURITY,
    "552": Reason.MAILBOX_FULL,
    "554": Reason.POLICY,
    "555": Reason.PROTOCOL,
    "556": Reason.NO_MAIL,
}
# 5.1.1 is also what old MTAs write when they know nothing better; 5.0.0 and 5.1.0 say hardly anything.
VAGUE_STATUSES = frozenset({"", "5.0.0", "4.0.0", "5.3.0", "5.1.0"})


def status_in(text: str) -> str:
    """Return the first enhanced status code of the text, "" when there is none.

    >>> status_in("550 5.7.1 host 192.0.2.1 refused")
    '5.7.1'
    >>> status_in("host 5.1.1.2 with Exim 4.9.3.1")
    ''
    """
    match = _STATUS.search(text)
    return f"{match[1]}.{match[2]}.{match[3]}" if match else ""


def reply_in(text: str) -> str:
    """Return the SMTP reply code of the text, "" when there is none that stands like one."""
    if match := _REPLY_OPENS.match(text):
        return match[1]
    if match := _REPLY_BESIDE.search(text):
        return match[0]
    for match in _REPLY.finditer(text):
        if _BEFORE_REPLY.search(text[max(0, match.start() - _LONGEST_BEFORE) : match.start()]):
            return match[0]
    return ""


def reason_of_status(status: str) -> Reason | None:
    """Return what the enhanced code alone says; None when it says nothing (x.0.x, 5.1.4, 2.x.x)."""
    return _STATUS_REASONS.get(status)


def reason_of_subject(status: str) -> Reason | None:
    """Return what class and subject of the code say, whatever its detail."""
    return _SUBJECT_REASONS.get(status[:3])


def reason_of_reply(reply: str) -> Reason | None:
    return _REPLY_REASONS.get(reply)
