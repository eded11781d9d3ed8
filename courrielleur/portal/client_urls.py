"""The portal of resellers and clients."""

from django.urls import path

from courrielleur.portal import (
    client_clients,
    client_consent,
    client_home,
    client_keys,
    client_letters,
    client_people,
    client_questions,
    client_requests,
    client_samples,
    client_webhooks,
    documents,
)

app_name = "portal"
urlpatterns = [
    path("", client_home.home, name="home"),
    path("learn/", client_home.learn, name="learn"),
    path("learn/safe-list/", client_home.safe_list, name="safe_list"),
    path("requests/", client_requests.requests, name="requests"),
    path("requests/<slug:key>/", client_requests.request_page, name="request"),
    path("requests/<slug:key>/message/", client_requests.message, name="message"),
    path("requests/<slug:key>/appeal/", client_requests.appeal, name="appeal"),
    path("requests/<slug:key>/questions/<int:number>/", client_questions.question, name="question"),
    path("requests/<slug:key>/questions/<int:number>/documents/", documents.add, name="add_document"),
    path(
        "requests/<slug:key>/questions/<int:number>/documents/<uuid:document_id>/remove/",
        documents.remove,
        name="remove_document",
    ),
    path("requests/<slug:key>/check/", client_questions.check, name="check"),
    path("requests/<slug:key>/receipt/", client_questions.receipt, name="receipt"),
    path("requests/<slug:key>/samples/<uuid:request_id>/", client_samples.sample, name="sample"),
    path("requests/<slug:key>/samples/<uuid:request_id>/<int:number>/", client_samples.prove, name="prove"),
    path("requests/<slug:key>/samples/<uuid:request_id>/finish/", client_samples.finish, name="finish_sample"),
    path("clients/", client_clients.clients, name="clients"),
    path("clients.csv", client_clients.export, name="export_clients"),
    path("clients/<slug:key>/", client_clients.client, name="client"),
    path("clients/<slug:key>/people/", client_people.people_of, name="people_of"),
    path("people/", client_people.people, name="people"),
    path("people/<int:membership_id>/remove/", client_people.remove, name="remove_person"),
    path("people/invitations/<uuid:invitation_id>/again/", client_people.again, name="invite_again"),
    path("people/invitations/<uuid:invitation_id>/take-back/", client_people.take_back, name="take_back"),
    path("letters/", client_letters.letters, name="letters"),
    path("letters/<uuid:letter_id>/", client_letters.letter, name="letter"),
    path("consent/", client_consent.consent, name="consent"),
    path("consent/<slug:key>/", client_consent.consent_of, name="consent_of"),
    path("consent/<slug:key>/<uuid:upload_id>/", client_consent.upload, name="upload"),
    path("keys/", client_keys.keys, name="keys"),
    path("webhooks/", client_webhooks.webhooks, name="webhooks"),
    path("webhooks/<uuid:endpoint_id>/test/", client_webhooks.test, name="test_webhook"),
    path("webhooks/<uuid:endpoint_id>/rotate/", client_webhooks.rotate, name="rotate_webhook"),
    path("webhooks/<uuid:endpoint_id>/disable/", client_webhooks.disable, name="disable_webhook"),
    path("keys/<int:key_id>/revoke/", client_keys.revoke, name="revoke"),
]
