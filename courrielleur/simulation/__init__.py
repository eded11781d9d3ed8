"""A platform that never was: senders of every kind, what they send, and what comes back, in the form `judge` reads.

The same seed gives the same rows, on any machine. Plain Python: no framework, no clock; chance comes from the seed.
"""

from courrielleur.simulation.families import Family, Truth, families
from courrielleur.simulation.rows import COLUMNS, Row, rows, simulate
from courrielleur.simulation.senders import Sender, senders

__all__ = ["COLUMNS", "Family", "Row", "Sender", "Truth", "families", "rows", "senders", "simulate"]
