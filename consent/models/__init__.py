"""How the addresses were obtained: answers and records, what was found in them, and what a person decided."""

from consent.models.intake import (
    Answer,
    AnswerFile,
    ConsentPart,
    ConsentRecord,
    ConsentRejects,
    ConsentUpload,
    EvidenceManager,
    KnownHeading,
    Questionnaire,
)
from consent.models.reviews import EvidenceRequest, Examination, Finding, Proposal, Review, SampledRecipient

__all__ = [
    "Answer",
    "AnswerFile",
    "ConsentPart",
    "ConsentRecord",
    "ConsentRejects",
    "ConsentUpload",
    "EvidenceManager",
    "EvidenceRequest",
    "Examination",
    "Finding",
    "KnownHeading",
    "Proposal",
    "Questionnaire",
    "Review",
    "SampledRecipient",
]
