"""A bad value of the environment is refused at start, by the name of its variable."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from courrielleur import environment


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (environment.flag, ["true", "False", "1", "off"], ["", "oui", "maybe", "2"]),
        (
            environment.web_address,
            ["https://a.example", "http://127.0.0.1:8025/"],
            ["", "a.example", "ftp://a", "http://"],
        ),
        (environment.domain, ["bounce.example.com", "localhost", "A.example"], ["", "a b", "@x", "a..b", "-a.example"]),
        (environment.time_zone, ["America/Toronto", "UTC"], ["", "Mars/Base", "../etc"]),
        (environment.rate, ["600/min", "1/s"], ["", "lots", "0/min", "5/fortnight"]),
        (environment.log_level, ["INFO", "debug"], ["", "LOUD"]),
        (environment.mail_server, ["smtp://127.0.0.1:8026", "smtp+tls://u:p@a.example:587"], ["nonsense", "ftp://x"]),
        (environment.positive, ["0", "600"], ["", "-1", "1e9", "x"]),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_variable(read, good, bad):
    for text in good:
        read("COURRIELLEUR_X", text)
    for text in bad:
        with pytest.raises(ImproperlyConfigured, match=r"^COURRIELLEUR_X: "):
            read("COURRIELLEUR_X", text)


def test_a_worker_without_processes_is_refused():
    with pytest.raises(ImproperlyConfigured, match=r"^COURRIELLEUR_WORKERS: 1 at least"):
        environment.positive("COURRIELLEUR_WORKERS", "0", at_least=1)


def test_a_password_in_a_wrong_mail_url_is_not_repeated():
    with pytest.raises(ImproperlyConfigured) as caught:
        environment.mail_server("COURRIELLEUR_EMAIL_URL", "wrong://user:hunter2@a.example")
    assert "hunter2" not in str(caught.value)
