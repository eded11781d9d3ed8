"""What came back for an order is said in the reader's language."""

import pytest
from django.utils import translation

from abuse.selectors.order_answers import answered
from abuse.services.enforcement import NO_CAMPAIGNS


@pytest.mark.parametrize(
    ("last_error", "english", "french"),
    [
        ("HTTP 503", "It answered with HTTP status 503.", "Elle a répondu par l’état HTTP 503."),
        ("HTTP 400: no such pool", "It answered with HTTP status 400. no such pool", "Elle a répondu par l’état"),
        ("no answer within 15 seconds", "It did not answer within 15 seconds.", "Elle n’a pas répondu en 15 secondes."),
        ("gaierror: [Errno -2] Name or service not known", "not known in DNS", "inconnu du DNS"),
        ("ConnectError: All connection attempts failed", "No connection could be made.", "Aucune connexion"),
        ("ReadError: reset", "The connection failed (ReadError: reset).", "La connexion a échoué (ReadError: reset)."),
        (NO_CAMPAIGNS, "Postfix can't tell campaigns apart", "Postfix ne distingue pas les campagnes"),
        ("a later order says what is true now", "A later order", "Un ordre plus récent"),
        ("endpoint disabled: API: key", "The destination was disabled: API: key", "a été désactivée\u00a0: API: key"),
    ],
)
def test_an_answer_is_said_in_both_languages(last_error: str, english: str, french: str) -> None:
    with translation.override("en"):
        assert english in answered(last_error)
    with translation.override("fr"):
        assert french in answered(last_error)


@pytest.mark.parametrize("words", ["", "Anne Roy: the MTA was taken out of service"])
def test_a_persons_words_stay_as_they_are(words: str) -> None:
    assert answered(words) == words
