"""Recipients drawn by chance: never a trap, never a complainer; asked for, proved, judged."""

from datetime import timedelta

import pytest
from django.db import connection

from abuse.models import CaseEvent, Notice
from abuse.services.cases import MoveRefused
from consent.core.records import Record
from consent.core.sampling import rank
from consent.models import ConsentUpload, EvidenceRequest, SampledRecipient
from consent.selectors import samples as known
from consent.services import copying, samples
from consent.services.samples import NothingToSample, ProofRefused, SampleClosed
from courrielleur import vault
from courrielleur.accounts.actors import SYSTEM
from fbl.core.addresses import digest
from fbl.models import FeedbackEvent
from tests.worlds import NOON, make_account

PDF = b"%PDF-1.7 ..."
SEED = "5eed" * 8


def of(address):
    return digest(address, vault.digest_key())


def on_record(account, addresses):
    upload = ConsentUpload.objects.create(
        account=account, size=1, uploaded_by="Marie", uploaded_at=NOON, state=ConsentUpload.State.DONE
    )
    fields = {"email": "", "method": "single_opt_in"}
    records = [
        Record(line, address, NOON - timedelta(days=90), "", "single_opt_in", fields | {"email": address})
        for line, address in enumerate(addresses, start=2)
    ]
    columns = "account_id, upload_id, created_at, line, recipient_digest, consented_at, ip, method, fields"
    copy_in = f"COPY consent_consentrecord ({columns}) FROM STDIN (FORMAT BINARY)"
    with connection.cursor() as cursor, cursor.copy(copy_in) as copy:  # no row is changed later: its time is given here
        copy.write(copying.packed(account.pk, upload.pk, records, NOON))
    return upload


def event(account, address, kind, bounce_class=""):
    FeedbackEvent.objects.create(
        account_id=account.pk, send_day=NOON.date(), digest=of(kind + address), kind=kind, bounce_class=bounce_class,
        recipient_digest=of(address), recipient=vault.encrypt_text(address), send_hour=495_000, arrived_at=NOON,
        method="token", confidence="certain", is_counted=True,
    )  # fmt: skip


@pytest.fixture
def people(account):
    """Forty recipients on record, whom chance may draw."""
    addresses = [f"client{number:02}@example.com" for number in range(40)]
    on_record(account, addresses)
    return addresses


@pytest.fixture
def request_(case, people, anne):
    return samples.ask(case, size=10, actor=anne, now=NOON, note="Une capture suffit.", seed=SEED)


def drawn(request):
    return [one.address for one in known.shown(request)]


def test_the_sample_is_the_one_of_its_seed(request_, people):
    wanted = sorted(people, key=lambda address: rank(of(address), bytes.fromhex(SEED)))[:10]
    assert drawn(request_) == wanted
    assert request_.drawn_from == 40
    assert samples.draws_again(request_)


def test_traps_and_complainers_are_never_drawn(case, people, anne):
    stranger = make_account("zenith")
    event(case.account, people[0], "complaint")
    event(stranger, people[1], "trap")  # a trap is a trap, whoever hit it
    event(stranger, people[2], "complaint")  # of another account's mail: an ordinary recipient of this one
    found = drawn(samples.ask(case, size=100, actor=anne, now=NOON))
    assert set(found) == set(people) - {people[0], people[1]}


def test_recipients_known_from_their_mailbox_alone_are_drawn_too(case, anne):
    event(case.account, "zoe@example.com", "unsubscribe")
    event(case.account, "ana@example.com", "bounce", "soft")
    event(case.account, "eve@example.com", "bounce", "hard")
    request = samples.ask(case, size=5, actor=anne, now=NOON)
    assert {(one.address, one.source) for one in known.shown(request)} == {
        ("zoe@example.com", "event"),
        ("ana@example.com", "event"),
    }


def test_a_second_sample_draws_others(request_, anne):
    second = samples.ask(request_.case, size=10, actor=anne, now=NOON, seed=SEED)
    assert not set(drawn(second)) & set(drawn(request_))


