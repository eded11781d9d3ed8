"""The doors that reports and figures come in by; their names are stored with what came."""

from enum import StrEnum


class Door(StrEnum):
    SMTP = "smtp"
    LMTP = "lmtp"
    PIPE = "pipe"  # an MTA starts a program for each mail
    MAILDIR = "maildir"
    MBOX = "mbox"
    IMAP = "imap"
    FILE = "file"
    REST = "api"
    WEBHOOKS = "esp"  # of e-mail providers
    COUNTS = "counts"  # delivered volumes over REST: rows, no reports
    LOGS = "log"  # of MTAs: lines, no reports


FOR_FIGURES = frozenset({Door.COUNTS, Door.LOGS})
