"""A file of consent records is taken once, read whole, and nothing of it is kept in clear."""

import json
from datetime import timedelta

import pytest
from django.db import connection

from consent.core.records import file_message
from consent.models import ConsentRecord, ConsentUpload
from consent.services import parts, reading, uploads
from courrielleur import vault
from fbl.core.addresses import digest
from tests.worlds import NOON, make_account

pytestmark = pytest.mark.django_db

FILE = (
    "Nom;Courriel;Ville;DateHeureCommande;IP\r\n"
    "Marie;Marie@Example.com;Québec;2012-04-21 21:16:58.090 EST;192.0.2.17\r\n"
    "Luc;luc@@example.com;Laval;2012-04-21 21:16:58;192.0.2.300\r\n"
    "Zoé;zoé@exämple.com;Gatineau;;2001:db8::1\r\n"
).encode("cp1252")


def upload_of(data=FILE, *, account=None, now=NOON):
    upload, _is_new = uploads.store(account or make_account(), data, "preuves.csv", "Anne", now)
    return uploads.read(upload, now)


def _break_at(monkeypatch, word):
    """Let the reading die where *word* is to be stored."""
    encrypt = vault.encrypt_all
    monkeypatch.setattr(
        vault, "encrypt_all", lambda rows: 1 / 0 if any(word.encode() in row for row in rows) else encrypt(rows)
    )


def test_every_row_is_accepted_or_explained():
    upload = upload_of()
    assert (upload.state, upload.rows, upload.accepted, upload.rejected) == ("done", 3, 2, 1)
    assert upload.columns["Courriel"] == "email"
    assert [(error["line"], error["column"], error["code"]) for error in upload.errors] == [
        (3, "Courriel", "email_bad"),
        (3, "DateHeureCommande", "zone_missing"),
        (3, "IP", "ip_bad"),
    ]


def test_a_record_is_found_by_digest_and_opened_with_the_key():
    upload = upload_of()
    record = ConsentRecord.objects.get(line=2)
    assert (record.account_id, record.upload_id) == (upload.account_id, upload.pk)
    assert bytes(record.recipient_digest) == digest("marie@example.com", vault.digest_key())
    assert record.consented_at.isoformat() == "2012-04-22T02:16:58.090000+00:00"
    assert str(record.ip) == "192.0.2.17"
    assert json.loads(vault.decrypt_text(bytes(record.fields)))["city"] == "Québec"
    assert ConsentRecord.objects.get(line=4).consented_at is None


def test_no_address_stays_in_clear_in_the_database():
    upload_of()
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(fields, 'escape') FROM consent_consentrecord")
        stored = "".join(row[0] for row in cursor.fetchall())
        cursor.execute("SELECT row_to_json(consent_consentupload)::text FROM consent_consentupload")
        stored += cursor.fetchone()[0]
    assert "arie" not in stored
    assert "luc@" not in stored
    assert "l…@example.com" in stored
    assert ConsentUpload.objects.get().raw is None


def test_the_same_bytes_again_are_the_same_upload():
    account = make_account()
    first, is_new = uploads.store(account, FILE, "preuves.csv", "Anne", NOON)
    assert is_new
    uploads.read(first, NOON)
    again, is_new = uploads.store(account, FILE, "autre-nom.csv", "Bob", NOON + timedelta(days=1))
    assert (again.pk, is_new) == (first.pk, False)
    assert uploads.read(again, NOON + timedelta(days=1)).read_at == NOON
    assert ConsentRecord.objects.count() == 2


def test_another_account_may_send_the_same_bytes():
    upload_of(account=make_account("acme"))
    upload_of(account=make_account("zenith"))
    assert ConsentRecord.objects.values("account_id").distinct().count() == 2


def test_a_file_that_nobody_read_yet_is_read_later():
    account = make_account()
    uploads.store(account, FILE, "preuves.csv", "Anne", NOON)
    uploads.store(account, b"PK\x03\x04", "classeur.xlsx", "Anne", NOON)
    assert uploads.read_waiting(NOON) == 2
    assert uploads.read_waiting(NOON) == 0
    assert sorted(ConsentUpload.objects.values_list("state", flat=True)) == ["done", "failed"]


def test_a_file_that_breaks_the_reader_keeps_no_other_waiting(monkeypatch):
    account = make_account()
    uploads.store(account, FILE, "preuves.csv", "Anne", NOON)
    uploads.store(account, b"Courriel\nann@example.com\n", "autres.csv", "Anne", NOON + timedelta(seconds=1))
    _break_at(monkeypatch, "zoé")
    assert uploads.read_waiting(NOON) == 1
    assert ConsentRecord.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"PK\x03\x04....", "damaged"),
        (b"Nom;Ville\r\nMarie;Laval\r\n", "no_email_column"),
        (b"Nom;Courriel\r\n", "no_rows"),
    ],
)
def test_a_wrong_file_fails_as_a_whole_and_says_why(data, code):
    upload = upload_of(data)
    assert (upload.state, upload.error, upload.rows, upload.raw) == ("failed", code, 0, None)
    assert file_message(upload.error, "fr")
    assert ConsentRecord.objects.count() == 0


def test_a_file_too_large_is_refused_and_not_stored(settings):
    settings.CONSENT_MAX_BYTES = 100
    with pytest.raises(uploads.FileTooLarge):
        uploads.store(make_account(), FILE, "preuves.csv", "Anne", NOON)
    assert ConsentUpload.objects.count() == 0


