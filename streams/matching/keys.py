"""Names the blocks in which an account is compared, from that account alone; never counts or compares anything."""

from functools import lru_cache

from streams.matching.features import Features
from streams.matching.weights import RARE_BITS, bits

CAP = 50
"""A key that more than this many accounts of one side share is hot and pairs nobody, on either side."""

MAX_DOMAINS = 3
MAX_IDS = 2


def keys(account: Features) -> frozenset[str]:
    """At most 14 keys, 8 on average; two accounts are compared if they share one that is not hot."""
    found = [f"id:{kind}:{value}" for kind, value in account.ids[:MAX_IDS]]
    found += [f"domain:{domain}" for domain in account.domains[:MAX_DOMAINS]]
    if account.domains:
        found.append(f"name:{label(account.domains[0])}")
    found += _name_keys(account.words, account.country)
    if len(account.phone) >= 7:
        found.append(f"phone:{account.phone[-7:]}")
    if account.street:
        found.append(f"street:{' '.join(account.street.split()[:2])}|{account.postal_code or account.city}")
    return frozenset(found)


@lru_cache(maxsize=65536)
def label(domain: str) -> str:
    """ "acme-robotics.co.uk" -> "acmerobotics": what is left of a domain to compare with a name."""
    return domain.partition(".")[0].replace("-", "")


def _name_keys(words: tuple[str, ...], country: str) -> list[str]:
    if not words:
        return []
    whole = "".join(words)
    rarest = sorted(words, key=bits, reverse=True)[:2]
    found = [f"name:{whole}", f"start:{whole[:5]}|{country}"]
    found += [f"word:{word}" for word in (rarest[0], words[0]) if bits(word) >= RARE_BITS]
    found += [f"word:{word}|{country}" for word in rarest]
    # House abbreviations keep the first letters of each word: "INTERCONT.H." and "InterContinental Hotels".
    if len(words) > 1:
        found.append(f"letters:{words[0][:3]}.{words[1][:1]}|{country}")
    if len(words) > 2:
        found.append(f"letters:{words[0][:2]}.{words[1][:2]}.{words[2][:2]}")
    return found
