"""Names of DNS blocklists that a diagnostic mentions (RFC 5782 zones, and the words providers use for them)."""

from fbl.core.classify.index import Index

_MENTIONS: tuple[tuple[str, str], ...] = (
    ("zen.spamhaus", "zen.spamhaus.org"),
    ("sbl-xbl.spamhaus", "sbl-xbl.spamhaus.org"),
    ("sbl.spamhaus", "sbl.spamhaus.org"),
    ("spamhaus.org/sbl", "sbl.spamhaus.org"),
    ("xbl.spamhaus", "xbl.spamhaus.org"),
    ("pbl.spamhaus", "pbl.spamhaus.org"),
    ("spamhaus.org/pbl", "pbl.spamhaus.org"),
    ("css.spamhaus", "css.spamhaus.org"),
    ("spamhaus css", "css.spamhaus.org"),
    ("dbl.spamhaus", "dbl.spamhaus.org"),
    ("spamhaus dbl", "dbl.spamhaus.org"),
    ("spamhaus", "spamhaus.org"),
    ("cbl.abuseat.org", "cbl.abuseat.org"),
    ("spamcop", "bl.spamcop.net"),
    ("barracudacentral", "b.barracudacentral.org"),
    ("barracuda reputation", "b.barracudacentral.org"),
    ("csi.cloudmark", "csi.cloudmark.com"),
    ("senderscore", "senderscore.org"),
    ("dnsbl-lookup", "proofpoint"),
    ("ipcheck.proofpoint", "proofpoint"),
    ("ivmsip", "ivmSIP"),
    ("ivmuri", "ivmURI"),
    ("invaluement", "invaluement"),
    ("uceprotect", "uceprotect.net"),
    ("sorbs", "sorbs.net"),
    ("psbl.surriel", "psbl.surriel.com"),
    ("surbl", "surbl.org"),
    ("uribl", "uribl.com"),
    ("mailspike", "mailspike.net"),
    ("hostkarma", "hostkarma.junkemailfilter.com"),
    ("abusix", "abusix"),
    ("spfbl", "spfbl.net"),
    ("truncate.gbudb", "truncate.gbudb.net"),
    ("backscatterer", "ips.backscatterer.org"),
    ("manitu", "ix.dnsbl.manitu.net"),
    ("s3150", "Microsoft S3150"),
    ("s3140", "Microsoft S3140"),
)


_INDEX = Index(_MENTIONS)


def mentioned(text: str) -> tuple[str, ...]:
    """Return the lists a lower-case text names, each once, the most exact name of each operator only."""
    found: list[str] = []
    for name in _INDEX.found(text):
        if not any(known.endswith(name) for known in found):
            found.append(name)
    return tuple(found)
