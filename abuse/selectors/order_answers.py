"""Say in the reader's language what an order's destination answered: the outbox keeps what the machine said."""

import re

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

# What the outbox writes (abuse/services/enforcement.py, abuse/adapters), and how people read it. Named groups are
# filled in.
_SENTENCES: tuple[tuple[str, Promise], ...] = (
    (
        r"HTTP (?P<status>\d+)(: (?P<said>.*))?",
        gettext_lazy("It answered with HTTP status %(status)s. %(said)s"),
    ),
    (
        r"no answer within (?P<seconds>\d+) seconds",
        gettext_lazy("It did not answer within %(seconds)s seconds."),
    ),
    (
        r"gaierror: .*",
        gettext_lazy("The name of its host is not known in DNS."),
    ),
    (
        r"Connect\w*|ConnectionRefusedError.*|Connect\w*Error: .*",
        gettext_lazy("No connection could be made."),
    ),
    (
        r"(?P<said>(\w*Error|\w*Timeout|RemoteProtocol\w*)(: .*)?)",
        gettext_lazy("The connection failed (%(said)s)."),
    ),
    (
        r"Postfix can't tell campaigns apart: pause the campaign where it is made",
        gettext_lazy("Postfix can't tell campaigns apart: pause the campaign where it is made."),
    ),
    (
        r"a later order says what is true now",
        gettext_lazy("A later order says what is true now."),
    ),
    (
        r"endpoint disabled: (?P<said>.*)",
        gettext_lazy("The destination was disabled: %(said)s"),
    ),
)


def answered(last_error: str) -> str:
    """Return what came back for an order; as it was written when these words are new or a person's.

    >>> answered("HTTP 503: busy")
    'It answered with HTTP status 503. busy'
    """
    for pattern, sentence in _SENTENCES:
        if found := re.fullmatch(pattern, last_error, re.DOTALL):
            return (str(sentence) % {name: value or "" for name, value in found.groupdict().items()}).strip()
    return last_error
