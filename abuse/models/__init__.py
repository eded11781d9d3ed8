"""How bad it is, and what we do: assessments, standings, suspensions, orders to the MTAs, cases."""

from abuse.models.cases import Case, CaseEvent, Notice
from abuse.models.enforcement import EnforcementOrder, WebhookEndpoint
from abuse.models.standings import Assessment, Standing, Suspension

__all__ = [
    "Assessment",
    "Case",
    "CaseEvent",
    "EnforcementOrder",
    "Notice",
    "Standing",
    "Suspension",
    "WebhookEndpoint",
]
