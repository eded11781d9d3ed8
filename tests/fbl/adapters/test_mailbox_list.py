"""The list of mailboxes: a mistake is told with its table and key."""

import pytest

from fbl.adapters.mailbox_list import BadMailboxFile, ImapMailbox, Maildir, Mbox, parse, read

GOOD = """
[fbl]
kind = "imap"
host = "imap.example.net"
user = "fbl@example.net"
password_file = "/etc/courrielleur/fbl.password"

[bounces]
kind = "maildir"
path = "/var/mail/bounces"
recipient_header = "Delivered-To"

[old]
kind = "mbox"
path = "/var/mail/fbl"
"""


def test_a_good_list_is_read_with_its_defaults():
    imap, maildir, mbox = parse(GOOD)
    assert imap == ImapMailbox("fbl", "imap.example.net", "fbl@example.net", "/etc/courrielleur/fbl.password")
    assert maildir == Maildir("bounces", "/var/mail/bounces", "Delivered-To")
    assert mbox == Mbox("old", "/var/mail/fbl")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "names no mailbox"),
        ("[a", "not TOML"),
        ("a = 1", "outside of a"),
        ("[a]\nkind = 'pop3'", "imap, maildir, mbox"),
        ("[a]\nkind = ['imap']", "imap, maildir, mbox"),
        ("[a]\nkind = 'maildir'", "lacks path"),
        ("[a]\nkind = 'maildir'\npath = 'mail'", "from the root"),
        ("[a]\nkind = 'maildir'\npath = '/m'\npasword = 'x'", "has no pasword"),
        ("[a]\nkind = 'mbox'\npath = '/m'\nsettle_seconds = 'x'", "a whole number"),
        ("[a]\nkind = 'mbox'\npath = '/m'\nsettle_seconds = true", "a whole number"),
        ("[a]\nkind = 'imap'\nhost = 'h'\nuser = 'u'\npassword_file = '/p'\nencryption = 'ssl'", "starttls"),
    ],
)
def test_a_mistake_is_told_with_its_place(text: str, says: str):
    with pytest.raises(BadMailboxFile, match=says):
        parse(text)


def test_a_file_that_is_not_there_is_told_by_name(tmp_path):
    with pytest.raises(BadMailboxFile, match=r"boxes\.toml"):
        read(str(tmp_path / "boxes.toml"))
