"""Settings of consent: how much of a file is taken, and which decisions need two people. Part of settings.py.

consent/core/packing.py says what else bounds them.
"""

import environ

from courrielleur import environment

__all__ = [
    "CONSENT_ANSWER_DAYS",
    "CONSENT_MAX_BATCH",
    "CONSENT_MAX_BYTES",
    "CONSENT_MAX_ROWS",
    "CONSENT_MAX_UNPACKED_BYTES",
    "CONSENT_MAX_WORKBOOK_BYTES",
    "FOUR_EYES",
    "FOUR_EYES_URGENT_ONLY",
]

env = environ.Env()
env.prefix = "COURRIELLEUR_"

CONSENT_MAX_BATCH = environment.positive(  # records told in one request
    "COURRIELLEUR_CONSENT_MAX_BATCH", env.str("CONSENT_MAX_BATCH", default="10000"), at_least=1, at_most=100_000
)
CONSENT_MAX_BYTES = environment.positive(  # as sent
    "COURRIELLEUR_CONSENT_MAX_BYTES", env.str("CONSENT_MAX_BYTES", default="4294967296"), at_least=1024
)
CONSENT_MAX_UNPACKED_BYTES = environment.positive(
    "COURRIELLEUR_CONSENT_MAX_UNPACKED_BYTES",
    env.str("CONSENT_MAX_UNPACKED_BYTES", default="8589934592"),
    at_least=1024,
)
CONSENT_MAX_WORKBOOK_BYTES = environment.positive(  # as sent: a workbook is held in memory
    "COURRIELLEUR_CONSENT_MAX_WORKBOOK_BYTES", env.str("CONSENT_MAX_WORKBOOK_BYTES", default="67108864"), at_least=1024
)
CONSENT_MAX_ROWS = environment.positive(
    "COURRIELLEUR_CONSENT_MAX_ROWS", env.str("CONSENT_MAX_ROWS", default="10000000"), at_least=1, at_most=2_000_000_000
)

CONSENT_ANSWER_DAYS = environment.positive(  # how long a file of consent records waits for its sender's answer
    "COURRIELLEUR_CONSENT_ANSWER_DAYS", env.str("CONSENT_ANSWER_DAYS", default="30"), at_least=1, at_most=365
)

# Decisions that a second person must confirm.
FOUR_EYES = environment.choices(
    "COURRIELLEUR_FOUR_EYES", env.list("FOUR_EYES", default=[]), ("reinstate", "refuse", "terminate")
)
FOUR_EYES_URGENT_ONLY = environment.flag(
    "COURRIELLEUR_FOUR_EYES_URGENT_ONLY", env.str("FOUR_EYES_URGENT_ONLY", default="false")
)
