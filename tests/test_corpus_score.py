"""The reader holds its bounds on the shared corpus of real mails."""

import pytest

from tests import score_corpus as scoring
from tests.ablate_corpus import changed
from tests.mail_changes import CHANGES

pytestmark = pytest.mark.skipif(
    not scoring.CORPUS.exists(), reason="the corpus of real mails (../shared/corpus) is no part of the project"
)


@pytest.fixture(scope="module")
def score():
    return scoring.score_corpus()


def test_the_recipients_of_reports_are_right(score):
    assert score.share("report", "exact", "mails") >= 0.95, "\n".join(score.misses)


def test_the_recipients_of_all_bounces_are_right(score):
    assert score.share("bounce", "exact", "mails") >= 0.98, "\n".join(score.misses)


def test_the_class_of_bounces_is_right(score):
    assert score.share("bounce", "classed", "recipients") >= 0.96, "\n".join(score.misses)


def test_hard_is_hardly_ever_said_of_a_soft_bounce_or_a_block(score):
    assert score.share("bounce", "hard_wrong", "recipients") <= 0.01, "\n".join(score.misses)


def test_nothing_else_is_read_as_a_bounce(score):
    assert score.false_bounces == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_how_a_mail_is_written_hardly_matters(change, score):
    """Parts that are cut away may take the reason with them; nothing else may."""
    told = changed(change)
    lost = {"no_diagnostic": 0.10, "words_only": 0.16, "status_only": 0.06, "in_html": 0.09}.get(change.__name__, 0.02)
    assert told.counts["all"]["mails"] > 100
    assert told.share("all", "exact", "mails") >= score.share("all", "exact", "mails") - lost
    assert told.share("all", "classed", "recipients") >= score.share("all", "classed", "recipients") - lost
    assert told.false_bounces == []
