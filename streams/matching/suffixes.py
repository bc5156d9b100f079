"""Finds the registered domain in a web address by the public suffix list; it knows nothing of companies.

It is what `tldextract` finds (a test compares them), in a fifth of the time for nearly every address: a list of a
million accounts has as many, and each is different.
"""

import re
from dataclasses import dataclass
from functools import cache

from tldextract import TLDExtract

# A host alone or with what usually stands around it. Whatever looks otherwise is left to the library.
_HOST = re.compile(r"(?:https?://)?(?:www\.)?([a-z0-9-]+(?:\.[a-z0-9-]+)+)/?")


@dataclass(frozen=True, slots=True)
class _Rules:
    """`whole` are suffixes; `longer` are ends of one label and more that a longer suffix than they has, or may have."""

    library: TLDExtract
    whole: frozenset[str]
    longer: frozenset[str]


@cache
def suffix_list() -> TLDExtract:
    """The public suffix list as bundled with tldextract: no download, no cache file."""
    return TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


@cache
def _rules() -> _Rules:
    library = suffix_list()
    known = frozenset(library.tlds)
    plain = frozenset(suffix for suffix in known if suffix[0] not in "*!")
    longer = {end for suffix in known for end in _ends(suffix.lstrip("!"))}
    return _Rules(library, plain, frozenset(longer))


def _ends(suffix: str) -> list[str]:
    """ "*.a.b" -> "a.b", "b"."""
    labels = suffix.split(".")
    return [".".join(labels[at:]) for at in range(1, len(labels))]


def registered(address: str) -> str:
    """ "https://www.acme.co.uk/about" in lower case -> "acme.co.uk"; "" if no domain stands in it."""
    rules, found = _rules(), _HOST.fullmatch(address)
    if found and "xn--" not in address:
        labels = found[1].rsplit(".", 3)
        # "com" has longer suffixes ("uk.com"), but none that ends like this host.
        for size in (1, 2):
            if len(labels) > size and ".".join(labels[-size:]) in rules.whole:
                domain = ".".join(labels[-size - 1 :])
                if domain not in rules.whole and domain not in rules.longer:
                    return domain
    return rules.library(address).top_domain_under_public_suffix
