"""Every address of the house."""

from django.urls import include, path

from courrielleur.portal import health, pages

urlpatterns = [
    path("", pages.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include("allauth.urls")),
    path("api/v1/", include("courrielleur.api.urls")),
]
