"""The questionnaire on paper says what the pages say, for the same people."""

from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from consent.core.questionnaire import question_set
from consent.services import documents, questionnaires
from courrielleur.accounts.actors import for_user
from tests.consent.services.conftest import COMPLETE


def text_of(reply):
    assert (reply.status_code, reply["Content-Type"]) == (200, "application/pdf")
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(reply.content)).pages).split())


@pytest.mark.parametrize("language", ["fr", "en"])
def test_before_the_first_answer_the_questions_can_be_prepared_on_paper(platform, language):
    page = platform.browser("client", language).get(reverse("questionnaire", args=[platform.case.key]))
    titles = [question.words[language].title for question in question_set().questions]
    assert [block.text.partition(". ")[2] for block in page.context["blocks"] if block.kind == "heading"][:8] == titles


def test_the_pdf_has_answers_authors_documents_and_the_receipt(platform):
    owner, now = for_user(platform.people["owner"]), timezone.now()
    questionnaire = questionnaires.open(platform.case)
    for key, value in COMPLETE.items():
        questionnaires.save(questionnaire, key, value, owner, now)
    documents.add(questionnaire, "sign_up", "ecran.pdf", b"%PDF-1.7 x", owner, now)
    address = reverse("questionnaire_pdf", args=[platform.case.key])
    assert "Not handed in yet" in text_of(platform.browser("owner").get(address))
    receipt = questionnaires.submit(questionnaire, owner, "Odile Roy", now)
    reply = platform.browser("agent", "fr").get(address)
    assert f"{platform.case.key}-questionnaire.pdf" in reply["Content-Disposition"]
    told = text_of(reply)
    for words in (receipt, "Odile Roy", "Un formulaire et une case", "ecran.pdf", "Rédigé par Owner", "Page 1 de"):
        assert words in told


def test_markup_in_an_answer_stays_words(platform):
    owner = for_user(platform.people["owner"])
    typed = '#panic("x") <b>*gras*</b> $a$'
    questionnaires.save(questionnaires.open(platform.case), "handling", {"text": typed}, owner, timezone.now())
    assert typed in text_of(platform.browser("owner").get(reverse("questionnaire_pdf", args=[platform.case.key])))
