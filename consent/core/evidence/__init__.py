"""Checks of consent evidence: what made-up records look like, each with its benign explanations.

`EvidenceReader` sees every row once, in bounded memory, and answers `Finding`s. A finding is a question to the
client, not a verdict: `consent.core.recommendation` adds them up.
"""