def test_only_the_first_thousand_errors_are_kept_and_all_are_counted():
    upload = upload_of(b"Courriel\n" + b"bad\n" * 1_200)
    assert (upload.rejected, len(upload.errors)) == (1_200, reading.ERRORS_KEPT)


def test_a_reading_cut_short_leaves_nothing_and_can_be_done_again(monkeypatch):
    account = make_account()
    upload, _is_new = uploads.store(account, FILE, "preuves.csv", "Anne", NOON)
    _break_at(monkeypatch, "zoé")
    with pytest.raises(ZeroDivisionError):
        uploads.read(upload, NOON)
    assert ConsentRecord.objects.count() == 0
    monkeypatch.undo()
    assert uploads.read(upload, NOON).accepted == 2


def many(rows, bad_every=7):
    lines = (f"{'bad' if n % bad_every == 0 else f'n{n}@example.com'};192.0.2.{n % 256}\n" for n in range(rows))
    return ("Courriel;IP\n" + "".join(lines)).encode()


def test_a_reading_that_is_killed_goes_on_behind_its_last_chunk(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 40)
    upload, _is_new = uploads.store(make_account(), many(200), "preuves.csv", "Anne", NOON)
    with monkeypatch.context() as patch:
        _break_at(patch, "n150@")
        with pytest.raises(ZeroDivisionError):
            uploads.read(upload, NOON)
    halfway = ConsentUpload.objects.get()
    assert (halfway.state, halfway.rows, halfway.last_line) == ("reading", 120, 121)
    assert ConsentRecord.stored.count() == halfway.accepted > 0
    assert ConsentRecord.objects.count() == 0  # nothing counts before the end

    done = uploads.read(upload, NOON)
    assert (done.state, done.rows, done.accepted, done.rejected) == ("done", 200, 171, 29)
    assert sorted(ConsentRecord.objects.values_list("line", flat=True)) == [n + 2 for n in range(200) if n % 7]
    assert not done.parts.exists()


def test_a_long_file_is_read_turn_by_turn(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 40)
    uploads.store(make_account(), many(100), "preuves.csv", "Anne", NOON)
    turns = 1
    while not uploads.read_waiting(NOON, seconds=0):
        turns += 1
    assert turns == 4  # three with rows, and one that finds the end
    assert not uploads.has_waiting()
    assert ConsentRecord.objects.count() == ConsentUpload.objects.get().accepted == 85


def test_a_file_that_turns_out_wrong_at_its_end_leaves_nothing(monkeypatch, settings):
    monkeypatch.setattr(reading, "CHUNK", 40)
    settings.CONSENT_MAX_ROWS = 99
    failed = upload_of(many(100))
    assert (failed.state, failed.error, failed.rows, failed.errors) == ("failed", "too_many_rows", 0, [])
    assert not ConsentRecord.stored.exists()
    assert not failed.rejects.exists()


def test_every_refused_row_is_kept_sealed_for_the_reject_file(monkeypatch):
    monkeypatch.setattr(reading, "CHUNK", 40)
    monkeypatch.setattr(reading, "ERRORS_KEPT", 3)
    upload = upload_of(many(100))
    kept = [
        json.loads(line) for one in upload.rejects.order_by("line") for line in parts.opened(one.sealed).splitlines()
    ]
    assert [row["line"] for row in kept] == [n + 2 for n in range(100) if n % 7 == 0]
    assert upload.errors == kept[:3]
    assert b"email_bad" not in bytes(upload.rejects.first().sealed)


def test_a_file_waits_in_sealed_parts_and_comes_back_as_it_was(monkeypatch):
    monkeypatch.setattr(parts, "PART_BYTES", 100)
    pieces = (FILE[at : at + 7] for at in range(0, len(FILE), 7))
    upload, _is_new = uploads.receive(make_account(), pieces, "preuves.csv", "Anne", NOON)
    assert upload.parts.count() == 3
    assert upload.size == len(FILE)
    assert all(b"example" not in bytes(part.sealed) for part in upload.parts.all())
    assert parts.StoredFile(upload).buffered().read() == FILE
    assert uploads.read(upload, NOON).accepted == 2


def test_a_file_whose_sending_breaks_off_is_not_kept():
    def breaking():
        yield FILE
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        uploads.receive(make_account(), breaking(), "preuves.csv", "Anne", NOON)
    assert not ConsentUpload.objects.exists()


def test_a_file_of_the_release_before_is_still_read():
    upload, _is_new = uploads.store(make_account(), FILE, "preuves.csv", "Anne", NOON)
    parts.forget(upload)
    ConsentUpload.objects.update(raw=vault.encrypt(FILE))
    assert uploads.read(upload, NOON).accepted == 2


def test_records_are_stored_as_the_database_itself_would_write_them():
    data = b"Courriel;DateHeure;IP;Methode\nann@example.com;1969-12-31 23:59:59.5 UTC;2001:db8::7;single opt-in\n"
    upload = upload_of(data)
    record = ConsentRecord.objects.get()
    assert (record.pk, record.method) == ((upload.account_id, upload.pk, 2), "single_opt_in")
    assert record.consented_at.isoformat() == "1969-12-31T23:59:59.500000+00:00"
    assert (str(record.ip), record.created_at) == ("2001:db8::7", NOON)
