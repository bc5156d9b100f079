"""The registered domain of an address is what the library for it finds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.matching.suffixes import registered, suffix_list

suffixes = st.sampled_from(sorted(suffix_list().tlds)).map(lambda each: each.replace("*", "x").lstrip("!"))
labels = st.sampled_from(["", "www.", "a.", "acme.", "www.acme.", "x.y.z.", "xn--mller-kva.", "co.", "müller."])
before = st.sampled_from(["", "http://", "https://", "ftp://", "//", "https://user@"])
after = st.sampled_from(["", "/", "/about", "?q=1", ":8080", "."])


@given(before, labels, suffixes, after)
def test_an_address_has_the_domain_that_the_library_finds(start: str, host: str, suffix: str, end: str) -> None:
    address = f"{start}{host}{suffix}{end}"
    assert registered(address) == suffix_list()(address).top_domain_under_public_suffix


@given(st.text(max_size=30) | st.from_regex(r"[a-z0-9.:/@-]{0,30}", fullmatch=True))
def test_nonsense_has_what_the_library_finds(text: str) -> None:
    assert registered(text.lower()) == suffix_list()(text.lower()).top_domain_under_public_suffix


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://www.acme.co.uk/", "acme.co.uk"),
        ("acme.com", "acme.com"),
        ("shop.acme.uk.com", "acme.uk.com"),
        ("acme.blogspot.com", "acme.blogspot.com"),
        ("www.ck", "www.ck"),
        ("127.0.0.1", ""),
        ("localhost", ""),
        ("co.uk", ""),
    ],
)
def test_a_domain_is_what_somebody_registered(address: str, domain: str) -> None:
    assert registered(address) == domain
