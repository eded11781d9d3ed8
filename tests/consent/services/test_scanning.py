"""Documents and proofs go through the antivirus before anybody opens them."""

import pytest

from abuse.models import CaseEvent
from consent.models import AnswerFile, EvidenceRequest, SampledRecipient
from consent.selectors import samples as known
from consent.services import documents, questionnaires, samples, scanning
from consent.services.samples import ProofRefused
from courrielleur import vault
from tests.clamd import EICAR, Clamd, serving
from tests.worlds import NOON

pytestmark = pytest.mark.django_db
CLEAN, BAD = b"%PDF-1.7 clean", b"%PDF-1.7 " + EICAR


@pytest.fixture
def clamd(settings):
    with serving(Clamd()) as served:
        settings.ANTIVIRUS = served.address
        yield served


@pytest.fixture
def away(settings, free_port):
    settings.ANTIVIRUS = f"127.0.0.1:{free_port}"
    return settings


@pytest.fixture
def asked(case, anne):
    request = EvidenceRequest.objects.create(
        case=case, seed="00" * 16, wanted=1, drawn_from=1, asked_by=anne.user, asked_at=NOON, due_at=NOON
    )
    request.recipients.create(
        number=1, recipient_digest=b"z" * 16, address=vault.encrypt_text("zoe@example.com"), source="record"
    )
    return request


def add(case, marie, data=CLEAN):
    return documents.add(questionnaires.open(case), "sign_up", "preuve.pdf", data, marie, NOON)


def test_without_an_antivirus_documents_are_kept_as_they_come(case, marie):
    found = add(case, marie, BAD)
    assert (found.scan, documents.content_of(found)) == ("", BAD)
    assert scanning.scan_waiting(NOON) == 0


def test_an_infected_document_is_refused_and_nothing_of_it_is_kept(clamd, case, marie):
    with pytest.raises(documents.DocumentRefused, match="antivirus"):
        add(case, marie, BAD)
    assert not AnswerFile.objects.exists()
    assert add(case, marie).scan == "clean"


def test_an_infected_proof_is_refused(clamd, asked, marie):
    with pytest.raises(ProofRefused) as refused:
        samples.answer(asked, 1, {}, marie, NOON, file=BAD, file_name="preuve.pdf")
    assert refused.value.problems == {"file": "file_infected"}
    assert samples.answer(asked, 1, {}, marie, NOON, file=CLEAN, file_name="preuve.pdf").file_scan == "clean"


def test_while_the_antivirus_is_away_files_wait_aside_and_nobody_opens_them(away, case, asked, marie, anne):
    document = add(case, marie)
    proof = samples.answer(asked, 1, {}, marie, NOON, file=CLEAN, file_name="preuve.pdf")
    assert (document.scan, proof.file_scan) == ("waiting", "waiting")
    with pytest.raises(documents.DocumentAside):
        documents.content_of(document)
    with pytest.raises(SampledRecipient.DoesNotExist):
        known.file_of(anne, proof.pk)
    assert known.shown(asked)[0].is_file_aside
    assert scanning.has_waiting()
    assert scanning.scan_waiting(NOON) == 0

    with serving(Clamd()) as clamd:
        away.ANTIVIRUS = clamd.address
        assert scanning.scan_waiting(NOON) == 2
    document.refresh_from_db()
    assert documents.content_of(document) == CLEAN
    assert known.file_of(anne, proof.pk)[0] == CLEAN
    assert not scanning.has_waiting()


def test_what_turns_out_infected_later_is_deleted_and_the_case_says_so(away, case, asked, marie):
    document = add(case, marie, BAD)
    proof = samples.answer(asked, 1, {}, marie, NOON, file=BAD, file_name="preuve.pdf")
    with serving(Clamd()) as clamd:
        away.ANTIVIRUS = clamd.address
        scanning.scan_waiting(NOON)
    document.refresh_from_db()
    proof.refresh_from_db()
    assert (document.scan, bytes(document.sealed)) == ("infected", b"")
    assert (proof.file_scan, proof.file) == ("infected", None)
    with pytest.raises(documents.DocumentAside):
        documents.content_of(document)
    assert CaseEvent.objects.filter(case=case, move="infected").count() == 2


def test_the_operator_may_let_people_open_what_was_not_scanned(away, case, marie):
    away.ANTIVIRUS_FAIL = "open"
    document = add(case, marie, BAD)
    assert (document.scan, documents.content_of(document)) == ("skipped", BAD)
    with serving(Clamd()) as clamd:
        away.ANTIVIRUS = clamd.address
        scanning.scan_waiting(NOON)
    document.refresh_from_db()
    assert document.scan == "infected"
