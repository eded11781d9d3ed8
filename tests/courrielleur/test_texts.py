"""Catalogues compile without gettext, when they changed and only then."""

import gettext
import os

import pytest

from courrielleur.texts import UnreadableCatalogue, compile_catalogues

CATALOGUE = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n > 1);\\n"

msgid "Complaint"
msgstr "Plainte"

#, fuzzy
msgid "Guess"
msgstr "Devinette"

msgid "%(n)s complaint"
msgid_plural "%(n)s complaints"
msgstr[0] "%(n)s plainte"
msgstr[1] "%(n)s plaintes"
"""


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "fr" / "LC_MESSAGES" / "django.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE, encoding="utf-8")
    return path


def test_a_compiled_catalogue_is_what_gettext_reads(source, tmp_path):
    assert compile_catalogues([tmp_path]) == [source.with_suffix(".mo")]
    with source.with_suffix(".mo").open("rb") as file:
        texts = gettext.GNUTranslations(file)
    assert texts.gettext("Complaint") == "Plainte"
    assert texts.ngettext("%(n)s complaint", "%(n)s complaints", 2) == "%(n)s plaintes"
    assert texts.gettext("Guess") == "Guess"  # nobody has confirmed a fuzzy text


def test_a_catalogue_is_compiled_again_only_when_it_changed(source, tmp_path):
    compile_catalogues([tmp_path])
    assert compile_catalogues([tmp_path]) == []
    later = source.with_suffix(".mo").stat().st_mtime + 10
    os.utime(source, (later, later))
    assert compile_catalogues([tmp_path]) == [source.with_suffix(".mo")]


def test_a_damaged_catalogue_is_named(source, tmp_path):
    source.write_bytes(CATALOGUE.encode() + 'msgid "Seen"\nmsgstr "Reçu"\n'.encode("latin-1"))
    with pytest.raises(UnreadableCatalogue, match=r"django\.po"):
        compile_catalogues([tmp_path])
    assert not source.with_suffix(".mo").exists()
