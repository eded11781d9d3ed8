"""How bad it is, and what we do: assessments, standings, suspensions, orders to the MTAs, cases."""

from abuse.models.cases import Case, CaseEvent, Notice
from abuse.models.enforcement import Endpoint, EnforcementOrder
from abuse.models.incidents import Incident, IncidentCell
from abuse.models.laboratory import Shadow, ShadowVerdict, Trial, TrialFinding
from abuse.models.policies import AccountStream, PolicyEvent, PolicyUsed, PolicyVersion
from abuse.models.probations import Probation
from abuse.models.standings import Assessment, Standing, Suspension

__all__ = [
    "AccountStream",
    "Assessment",
    "Case",
    "CaseEvent",
    "Endpoint",
    "EnforcementOrder",
    "Incident",
    "IncidentCell",
    "Notice",
    "PolicyEvent",
    "PolicyUsed",
    "PolicyVersion",
    "Probation",
    "Shadow",
    "ShadowVerdict",
    "Standing",
    "Suspension",
    "Trial",
    "TrialFinding",
]
