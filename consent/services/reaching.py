"""Ask once, after the answers were handed in, whether the sign-up pages they name are there."""

from collections.abc import Callable

from consent.models import Answer, Questionnaire

AT_ONCE = 3  # questionnaires in one turn: an address may keep us waiting
MOST_ASKED = 5  # addresses of one questionnaire


def ask_waiting(does_answer: Callable[[str], bool]) -> int:
    """Ask for the pages of questionnaires that were handed in and not looked at. Return how many questionnaires."""
    waiting = (
        Questionnaire.objects.filter(reached__isnull=True).exclude(submitted_at=None).order_by("submitted_at")[:AT_ONCE]
    )
    for questionnaire in waiting:
        answer = Answer.objects.filter(questionnaire=questionnaire, question="sign_up_urls").first()
        urls = [str(url) for url in (answer.value.get("urls", []) if answer else [])][:MOST_ASKED]
        questionnaire.reached = {url: does_answer(url) for url in urls}
        questionnaire.save(update_fields=["reached"])
    return len(waiting)
