"""Every address of the house."""

from django.urls import include, path, re_path

from courrielleur.api.views import problems
from courrielleur.portal import documents, health, invited, pages, questionnaire_print, statement, unsubscribe

urlpatterns = [
    path("", pages.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("queuez", health.queuez, name="queuez"),
    path("language/", pages.set_language, name="set_language"),
    path("theme/", pages.set_theme, name="set_theme"),
    path("preferences/", pages.preferences, name="preferences"),
    path("statements/<slug:key>/", statement.page, name="statement"),
    path("statements/<slug:key>.pdf", statement.pdf, name="statement_pdf"),
    path("questionnaires/<slug:key>/", questionnaire_print.page, name="questionnaire"),
    path("questionnaires/<slug:key>.pdf", questionnaire_print.pdf, name="questionnaire_pdf"),
    path("documents/<str:token>/", documents.fetch, name="answer_document"),
    path("invitations/<str:token>/", invited.invitation, name="invitation"),
    path("u/<str:token>", unsubscribe.one_click, name="unsubscribe"),
    path("accounts/email/", pages.own_address, name="account_email"),
    path("accounts/", include("allauth.urls")),
    path("desk/", include("courrielleur.portal.desk_urls")),
    path("portal/", include("courrielleur.portal.client_urls")),
    path("problems/", problems.problems, name="problems"),
    re_path(r"^problems/(?P<name>[a-z-]{1,40})/?$", problems.problem, name="problem"),
    path("api/v1/", include("courrielleur.api.urls")),
]
