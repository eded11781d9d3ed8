"""What the portal, the API and the other rooms may read of the abuse room."""

from abuse.selectors.cases import case_for, cases_for, notices, queue, queue_counts
from abuse.selectors.enforcement import (
    endpoint_for,
    endpoints_for,
    order_for,
    orders,
    webhook_for,
    webhooks_for,
)
from abuse.selectors.explanations import Excess, excess_of, explanation_for, linked_campaigns
from abuse.selectors.incidents import (
    IncidentView,
    incident_cells,
    incident_for,
    latest_incidents,
    open_incidents,
)
from abuse.selectors.policies import policy_for
from abuse.selectors.probations import ProbationView, probation_of
from abuse.selectors.standings import Mark, StandingView, marks, standing_of, standings_for, worst_first
from abuse.selectors.timeline import TimelineLine, timeline
from abuse.selectors.today import Today, today

__all__ = [
    "Excess",
    "IncidentView",
    "Mark",
    "ProbationView",
    "StandingView",
    "TimelineLine",
    "Today",
    "case_for",
    "cases_for",
    "endpoint_for",
    "endpoints_for",
    "excess_of",
    "explanation_for",
    "incident_cells",
    "incident_for",
    "latest_incidents",
    "linked_campaigns",
    "marks",
    "notices",
    "open_incidents",
    "order_for",
    "orders",
    "policy_for",
    "probation_of",
    "queue",
    "queue_counts",
    "standing_of",
    "standings_for",
    "timeline",
    "today",
    "webhook_for",
    "webhooks_for",
    "worst_first",
]
