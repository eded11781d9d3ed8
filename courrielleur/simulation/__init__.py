"""A platform that never was: senders of every kind, what they send, and what comes back, in the form `judge` reads.

The same seed gives the same rows, on any machine. Plain Python: no framework, no clock; chance comes from the seed.
"""

from courrielleur.simulation.families import Family, Truth, families
from courrielleur.simulation.rows import COLUMNS, REPORTING, Row, rows, simulate
from courrielleur.simulation.senders import HOURS, Sender, sender, senders

__all__ = [
    "COLUMNS",
    "HOURS",
    "REPORTING",
    "Family",
    "Row",
    "Sender",
    "Truth",
    "families",
    "rows",
    "sender",
    "senders",
    "simulate",
]
