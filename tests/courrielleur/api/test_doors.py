"""Every endpoint, walked: none is open, none lacks a scope, each is in the reference."""

import re

import pytest
import yaml
from django.urls import reverse
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from courrielleur.accounts.permissions import Scope
from courrielleur.api import urls
from tests.courrielleur.api.conftest import Caller, House

# The webhooks of providers open by a signature in place of a key: test_esp.py asks them.
OPEN = {"schema", "docs", "nothing-here", "esp"}
METHODS = ("get", "post", "put", "patch", "delete")
ID = "0199a2b4-7c1e-7d5a-9b1e-3f2a6c8d0e11"
ARGUMENTS = {
    "key": "acme",
    "question": "last_used",
    "upload_id": ID,
    "record_id": f"{ID}.1",
    "request_id": ID,
    "number": 1,
    "endpoint_id": ID,
    "order_id": ID,
}

GUARDED = [pattern for pattern in urls.urlpatterns if pattern.name not in OPEN]
ENDPOINTS = [
    (pattern, method)
    for pattern in GUARDED
    for method in METHODS
    if hasattr(pattern.callback.view_class, method) and method in pattern.callback.view_class.http_method_names
]


def ids(value):
    return getattr(value, "name", value)


def address(pattern):
    names = re.findall(r"<\w+:(\w+)>", str(pattern.pattern))
    return reverse(f"api:{pattern.name}", kwargs={name: ARGUMENTS[name] for name in names})


def call(client, pattern, method):
    return getattr(client, method)(address(pattern))


@pytest.mark.parametrize("pattern", GUARDED, ids=ids)
def test_each_method_has_a_scope_and_no_scope_is_left_over(pattern):
    view = pattern.callback.view_class
    offered = {method.upper() for found, method in ENDPOINTS if found is pattern}
    assert set(view.scope) == offered
    assert all(isinstance(scope, Scope) for scope in view.scope.values())


@pytest.mark.django_db
@pytest.mark.parametrize(("pattern", "method"), ENDPOINTS, ids=ids)
def test_without_a_key_nothing_opens(pattern, method):
    reply = call(APIClient(), pattern, method)
    assert reply.status_code == 401
    assert reply["WWW-Authenticate"].startswith("Bearer")
    assert reply["Content-Type"] == "application/problem+json"


@pytest.mark.django_db
@pytest.mark.parametrize(("pattern", "method"), ENDPOINTS, ids=ids)
def test_with_every_scope_but_the_right_one_nothing_opens(caller: Caller, house: House, pattern, method):
    needed = pattern.callback.view_class.scope[method.upper()]
    reply = call(caller(*(frozenset(Scope) - {needed})), pattern, method)
    assert reply.status_code == 403
    assert needed.value in reply.json()["detail"]


@pytest.mark.django_db
@pytest.mark.parametrize(("pattern", "method"), [(p, m) for p, m in ENDPOINTS if "<" in str(p.pattern)], ids=ids)
def test_what_is_not_ones_own_is_not_there(caller: Caller, house: House, pattern, method):
    needed = pattern.callback.view_class.scope[method.upper()]
    for owner in ({"reseller": house.austral}, {"account": house.cactus}):
        reply = call(caller(**owner), pattern, method)
        if needed in (Scope.ACCOUNTS_WRITE,):
            assert reply.status_code == 403  # a scope no tenant has
        else:
            assert reply.status_code == 404


@pytest.mark.django_db
def test_every_endpoint_is_in_the_reference_and_no_other():
    schema = SchemaGenerator(urlconf="courrielleur.urls").get_schema(public=True)
    described = {
        (path, method) for path, operations in schema["paths"].items() for method in operations if method in METHODS
    }
    offered = {("/api/v1/" + re.sub(r"<\w+:(\w+)>", r"{\1}", str(p.pattern)), m) for p, m in ENDPOINTS}
    assert described == offered
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], (path, method)
            assert operation["security"] == [{"apiKey": []}], (path, method)
            assert {"401", "403", "429"} <= set(operation["responses"]), (path, method)


@pytest.mark.django_db
def test_the_reference_speaks_both_languages():
    client = APIClient()
    for language in ("fr", "en"):
        reply = client.get("/api/v1/schema/", headers={"Accept-Language": language})
        assert yaml.safe_load(reply.content)["openapi"].startswith("3.")


@pytest.mark.django_db
def test_the_reference_page_has_nothing_inline():
    page = APIClient().get("/api/v1/docs/").content.decode()
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*\bsrc=)", page)
    assert not re.search(r"\s(style|on\w+)=", page)
