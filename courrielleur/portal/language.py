"""The language of a page: the person's, else the one chosen on this device, else the browser's, else French."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.middleware import get_user
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers


class PersonLanguageMiddleware:
    """Stands in LocaleMiddleware's place. A person reads in their own language on every device."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_for(request)
        request.LANGUAGE_CODE = language
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Accept-Language"])
        return response


def language_for(request: HttpRequest) -> str:
    """Return the code of the language to answer in, one of `settings.LANGUAGES`.

    Reads the session only when the browser brought one: `/healthz` and the API stay clear of the database.
    """
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        user = get_user(request)  # kept on the request; AuthenticationMiddleware takes the same one
        if user.is_authenticated:
            return user.language
    return translation.get_language_from_request(request)
