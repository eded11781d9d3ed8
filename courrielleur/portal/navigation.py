"""What the frame of every page shows: where one can go, and where one is."""

from typing import Any

from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, Any]:
    return {"actor": getattr(request, "actor", None)}
