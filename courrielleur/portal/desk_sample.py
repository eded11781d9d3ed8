"""The layout of a reported mail in a frame of its own: sanitised, and behind a policy that allows nothing.

Should a sieve ever miss something, the browser still refuses: the document is of no origin (sandbox), runs no script,
fetches nothing, sends no form, and leads nowhere.
"""

import base64
import hashlib
from uuid import UUID

from csp.constants import NONE, SELF
from django.http import Http404, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_safe

from courrielleur.accounts.permissions import Permission
from courrielleur.portal import safe_html
from courrielleur.portal.desk_reports import lane_words
from courrielleur.portal.guards import ActorRequest, require
from courrielleur.vault import CannotDecrypt
from fbl import selectors as fbl

_STYLE = (
    ":root{color-scheme:light}body{margin:12px;background:#fff;color:#17212e;"
    "font:15px/1.45 system-ui,sans-serif;overflow-wrap:anywhere}"
    "table{border-collapse:collapse;max-width:100%}td,th{padding:2px 6px;vertical-align:top}"
    "code,pre{font-size:13px;white-space:pre-wrap;color:#4c5a6b}"
)
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
POLICY = {
    "default-src": [NONE],
    "style-src": [f"'sha256-{_STYLE_HASH}'"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [SELF],
    "sandbox": [True],
}


@require(Permission.SEE_RECIPIENTS)
@require_safe
def sample(request: ActorRequest, lane: str, report_id: UUID) -> HttpResponse:
    """Answer the sanitised HTML of a report; 404 when it has none, or its bytes are not shown."""
    lane_words(lane)
    fbl.lane(lane).get(pk=report_id)
    try:
        source = fbl.report_source(report_id)
    except CannotDecrypt as error:
        raise Http404 from error
    markup = safe_html.html_of(source) if source is not None else ""
    if not markup:
        raise Http404
    page = format_html(
        '<!doctype html><html><head><meta charset="utf-8"><title>{}</title><style>{}</style></head><body>{}</body>',
        "–",
        mark_safe(_STYLE),  # noqa: S308  # a constant; its hash is in the policy
        mark_safe(markup),  # noqa: S308  # what nh3 has left
    )
    answer = HttpResponse(page)
    answer._csp_config = POLICY  # type: ignore[attr-defined]  # read by django-csp's middleware
    answer.headers["X-Frame-Options"] = "SAMEORIGIN"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    answer.headers["Cache-Control"] = "no-store"
    return answer
