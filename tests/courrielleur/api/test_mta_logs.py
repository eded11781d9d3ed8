"""KumoMTA's log hook: stored and answered, then counted once, however it comes and however often."""

import gzip
import json

import pytest
import zstandard
from django.utils import timezone

from courrielleur import pipeline
from courrielleur.accounts.permissions import Scope
from fbl.core.logs.posted import MAX_BYTES
from fbl.models import FeedbackEvent, HourlyCount, LogImport, LogPost, SeenLogRecord
from tests import mta_logs
from tests.courrielleur.api.conftest import Caller

pytestmark = pytest.mark.django_db

HOOK = "/api/v1/mta-logs/kumo"
JSON = "application/json"
HOUR = timezone.now().timestamp() // 3600 * 3600 - 7200


def record(kind="Delivery", recipient="zoe@yahoo.ca", **changes):
    return mta_logs.kumo(kind, recipient, created=int(HOUR), timestamp=int(HOUR) + 5, **changes).encode()


def delivered():
    pipeline.river()
    return sum(HourlyCount.objects.values_list("delivered", flat=True))


def test_a_record_a_list_and_lines_are_counted(platform, house):
    bodies = [
        (record(id="1"), JSON),
        (b"[" + record(id="2").strip() + b"," + record(id="3").strip() + b"]", JSON),
        (record(id="4") + record("Reception", id="5") + record("Bounce", id="6"), "application/x-ndjson"),
        (json.dumps(json.loads(record(id="7")), indent=1).encode(), "application/octet-stream"),
    ]
    for body, content_type in bodies:
        reply = platform.post(HOOK, body, content_type=content_type)
        assert (reply.status_code, reply.json()) == (202, {"stored": True})
    assert not HourlyCount.objects.exists()

    assert delivered() == 5
    assert (FeedbackEvent.objects.get().bounce_class, LogPost.objects.count()) == ("hard", 0)
    day = LogImport.objects.get()
    assert (day.lines, day.delivered, day.hard) == (7, 5, 1)


@pytest.mark.parametrize(("encoding", "pack"), [("gzip", gzip.compress), ("zstd", zstandard.ZstdCompressor().compress)])
def test_a_packed_body_is_read(platform, house, encoding, pack):
    reply = platform.post(HOOK, pack(record()), content_type=JSON, headers={"Content-Encoding": encoding})

    assert reply.status_code == 202
    assert delivered() == 1


def test_a_record_that_comes_again_is_counted_once_alone_or_among_others(platform, house):
    first, second = record(id="1"), record(id="2")
    other_spelling = json.dumps(dict(reversed(json.loads(first).items())), indent=None).encode()
    for body in (first, first + second, other_spelling):
        platform.post(HOOK, body, content_type=JSON)
    assert delivered() == 2
    platform.post(HOOK, second + record(id="3"), content_type=JSON)

    assert delivered() == 3
    assert LogImport.objects.get().duplicate == 3
    assert SeenLogRecord.objects.count() == 3


def test_records_that_cannot_be_counted_are_kept_with_their_reason(platform, house):
    good, stranger = record(), record(id="2", meta={"tenant": "nobody"})
    platform.post(HOOK, good + stranger + b"{broken\n", content_type=JSON)

    assert delivered() == 1
    post = LogPost.objects.get()
    assert post.rejected == {"unknown_account": 1, "malformed": 1}
    assert LogImport.objects.get().rejected == post.rejected
    assert delivered() == 1


BOMB = gzip.compress(bytes(MAX_BYTES + 1))


@pytest.mark.parametrize(
    ("body", "encoding", "status"),
    [
        (b"", "", 400),
        (b"type,timeLogged", "", 400),
        (b"{}", "gzip", 400),
        (gzip.compress(b"{}", mtime=0)[:-4], "gzip", 400),
        (zstandard.ZstdCompressor().compress(b"{}" * 1000)[:-2], "zstd", 400),
        (b"{}", "br", 415),
        (BOMB, "gzip", 413),
        (zstandard.ZstdCompressor().compress(bytes(MAX_BYTES + 1)), "zstd", 413),
        (b"{" + b" " * MAX_BYTES, "", 413),
    ],
)
def test_what_is_no_log_or_a_bomb_is_refused_and_nothing_stored(platform, body, encoding, status):
    reply = platform.post(HOOK, body, content_type=JSON, headers={"Content-Encoding": encoding} if encoding else {})

    assert reply.status_code == status
    assert not LogPost.objects.exists()


def test_a_key_needs_the_scope_for_logs(caller: Caller):
    assert caller(Scope.COUNTS_WRITE).post(HOOK, record(), content_type=JSON).status_code == 403
    assert caller(Scope.LOGS_WRITE).post(HOOK, record(), content_type=JSON).status_code == 202
