"""The client proves a sample: fields or a file for each recipient, then handed in; a stranger finds nothing."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from consent.selectors import samples as drawn
from consent.services import samples
from courrielleur.accounts import actors
from tests.consent.services.test_examinations import handed_in


@pytest.fixture
def sample(platform):
    handed_in(platform.mine, 8)
    lead = actors.for_user(platform.people["lead"])
    return samples.ask(platform.case, size=5, actor=lead, now=timezone.now(), note="Une capture suffit.")


def address(sample, name="sample", *more):
    return reverse(f"portal:{name}", args=[sample.case.key, sample.pk, *more])


@pytest.mark.parametrize(("language", "word"), [("en", "Hand the proofs in"), ("fr", "Remettre les preuves")])
def test_the_page_names_each_recipient_and_the_case_leads_to_it(platform, sample, language, word):
    browser = platform.browser("owner", language)
    page = browser.get(address(sample)).content.decode()
    assert all(one.address in page for one in drawn.shown(sample))
    assert word in page
    assert "Une capture suffit." in page
    case = browser.get(reverse("portal:request", args=[sample.case.key])).content.decode()
    assert address(sample) in case


def test_fields_and_files_are_kept_and_handed_in(platform, sample):
    browser = platform.browser("member")
    browser.post(address(sample, "prove", 1), {"consented_on": "2025-04-21", "ip": "192.0.2.17"})
    file = SimpleUploadedFile("reçu.pdf", b"%PDF-1.7 ...")
    browser.post(address(sample, "prove", 2), {"file": file})
    first, second = drawn.shown(sample)[:2]
    assert first.proof == {"consented_on": "2025-04-21", "ip": "192.0.2.17"}
    assert second.file_name == "reçu.pdf"
    browser.post(address(sample, "finish_sample"))
    assert "Handed in" in browser.get(address(sample)).content.decode()
    browser.post(address(sample, "prove", 3), {"text": "Trop tard."})
    assert not drawn.shown(sample)[2].is_answered


def test_what_is_wrong_is_said_and_what_was_typed_stays(platform, sample):
    reply = platform.browser("owner").post(address(sample, "prove", 1), {"text": "Au salon", "ip": "192.0.2.300"})
    page = reply.content.decode()
    assert reply.status_code == 422
    assert "This is no IP address." in page
    assert "Au salon" in page


def test_a_stranger_finds_no_sample(platform, sample):
    other = reverse("portal:sample", args=[platform.other_case.key, sample.pk])
    assert platform.browser("owner").get(other).status_code == 404
    assert platform.browser("owner").get(address(sample, "prove", 99)).status_code == 405
    assert platform.browser("owner").post(address(sample, "prove", 99), {"text": "x"}).status_code == 404
