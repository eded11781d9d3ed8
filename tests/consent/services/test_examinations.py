"""The evidence of a case, examined: versioned, not twice the same, compared with other accounts."""

import json
from datetime import timedelta

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction

from abuse.models import Case
from abuse.services import suspensions
from consent.core.captures import read_captures
from consent.models import (
    Answer,
    ConsentRecord,
    ConsentUpload,
    Examination,
    ExaminationTurn,
    Finding,
    Questionnaire,
)
from consent.selectors.examinations import examination_of, similar_cases
from consent.services import captures, examinations, parts, uploads, walking, withdrawals
from courrielleur import vault
from courrielleur.jobs.queue import run_now
from fbl.core.addresses import digest
from tests.worlds import NOON, make_account


def handed_in(account, rows=200, *, method="single_opt_in", ip="192.0.2.7", start=NOON - timedelta(days=90), name="a"):
    upload = ConsentUpload.objects.create(
        account=account, size=1, uploaded_by="Marie", uploaded_at=NOON, read_at=NOON, file_name=f"{name}.csv",
        accepted=rows, state=ConsentUpload.State.DONE,
    )  # fmt: skip
    people = [f"{name}{number}@example.com" for number in range(rows)]
    ConsentRecord.stored.bulk_create(
        ConsentRecord(
            account_id=account.pk, upload_id=upload.pk, line=line, method=method, ip=ip,
            recipient_digest=digest(person, vault.digest_key()),
            fields=vault.encrypt_text(json.dumps({"email": person})),
            consented_at=start + timedelta(seconds=61 * line),
        )
        for line, person in enumerate(people, start=2)
    )  # fmt: skip
    return upload


def test_what_was_found_is_kept_with_its_figures(case):
    upload = handed_in(case.account)
    examination = examinations.examine(case, NOON)
    assert (examination.version, examination.figures["rows"]) == (1, 200)
    found = Finding.objects.filter(examination=examination)
    assert found.count() > 0
    assert {one.upload_id for one in found} == {upload.pk}  # addresses of a documentation network, for one
    shown = examination_of(case, "fr")
    assert [one.weight for one in shown.findings] == sorted((one.weight for one in shown.findings), reverse=True)
    assert shown.findings[0].file_name == "a.csv"


@pytest.mark.parametrize(
    ("method", "outcome"),
    [("single_opt_in", "valid"), ("purchased", "forbidden"), ("implied", "valid"), ("", "insufficient")],
)
def test_the_law_is_counted_record_by_record(case, method, outcome):
    handed_in(case.account, 5, method=method)
    figures = examinations.examine(case, NOON).figures
    assert figures["opinions"] == {"valid": 0, "expired": 0, "insufficient": 0, "forbidden": 0} | {outcome: 5}


def test_a_consent_that_was_taken_back_is_no_longer_valid_and_looked_at_anew(case):
    handed_in(case.account, 5)
    assert examinations.examine(case, NOON).figures["opinions"]["valid"] == 5
    long_ago = NOON - timedelta(days=40)  # the law leaves ten business days
    gone = {digest(f"a{number}@example.com", vault.digest_key()): "" for number in range(3)}
    withdrawals.withdraw(case.account_id, gone, withdrawn_at=long_ago, how="", told_by="Acme", now=NOON)
    examination = examinations.examine(case, NOON)
    assert (examination.version, examination.figures["opinions"]["expired"]) == (2, 3)


def test_a_method_declared_for_the_whole_list_counts_for_rows_without_one(case):
    handed_in(case.account, 5, method="")
    first = examinations.examine(case, NOON)
    questionnaire = Questionnaire.objects.create(case=case, version="2026-11")
    Answer.objects.create(
        questionnaire=questionnaire, question="methods", value={"methods": ["single_opt_in"]},
        answered_by_label="Marie", saved_at=NOON,
    )  # fmt: skip
    second = examinations.examine(case, NOON)
    assert (first.version, second.version) == (1, 2)
    assert second.figures["opinions"]["valid"] == 5


