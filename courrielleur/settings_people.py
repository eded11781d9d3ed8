"""Settings of invitations. Part of settings.py."""

import environ

from courrielleur import environment

__all__ = ["INVITATIONS_PER_DAY", "INVITATION_DAYS"]

env = environ.Env()
env.prefix = "COURRIELLEUR_"

INVITATION_DAYS = environment.positive(  # that the link of an invitation is good
    "COURRIELLEUR_INVITATION_DAYS", env.str("INVITATION_DAYS", default="7"), at_least=1, at_most=60
)
INVITATIONS_PER_DAY = environment.positive(  # letters to strangers, of one reseller
    "COURRIELLEUR_INVITATIONS_PER_DAY", env.str("INVITATIONS_PER_DAY", default="200"), at_least=1
)
