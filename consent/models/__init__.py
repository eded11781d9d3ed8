"""How the addresses were obtained: answers and records, what was found in them, and what a person decided."""

from consent.models.examined import EvidenceSketch, ExaminationTurn
from consent.models.facts import ListCoverage, OutsideFact
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
from consent.models.live import CapturedId, ConsentWithdrawal
from consent.models.reviews import EvidenceRequest, Examination, Finding, Proposal, Review, SampledRecipient

__all__ = [
    "Answer",
    "AnswerFile",
    "CapturedId",
    "ConsentPart",
    "ConsentRecord",
    "ConsentRejects",
    "ConsentUpload",
    "ConsentWithdrawal",
    "EvidenceManager",
    "EvidenceRequest",
    "EvidenceSketch",
    "Examination",
    "ExaminationTurn",
    "Finding",
    "KnownHeading",
    "ListCoverage",
    "OutsideFact",
    "Proposal",
    "Questionnaire",
    "Review",
    "SampledRecipient",
]
