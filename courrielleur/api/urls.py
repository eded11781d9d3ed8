"""The addresses of the API, version 1. None ends with a slash but the reference's own two and the providers'."""

from django.urls import path, re_path

from courrielleur.api.views import (
    accounts,
    answers,
    base,
    cases,
    consent,
    docs,
    enforcement,
    esp,
    feedback,
    mta_logs,
    standing,
    suppressions,
    webhooks,
)

app_name = "api"

urlpatterns = [
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.Docs.as_view(), name="docs"),
    path("resellers", accounts.Resellers.as_view(), name="resellers"),
    path("accounts", accounts.Accounts.as_view(), name="accounts"),
    path("accounts/<slug:key>", accounts.AccountDetail.as_view(), name="account"),
    path("accounts/<slug:key>/assets", accounts.Assets.as_view(), name="assets"),
    path("accounts/<slug:key>/standing", standing.Standing.as_view(), name="standing"),
    path("accounts/<slug:key>/rates", standing.Rates.as_view(), name="rates"),
    path("accounts/<slug:key>/suppressions", suppressions.Suppressions.as_view(), name="suppressions"),
    path("accounts/<slug:key>/suppressions/check", suppressions.SuppressionCheck.as_view(), name="suppression-check"),
    path("reports", feedback.Reports.as_view(), name="reports"),
    path("references", feedback.References.as_view(), name="references"),
    path("delivery-counts", feedback.DeliveryCounts.as_view(), name="delivery-counts"),
    path("mta-logs/kumo", mta_logs.KumoHook.as_view(), name="mta-logs-kumo"),
    path("consent-uploads", consent.ConsentUploads.as_view(), name="consent-uploads"),
    path("consent-uploads/<uuid:upload_id>", consent.ConsentUpload.as_view(), name="consent-upload"),
    path("consent-uploads/<uuid:upload_id>/rejects", consent.ConsentRejects.as_view(), name="consent-rejects"),
    path("cases", cases.Cases.as_view(), name="cases"),
    path("cases/<slug:key>", cases.CaseDetail.as_view(), name="case"),
    path("cases/<slug:key>/statement", cases.Statement.as_view(), name="statement"),
    path("cases/<slug:key>/answers", answers.Answers.as_view(), name="answers"),
    path("cases/<slug:key>/answers/<slug:question>", answers.Answer.as_view(), name="answer"),
    path("cases/<slug:key>/submission", answers.Submission.as_view(), name="submission"),
    path("cases/<slug:key>/messages", cases.Messages.as_view(), name="messages"),
    path("enforcement/standings", enforcement.Standings.as_view(), name="enforcement-standings"),
    path("enforcement/acknowledgements", enforcement.Acknowledgements.as_view(), name="enforcement-acknowledgements"),
    path("webhook-endpoints", webhooks.Endpoints.as_view(), name="webhook-endpoints"),
    path("webhook-endpoints/<uuid:endpoint_id>", webhooks.Endpoint.as_view(), name="webhook-endpoint"),
    path("webhook-endpoints/<uuid:endpoint_id>/test", webhooks.EndpointTest.as_view(), name="webhook-endpoint-test"),
    path("orders", webhooks.Orders.as_view(), name="orders"),
    path("orders/<uuid:order_id>/replay", webhooks.OrderReplay.as_view(), name="order-replay"),
    path("esp/<slug:provider>/<str:token>/", esp.EspWebhook.as_view(), name="esp"),
    re_path(r"^.*$", base.NothingHere.as_view(), name="nothing-here"),
]