def test_records_of_another_account_or_of_an_unfinished_file_are_not_drawn(case, anne):
    on_record(make_account("zenith"), ["zoe@example.com"])
    upload = on_record(case.account, ["ana@example.com"])
    ConsentUpload.objects.filter(pk=upload.pk).update(state=ConsentUpload.State.READING)
    with pytest.raises(NothingToSample):
        samples.ask(case, size=5, actor=anne, now=NOON)
    assert EvidenceRequest.objects.count() == 0


def test_the_reseller_is_told_without_a_single_address(request_):
    letter = Notice.objects.filter(name="message").get()
    assert "10 de vos destinataires" in letter.context["text"]
    assert "Une capture suffit." in letter.context["text"]
    assert "@" not in letter.context["text"]
    line = CaseEvent.objects.get(move="sample_asked")
    assert (line.is_internal, line.data["recipients"]) == (False, 10)


def test_nothing_of_a_sample_is_kept_in_clear(request_, marie):
    samples.answer(request_, 1, {"text": "Acheté en boutique."}, marie, NOON, file=PDF, file_name="reçu.pdf")
    one = SampledRecipient.objects.get(number=1)
    assert vault.decrypt_text(one.address).encode() not in bytes(one.address)
    assert b"boutique" not in bytes(one.fields)
    assert PDF not in bytes(one.file)


def test_fields_or_a_file_are_a_proof_and_the_latest_stands(request_, marie, anne):
    samples.answer(request_, 1, {"consented_on": "2025-04-21", "ip": "192.0.2.17"}, marie, NOON)
    samples.answer(request_, 2, {}, marie, NOON, file=PDF, file_name="reçu.pdf")
    first, second = known.shown(request_)[:2]
    assert first.proof == {"consented_on": "2025-04-21", "ip": "192.0.2.17"}
    assert (second.file_name, second.file_type, second.answered_by) == ("reçu.pdf", "application/pdf", "Marie (Boreal)")
    assert samples.judge(request_, {1: "proved", 2: "nonsense"}, anne, NOON) == 1
    samples.answer(request_, 1, {"text": "Non, par téléphone."}, marie, NOON)
    assert known.shown(request_)[0].verdict == ""


@pytest.mark.parametrize(
    ("given", "file", "problems"),
    [
        ({}, None, {"text": "proof_needed"}),
        ({"text": "x"}, b"MZ\x90\x00", {"file": "file_type"}),
        ({"text": "x"}, PDF + b"\0" * 5 * 1024**2, {"file": "file_too_large"}),
    ],
)
def test_what_proves_nothing_is_refused_and_nothing_is_kept(request_, marie, given, file, problems):
    with pytest.raises(ProofRefused) as refused:
        samples.answer(request_, 1, given, marie, NOON, file=file)
    assert refused.value.problems == problems
    assert not known.shown(request_)[0].is_answered


def test_what_was_handed_in_is_closed(request_, marie):
    samples.answer(request_, 1, {"text": "En boutique."}, marie, NOON)
    samples.finish(request_, marie, NOON)
    with pytest.raises(SampleClosed):
        samples.answer(request_, 1, {"text": "Autre chose."}, marie, NOON)
    assert CaseEvent.objects.get(move="sample_answered").data["answered"] == 1


def test_only_the_team_asks_and_only_the_client_answers(case, request_, marie, bob):
    for actor in (marie, SYSTEM):
        with pytest.raises(MoveRefused):
            samples.ask(case, size=5, actor=actor, now=NOON)
    with pytest.raises(MoveRefused):
        samples.answer(request_, 1, {"text": "x"}, bob, NOON)
    with pytest.raises(MoveRefused):
        samples.judge(request_, {1: "proved"}, marie, NOON)


def test_a_stranger_finds_neither_request_nor_file(request_, marie, case):
    samples.answer(request_, 1, {}, marie, NOON, file=PDF, file_name="reçu.pdf")
    pk = SampledRecipient.objects.get(number=1).pk
    assert known.file_of(marie, pk) == (PDF, "reçu.pdf", "application/pdf")
    other = make_account("zenith")
    stranger = type(marie)(label="x", account_ids=frozenset({other.pk}))
    with pytest.raises(EvidenceRequest.DoesNotExist):
        known.request_for(stranger, request_.pk)
    with pytest.raises(SampledRecipient.DoesNotExist):
        known.file_of(stranger, pk)
