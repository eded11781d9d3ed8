"""The layout of a reported mail keeps words and plain elements, and nothing that acts or names an address."""

from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from courrielleur.portal.safe_html import has_html, html_of, sanitised
from tests.hostile_html import HOSTILE
from tests.town import build

PLAIN_ATTRIBUTES = {"colspan", "rowspan"}
ACTING = {"script", "style", "iframe", "img", "a", "form", "input", "object", "embed", "link", "meta", "base", "svg"}
PIECES = [
    "<",
    ">",
    '"',
    "'",
    "=",
    "/",
    "<a href=",
    "<img src=x onerror=",
    "<svg>",
    "<style>",
    "</",
    "<!--",
    "-->",
    "&lt;",
]


class Reader(HTMLParser):
    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _value in attrs}


def assert_inert(markup: str) -> None:
    found = Reader(markup)
    assert not found.tags & ACTING
    assert found.attributes <= PLAIN_ATTRIBUTES
    assert "http://" not in markup.lower()
    assert "https://" not in markup.lower()


@pytest.mark.parametrize("markup", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_layout_is_inert(markup):
    assert_inert(sanitised(markup))


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=40))
def test_any_markup_is_inert_and_stays_so_when_read_again(pieces):
    once = sanitised("".join(pieces))
    assert_inert(once)
    assert_inert(sanitised(once))


def test_links_and_pictures_are_told_in_words_and_tables_keep_their_shape():
    text = sanitised(
        "<table><tr><td colspan=2 bgcolor=red>Solde</td></tr></table>"
        '<a href="https://shop.example.com/x?a=1&amp;b=2">Voir</a> <img src="https://x.example.com/p.gif" alt="logo">'
    )
    assert '<td colspan="2">Solde</td>' in text
    assert "<u>Voir</u> <code>[hxxps://shop[.]example[.]com/x?a=1&amp;b=2]</code>" in text
    assert "<em>[logo]</em>" in text


def test_the_layout_of_the_mail_inside_is_found_and_plain_mails_have_none():
    inner = b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>caf\xc3\xa9</p>"
    outer = b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n'
    mail = outer + inner + b"\r\n--b--\r\n"
    assert has_html(mail)
    assert "<p>café</p>" in html_of(mail)
    assert not has_html(b"Subject: x\r\n\r\nwords")
    assert html_of(b"Subject: x\r\n\r\nwords") == ""


@pytest.mark.django_db
def test_the_frame_comes_with_a_policy_that_allows_nothing(settings):
    settings.WEBHOOK_PRIVATE_NETWORKS = True
    town = build()
    client = Client()
    client.force_login(town.people["specialist"])
    page = client.get(reverse("desk:report", args=["unidentified", town.report.pk]))
    address = reverse("desk:sample", args=["unidentified", town.report.pk])
    assert 'sandbox="" referrerpolicy="no-referrer"' in page.content.decode()
    assert "frame-src 'self'" in page.headers["Content-Security-Policy"]

    answer = client.get(address)
    policy = dict(part.strip().partition(" ")[::2] for part in answer.headers["Content-Security-Policy"].split(";"))
    assert policy.keys() == {"default-src", "style-src", "base-uri", "form-action", "frame-ancestors", "sandbox"}
    assert policy["default-src"] == policy["base-uri"] == policy["form-action"] == "'none'"
    assert policy["style-src"].startswith("'sha256-")
    assert (policy["sandbox"], policy["frame-ancestors"]) == ("", "'self'")
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "<h1>Soldes</h1>" in answer.content.decode()
