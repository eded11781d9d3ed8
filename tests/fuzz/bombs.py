"""Input made to cost more than its length, for each reader: a function of a size gives one of about so many bytes.

`growth.py` measures that twice the bytes take about twice the time. Each is what somebody would write who has read
our code: long runs of what a pattern begins with, structure within structure, one thing a hundred thousand times.
"""

from collections.abc import Callable, Iterator

Bomb = Callable[[int], bytes]

HEAD = b"From: MAILER-DAEMON@example.com\nSubject: Undelivered Mail Returned to Sender\n"
_ARF = (
    b"From: fbl@example.net\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
    b"--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n"
)
_DSN = (
    HEAD + b"Content-Type: multipart/report; boundary=b\n\n--b\n\nwords\n--b\nContent-Type: message/delivery-status\n\n"
)
_XARF = b"X-XARF: PLAIN\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nwords\n--b\n\nReport-Type: spam\n"
_RETURNED = b"\n--b\nContent-Type: message/rfc822\n\n"


def repeated(piece: bytes, before: bytes = b"", after: bytes = b"") -> Bomb:
    return lambda size: before + piece * max(1, size // len(piece)) + after


def numbered(line: bytes, before: bytes = b"", after: bytes = b"") -> Bomb:
    """Many lines that differ: nothing that remembers lines is helped."""
    return lambda size: before + b"".join(line % n for n in range(max(1, size // (len(line) + 4)))) + after


def nested(size: int) -> bytes:
    return HEAD + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(size // 53)
    )


def within(size: int) -> bytes:
    """A mail within a mail within a mail, each returned whole by the next."""
    start = b"Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\n"
    return HEAD + start * (size // len(start)) + b"Message-ID: <a@example.com>\n\n"


def _runs(alphabet: bytes) -> Iterator[tuple[str, bytes]]:
    for one in alphabet:
        yield f"{one:02x}", bytes([one])


MAILS: dict[str, Bomb] = {
    # MIME
    "nested multiparts": nested,
    "mails in mails": within,
    "parts": repeated(b"--b\n", HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"),
    "parts with text": repeated(b"--b\n\nx@example.com\n", HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"),
    "boundaries that begin alike": repeated(b"\n--bb x\n", HEAD + b"Content-Type: multipart/mixed; boundary=b\n\n"),
    "boundaries nobody named": repeated(b"\n--x \nA", HEAD + b"Content-Type: multipart/mixed\n\n"),
    "a line that may be a boundary": repeated(b"\n--" + b"x" * 190 + b" ", HEAD + b"Content-Type: multipart/mixed\n\n"),
    "base64": repeated(b"QUJD\n", HEAD + b"Content-Transfer-Encoding: base64\n\n"),
    "base64 that is none": repeated(b"=!", HEAD + b"Content-Transfer-Encoding: base64\n\n"),
    "quoted-printable": repeated(b"=\n", HEAD + b"Content-Transfer-Encoding: quoted-printable\n\n"),
    "punycode": repeated(b"a-\xe9", HEAD + b"Content-Type: text/plain; charset=punycode\n\n"),
    "utf-7": repeated(b"+AGE-", HEAD + b"Content-Type: text/plain; charset=utf-7\n\n\xff"),
    "iso-2022-jp": repeated(b"\x1b$B!!\x1b(B", HEAD + b"Content-Type: text/plain; charset=iso-2022-jp\n\n"),
    # header fields
    "one field": repeated(b"a", b"X: ", b"\n\nbody"),
    "one field of words": repeated(b"a b ", HEAD + b"X-Long: ", b"\n\nbody"),
    "a field folded without end": repeated(b"\n\tab", HEAD + b"X-Long: a", b"\n\nbody"),
    "a subject folded without end": repeated(b"\n =?x?q?", b"Subject: a", b"\n\nbody"),
    "fields": numbered(b"X-%d: y\n", b"", b"\n"),
    "fields of a loose name": repeated(b"A :b\n", b"", b"\n"),
    "one name": repeated(b"To: a@example.com\n", HEAD, b"\nbody"),
    "recipients in To": repeated(b"a@example.com, ", HEAD + b"To: ", b"\n\nbody"),
    "quoted string": repeated(b'\\"', HEAD + b'To: "', b"\n\nbody"),
    "open quotes": repeated(b'"@', HEAD + b"To: ", b"\n\nbody"),
    "angle brackets": repeated(b"<", HEAD + b"To: ", b"\n\nbody"),
    "comments": repeated(b"(", HEAD + b"Authentication-Results: mx; dkim=pass ", b"\n\nbody"),
    "encoded words": repeated(b"=?utf-8?b?QQ==?= ", b"Subject: ", b"\n\nbody"),
    "encoded words left open": repeated(b"=?", b"Subject: ", b"\n\nbody"),
    "parameters": repeated(b"boundary*0*=x;", b"Content-Type: multipart/mixed; ", b"\n\nbody"),
    "white space for a head": repeated(b"\n \n", HEAD + b"\n"),
    "blank lines first": repeated(b"\n", b"", HEAD + b"\nbody"),
    "mbox lines": repeated(b"From x\n", b"", HEAD + b"\nbody"),
    # status notifications
    "recipients of a bounce": numbered(
        b"Final-Recipient: rfc822; r%d@example.com\nAction: failed\nStatus: 5.1.1\n\n", _DSN
    ),
    "recipients without address": repeated(b"Final-Recipient: x\nAction: failed\n\n", _DSN),
    "a diagnostic": repeated(b"550 5.1.1 ", _DSN + b"Final-Recipient: rfc822;a@example.com\nDiagnostic-Code: smtp;"),
    "statuses": repeated(b"Status: 5.0.0\n", _DSN),
    "fields in text": repeated(b"Final-Recipient: x\n", HEAD + b"\n"),
    "a transcript": repeated(b"<<< 503 x\n", _DSN.replace(b"words", b"--- Transcript of session follows ---")),
    # complaints
    "recipients of a complaint": numbered(b"Original-Rcpt-To: r%d@example.com\n", _ARF),
    "blank lines in a complaint": repeated(b"\n", _ARF, b"x"),
    "odd names": repeated(b"a_", _ARF),
    "odd names in lines": repeated(b"a b c d e\n", _ARF),
    "references": numbered(b"X-Courrielleur-Ref: aaaa%d\n", _ARF + _RETURNED),
    "a reference": repeated(b"a", _ARF + _RETURNED + b"X-Courrielleur-Ref: "),
    "a list of unsubscribe links": repeated(b"<https://x/u/a>,", _ARF + _RETURNED + b"List-Unsubscribe: "),
    "a complaint in a complaint": lambda size: b"".join(
        _ARF.replace(b"=b\n", b"=b%d\n" % n).replace(b"--b\n", b"--b%d\n" % n) for n in range(size // len(_ARF))
    ),
    "json in X-ARF": repeated(b'{"a":', b'X-XARF: PLAIN\nContent-Type: application/json\n\n{"xarf":'),
    "fields of X-ARF": numbered(b"A%d: b\n", _XARF),
    "json of SES": repeated(b"[", b'Subject: s\n\n{"notificationType":'),
    "json of SES without end": repeated(b'{"notificationType":"x"},', b"Subject: s\n\n["),
    "open braces of SES": repeated(b"{ ", b'Subject: s\n\n"notificationType" '),
    # text bounces
    "one word": repeated(b"a", HEAD + b"\n"),
    "addresses": repeated(b"a@", HEAD + b"\n"),
    "addresses of strangers": numbered(
        b"<r%d@example.com>: could not be delivered\n", HEAD + b"\nfailed recipients:\n"
    ),
    "addresses in one line": numbered(b"<r%d@example.com> ", HEAD + b"\ncould not be delivered: "),
    "brackets": repeated(b"<", HEAD + b"\n"),
    "quotes and ats": repeated(b'"@', HEAD + b"\n"),
    "style": repeated(b"<style>", HEAD + b"Content-Type: text/html\n\n"),
    "tags left open": repeated(b"<p ", HEAD + b"Content-Type: text/html\n\n"),
    "entities": repeated(b"&amp;&#99999999;&", HEAD + b"Content-Type: text/html\n\n"),
    "could not be delivered to": repeated(b"could not be delivered to ", HEAD + b"\n"),
    "naming without end": repeated(b"mailbox", HEAD + b"\ncould not be delivered to ", b"@example.com"),
    "copies": repeated(b"Received: x\n\ty\n", HEAD + b"\n"),
    "rules": repeated(b"   -----   ", HEAD + b"\n"),
    "a session": repeated(b" ", HEAD + b"\n...RCPT TO:"),
    "lines of a session": repeated(b"550 a@b.example...@ ", HEAD + b"\nRCPT TO: "),
    "introductions": repeated(b"address:\n", HEAD + b"\ncould not be delivered "),
    "hyphens": repeated(b"550-", HEAD + b"\n<a@example.com>: "),
    "said": repeated(b"said: ", HEAD + b"\n<a@example.com>: "),
    **{
        f"a run of {name}": repeated(one, HEAD + b"\n<a@example.com>: 550 ")
        for name, one in _runs(b" .-_:;=*#/\\|'\t5")
    },
}

DIAGNOSTICS: dict[str, Bomb] = {
    "codes": repeated(b"550 5.1.1 "),
    "digits": repeated(b"5"),
    "dots": repeated(b"5."),
    "words": repeated(b"mailbox full "),
    "said": repeated(b"said: "),
    "links": repeated(b"https://"),
    "brackets": repeated(b"<("),
    "hyphens": repeated(b"550-5.1.1 "),
    "lists": repeated(b"bl.spamcop.net zen.spamhaus.org "),
}
TEXTS: dict[str, dict[str, Bomb]] = {
    "classify": DIAGNOSTICS | {f"{name}, in prose": repeated(bomb(10), b"x\n") for name, bomb in DIAGNOSTICS.items()},
    "headers": {
        name: MAILS[name] for name in ("one field of words", "fields", "open quotes", "comments", "parameters")
    },
    "reference": {"token": repeated(b"a"), "spaces": repeated(b"a "), "carriers": repeated(b"b-" + b"a" * 60)},
    "log-pmta": {
        "one line": repeated(b"x", b"type,timeLogged\nd,"),
        "open quotes": repeated(b'd,"\n', b"type,timeLogged,rcpt\n"),
        "quotes": repeated(b'""', b'type,timeLogged,rcpt\nd,"'),
        "columns": repeated(b",", b"type,timeLogged"),
        "headings": repeated(b"type,timeLogged,rcpt\n"),
    },
    "log-kumo": {
        "depth": repeated(b"[", b'{"type":"Bounce","recipient":'),
        "lines": repeated(b"{}\n"),
        "one line": repeated(b'"', b'{"type":'),
        "recipients": repeated(b'"a@example.com",', b'{"type":"Delivery","recipient":[', b'"x"]}\n'),
    },
    "log-postfix": {
        "lines": numbered(b"Jan  1 00:00:02 mx1 postfix/smtp[1]: %dA: to=<a@example.com>, status=sent (x)\n"),
        "queue ids": numbered(b"Jan  1 00:00:02 mx1 postfix/cleanup[1]: %dA: message-id=<a@example.com>\n"),
        "one line": repeated(b"status=", b"Jan  1 00:00:02 mx1 postfix/smtp[1]: 4Fq1aa0001: "),
        "open angle": repeated(b"to=<", b"Jan  1 00:00:02 mx1 postfix/smtp[1]: 4Fq1aa0001: "),
    },
    "esp-sendgrid": {
        "events": numbered(b'{"event":"bounce","sg_event_id":"%d","timestamp":1},', b"[", b"{}]"),
        "depth": repeated(b"["),
    },
    "esp-mandrill": {
        "pairs": repeated(b"a=b&", b"mandrill_events=%5B%5D&"),
        "depth": repeated(b"%5B", b"mandrill_events="),
    },
    "esp-amazon_ses": {"depth": repeated(b'{"Message":'), "message": repeated(b"\\\\", b'{"Message":"', b'"}')},
    "sns": {"depth": repeated(b"["), "type": repeated(b"a", b'{"Type":"', b'"}')},
    "records": {
        "rows": numbered(b"r%d@example.com;2026-01-02 03:04:05 EST\n", b"Courriel;DateHeureCommande\n"),
        "open quotes": repeated(b'"\n', b'Courriel;Nom\n"'),
        "columns": repeated(b";Courriel", b"Courriel"),
        "unknown columns": numbered(b";c%d", b"Courriel", b"\na@example.com;x\n"),
        "one cell": repeated(b"a", b"Courriel\n"),
        "empty lines": repeated(b"\n", b"", b"Courriel\na@example.com\n"),
        "nameless columns": repeated(b";", b"Courriel", b"\n"),
    },
    "moment": {"digits": repeated(b"1"), "spaces": repeated(b" ", b"2026-01-02 03:04 ")},
    "policy": {
        "tables": numbered(b"[a%d]\nat_least = 1\n"),
        "brackets": repeated(b"["),
        "arrays": repeated(b"[", b"a = "),
        "dots": repeated(b"a.", b"", b"b = 1"),
        "text": repeated(b"x", b'a = "', b'"'),
    },
    "events": {
        "accounts": numbered(b"480000,sent,a%d,,c,yahoo,480000,5000,,live,\n", b"h\n"),
        "hours": numbered(b"48%07d,sent,a,r,c,yahoo,480000,5000,,live,\n", b"h\n"),
        "providers": numbered(b"480000,sent,a,r,c,p%d,480000,5,,live,\n", b"h\n"),
        "one cell": repeated(b"1", b"h\n"),
    },
    "dkim": {
        "signatures": repeated(
            b"DKIM-Signature: v=1; d=example.net; s=a; h=from; b=A; bh=A\n", b"From: a@example.net\n", b"\n"
        ),
        "tags": repeated(b"a=b;", b"From: a@example.net\nDKIM-Signature: d=example.net;", b"\n\n"),
        "fields signed": repeated(b"from:", b"From: a@example.net\nDKIM-Signature: d=example.net; s=a; h=", b"\n\nx"),
        "body of spaces": repeated(b" ", b"From: a@example.net\nDKIM-Signature: d=example.net; s=a; h=from\n\n", b"x"),
        "body of lines": repeated(
            b"\r\n", b"From: a@example.net\nDKIM-Signature: d=example.net; s=a; h=from\n\n", b"x"
        ),
    },
}
