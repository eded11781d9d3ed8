"""The portal of resellers and clients."""

from django.urls import path

from courrielleur.portal import (
    client_clients,
    client_consent,
    client_home,
    client_keys,
    client_questions,
    client_requests,
)

app_name = "portal"
urlpatterns = [
    path("", client_home.home, name="home"),
    path("learn/", client_home.learn, name="learn"),
    path("requests/", client_requests.requests, name="requests"),
    path("requests/<str:key>/", client_requests.request_page, name="request"),
    path("requests/<str:key>/message/", client_requests.message, name="message"),
    path("requests/<str:key>/appeal/", client_requests.appeal, name="appeal"),
    path("requests/<str:key>/questions/<int:number>/", client_questions.question, name="question"),
    path("requests/<str:key>/check/", client_questions.check, name="check"),
    path("requests/<str:key>/receipt/", client_questions.receipt, name="receipt"),
    path("clients/", client_clients.clients, name="clients"),
    path("clients/<str:key>/", client_clients.client, name="client"),
    path("consent/", client_consent.consent, name="consent"),
    path("consent/<str:key>/", client_consent.consent_of, name="consent_of"),
    path("consent/<str:key>/<uuid:upload_id>/", client_consent.upload, name="upload"),
    path("keys/", client_keys.keys, name="keys"),
    path("keys/<int:key_id>/revoke/", client_keys.revoke, name="revoke"),
]