def test_the_same_evidence_is_not_examined_twice_and_more_of_it_is_a_new_version(case):
    handed_in(case.account, 5)
    first = examinations.examine(case, NOON)
    assert examinations.examine(case, NOON + timedelta(hours=1)) == first
    handed_in(case.account, 6, name="b")
    second = examinations.examine(case, NOON + timedelta(hours=2))
    assert (second.version, second.figures["rows"]) == (2, 11)


def test_the_job_takes_each_open_case_once_for_each_file(case):
    assert examinations.examine_waiting(NOON) == 0  # nothing was handed in
    handed_in(case.account, 5)
    assert [examinations.examine_waiting(NOON) for _ in range(2)] == [1, 0]
    later = handed_in(case.account, 5, name="b")
    ConsentUpload.objects.filter(pk=later.pk).update(read_at=NOON + timedelta(hours=1))
    assert [examinations.examine_waiting(NOON + timedelta(hours=2)) for _ in range(2)] == [1, 0]


def test_a_file_that_is_still_being_read_is_no_evidence(case):
    upload = handed_in(case.account, 5)
    ConsentUpload.objects.filter(pk=upload.pk).update(state=ConsentUpload.State.READING)
    assert examinations.examine(case, NOON).figures["rows"] == 0


def test_the_same_evidence_in_another_account_is_found_there(case):
    handed_in(case.account, 300)
    examinations.examine(case, NOON)
    stranger = make_account("zenith")
    suspensions.impose(stranger, now=NOON, reason="essai")
    handed_in(stranger, 300, name="z")  # other people, the same moments from the same address
    second = Case.objects.get(account=stranger)
    examinations.examine(second, NOON)
    assert Finding.objects.get(examination__case=second, code="shared_evidence").value == case.account.key
    assert [(one.case, one.same_evidence) for one in similar_cases(second)] == [(case, True)]


def test_a_page_reads_the_first_rows_of_each_file_and_says_so(case, monkeypatch):
    handed_in(case.account, 50)
    handed_in(case.account, 50, name="b")
    monkeypatch.setattr(examinations, "AT_ONCE_ROWS", 20)
    examination, _found = examinations.look(case, NOON)
    assert (examination.figures["rows"], examination.figures["is_whole"]) == (20, False)
    assert not Examination.objects.exists()
    whole = examinations.examine(case, NOON).figures
    assert (whole["rows"], whole["is_whole"]) == (100, True)


def test_a_long_file_is_examined_in_turns_as_it_is_at_once(case, monkeypatch):
    handed_in(case.account, 200)
    handed_in(case.account, 90, name="b")
    handed_in(make_account("stranger"), 90, name="c")
    at_once, found = examinations.look(case, NOON)
    monkeypatch.setattr(walking, "PAGE", 40)
    turns = 0
    while examinations.examine(case, NOON + timedelta(minutes=turns), seconds=0) is None:
        turns += 1
        assert case.account.key.encode() not in bytes(ExaminationTurn.objects.get().sealed)
    kept = Examination.objects.get()
    assert turns == 8
    assert kept.examined_at == NOON  # a file that came meanwhile is a new one
    assert kept.figures == json.loads(json.dumps(at_once.figures))
    assert sorted(one.code for one in kept.findings.all()) == sorted(one.code for one in found)
    assert not ExaminationTurn.objects.exists()


def test_turns_of_another_release_are_begun_anew(case):
    handed_in(case.account, 5)
    ExaminationTurn.objects.create(
        case=case, sealed=parts.sealed(b"cconsent.services.walking\nGone\n.", purpose=walking.PURPOSE), saved_at=NOON
    )
    assert examinations.examine(case, NOON).figures["rows"] == 5


