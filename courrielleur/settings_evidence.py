"""Settings of what evidence is checked with: facts from outside, data centres, an antivirus. Part of settings.py."""

import environ

from courrielleur import environment

__all__ = ["ANTIVIRUS", "ANTIVIRUS_FAIL", "HOSTING_RANGES", "OUTSIDE_FACTS", "RDAP_BOOTSTRAP"]

env = environ.Env()
env.prefix = "COURRIELLEUR_"

# Who may be asked about domains: nobody, unless the operator says so.
OUTSIDE_FACTS = environment.choices(
    "COURRIELLEUR_OUTSIDE_FACTS", env.list("OUTSIDE_FACTS", default=[]), ("dns", "rdap")
)
RDAP_BOOTSTRAP = env.str("RDAP_BOOTSTRAP", default="https://data.iana.org/rdap/dns.json")  # address or path
HOSTING_RANGES = env.str("HOSTING_RANGES", default="")  # path of a file with one network a line, or empty for none

ANTIVIRUS = env.str("ANTIVIRUS", default="")  # clamd: host:port or the path of its socket, or empty for none
ANTIVIRUS_FAIL = environment.one_of(  # closed: while it is away, files are kept aside
    "COURRIELLEUR_ANTIVIRUS_FAIL", env.str("ANTIVIRUS_FAIL", default="closed"), ("closed", "open")
)
