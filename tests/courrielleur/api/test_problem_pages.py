"""The `type` of a problem document is the address of a page, in both languages, for everybody."""

from urllib.parse import urlsplit

import pytest
from django.test import Client
from rest_framework.test import APIClient

from courrielleur.api.problems import Kind
from courrielleur.api.views.problems import ADVICE


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value.name)
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_has_its_page(kind, language):
    path = urlsplit(kind.uri).path
    pages = [Client().get(path + end, HTTP_ACCEPT_LANGUAGE=language) for end in ("", "/")]
    assert [page.status_code for page in pages] == [200, 200]
    text = pages[0].content.decode()
    assert f'lang="{language}"' in text
    assert f"<code>{kind.value.name}</code>" in text
    assert kind in ADVICE


@pytest.mark.django_db
def test_a_real_problem_leads_to_its_page():
    problem = APIClient().get("/api/v1/accounts").json()
    page = Client().get(urlsplit(problem["type"]).path, HTTP_ACCEPT_LANGUAGE="fr")
    assert page.status_code == 200
    assert problem["title"] in page.content.decode()


def test_all_are_listed_and_others_are_not_there():
    text = Client().get("/problems/", HTTP_ACCEPT_LANGUAGE="en").content.decode()
    assert all(f"/problems/{kind.value.name}" in text for kind in Kind)
    assert Client().get("/problems/nowhere").status_code == 404
