"""The pages that belong to nobody in particular: the front door and the errors."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def home(request: HttpRequest) -> HttpResponse:
    """Send a person to where their work is."""
    return redirect("account_login")