def test_what_a_client_sent_is_never_taken_for_a_turn(case, tmp_path):
    """It is sealed with the same keys: whoever can write to the database could put it in a turn's place."""
    handed_in(case.account, 5)
    trace = tmp_path / "ran"
    theirs = parts.sealed(f"cos\nsystem\n(S'touch {trace}'\ntR.".encode())
    ExaminationTurn.objects.create(case=case, sealed=theirs, saved_at=NOON)
    assert examinations.examine(case, NOON).figures["rows"] == 5
    assert not trace.exists()


def test_a_file_that_is_gone_before_its_turn_is_passed_over(case, monkeypatch):
    first = handed_in(case.account, 50)
    handed_in(case.account, 30, name="b")
    monkeypatch.setattr(walking, "PAGE", 20)
    assert examinations.examine(case, NOON, seconds=0) is None
    ConsentUpload.objects.filter(pk=first.pk).update(state="withdrawn")
    assert examinations.examine(case, NOON).figures["rows"] == 30


def test_two_workers_do_not_examine_the_same_case(case):
    handed_in(case.account, 5)
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [examinations._LOCK])
        assert examinations.examine_waiting(NOON) == 0
        other.execute("SELECT pg_advisory_unlock(%s)", [examinations._LOCK])
    assert examinations.examine_waiting(NOON) == 1


def test_an_examination_is_never_rewritten(case):
    handed_in(case.account, 5)
    examination = examinations.examine(case, NOON)
    with pytest.raises(DatabaseError), transaction.atomic():
        Examination.objects.filter(pk=examination.pk).update(version=7)
    with pytest.raises(DatabaseError), transaction.atomic():
        Examination.objects.filter(pk=examination.pk).delete()


def test_the_pipeline_examines_a_case_soon_after_its_file_was_read(case):
    handed_in(case.account, 5)
    assert examinations.has_waiting()
    run_now("examine")
    assert Examination.objects.get().case == case
    assert not examinations.has_waiting()


def test_a_case_without_records_is_examined_once_its_answers_are_in(case):
    assert not examinations.has_waiting()  # it waits for the client
    Case.objects.update(state="submitted")
    assert examinations.examine_waiting(NOON) == 1
    assert Examination.objects.get().figures["advice"] == "ask"
    assert not examinations.has_waiting()


def test_each_law_is_counted_with_what_is_missing_and_whose_recipients_are_under_it(case):
    rows = "".join(
        f"r{number}@example.com;2026-03-0{number} 10:00 UTC;192.0.2.{number};single_opt_in;{country}\r\n"
        for number, country in enumerate(["Canada", "France", "États-Unis", "Canada", ""], start=1)
    )
    text = f"Courriel;DateHeure;IP;Méthode;Pays\r\n{rows}"
    stored, _is_new = uploads.store(case.account, text.encode(), "preuves.csv", "Anne", NOON)
    uploads.read(stored, NOON)
    examinations.examine(case, NOON)
    casl, can_spam, gdpr = examination_of(case, "en").laws
    assert [one.name for one in (casl, can_spam, gdpr)] == ["CASL", "CAN-SPAM", "GDPR and ePrivacy Directive"]
    assert [one.recipients for one in (casl, can_spam, gdpr)] == [2, 1, 1]
    assert (casl.outcomes["valid"], casl.is_ours, casl.missing) == (5, True, ())
    assert can_spam.outcomes["valid"] == 5
    assert gdpr.outcomes["insufficient"] == 5
    assert gdpr.missing[0][1] == 5, "the wording that was agreed to"


def test_records_told_one_by_one_are_examined_like_those_of_a_file(case):
    start = NOON - timedelta(hours=3)
    for number in range(40):
        at = start + timedelta(minutes=4 * number, seconds=number * 7 % 60)
        said = {"email": f"client{number}@example.com", "method": "single_opt_in", "consented_at": at.isoformat()}
        captures.keep(case.account, read_captures([said], at)[0], "Acme", at)
    handed_in(case.account, 5)
    figures = examinations.examine(case, NOON).figures
    assert (figures["rows"], figures["is_whole"]) == (45, True)
