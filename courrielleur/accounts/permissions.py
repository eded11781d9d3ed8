"""The one permission table: what each role may do. Whose things it may do it to, `for_actor` says.

A stranger to an object gets 404 from `selectors.for_actor`; a member without the permission gets 403.
"""

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Role(StrEnum):
    AGENT = "agent"
    SPECIALIST = "specialist"
    LEAD = "lead"
    ADMIN = "admin"
    RESELLER_OWNER = "reseller_owner"
    RESELLER_MEMBER = "reseller_member"
    CLIENT = "client"

    @property
    def label(self) -> Promise:
        return _ROLE_LABELS[self]

    @property
    def is_staff(self) -> bool:
        return self in STAFF


class Permission(StrEnum):
    SEE_DESK = "see_desk"  # queue, cases, accounts, lanes of the whole platform
    WORK_CASES = "work_cases"  # take, message, ask for more
    DECIDE_CASES = "decide_cases"  # reinstate, refuse
    TERMINATE = "terminate"  # close an account for good
    SUSPEND = "suspend"  # by hand
    SEE_RECIPIENTS = "see_recipients"  # addresses in clear
    WRITE_POLICIES = "write_policies"  # drafts of the rule's thresholds, and their trials
    ACTIVATE_POLICIES = "activate_policies"  # put somebody else's draft in force
    MANAGE_PLATFORM = "manage_platform"  # resellers, accounts, people, keys, endpoints
    SEE_PORTAL = "see_portal"  # own accounts: standing, cases
    ANSWER_CASES = "answer_cases"  # questionnaire, messages
    UPLOAD_CONSENT = "upload_consent"
    MANAGE_KEYS = "manage_keys"  # of the own reseller or account
    MANAGE_PEOPLE = "manage_people"  # invite to and remove from the platform, or the own reseller and its accounts


class Scope(StrEnum):
    """What an API key may do."""

    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    REPORTS_WRITE = "reports:write"
    REFERENCES_WRITE = "references:write"
    COUNTS_WRITE = "counts:write"
    LOGS_WRITE = "logs:write"
    STANDING_READ = "standing:read"
    SUPPRESSIONS_READ = "suppressions:read"
    CONSENT_WRITE = "consent:write"
    CASES_READ = "cases:read"
    CASES_WRITE = "cases:write"
    WEBHOOKS_WRITE = "webhooks:write"
    ENFORCEMENT_PULL = "enforcement:pull"


_ROLE_LABELS = {
    Role.AGENT: _("Agent"),
    Role.SPECIALIST: _("Specialist"),
    Role.LEAD: _("Lead"),
    Role.ADMIN: _("Administrator"),
    Role.RESELLER_OWNER: _("Reseller (owner)"),
    Role.RESELLER_MEMBER: _("Reseller (member)"),
    Role.CLIENT: _("Client"),
}

STAFF = frozenset({Role.AGENT, Role.SPECIALIST, Role.LEAD, Role.ADMIN})

_AGENT = frozenset({Permission.SEE_DESK, Permission.WORK_CASES})
_SPECIALIST = _AGENT | {
    Permission.DECIDE_CASES,
    Permission.SUSPEND,
    Permission.SEE_RECIPIENTS,
    Permission.WRITE_POLICIES,
}
_LEAD = _SPECIALIST | {Permission.TERMINATE, Permission.ACTIVATE_POLICIES}
_MEMBER = frozenset({Permission.SEE_PORTAL, Permission.ANSWER_CASES, Permission.UPLOAD_CONSENT})

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.AGENT: _AGENT,
    Role.SPECIALIST: _SPECIALIST,
    Role.LEAD: _LEAD,
    Role.ADMIN: _LEAD | {Permission.MANAGE_PLATFORM, Permission.MANAGE_KEYS, Permission.MANAGE_PEOPLE},
    Role.RESELLER_OWNER: _MEMBER | {Permission.MANAGE_KEYS, Permission.MANAGE_PEOPLE},
    Role.RESELLER_MEMBER: _MEMBER,
    Role.CLIENT: _MEMBER | {Permission.MANAGE_KEYS},
}

PLATFORM_ONLY_SCOPES = frozenset(
    {Scope.ACCOUNTS_WRITE, Scope.REPORTS_WRITE, Scope.REFERENCES_WRITE, Scope.COUNTS_WRITE, Scope.LOGS_WRITE}
)
