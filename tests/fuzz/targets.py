"""Every reader of ours as a function of bytes that must never raise, and what to begin its fuzzing with.

A target raises only for a fault of ours: what a reader may refuse (`Unreadable`, `BadEvents` …) is caught here.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from abuse.core.event_file import BadEvents
from abuse.core.judging import Judge
from abuse.core.policy import BadPolicy, default_policy, parse_policy
from consent.core.moments import MomentError, read_moment
from consent.core.records import read_records, row_message
from consent.core.tables import UnreadableFile
from fbl.adapters import sns, webhooks
from fbl.adapters.dkim import Keys, witness
from fbl.adapters.esp_views import PROVIDERS
from fbl.core import esp
from fbl.core.addresses import digest, normalise
from fbl.core.authenticity import FeedRule, Outcome, trusted_results
from fbl.core.classify import classify
from fbl.core.dates import read_date
from fbl.core.headers import Headers, addresses, clean_address, decode_words, parameters
from fbl.core.identify import find, mint, read_token
from fbl.core.letterhead import read_letterhead
from fbl.core.logs import generic_csv, pmta
from fbl.core.logs.attribution import Attribution
from fbl.core.logs.kumo import KumoReader
from fbl.core.logs.postfix import PostfixReader
from fbl.core.logs.record import Reader, Tally
from fbl.core.logs.times import Clock
from fbl.core.mime import read_mail
from fbl.core.registry import FORMATS, MAX_VALUE, READER_FAILED, read_report
from fbl.core.report import Kind, References, Unreadable, as_json
from fbl.core.sorting import Arrived, House, sort
from fbl.services.endpoints import Post
from tests import esp as esp_requests
from tests.fuzz import seeds
from tests.fuzz.seeds import KEYS
from tests.worlds import NOON, hour

_FEED = FeedRule(
    id=1,
    senders=frozenset({"example.net"}),
    recipients=frozenset(),
    signers=frozenset({"example.net"}),
    is_trusted=True,
    is_redacting=False,
)
_SIGNED = (
    b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=s1; h=from:content-type;\r\n"
    b" bh=AAAA; b=AAAA\r\nAuthentication-Results: mx.example.com; dkim=fail header.d=example.net\r\n"
)
_HOUSE = House(KEYS, b"d" * 32, dedicated={"192.0.2.25": 1}, shared={"192.0.2.99"})


@dataclass(frozen=True)
class Target:
    run: Callable[[bytes], None]
    seeds: Callable[[], list[bytes]]
    is_mail: bool = False  # its seeds may be mutated as mails


def of_mail(raw: bytes) -> None:
    """Read a mail to the end, as the worker does: report, letterhead, lane, and the line that `parse` prints."""
    report = read_report(raw)
    assert not report.error.startswith(READER_FAILED), report.error
    assert (report.kind is Kind.UNREADABLE) == bool(report.error)
    for value in _strings(json.loads(json.dumps(as_json(report, "x", why=True)))):
        assert len(value) <= MAX_VALUE
        assert value.isprintable()
        value.encode("utf-8")
    letterhead = read_letterhead(raw)
    for feed in (None, _FEED):
        arrived = Arrived(envelope_to=letterhead.sender, hour=hour(NOON), feed=feed)
        for event in sort(report, arrived, _HOUSE).events:
            assert len(event.digest) == 16
            assert event.send_day >= 0
            assert not event.may_count or event.send_hour is not None


def of_format(name: str) -> Callable[[bytes], None]:
    """Read a mail by one format alone: what another takes first may hide a hole in it."""
    read = dict(FORMATS)[name]

    def run(raw: bytes) -> None:
        mail = read_mail(raw)
        if mail.headers:
            with suppress(Unreadable):
                read(mail)

    return run


def of_headers(raw: bytes) -> None:
    text = raw.decode("latin-1")
    headers = Headers(text)
    for name, _value in headers.fields[:50]:
        headers.get(name.lower())
        headers.all(name.lower())
        headers.text(name.lower())
    for read in (parameters, addresses, clean_address, decode_words, read_date, normalise):
        read(text)
    trusted_results([("Authentication-Results", text)], "mx.example.com")
    assert len(digest(text, b"d" * 32)) == 16


def of_dkim(raw: bytes) -> None:
    """Whatever stands in a mail, nobody vouches for it: no key is published."""
    keys = Keys(["127.0.0.1:9"])
    keys.questions_left = 0
    assert witness(raw, _FEED, keys, authserv_id="mx.example.com").outcome is not Outcome.VERIFIED


def of_verdict(raw: bytes) -> None:
    diagnostic, _, prose = raw.decode("utf-8", "replace").partition("\n")
    verdict = classify(diagnostic, status=prose[:12], reply_code=prose[12:15], remote=prose[:80], prose=prose)
    assert verdict.reason.value


def of_reference(raw: bytes) -> None:
    text = raw.decode("utf-8", "replace")
    reading = read_token(text, KEYS)
    if reading.reference is not None:  # whatever is taken for ours is what we would mint
        assert mint(reading.reference, KEYS[reading.reference.key_id]) == "".join(text.split()).lower()
    find(References(*[text] * 7), KEYS)


def of_log(make: Callable[[Attribution], Reader]) -> Callable[[bytes], None]:
    def run(raw: bytes) -> None:
        attribution = Attribution(
            accounts={"acme": 5}, keys=KEYS, digest_key=b"d" * 32, clock=Clock(hour(NOON) + 24 * 400)
        )
        reader, tally = make(attribution), Tally()
        cut = raw[0] * 16 if raw else 0
        used = reader.feed(raw[:cut], tally, final=False)
        assert 0 <= used <= len(raw[:cut])
        reader.feed(raw[used:], tally, final=True)
        assert tally.lines <= raw.count(b"\n") + 2
        reader.restore(json.loads(json.dumps(reader.state())))

    return run


def of_esp(provider: str) -> Callable[[bytes], None]:
    """Read a request whose signature was right: its events become reports, or the request says that it can't be."""
    content_type = "application/x-www-form-urlencoded" if provider == "mandrill" else "application/json"

    def run(raw: bytes) -> None:
        outcome = webhooks.events_in(provider, Post(raw, content_type, "m-1"))
        assert outcome.error or outcome.events >= 0
        for document in outcome.documents:
            of_mail(document)

    return run


