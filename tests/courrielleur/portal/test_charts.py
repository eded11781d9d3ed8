"""Charts are geometry: what stands where, and what is left out."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from courrielleur.portal.charts import Mark, Point, rate_chart

DAY = date(2026, 11, 1)
LIMIT = 0.0025


def points(*figures: tuple[int, int]) -> list[Point]:
    return [Point(DAY + timedelta(days=number), count, of) for number, (count, of) in enumerate(figures)]


def test_a_day_without_mail_has_no_column():
    chart = rate_chart(points((1, 1000), (0, 0), (2, 1000)), limit=LIMIT)
    assert len(chart.wide.columns) == 2
    assert [row.day for row in chart.rows] == [DAY + timedelta(days=2), DAY + timedelta(days=1), DAY]


def test_a_missing_day_is_a_day_without_mail():
    chart = rate_chart([Point(DAY, 1, 1000), Point(DAY + timedelta(days=3), 1, 1000)], limit=LIMIT)
    assert len(chart.rows) == 4


@pytest.mark.parametrize(
    ("count", "of", "is_over", "is_small"),
    [
        (1, 399, False, True),  # one click alone would cross the limit
        (1, 400, False, False),
        (2, 400, True, False),
        (5, 2000, False, False),  # the limit itself is allowed
        (6, 2000, True, False),
    ],
)
def test_a_column_is_over_only_when_there_is_enough_mail(count, of, is_over, is_small):
    (column,) = rate_chart(points((count, of)), limit=LIMIT).wide.columns
    assert (column.is_over, column.is_small) == (is_over, is_small)


def test_the_limit_lies_within_the_drawing_whatever_the_rates():
    for figures in [(0, 5000), (5000, 5000)]:
        drawing = rate_chart(points(figures), limit=LIMIT).narrow
        assert 0 < float(drawing.limit_y) < drawing.height


def test_few_mails_lift_the_pen():
    chart = rate_chart(points((1, 10), (0, 0), (0, 5)), limit=LIMIT)
    assert chart.wide.trend == ""


def test_numbers_are_svg_numbers_in_french_too():
    with translation.override("fr"):
        drawing = rate_chart(points((3, 1234)), limit=LIMIT).wide
    assert "," not in drawing.columns[0].x + drawing.limit_y + drawing.trend


def test_a_mark_outside_the_period_is_left_out():
    marks = [Mark(DAY - timedelta(days=1), "before"), Mark(DAY, "inside")]
    chart = rate_chart(points((1, 1000), (1, 1000)), limit=LIMIT, marks=marks)
    assert [mark.text for mark in chart.marks] == ["inside"]
    assert [flag.number for flag in chart.wide.flags] == [1]


def test_nothing_at_all_is_an_empty_chart():
    assert rate_chart([], limit=LIMIT).is_empty
    assert rate_chart(points((0, 0)), limit=LIMIT).is_empty
