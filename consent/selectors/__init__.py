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

__all__ = [
    "COVERAGE_DAYS",
    "answers_of",
    "contradictions_of",
    "coverage",
    "cross_examination",
    "document_for",
    "documents_of",
    "questionnaire_for",
    "records_by_account",
    "sending_for",
    "unproved",
    "upload_for",
    "uploads_for",
]
