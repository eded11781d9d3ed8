"""Take what the hooks of MTAs post: stored first, read by the worker, each record counted once however often it comes.

An MTA sends a record again until we have said that it is stored, alone or among others. So each record that tells
of an end is remembered by a digest of what it says, in the transaction that counts it. The post itself is gone then;
what could not be counted stays for as long as raw reports do.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction

from courrielleur import vault
from courrielleur.ids import uuid7
from courrielleur.jobs.queue import nudge
from fbl.core.doors import Door
from fbl.core.logs.attribution import Attribution
from fbl.core.logs.kumo import KumoReader, tells_an_end
from fbl.core.logs.posted import Record, records
from fbl.core.logs.record import Tally
from fbl.core.logs.times import Clock
from fbl.models import LogImport, LogPost, SeenLogRecord
from fbl.services import inbox
from fbl.services.inbox import Arrival
from fbl.services.log_imports import known_accounts
from fbl.services.log_ledger import Written, write

KUMO = "kumo"
STREAM = "hook"
# A record that was not confirmed comes again until its queue gives it up: KumoMTA's `max_age` is seven days.
REMEMBERED = timedelta(days=8)
POSTS_AT_ONCE = 1_000
BYTES_AT_ONCE = 8 * 1024 * 1024  # as they lie in the database; one post may be more
_LOCK_SPACE = 0x6C6F68  # next to the files' ("log")


class _Post(NamedTuple):
    id: UUID
    body: bytes


def store(body: bytes, now: datetime) -> None:
    """Store a post of KumoMTA, unpacked. When this returns outside of a transaction, it is on disk."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fbl_logpost (id, format, received_at, body, state, rejected)"
            " VALUES (%s, %s, %s, %s, 'stored', '{}')",
            [uuid7(), KUMO, now, vault.encrypt(body)],
        )
    nudge("river")


@transaction.atomic
def read_stored(now: datetime) -> int:
    """Count the records of the oldest posts, in one transaction; those another worker has are left to it.

    Return how many posts were read.
    """
    posts = _take()
    if not posts:
        return 0
    attribution = Attribution(
        accounts=known_accounts(),
        keys=vault.reference_keys(),
        digest_key=vault.digest_key(),
        clock=Clock(int(now.timestamp() // 3600) + 1),
    )
    parts = [[(record, tells_an_end(record.line)) for record in records(post.body)] for post in posts]
    unseen = _remember([record for part in parts for record, is_end in part if is_end], now)
    whole, known, refused = Tally(), 0, []
    for post, part in zip(posts, parts, strict=True):
        fresh = []
        for record, is_end in part:
            if not is_end or record.digest in unseen:
                unseen.discard(record.digest)  # the same record again in this very batch is known
                fresh.append(record.line)
            else:
                known += 1
        tally = Tally()
        KumoReader(attribution).feed(b"".join(line + b"\n" for line in fresh), tally, final=True)
        if tally.rejects:
            refused.append((post.id, fresh, tally))
        _add(whole, tally)
    written = write(whole.delivered, whole.records, attribution.take_campaigns(), now)
    inbox.store([Arrival(raw, Door.LOGS, now) for raw in whole.letters])
    _finish(posts, refused)
    _note(sum(len(post.body) for post in posts), whole, written, known, now)
    if whole.delivered or whole.records or whole.letters:
        nudge("river")
    return len(posts)


def purge(now: datetime) -> int:
    """Forget what could not be counted after RAW_REPORT_DAYS, and records that can't come again. Return how many."""
    before = now - timedelta(days=settings.RAW_REPORT_DAYS)
    posts, _ = LogPost.objects.filter(received_at__lt=before, state=LogPost.State.READ).delete()
    digests, _ = SeenLogRecord.objects.filter(day__lt=(now - REMEMBERED).date()).delete()
    return posts + digests


def _take() -> list[_Post]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, octet_length(body) FROM fbl_logpost WHERE state = 'stored'"
            " ORDER BY received_at, id LIMIT %s FOR UPDATE SKIP LOCKED",
            [POSTS_AT_ONCE],
        )
        taken: list[UUID] = []
        size = 0
        for post_id, length in cursor.fetchall():
            if taken and size + length > BYTES_AT_ONCE:
                break
            taken.append(post_id)
            size += length
        cursor.execute("SELECT id, body FROM fbl_logpost WHERE id = ANY(%s) ORDER BY received_at, id", [taken])
        return [_Post(post_id, vault.decrypt(body)) for post_id, body in cursor.fetchall()]


def _remember(told: Sequence[Record], now: datetime) -> set[bytes]:
    """Return the digests not seen before. In order: two workers with the same records wait, and never in a circle."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO fbl_seenlogrecord (digest, day) SELECT unnest(%s::bytea[]), %s"
            " ON CONFLICT DO NOTHING RETURNING digest",
            [sorted({record.digest for record in told}), now.date()],
        )
        return {bytes(digest) for (digest,) in cursor.fetchall()}


def _add(whole: Tally, tally: Tally) -> None:
    whole.lines += tally.lines
    for cell, number in tally.delivered.items():
        whole.delivered[cell] = whole.delivered.get(cell, 0) + number
    whole.records += tally.records
    whole.rejects += tally.rejects
    whole.letters += tally.letters


def _finish(posts: Sequence[_Post], refused: Sequence[tuple[UUID, list[bytes], Tally]]) -> None:
    """Keep the records that can't be counted, and nothing of the others."""
    for post_id, lines, tally in refused:
        kept = b"\n".join(lines[number - 1] for number in sorted({one.line for one in tally.rejects}))
        LogPost.objects.filter(pk=post_id).update(
            state=LogPost.State.READ,
            body=vault.encrypt(kept),
            rejected=dict(Counter(one.reason.value for one in tally.rejects)),
        )
    kept_ids = {post_id for post_id, _, _ in refused}
    LogPost.objects.filter(pk__in=[post.id for post in posts if post.id not in kept_ids]).delete()


def _note(size: int, whole: Tally, written: Written, known: int, now: datetime) -> None:
    """Add to the day's row among the imports: the posts of a day are one log."""
    name = f"{KUMO} {STREAM} {now.date().isoformat()}"
    digest = hashlib.sha256(name.encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK_SPACE, int.from_bytes(digest[:4], signed=True)])
    row = LogImport.objects.filter(format=KUMO, first_digest=digest).first() or LogImport(
        format=KUMO, name=name, stream=STREAM, first_digest=digest, position=0, started_at=now
    )
    row.position += size
    row.tail_digest = row.state = b""
    row.updated_at = now
    row.lines += whole.lines + known
    row.duplicate += known
    for field in ("delivered", "hard", "soft", "block", "complaints", "duplicate"):
        setattr(row, field, getattr(row, field) + getattr(written, field))
    row.rejected = dict(Counter(row.rejected) + Counter(one.reason.value for one in whole.rejects))
    row.save()
