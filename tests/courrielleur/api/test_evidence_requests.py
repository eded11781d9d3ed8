"""A sample of recipients proved over REST: by its own side, in time, with fields or a file of a known kind."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from consent.selectors import samples as drawn
from consent.services import samples
from courrielleur.accounts import actors
from courrielleur.accounts import services as accounts
from courrielleur.accounts.permissions import Role, Scope
from tests.consent.services.test_examinations import handed_in
from tests.courrielleur.api.conftest import Caller, House

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.7 une preuve"


@pytest.fixture
def sample(house: House, case):
    """Anne asked Acme to prove five recipients."""
    handed_in(house.acme, 8)
    anne = accounts.invite(email="anne@example.com", name="Anne", language="fr", role=Role.SPECIALIST)
    return samples.ask(case, size=5, actor=actors.for_user(anne), now=timezone.now(), note="Une capture suffit.")


def address(sample, *more):
    return "/".join([f"/api/v1/cases/{sample.case.key}/evidence-requests", str(sample.pk), *map(str, more)])


def prove(client, sample, number, given, **options):
    return client.put(address(sample, "recipients", number), given, **({"format": "json"} | options))


def test_a_client_finds_its_samples_with_the_recipients(caller: Caller, house: House, sample):
    client = caller(account=house.acme)
    [listed] = client.get(f"/api/v1/cases/{sample.case.key}/evidence-requests").json()["items"]
    assert (listed["id"], listed["recipients"], listed["answered"]) == (str(sample.pk), 5, 0)
    assert (listed["note"], listed["submitted_at"]) == ("Une capture suffit.", None)
    read = client.get(address(sample)).json()
    assert [item["email"] for item in read["items"]] == [one.address for one in drawn.shown(sample)]
    ours = caller().get(address(sample)).json()
    assert all("…@" in item["email"] for item in ours["items"])


def test_fields_and_files_are_kept_and_handed_in(caller: Caller, house: House, sample):
    client = caller(account=house.acme)
    fields = {"consented_on": "2025-04-21", "ip": "192.0.2.17", "method": "single_opt_in"}
    kept = prove(client, sample, 1, fields)
    assert (kept.status_code, kept.json()["answered"]) == (200, 1), kept.content
    assert kept.json()["items"][0]["proof"] == fields
    form = {"text": "Reçu de la commande.", "file": SimpleUploadedFile("reçu.txt", PDF)}
    second = prove(client, sample, 2, form, format="multipart").json()["items"][1]
    assert (second["file_name"], second["file_type"]) == ("reçu.txt", "application/pdf")
    assert (second["proof"], second["answered_by"]) == ({"text": "Reçu de la commande."}, "test")

    done = client.post(address(sample, "submission"), headers={"Idempotency-Key": "s-1"})
    assert done.json()["submitted_at"]
    again = client.post(address(sample, "submission"), headers={"Idempotency-Key": "s-1"})
    assert (again.status_code, again.json()) == (200, done.json())
    assert client.post(address(sample, "submission")).status_code == 409
    assert prove(client, sample, 3, {"text": "Trop tard."}).status_code == 409


@pytest.mark.parametrize(
    ("given", "field", "code"),
    [
        ({}, "text", "proof_needed"),
        ({"ip": "192.0.2.17"}, "text", "proof_needed"),
        ({"text": "x", "ip": "192.0.2.300"}, "ip", "ip_bad"),
        ({"text": "x", "consented_on": "2025-02-30"}, "consented_on", "date_bad"),
        ({"text": "x", "consented_on": "2999-01-01"}, "consented_on", "date_in_future"),
        ({"text": "x", "method": "friendship"}, "method", "method_unknown"),
        ({"text": "x", "url": "example"}, "url", "url_bad"),
        ({"text": "x" * 2_001}, "text", "max_length"),
    ],
)
def test_what_is_wrong_is_told_by_field(caller: Caller, house: House, sample, given, field, code):
    reply = prove(caller(account=house.acme), sample, 1, given)
    assert reply.status_code == 400, reply.content
    assert [(error["pointer"], error["code"]) for error in reply.json()["errors"]] == [(f"/{field}", code)]
    assert not drawn.shown(sample)[0].is_answered


def test_a_file_of_another_kind_is_refused_in_both_languages(caller: Caller, house: House, sample):
    told = []
    for language in ("fr", "en"):
        client = caller(account=house.acme, language=language)
        form = {"file": SimpleUploadedFile("preuve.pdf", b"MZ\x90\0 a program")}
        reply = prove(client, sample, 1, form, format="multipart")
        assert (reply.status_code, reply.json()["errors"][0]["code"]) == (400, "file_type")
        told.append(reply.json()["errors"][0]["detail"])
    assert told[0] != told[1]
    assert not drawn.shown(sample)[0].file_name


def test_strangers_find_neither_sample_nor_recipient(caller: Caller, house: House, sample):
    for owner in ({"account": house.bistro}, {"reseller": house.austral}, {"account": house.cactus}):
        stranger = caller(**owner)
        assert stranger.get(f"/api/v1/cases/{sample.case.key}/evidence-requests").status_code == 404
        assert stranger.get(address(sample)).status_code == 404
        assert prove(stranger, sample, 1, {"text": "x"}).status_code == 404
        assert stranger.post(address(sample, "submission")).status_code == 404
    own = caller(account=house.acme)
    assert prove(own, sample, 6, {"text": "x"}).status_code == 404
    assert own.get(address(sample).replace(sample.case.key, "C-000000")).status_code == 404
    assert caller(Scope.CASES_READ, account=house.acme).post(address(sample, "submission")).status_code == 403
    assert drawn.requests_of(sample.case).get().answered == 0
