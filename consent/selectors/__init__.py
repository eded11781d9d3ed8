"""What is known of how addresses were obtained, as screens and the API show it."""

from consent.selectors.answers import (
    answers_of,
    document_for,
    documents_of,
    questionnaire_for,
    records_by_account,
    sending_for,
    upload_for,
    uploads_for,
)
from consent.selectors.crossing import COVERAGE_DAYS, coverage, cross_examination, unproved
from consent.selectors.doubts import contradictions_of
from consent.selectors.opinions import opinion_of
from consent.selectors.reach import least_covered_first, reach_of, shares_by_account

__all__ = [
    "COVERAGE_DAYS",
    "answers_of",
    "contradictions_of",
    "coverage",
    "cross_examination",
    "document_for",
    "documents_of",
    "least_covered_first",
    "opinion_of",
    "questionnaire_for",
    "reach_of",
    "records_by_account",
    "sending_for",
    "shares_by_account",
    "unproved",
    "upload_for",
    "uploads_for",
]
