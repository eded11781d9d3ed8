"""Store what a door took: the bytes once, encrypted, before anybody parses them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction

from courrielleur import vault
from courrielleur.ids import uuid7


@dataclass(frozen=True)
class Arrival:
    """What a door hands over. `envelope_*` are empty when the door has no envelope (files, REST)."""

    raw: bytes
    door: str  # smtp, lmtp, file, api
    received_at: datetime
    envelope_from: str = ""
    envelope_to: str = ""
    witness: str = ""  # who vouches for it, when the door knows: the endpoint whose provider signed the request


@dataclass(frozen=True)
class Stored:
    id: UUID
    is_new: bool  # False: these bytes came to this address before


def store(arrivals: Sequence[Arrival]) -> list[Stored]:
    """Store the arrivals in one transaction and return one `Stored` for each, in order.

    When this returns outside of a transaction, the bytes are on disk: a door may answer "accepted".
    """
    digests = [_digest(arrival) for arrival in arrivals]
    columns = (
        [uuid7() for _ in arrivals],
        digests,
        [arrival.received_at for arrival in arrivals],
        [arrival.door for arrival in arrivals],
        [_fit(arrival.envelope_from) for arrival in arrivals],
        [_fit(arrival.envelope_to) for arrival in arrivals],
        [vault.encrypt(arrival.raw) for arrival in arrivals],
        [len(arrival.raw) for arrival in arrivals],
        [arrival.witness for arrival in arrivals],
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_INSERT, columns)
        new = {bytes(sha256): report_id for report_id, sha256 in cursor.fetchall()}
        cursor.execute("SELECT sha256, id FROM fbl_inboundreport WHERE sha256 = ANY(%s)", [digests])
        ids = {bytes(sha256): report_id for sha256, report_id in cursor.fetchall()}
    # The same bytes twice in one batch: the first is new, the second is not.
    return [Stored(ids[digest], is_new=new.pop(digest, None) is not None) for digest in digests]


def _digest(arrival: Arrival) -> bytes:
    """Return what makes two arrivals one: the bytes, the address they came to, and who vouches for them.

    A bounce without a word of its own looks like the next one, and an answer may go to two cases: only the address
    that it came to tells them apart. And what somebody sends who has guessed the words of a provider must not make
    the provider's own a copy of it.
    """
    hasher = hashlib.sha256(arrival.raw)
    if arrival.envelope_to:
        hasher.update(b"\0" + arrival.envelope_to.lower().encode("utf-8", "replace"))
    if arrival.witness:
        hasher.update(b"\0\0" + arrival.witness.encode())
    return hasher.digest()


def _fit(address: str) -> str:
    # PostgreSQL text holds no NUL, and no address is longer than 320 characters (RFC 5321 §4.5.3.1).
    return address.replace("\x00", "")[:320]


_INSERT = """
    INSERT INTO fbl_inboundreport
        (id, sha256, received_at, door, envelope_from, envelope_to, raw, size, witness,
         state, kind, format, reporter, reason)
    SELECT a.*, 'stored', '', '', '', ''
    FROM unnest(%s::uuid[], %s::bytea[], %s::timestamptz[], %s::text[], %s::text[], %s::text[], %s::bytea[],
        %s::int[], %s::text[]) AS a (id, sha256)
    ORDER BY a.sha256  -- two doors with the same mails wait for each other, and never in a circle
    ON CONFLICT (sha256) DO NOTHING
    RETURNING id, sha256
"""
