"""A file of consent records as the API shows it, with what its sender is asked, in the caller's words."""

from typing import Any

from django.utils.translation import get_language

from consent.core.asks import ask_text, choice_text
from consent.core.records import RowError, file_message, row_message
from consent.core.tables import Plan
from consent.services import asking, inspection
from courrielleur.accounts.actors import Actor
from courrielleur.api.serializers.consent import UploadSerializer


def detail(actor: Actor, upload: Any) -> dict[str, Any]:
    """Return the shape of `UploadDetailSerializer`."""
    language = _language()
    shown: dict[str, Any] = dict(UploadSerializer(upload).data)
    return shown | {
        "progress": _progress(upload),
        "undated": upload.undated,
        "day_only": upload.day_only,
        "asks": [_ask(ask, language) for ask in upload.asks],
        "preview": _preview(upload) if upload.asks and not actor.is_staff else None,
        "answer_until": asking.expires_at(upload) if upload.asks else None,
        "columns": upload.columns,
        "error": upload.error,
        "detail": file_message(upload.error, language) if upload.error else "",
        "errors": [error | {"detail": row_message(RowError(**error), language)} for error in upload.errors],
    }


def flaw_texts(refused: asking.AnswerRefused) -> dict[str, str]:
    """Return what is wrong with answers, in the caller's words, by their key."""
    return {key: flaw.text(_language()) for key, flaw in refused.flaws.items()}


def _language() -> str:
    return (get_language() or "fr")[:2]


def _progress(upload: Any) -> float | None:
    if upload.state == "done":
        return 1.0
    return round(upload.read_bytes / upload.size, 3) if upload.state == "reading" and upload.size else None


def _ask(ask: dict[str, Any], language: str) -> dict[str, Any]:
    choices = [{"key": choice, "text": choice_text(choice, language)} for choice in ask["choices"]]
    return {
        "code": ask["code"],
        "text": ask_text(ask["text"], language),
        "needed": ask["required"],
        "rows": ask["rows"],
        "examples": ask["examples"],
        "choices": choices,
    }


def _preview(upload: Any) -> dict[str, Any]:
    return {
        "names": list(Plan.from_json(upload.plan).names),
        "rows": [list(line.cells) for line in inspection.previewed(upload)],
    }
