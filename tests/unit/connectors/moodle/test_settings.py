"""Settings say what is wrong with them before anything is called."""

import pytest
from pydantic import ValidationError

from connectors.moodle import Settings

GOOD = {"base_url": "https://learn.acme.com", "token": "t", "select": {"by": "all"}}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://learn.acme.com/", "https://learn.acme.com"),
        ("https://acme.com/moodle/", "https://acme.com/moodle"),
        ("http://127.0.0.1:8601", "http://127.0.0.1:8601"),
    ],
)
def test_a_site_may_live_under_a_path(given, kept):
    assert Settings(**{**GOOD, "base_url": given}).base_url == kept


@pytest.mark.parametrize("address", ["http://learn.acme.com", "learn.acme.com", "https://learn.acme.com/?x=1"])
def test_an_address_that_is_unsafe_or_no_sites_is_refused(address):
    with pytest.raises(ValidationError):
        Settings(**{**GOOD, "base_url": address})


@pytest.mark.parametrize(
    "select", [{}, {"by": "cohorts", "cohorts": []}, {"by": "domains"}, {"by": "name"}, {"by": "all", "cohorts": ["x"]}]
)
def test_a_selection_that_chooses_nobody_or_two_ways_is_refused(select):
    with pytest.raises(ValidationError):
        Settings(**{**GOOD, "select": select})


def test_the_token_is_not_shown():
    assert "s3cret" not in repr(Settings(**{**GOOD, "token": "s3cret"}))
