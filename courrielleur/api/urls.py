"""The addresses of the API, version 1. None ends with a slash but the reference's own two."""

from django.urls import path, re_path

from courrielleur.api.views import accounts, base, docs, feedback, suppressions

app_name = "api"

urlpatterns = [
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.Docs.as_view(), name="docs"),
    path("resellers", accounts.Resellers.as_view(), name="resellers"),
    path("accounts", accounts.Accounts.as_view(), name="accounts"),
    path("accounts/<slug:key>", accounts.AccountDetail.as_view(), name="account"),
    path("accounts/<slug:key>/assets", accounts.Assets.as_view(), name="assets"),
    path("accounts/<slug:key>/suppressions", suppressions.Suppressions.as_view(), name="suppressions"),
    path("accounts/<slug:key>/suppressions/check", suppressions.SuppressionCheck.as_view(), name="suppression-check"),
    path("reports", feedback.Reports.as_view(), name="reports"),
    path("references", feedback.References.as_view(), name="references"),
    path("delivery-counts", feedback.DeliveryCounts.as_view(), name="delivery-counts"),
    re_path(r"^.*$", base.NothingHere.as_view(), name="nothing-here"),
]