def of_sns(raw: bytes) -> None:
    """Nothing that SNS did not sign is let in, and no address but its own is asked."""
    try:
        message = json.loads(raw)
    except (ValueError, RecursionError):
        return
    if not isinstance(message, dict):
        return

    def get(url: str) -> bytes:
        assert url.lower().startswith("https://sns.")
        return b"no certificate"

    with suppress(sns.NotFromOurTopic):
        sns.verify(message, esp_requests.TOPIC, get)
        raise AssertionError("a message that SNS did not sign was let in")
    with suppress(sns.NotFromOurTopic):
        sns.confirm(message, get)


def of_records(raw: bytes) -> None:
    with suppress(UnreadableFile):
        lines = []
        for row in read_records(raw).rows:
            lines.append(row.line)
            assert all(row_message(error, "fr") for error in row.errors)
        assert lines == sorted(lines)


def of_moment(raw: bytes) -> None:
    with suppress(MomentError):
        assert read_moment(raw.decode("utf-8", "replace")).tzinfo is UTC


def of_policy(raw: bytes) -> None:
    with suppress(BadPolicy):
        assert parse_policy(raw.decode("utf-8", "replace")).version


def of_events(raw: bytes) -> None:
    rows = csv.reader(io.StringIO(raw.decode("utf-8", "replace"), newline=""))
    with suppress(BadEvents, csv.Error):
        next(rows, None)
        for change in Judge(default_policy()).changes(rows):
            json.dumps(change.verdict.figures())


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


_LOG_READERS: dict[str, Callable[[Attribution], Reader]] = {
    "pmta": pmta.reader,
    "csv": lambda attribution: generic_csv.reader(attribution, columns={"recipient": "rcpt", "at": "timeLogged"}),
    "kumo": KumoReader,
    "postfix": lambda attribution: PostfixReader(attribution, until=datetime(2026, 11, 21, tzinfo=UTC), zone=UTC),
}

TARGETS: dict[str, Target] = {
    "mail": Target(of_mail, seeds.mails, is_mail=True),
    **{f"format-{name}": Target(of_format(name), seeds.mails, is_mail=True) for name, _read in FORMATS},
    "headers": Target(of_headers, seeds.mails, is_mail=True),
    "dkim": Target(of_dkim, lambda: [_SIGNED + raw for raw in seeds.mails()[:12]], is_mail=True),
    "classify": Target(of_verdict, seeds.diagnostics),
    "reference": Target(of_reference, seeds.tokens),
    **{f"log-{kind}": Target(of_log(make), partial(seeds.logs, kind)) for kind, make in _LOG_READERS.items()},
    **{f"esp-{name}": Target(of_esp(name), partial(seeds.posts, name)) for name in PROVIDERS},
    "sns": Target(of_sns, lambda: seeds.posts("amazon_ses")),
    "records": Target(of_records, lambda: seeds.CONSENT),
    "moment": Target(of_moment, lambda: seeds.MOMENTS),
    "policy": Target(of_policy, seeds.policies),
    "events": Target(of_events, seeds.event_files),
}
assert set(esp.providers()) == set(PROVIDERS)
