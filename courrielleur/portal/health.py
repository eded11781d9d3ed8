"""Three questions machines ask: is the process alive, does the database answer, does the work move."""

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from courrielleur.jobs import selectors

LATE_SECONDS = 300


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "unavailable", "database": "does not answer"}, status=503)
    return JsonResponse({"status": "ok", "database": "answers"})


@never_cache
@require_safe
def queuez(request: HttpRequest) -> JsonResponse:
    """Tell how the work moves. 503 when a job waits or a step fails for too long: a live worker proves nothing."""
    health = selectors.health(timezone.now())
    status = "ok"
    if health.oldest_seconds > LATE_SECONDS:
        status = "late"
    elif health.failing_seconds > LATE_SECONDS:
        status = "failing"
    return JsonResponse(
        {
            "status": status,
            "waiting": health.waiting,
            "oldest_seconds": round(health.oldest_seconds, 1),
            "failed": health.failed,
            "dead": health.dead,
            "last_done_at": health.last_done_at,
        },
        status=200 if status == "ok" else 503,
    )
