"""The address behind `List-Unsubscribe` (RFC 8058): a POST unsubscribes at once, a GET only asks.

Scanners and previews fetch every link of a mail, so a GET must change nothing. The POST comes from the mailbox
provider, without cookies; the token in the address is its authority.
"""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from courrielleur.jobs.queue import nudge
from fbl.services.unsubscribes import UnknownToken, unsubscribe


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def one_click(request: HttpRequest, token: str) -> HttpResponse:
    if request.method != "POST":
        return render(request, "unsubscribe.html", {"token": token, "is_done": False})
    try:
        unsubscribe(token, timezone.now())
    except UnknownToken as error:
        raise Http404 from error
    nudge("river")
    return render(request, "unsubscribe.html", {"token": token, "is_done": True})
