"""The light MIME reader finds what stands in a mail, and survives what does not belong there."""

import gc
from weakref import ref

import pytest

from fbl.core.headers import Headers, addresses, clean_address, decode_words, parameters
from fbl.core.mime import MAX_PARTS, read_mail
from fbl.core.prose import blocks, html_as_text, split_copy


def test_a_folded_field_is_one_line_and_names_have_no_case():
    headers = Headers("SUBJECT: one\n two\nsubject: three\nGlued:yes\nnot a field\nLast : x")
    assert headers.get("subject") == "one two"
    assert list(headers.all("subject")) == ["one two", "three"]
    assert headers.get("glued") == "yes"
    assert headers.get("last") == "x"
    assert headers.get("absent") == ""


@pytest.mark.parametrize(
    ("value", "boundary"),
    [
        ('multipart/mixed; boundary="a b"', "a b"),
        ("multipart/mixed; BOUNDARY=ab; charset=utf-8", "ab"),
        ("multipart/mixed; boundary*0=a; boundary*1=b", "ab"),
        ("multipart/mixed; boundary*=utf-8''a%20b", "a b"),
        ('multipart/mixed; boundary="open', "open"),
        ("multipart/mixed", None),
    ],
)
def test_the_boundary_is_found_however_it_is_written(value, boundary):
    assert parameters(value).get("boundary") == boundary


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("=?utf-8?B?w6l0w6k=?=", "été"),
        ("=?iso-8859-1?Q?R=E9ponse_automatique?= =?utf-8?q?_!?=", "Réponse automatique !"),
        ("=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"),
        ("=?no-such-charset?Q?abc?=", "abc"),
        ("=?utf-8?B?broken", "=?utf-8?B?broken"),
        ("déjà".encode().decode("latin-1"), "déjà"),
    ],
)
def test_encoded_words_are_decoded(value, words):
    assert decode_words(value) == words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<a@example.com>", ["a@example.com"]),
        ("rfc822;a@example.com", ["a@example.com"]),
        ("A, B <b@example.net>; mailto:c@example.org.", ["b@example.net", "c@example.org"]),
        ('"a b"@example.com', ['"a b"@example.com']),
        ("@relay.example:a@example.com", ["a@example.com"]),
        ("a@[192.0.2.1]", ["a@[192.0.2.1]"]),
        ("a@example.com様 b@bücher.example", ["a@example.com", "b@bücher.example"]),
        ("nobody here @ all", []),
    ],
)
def test_addresses_are_found_in_text(text, found):
    assert addresses(text) == found


def test_an_address_is_cleaned_of_what_stands_around_it():
    assert clean_address(" <SMTP:a@example.com> (Anne)") == "a@example.com"


def test_a_part_is_decoded_only_into_its_own_charset():
    mail = read_mail(
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=windows-1252\n"
        b"Content-Transfer-Encoding: quoted-printable\n\n=93caf=E9=94=\n.\n--x\n"
        b"Content-Type: text/plain; charset=iso-2022-jp\n\n"
        b"\x1b$BF|K\\\x1b(B\n--x--\nepilogue"
    )
    assert [part.text.strip() for part in mail.leaves] == ["“café”.", "日本"]


def test_a_boundary_that_begins_like_another_does_not_split_it():
    mail = read_mail(
        b'Content-Type: multipart/mixed; boundary="a"\n\n--a\nContent-Type: multipart/alternative; boundary="a-b"\n\n'
        b"--a-b\n\none\n--a-b\n\ntwo\n--a-b--\n--a\n\nthree\n--a--\n"
    )
    assert [part.content.strip() for part in mail.leaves] == ["one", "two", "three"]


def test_a_missing_boundary_is_guessed_and_a_missing_end_forgiven():
    mail = read_mail(b"Content-Type: multipart/mixed\n\n--q1\nContent-Type: text/plain\n\none\n--q1\n\ntwo")
    assert [part.content.strip() for part in mail.leaves] == ["one", "two"]


def test_nesting_and_parts_are_bounded():
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(2000))
    assert len(read_mail(nested).leaves) == 1
    many = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 5000
    assert len(read_mail(many).leaves) == MAX_PARTS


def test_html_becomes_words_without_its_styles():
    text = html_as_text(
        "<head><title>x</title></head><style>p{}</style><p>a &lt;a@example.com&gt;</p>b<br>c <script>no"
    )
    assert text.split() == ["a", "<a@example.com>", "b", "c"]


def test_the_returned_copy_is_cut_off_with_its_addresses():
    words, copy = split_copy(
        "<a@example.com>:\ngone\n\n--- Below this line is a copy of the message.\n\nTo: b@example.com\n"
    )
    assert [block.address for block in blocks(words)] == ["a@example.com"]
    assert copy.startswith("To: b@")


def test_each_recipient_has_the_lines_up_to_the_next():
    told = blocks("Sorry.\n\n<a@example.com>:\n550 gone\n\n<b@example.com>:\n552 full\n")
    assert [(one.address, one.text.strip(": \n")) for one in told] == [
        ("a@example.com", "550 gone"),
        ("b@example.com", "552 full"),
    ]


@pytest.mark.parametrize(
    "raw", [b"Subject: x\n\nwords", b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n--b--\n"]
)
def test_a_mail_that_was_read_leaves_the_memory_at_once(raw):
    gc.disable()
    try:
        mail = read_mail(raw)
        assert [part.text for part in mail.leaves]
        assert mail.types
        seen = ref(mail)
        del mail
        assert seen() is None
    finally:
        gc.enable()
