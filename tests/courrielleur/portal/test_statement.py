"""The statement of reasons as page, PDF and REST answer: one text."""

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from abuse.models import Assessment, Case, EnforcementOrder, Suspension
from abuse.services import assessments, enforcement, statements
from tests.abuse.world import purchased_list
from tests.worlds import make_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def stopped(platform, settings) -> Case:
    """A client of the same reseller that the rule itself has stopped."""
    account = make_account("bistro", reseller=platform.mine.reseller)
    purchased_list(account, at=timezone.now())
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    enforcement.create_endpoint(url="http://127.0.0.1:9/platform", now=timezone.now())
    assessments.assess_touched(timezone.now())
    return Case.objects.get(account=account)


def test_the_page_has_the_letter_and_the_record_of_the_decision(platform, stopped: Case) -> None:
    page = platform.browser("owner").get(reverse("statement", args=[stopped.key])).content.decode()
    for words in ("What we found", "1.2%", "by itself", str(Assessment.objects.get(account=stopped.account).pk)):
        assert words in page


def test_the_pdf_says_what_the_page_says(platform, stopped: Case) -> None:
    reply = platform.browser("owner", "fr").get(reverse("statement_pdf", args=[stopped.key]))
    assert (reply.status_code, reply["Content-Type"]) == (200, "application/pdf")
    assert f"{stopped.key}-expose-des-motifs.pdf" in reply["Content-Disposition"]
    text = " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(reply.content)).pages).split())
    for words in ("Exposé des motifs", "Ce que nous avons constaté", "1,2", "d’elle-même", "Page 1 de"):
        assert words in text


def test_neither_names_a_score_or_who_complained(platform, stopped: Case) -> None:
    page = platform.browser("owner").get(reverse("statement", args=[stopped.key])).content.decode()
    for word in ("likelier", "worst day", "yahoo"):
        assert word not in page


def test_a_person_who_decided_is_said_to_have(platform) -> None:
    page = platform.browser("owner").get(reverse("statement", args=[platform.case.key])).content.decode()
    suspension = Suspension.objects.get(case=platform.case)
    assert suspension.assessment is None
    assert "Version of the policy" not in page
    statement = statements.of(platform.case, "en", timezone.now())
    assert statement.reasons == ["by_hand"]
    assert statement.figures is statement.decision is None


def test_the_order_to_the_mta_carries_the_facts_in_both_languages(stopped: Case) -> None:
    told = EnforcementOrder.objects.get(account=stopped.account).body["data"]["statement"]
    assessment = Assessment.objects.get(account=stopped.account)
    assert told["is_automated"]
    assert (told["decision"], told["digest"]) == (str(assessment.pk), bytes(assessment.digest).hex())
    assert "1,2" in told["facts"]["fr"]
    assert "1.2%" in told["facts"]["en"]
