"""Every letter that was written about an actor's cases, to be read again as it was sent."""

from uuid import UUID

from django.db.models import QuerySet

from abuse import notices
from abuse.models import Notice
from abuse.notices import Letter
from abuse.selectors.cases import cases_for
from courrielleur.accounts.actors import Actor


def letters_for(actor: Actor) -> QuerySet[Notice]:
    """Return the letters about cases the actor sees, newest first."""
    written = Notice.objects.filter(case__in=cases_for(actor).order_by())
    return written.select_related("case__account__reseller").order_by("-created_at", "-pk")


def letter_for(actor: Actor, letter_id: UUID) -> Notice:
    """Return one letter. Raises `Notice.DoesNotExist` for a stranger too."""
    return letters_for(actor).get(pk=letter_id)


def letter_text(notice: Notice) -> tuple[str, str]:
    """Return subject and text, from the facts that the letter kept, in the language it was sent in."""
    return notices.render(Letter(notice.name, notice.context), notice.case, notice.language)
