"""The reader holds its bounds on the shared corpus of real mails."""

import pytest

from tests import score_corpus as scoring

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
