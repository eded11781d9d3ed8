"""Tell whose law a recipient is under, as far as a row tells where the recipient is."""

from functools import lru_cache

from consent.core.law import Regime
from consent.core.law_rules import place_words


@lru_cache(maxsize=10_000)  # countries and domains of clients' files
def regime_of(country: str, domain: str) -> Regime | None:
    """Return the regime of the *country* as a row writes it, else of the country of the address's *domain*, else None.

    A country that is named and not known is under none of the three, whatever the domain.

    >>> regime_of("États-Unis", "example.ca"), regime_of("", "example.fr"), regime_of("Japan", "example.ca")
    (<Regime.CAN_SPAM: 'can_spam'>, <Regime.GDPR: 'gdpr'>, None)
    """
    by_word, by_label = place_words()
    named = " ".join(country.casefold().replace("'", "’").split())
    found = by_word.get(named) if named else by_label.get(domain.rpartition(".")[2].casefold())
    return Regime(found) if found else None
