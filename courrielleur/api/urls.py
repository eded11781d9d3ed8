"""The addresses of the API, version 1. None ends with a slash but the reference's own two."""

from django.urls import path, re_path

from courrielleur.api.views import base, docs

app_name = "api"

urlpatterns = [
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.Docs.as_view(), name="docs"),
    re_path(r"^.*$", base.NothingHere.as_view(), name="nothing-here"),
]
