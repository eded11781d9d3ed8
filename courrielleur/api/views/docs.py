"""The reference: the OpenAPI document, and a page that shows it under our strict Content-Security-Policy."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class Schema(SpectacularAPIView):
    """OpenAPI 3, as YAML or JSON."""

    throttle_classes = []


class Docs(SpectacularSwaggerSplitView):
    """Swagger UI from our own files; its script is a request of its own, so that nothing is inline."""

    url_name = "api:schema"
    template_name = "api/docs.html"
    throttle_classes = []
