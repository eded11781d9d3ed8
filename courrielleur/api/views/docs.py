"""The reference: the OpenAPI document, and a page that shows it under our strict Content-Security-Policy."""

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from courrielleur.api.throttles import AddressThrottle

INTRODUCTION = format_lazy(
    "{about}\n\n## {start}\n\n{key}\n\n{errors}\n\n{repeat}\n\n{pages}\n\n{language}\n",
    about=_("Reports in, standings out, consent evidence up."),
    start=_("Before the first call"),
    key=_(
        "Send your key as `Authorization: Bearer KEY`. It sees what belongs to its owner; everything else is a 404. "
        "Its scopes say what it may do."
    ),
    errors=_(
        "Every error is a problem document (RFC 9457): `type` for machines, `detail` for people, `errors` for places."
    ),
    repeat=_(
        "Every POST takes an `Idempotency-Key`: the same request under the same key is done once, and answered alike "
        "for 24 hours."
    ),
    pages=_("Lists are pages: follow `next` until it is null. `RateLimit` tells what is left of your quota."),
    language=_("Answers speak French, or English when `Accept-Language` asks for it. Codes never change."),
)


class Schema(SpectacularAPIView):
    """OpenAPI 3, as YAML or JSON."""

    throttle_classes = [AddressThrottle]
    custom_settings = {"DESCRIPTION": INTRODUCTION}


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI from our own files; its script is a request of its own, so that nothing is inline."""

    url_name = "api:schema"
    template_name = "api/docs.html"
    throttle_classes = [AddressThrottle]
